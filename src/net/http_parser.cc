#include "net/http_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <limits>
#include <optional>

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
    if (buffer_.empty()) return Outcome::need_more;
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
      // RFC 9112 §6.3 allows to ask for a Content-Length. Nobody sends us chunks, and their trailers are a swamp.
      if (parser_->request.chunked()) return fail(411);
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
  const auto target = message.target();
  // RFC 9112 §3.2: a request of HTTP/1.1 without a Host, or with two, is malformed.
  if (message.version() >= 11 && message.count(http::field::host) != 1) return false;
  return decode_target({target.data(), target.size()}, request_.path, request_.query);
}

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    decoded += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return decoded;
}

}  // namespace

bool decode_target(std::string_view target, std::string& path, std::string& query) {
  const auto question = target.find('?');
  query = question == std::string_view::npos ? std::string() : std::string(target.substr(question + 1));
  const auto decoded = percent_decoded(target.substr(0, question));
  if (!decoded || !decoded->starts_with('/')) return false;
  // After decoding, so that %2e and %2f hide nothing.
  for (std::size_t begin = 1; begin <= decoded->size();) {
    const std::size_t end = std::min(decoded->find('/', begin), decoded->size());
    const std::string_view part(decoded->data() + begin, end - begin);
    if (part == "." || part == ".." || part.find('\0') != std::string_view::npos) return false;
    begin = end + 1;
  }
  path = *decoded;
  return true;
}

}  // namespace iris::net
