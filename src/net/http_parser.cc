#include "net/http_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <limits>

#include "net/http_target.h"

namespace iris::net {

namespace http = boost::beast::http;

struct HttpParser::Parser {
  http::request_parser<http::string_body> request;
};

HttpParser::HttpParser(std::size_t header_bytes_max, std::size_t body_bytes_max)
    : header_bytes_max_(header_bytes_max), body_bytes_max_(body_bytes_max) {}
HttpParser::~HttpParser() = default;

void HttpParser::feed(std::string_view bytes) { buffer_ += bytes; }

HttpParser::Outcome HttpParser::fail(int status) {
  status_ = status;
  parser_ = nullptr;
  buffer_ = std::string();
  return Outcome::error;
}

HttpParser::Outcome HttpParser::next() {
  if (status_ != 0) return Outcome::error;
  if (parser_ == nullptr) {
    // RFC 9112 §2.2: an empty line before a request, which some send behind a body.
    if (buffer_.starts_with("\r\n")) buffer_.erase(0, 2);
    if (buffer_.empty() || buffer_ == "\r") return Outcome::need_more;
    parser_ = std::make_unique<Parser>();
    // The limit is kept here: what Beast counts depends on how the bytes came.
    parser_->request.header_limit(std::numeric_limits<std::uint32_t>::max());
    header_bytes_ = 0;
    parser_->request.body_limit(body_bytes_max_);
    in_request_ = true;
  }
  // The parser takes what it can and wants to see again, with more behind, what it has left.
  while (!buffer_.empty() && !parser_->request.is_done()) {
    boost::system::error_code error;
    const bool in_header = !parser_->request.is_header_done();
    const std::size_t taken = parser_->request.put(boost::asio::buffer(buffer_), error);
    buffer_.erase(0, taken);
    if (in_header) header_bytes_ += taken;
    if (header_bytes_ > header_bytes_max_) return fail(431);
    if (error == http::error::need_more) {
      if (taken == 0 || buffer_.empty()) break;
      continue;
    }
    if (error == http::error::body_limit) return fail(413);
    if (error == http::error::bad_version) return fail(505);
    if (error) return fail(400);
    if (parser_->request.is_header_done() && !parser_->request.eager()) {
      // RFC 9112 §6.3 allows to ask for a Content-Length. Nobody sends us chunks, and their trailers are a swamp. Any
      // other coding leaves open where the request ends.
      if (parser_->request.chunked()) return fail(411);
      if (parser_->request.get().count(http::field::transfer_encoding) > 0) return fail(400);
      // RFC 9110 §10.1.1 allows a final status. No page here takes a body that is worth to be asked for first.
      const auto& head = parser_->request.get();
      if (head.version() >= 11 && head.count(http::field::expect) > 0) return fail(417);
      parser_->request.eager(true);  // on to the body
    }
  }
  if (!parser_->request.is_done()) {
    if (!parser_->request.is_header_done() && header_bytes_ + buffer_.size() > header_bytes_max_) return fail(431);
    return Outcome::need_more;
  }
  const bool good = fill_in_request();
  parser_ = nullptr;
  in_request_ = false;
  return good ? Outcome::request : fail(400);
}

bool HttpParser::fill_in_request() {
  auto& message = parser_->request.get();
  const auto text = [](boost::beast::string_view view) { return std::string(view.data(), view.size()); };
  keep_alive_ = message.keep_alive();
  request_ = {};
  request_.method = text(message.method_string());
  for (const auto& field : message) request_.headers.push_back({text(field.name_string()), text(field.value())});
  request_.body = std::move(message.body());
  std::string_view target(message.target().data(), message.target().size());
  // RFC 9112 §3.2: a request of HTTP/1.1 without a Host, or with two, or with one that is none, is malformed.
  if (message.version() >= 11 && message.count(http::field::host) != 1) return false;
  if (!is_host(request_.header("Host"))) return false;
  if (const auto authority = take_authority(target)) {  // §3.2.2: it counts, and Host does not
    if (authority->empty() || !is_host(*authority)) return false;
    std::erase_if(request_.headers, [](const HttpHeader& header) { return same_name(header.name, "Host"); });
    request_.headers.push_back({"Host", *authority});
    if (!target.starts_with('/')) return decode_target(std::string("/").append(target), request_.path, request_.query);
  }
  return decode_target(target, request_.path, request_.query);
}

}  // namespace iris::net
