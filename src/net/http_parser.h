// Requests out of bytes, by way of Boost.Beast. For net/ itself.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"

namespace iris::net {

class HttpParser {
 public:
  enum class Outcome {
    need_more,
    request,  // one is complete: take it by request()
    error,    // status() says which; nothing follows
  };

  HttpParser(std::size_t header_bytes_max, std::size_t body_bytes_max);
  ~HttpParser();

  void feed(std::string_view bytes);
  Outcome next();
  // After Outcome::request, until the next call of next(). Peer and tls are not filled in.
  HttpRequest& request() { return request_; }
  bool keep_alive() const { return keep_alive_; }
  int status() const { return status_; }
  // A request has begun and is not complete.
  bool in_request() const { return in_request_ || !buffer_.empty(); }
  // Bytes behind the last request: after an upgrade they belong to the next protocol.
  std::string take_rest() { return std::move(buffer_); }

 private:
  struct Parser;
  Outcome fail(int status);
  bool fill_in_request();
  const std::size_t header_bytes_max_, body_bytes_max_;
  std::unique_ptr<Parser> parser_;  // only while a request is incomplete: an idle connection holds none
  std::string buffer_;              // fed, not yet taken by the parser
  std::size_t header_bytes_ = 0;    // taken of the request's header
  HttpRequest request_;
  bool in_request_ = false;
  bool keep_alive_ = false;
  int status_ = 0;
};

}  // namespace iris::net
