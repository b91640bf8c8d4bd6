// What a server answers: routes, a directory of static files, WebSocket doors. Built at start, then only read, by all
// loops.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"
#include "net/websocket_connection.h"

namespace iris::net {

struct StaticFilesOptions {
  std::size_t file_bytes_max = 8 * 1024 * 1024;    // a larger file is not served: it would be held in memory
  std::size_t total_bytes_max = 64 * 1024 * 1024;  // of a directory, read at start
};

// Files of one directory, read into memory when made: requests never wait for the disk. Only regular files inside the
// directory; links that lead out of it and names that begin with a dot are left out.
class StaticFiles {
 public:
  static base::Result<std::shared_ptr<StaticFiles>> load(const std::string& directory, StaticFilesOptions options = {});

  // `path` below the mount, without leading '/'; "" and "dir/" mean index.html. Nothing if there is no such file.
  std::optional<HttpResponse> find(std::string_view path, std::string_view if_none_match) const;

 private:
  struct File {
    std::string bytes;
    std::string etag;
    std::string content_type;
  };
  std::map<std::string, File, std::less<>> files_;
};

std::string_view content_type_of(std::string_view file_name) noexcept;

class HttpSite {
 public:
  // On the connection's loop, so from several threads; must not block.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  // On the connection's loop, when the client has been answered 101. Returns who gets its messages; null closes (1011).
  using WebSocketFactory =
      std::function<std::shared_ptr<WebSocketHandler>(const std::shared_ptr<WebSocketConnection>&)>;

  struct WebSocketDoor {
    std::string subprotocol;  // must be offered by the client (RFC 7395 §3.1: "xmpp"), else 400
    WebSocketOptions options;
    WebSocketFactory factory;
  };

  // Exact path. HEAD is answered from GET. A path that is known with another method gets 405.
  void route(std::string method, std::string path, Handler handler);
  // Everything below `prefix` ("/" or "/web/") that no route answers. `headers` are added to each answer.
  void files(std::string prefix, std::shared_ptr<StaticFiles> files, std::vector<HttpHeader> headers = {});
  void web_socket(std::string path, WebSocketDoor door);

  HttpResponse answer(const HttpRequest& request) const;
  const WebSocketDoor* door(std::string_view path) const;  // null: none there

 private:
  struct Mount {
    std::string prefix;
    std::shared_ptr<StaticFiles> files;
    std::vector<HttpHeader> headers;
  };
  std::map<std::string, std::map<std::string, Handler>, std::less<>> routes_;  // path, then method
  std::vector<Mount> mounts_;
  std::map<std::string, WebSocketDoor, std::less<>> doors_;
};

}  // namespace iris::net
