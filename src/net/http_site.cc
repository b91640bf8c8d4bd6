#include "net/http_site.h"

#include <algorithm>

#include "base/check.h"

namespace iris::net {

void HttpSite::route(std::string method, std::string path, Handler handler) {
  IRIS_CHECK(path.starts_with('/') && handler);
  routes_[std::move(path)][std::move(method)] = std::move(handler);
}

void HttpSite::files(std::string prefix, std::shared_ptr<StaticFiles> files, std::vector<HttpHeader> headers) {
  IRIS_CHECK(prefix.starts_with('/') && prefix.ends_with('/') && files);
  mounts_.push_back({std::move(prefix), std::move(files), std::move(headers)});
  // The longest prefix wins.
  std::ranges::stable_sort(mounts_, std::ranges::greater{}, [](const Mount& m) { return m.prefix.size(); });
}

void HttpSite::web_socket(std::string path, WebSocketDoor door) {
  IRIS_CHECK(path.starts_with('/') && door.factory);
  doors_[std::move(path)] = std::move(door);
}

const HttpSite::WebSocketDoor* HttpSite::door(std::string_view path) const {
  const auto found = doors_.find(path);
  return found == doors_.end() ? nullptr : &found->second;
}

HttpResponse HttpSite::answer(const HttpRequest& request) const {
  const std::string& method = request.method == "HEAD" ? "GET" : request.method;
  if (const auto route = routes_.find(request.path); route != routes_.end()) {
    if (const auto found = route->second.find(method); found != route->second.end()) return found->second(request);
    std::string allowed;
    for (const auto& [name, handler] : route->second) {
      if (!allowed.empty()) allowed += ", ";
      allowed += name == "GET" ? "GET, HEAD" : name;
    }
    HttpResponse refusal = HttpResponse::text(405, "This page has no " + request.method + ".\n");
    refusal.headers.push_back({"Allow", std::move(allowed)});
    return refusal;
  }
  for (const Mount& mount : mounts_) {
    if (!request.path.starts_with(mount.prefix)) continue;
    auto file =
        mount.files->find(std::string_view(request.path).substr(mount.prefix.size()), request.header("If-None-Match"));
    if (!file) continue;
    if (method != "GET") {
      HttpResponse refusal = HttpResponse::text(405, "A file can only be read.\n");
      refusal.headers.push_back({"Allow", "GET, HEAD"});
      return refusal;
    }
    file->headers.insert(file->headers.end(), mount.headers.begin(), mount.headers.end());
    return std::move(*file);
  }
  return HttpResponse::text(404, "There is nothing here.\n");
}

}  // namespace iris::net
