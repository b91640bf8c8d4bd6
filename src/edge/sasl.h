// The login of one stream: RFC 6120 §6 with SCRAM (RFC 5802, 7677), also bound to the TLS channel, and PLAIN (RFC
// 4616). With what was offered protected against downgrades (XEP-0474).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "xml/element.h"
#include "xmpp/scram.h"

namespace iris::edge {

class Stream;

// Part of a Stream, for which it takes elements in the SASL namespace.
class Sasl {
 public:
  explicit Sasl(Stream& stream) : stream_(stream) {}

  // Names for <mechanisms/>, best first; none when no login is allowed on this connection now.
  static std::vector<std::string> mechanisms(const Stream& stream);
  // <mechanisms/>, and the types of channel binding (XEP-0440).
  static void advertise(const Stream& stream, xml::Element& features);
  void on_element(const xml::Element& element);

 private:
  void begin(const xml::Element& auth);
  void take(std::string_view message);
  void scram_first(std::string_view message);
  void scram_final(std::string_view message);
  void plain(std::string_view message);
  void succeed(std::string_view username, std::string_view data);
  void fail(xmpp::SaslCondition condition);
  bool check_authzid(std::string_view authzid, std::string_view username);

  enum class Step { idle, first, lookup, final };
  Stream& stream_;
  Step step_ = Step::idle;
  bool is_plain_ = false;
  std::optional<xmpp::ScramServer> scram_;
  xmpp::ScramHash hash_{};
  std::string username_;
  bool account_exists_ = false;
  unsigned failures_ = 0;
};

}  // namespace iris::edge
