// StaticFiles of http_site.h.
#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/hex.h"
#include "base/log.h"
#include "net/http_site.h"

namespace iris::net {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;

std::string etag_of(const std::string& bytes) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), hash, &size) != 1) return {};
  return '"' + base::to_hex({reinterpret_cast<const char*>(hash), 16}) + '"';
}

// RFC 9110 §13.1.2, weak comparison: tags are compared without their W/.
bool matches(std::string_view if_none_match, std::string_view etag) {
  if (if_none_match == "*") return true;
  return !etag.empty() && if_none_match.find(etag) != std::string_view::npos;
}

bool is_hidden(const fs::path& relative) {
  for (const auto& part : relative) {
    if (part.string().starts_with('.')) return true;
  }
  return false;
}

// Does `path`, a link perhaps, name a regular file inside `root`?
bool is_inside(const fs::path& path, const fs::path& root) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error || !fs::is_regular_file(real, error)) return false;
  const std::string prefix = root.string() + '/';
  return real.string().starts_with(prefix);
}

bool read_file(const fs::path& path, std::string& bytes) {
  std::ifstream in(path, std::ios::binary);
  bytes.assign(std::istreambuf_iterator<char>(in), {});
  return in.good() || in.eof();
}

}  // namespace

std::string_view content_type_of(std::string_view name) noexcept {
  struct Type {
    std::string_view end, type;
  };
  static constexpr std::array<Type, 22> kTypes{{{".html", "text/html; charset=utf-8"},
                                                {".js", "text/javascript; charset=utf-8"},
                                                {".mjs", "text/javascript; charset=utf-8"},
                                                {".css", "text/css; charset=utf-8"},
                                                {".json", "application/json"},
                                                {".map", "application/json"},
                                                {".webmanifest", "application/manifest+json"},
                                                {".xml", "application/xml"},
                                                {".txt", "text/plain; charset=utf-8"},
                                                {".svg", "image/svg+xml"},
                                                {".png", "image/png"},
                                                {".jpg", "image/jpeg"},
                                                {".gif", "image/gif"},
                                                {".ico", "image/vnd.microsoft.icon"},
                                                {".webp", "image/webp"},
                                                {".woff", "font/woff"},
                                                {".woff2", "font/woff2"},
                                                {".ttf", "font/ttf"},
                                                {".wasm", "application/wasm"},
                                                {".mp3", "audio/mpeg"},
                                                {".ogg", "audio/ogg"},
                                                {".md", "text/plain; charset=utf-8"}}};
  for (const Type& type : kTypes) {
    if (name.ends_with(type.end)) return type.type;
  }
  return "application/octet-stream";
}

base::Result<std::shared_ptr<StaticFiles>> StaticFiles::load(const std::string& directory, StaticFilesOptions options) {
  std::error_code error;
  const fs::path root = fs::canonical(directory, error);
  if (error || !fs::is_directory(root, error)) return Error{Errc::invalid, directory + " is not a directory to serve"};
  auto loaded = std::make_shared<StaticFiles>();
  std::size_t total = 0;
  fs::recursive_directory_iterator at(root, error), end;
  for (; !error && at != end; at.increment(error)) {
    const fs::path relative = at->path().lexically_relative(root);
    std::error_code ignored;  // a file that vanishes meanwhile is left out
    if (is_hidden(relative) || at->is_directory(ignored) || !is_inside(at->path(), root)) continue;
    if (const auto size = at->file_size(ignored); !ignored && size > options.file_bytes_max) {
      base::log(base::Level::warn, "a file is too large to be served",
                {{"file", at->path().string()}, {"bytes", size}, {"limit", options.file_bytes_max}});
      continue;
    }
    File file;
    if (!read_file(at->path(), file.bytes)) return Error{Errc::unavailable, "cannot read " + at->path().string()};
    total += file.bytes.size();
    if (total > options.total_bytes_max) {
      return Error{Errc::invalid, directory + " has more than " + std::to_string(options.total_bytes_max) +
                                      " bytes of files to serve"};
    }
    file.etag = etag_of(file.bytes);
    file.content_type = content_type_of(relative.string());
    loaded->files_.emplace(relative.string(), std::move(file));
  }
  if (error) return Error{Errc::unavailable, "cannot read " + directory + ": " + error.message()};
  return loaded;
}

std::optional<HttpResponse> StaticFiles::find(std::string_view path, std::string_view if_none_match) const {
  // A look-up among names read at start: no path given by a client ever reaches the file system.
  const auto found =
      path.empty() || path.ends_with('/') ? files_.find(std::string(path) + "index.html") : files_.find(path);
  if (found == files_.end()) return std::nullopt;
  const File& file = found->second;
  HttpResponse response;
  response.headers = {{"Content-Type", file.content_type},
                      {"ETag", file.etag},
                      {"Cache-Control", "no-cache"},  // keep, but ask whether it is still the same
                      {"X-Content-Type-Options", "nosniff"}};
  if (matches(if_none_match, file.etag)) {
    response.status = 304;
  } else {
    response.body = file.bytes;
  }
  return response;
}

}  // namespace iris::net
