#include "edge/sasl.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/shortened.h"
#include "edge/edge.h"
#include "edge/metrics.h"
#include "edge/stream.h"
#include "xmpp/base64.h"
#include "xmpp/ns.h"

namespace iris::edge {

namespace ns = xmpp::ns;
using xmpp::SaslCondition;
using xmpp::ScramHash;

// What is bound to the channel comes first, whatever its hash: it tells a man in the middle.
std::vector<std::string> Sasl::mechanisms(const Stream& stream) {
  std::vector<std::string> out;
  if (!stream.may_log_in()) return out;
  if (stream.channel_binding().offered())
    for (auto hash : {ScramHash::sha256, ScramHash::sha1}) out.emplace_back(xmpp::mechanism_name(hash, true));
  for (auto hash : {ScramHash::sha256, ScramHash::sha1}) out.emplace_back(xmpp::mechanism_name(hash, false));
  if (stream.is_private()) out.emplace_back("PLAIN");
  return out;
}

void Sasl::advertise(const Stream& stream, xml::Element& features) {
  const auto names = mechanisms(stream);
  if (names.empty()) return;
  xml::Element list("mechanisms", ns::kSasl);
  for (const auto& name : names) list.add(xml::Element("mechanism").add_text(name));
  features.add(std::move(list));
  const auto types = stream.channel_binding().types();
  if (types.empty()) return;  // XEP-0440 §2: one at least
  xml::Element bindings("sasl-channel-binding", ns::kChannelBinding);
  for (const auto& type : types) bindings.add(xml::Element("channel-binding").set("type", type));
  features.add(std::move(bindings));
}

void Sasl::on_element(const xml::Element& element) {
  if (element.name == "auth" && step_ == Step::idle) return begin(element);
  if (element.name == "abort" && step_ != Step::lookup) return fail(SaslCondition::aborted);
  if (element.name != "response" || (step_ != Step::first && step_ != Step::final))
    return fail(SaslCondition::malformed_request);
  const auto message = xmpp::base64_decode(element.text());
  if (!message) return fail(SaslCondition::incorrect_encoding);
  take(*message);
}

// RFC 6120 §6.4.2
void Sasl::begin(const xml::Element& auth) {
  const std::string mechanism(auth.attribute_or("mechanism", ""));
  username_.clear();  // of an attempt before
  const auto offered = mechanisms(stream_);
  if (offered.empty()) return fail(SaslCondition::encryption_required);
  if (std::find(offered.begin(), offered.end(), mechanism) == offered.end())
    return fail(SaslCondition::invalid_mechanism);
  is_plain_ = mechanism == "PLAIN";
  if (!is_plain_) {
    const bool plus = mechanism.ends_with("-PLUS");
    hash_ = mechanism == xmpp::mechanism_name(ScramHash::sha256, plus) ? ScramHash::sha256 : ScramHash::sha1;
    scram_.emplace(hash_, plus, stream_.channel_binding());
  }
  step_ = Step::first;
  const std::string text = auth.text();
  if (text.empty()) return stream_.send(xml::Element("challenge", ns::kSasl));  // no initial response
  const auto message = text == "=" ? std::optional<std::string>("") : xmpp::base64_decode(text);
  if (!message) return fail(SaslCondition::incorrect_encoding);
  take(*message);
}

void Sasl::take(std::string_view message) {
  if (message.size() > stream_.options().auth_bytes_max) return fail(SaslCondition::malformed_request);
  if (is_plain_) return plain(message);
  step_ == Step::first ? scram_first(message) : scram_final(message);
}

namespace {

// The account's bare JID. A name that cannot be one gets a key under which nothing is stored: it fails at the same step
// as a wrong password.
std::string account_key(std::string_view username, const std::string& domain) {
  const auto jid = xmpp::Jid::make(username, domain);
  return jid && !username.empty() ? jid->to_string() : std::string(username) + "\n" + domain;
}

}  // namespace

void Sasl::scram_first(std::string_view message) {
  auto first = scram_->first(message);
  if (auto* condition = std::get_if<SaslCondition>(&first)) return fail(*condition);
  auto& got = std::get<xmpp::ScramServer::First>(first);
  username_ = got.username;
  if (!check_authzid(got.authzid, username_)) return fail(SaslCondition::invalid_authzid);
  step_ = Step::lookup;
  stream_.set_busy(true);
  stream_.edge().credentials().keys(
      account_key(username_, stream_.options().domain), hash_,
      [weak = stream_.weak_from_this(), this](base::Result<auth::Credentials::Lookup> found) {
        auto stream = weak.lock();
        if (!stream || !stream->is_open()) return;
        if (!found) {
          fail(SaslCondition::temporary_auth_failure);
          return stream->set_busy(false);
        }
        account_exists_ = found->exists;
        std::string nonce;
        for (int i = 0; i < 3; ++i) {
          const std::uint64_t word = stream->edge().wiring().loop.random().next();
          nonce.append(reinterpret_cast<const char*>(&word), sizeof word);
        }
        step_ = Step::final;
        const auto offered = xmpp::downgrade_hash(hash_, mechanisms(*stream), stream->channel_binding().types());
        const auto challenge = scram_->challenge(std::move(found->keys), xmpp::base64_encode(nonce), offered);
        stream->send(xml::Element("challenge", ns::kSasl).add_text(xmpp::base64_encode(challenge)));
        stream->set_busy(false);
      });
}

void Sasl::scram_final(std::string_view message) {
  auto final = scram_->final(message);
  if (auto* condition = std::get_if<SaslCondition>(&final)) return fail(*condition);
  if (!account_exists_) return fail(SaslCondition::not_authorized);
  succeed(username_, std::get<xmpp::ScramServer::Success>(final).message);
}

void Sasl::plain(std::string_view message) {
  auto parsed = xmpp::parse_plain(message);
  if (auto* condition = std::get_if<SaslCondition>(&parsed)) return fail(*condition);
  auto& got = std::get<xmpp::PlainCredentials>(parsed);
  username_ = got.authcid;
  if (!check_authzid(got.authzid, username_)) return fail(SaslCondition::invalid_authzid);
  step_ = Step::lookup;
  stream_.set_busy(true);
  stream_.edge().credentials().verify(account_key(username_, stream_.options().domain), std::move(got.password),
                                      [weak = stream_.weak_from_this(), this](base::Result<bool> matches) {
                                        auto stream = weak.lock();
                                        if (!stream || !stream->is_open()) return;
                                        if (!matches)
                                          fail(SaslCondition::temporary_auth_failure);
                                        else if (!*matches)
                                          fail(SaslCondition::not_authorized);
                                        else
                                          succeed(username_, {});
                                        stream->set_busy(false);
                                      });
}

// Nobody acts for another (RFC 6120 §6.3.8).
bool Sasl::check_authzid(std::string_view authzid, std::string_view username) {
  if (authzid.empty()) return true;
  const auto wanted = xmpp::Jid::parse(authzid);
  const auto own = xmpp::Jid::make(username, stream_.options().domain);
  return wanted && own && *wanted == *own;
}

void Sasl::succeed(std::string_view username, std::string_view data) {
  auto account = xmpp::Jid::make(username, stream_.options().domain);
  if (!account) return fail(SaslCondition::not_authorized);
  step_ = Step::idle;
  scram_.reset();
  metrics::kAuth.add(1, metrics::Auth::ok);
  xml::Element success("success", ns::kSasl);
  if (!data.empty()) success.add_text(xmpp::base64_encode(data));
  stream_.send(success);
  stream_.authenticated(*std::move(account));
}

namespace {

// For the log: the account that somebody wanted. What cannot be one may be anything, and is shown as plain ASCII.
std::string wanted_account(const std::string& username, const std::string& domain) {
  constexpr std::size_t kBytesMax = 200;
  if (const auto jid = xmpp::Jid::make(username, domain))
    return std::string(base::shortened(jid->to_string(), kBytesMax));
  std::string out = username.substr(0, kBytesMax);
  std::ranges::replace_if(
      out, [](unsigned char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

void Sasl::fail(SaslCondition condition) {
  step_ = Step::idle;
  scram_.reset();
  metrics::kAuth.add(1, metrics::Auth::failed);
  base::log(base::Level::info, "login failed",
            {{"peer", stream_.peer().to_string()},
             {"account", wanted_account(username_, stream_.options().domain)},
             {"condition", xmpp::to_string(condition)}});
  stream_.send(xml::Element("failure", ns::kSasl).add(xml::Element(xmpp::to_string(condition))));
  if (++failures_ >= stream_.options().auth_attempts_max)
    stream_.fail({xmpp::StreamCondition::policy_violation, "too many failed logins"});  // RFC 6120 §6.4.5
}

}  // namespace iris::edge
