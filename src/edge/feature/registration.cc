// XEP-0077: In-Band Registration: an account for a newcomer, where the deployment allows it; a new password or the end
// of one's own account for whoever is logged in.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/log.h"
#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/stream.h"
#include "edge/token_bucket.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

namespace ns = xmpp::ns;
using record::AccountChanged;
using xmpp::Stanza;
using xmpp::StanzaCondition;
using xmpp::StanzaError;

// §9: "MUST support both old-style and new-style error handling"; the numbers are those of XEP-0086.
constexpr std::string_view code_of(StanzaCondition condition) {
  switch (condition) {
    case StanzaCondition::not_authorized: return "401";
    case StanzaCondition::not_allowed: return "405";
    case StanzaCondition::not_acceptable: return "406";
    case StanzaCondition::registration_required: return "407";
    case StanzaCondition::conflict: return "409";
    case StanzaCondition::resource_constraint: return "500";
    case StanzaCondition::service_unavailable: return "503";
    default: return "400";
  }
}

Stanza error_reply(const Stanza& iq, const StanzaError& error) {
  Stanza out = xmpp::make_error_reply(iq, error);
  out.payload = xml::Element("inner", ns::kClient);
  auto element = error.to_element();
  element.set("code", code_of(error.condition));
  out.payload.add(std::move(element));
  return out;
}

class Registering final : public Feature {
 public:
  explicit Registering(Edge& edge) : edge_(edge) {}
  std::string_view name() const override { return "registration"; }
  std::span<const std::string_view> namespaces() const override {
    const Options& options = edge_.options();
    if (options.registration == Registration::closed && !options.account_changes) return {};
    return kNamespaces;
  }

  // §8
  void advertise(const Stream& stream, xml::Element& features) override {
    if (is_allowed(stream)) features.add(xml::Element("register", ns::kRegisterFeature));
  }

  // §3.1
  bool on_early_iq(Stream& stream, const Stanza& iq) override {
    const auto* query = iq.child("query", ns::kRegister);
    if (query == nullptr) return false;
    if (!is_open_to(stream)) return refuse(stream, iq, StanzaCondition::service_unavailable);
    if (!stream.may_log_in()) return refuse(stream, iq, StanzaCondition::not_authorized);  // no place for a password
    if (iq.type == "get") {
      auto form = fields("Choose a name and a password.", "");
      stream.send(xmpp::make_result(iq, std::move(form)));
      return true;
    }
    if (query->child("remove")) return refuse(stream, iq, StanzaCondition::unexpected_request);  // §3.2: of whom?
    const auto jid = xmpp::Jid::make(query->child_text("username", ns::kRegister), edge_.options().domain);
    const std::string password = query->child_text("password", ns::kRegister);
    if (!jid || !jid->has_local() || password.empty()) return refuse(stream, iq, StanzaCondition::not_acceptable);
    if (!may_register_now()) return refuse(stream, iq, {StanzaCondition::resource_constraint, xmpp::ErrorType::wait});
    stream.set_busy(true);
    edge_.accounts().create(
        jid->to_string(), password,
        [weak = stream.weak_from_this(), iq, jid = *jid](base::Result<auth::Accounts::Outcome> done) {
          if (done && *done == AccountChanged::DONE)
            base::log(base::Level::info, "account registered", {{"account", jid.to_string()}});
          auto self = weak.lock();
          if (!self || !self->is_open()) return;
          self->send(reply(iq, done, AccountChanged::EXISTS, StanzaCondition::conflict));
          self->set_busy(false);
        });
    return true;
  }

  // §3.2, §3.3, of a bound session
  bool on_iq(Session& session, const Stanza& iq) override {
    const auto* query = iq.child("query", ns::kRegister);
    if (query == nullptr) return false;
    if (iq.type == "get") {
      auto form = fields("You have this account. A new password may be set.", session.jid().local());
      form.add(xml::Element("registered"));
      session.send(xmpp::make_result(iq, std::move(form)));
      return true;
    }
    if (!edge_.options().account_changes) {
      session.send(error_reply(iq, StanzaCondition::not_allowed));
      return true;
    }
    const std::string account(session.account());
    auto done = [weak = session.weak_from_this(), iq](base::Result<auth::Accounts::Outcome> outcome) {
      if (auto self = weak.lock())
        self->send(reply(iq, outcome, AccountChanged::MISSING, StanzaCondition::registration_required));
    };
    if (query->child("remove")) {
      if (query->element_count() != 1)  // §3.2
        session.send(error_reply(iq, StanzaCondition::bad_request));
      else  // its shard ends all sessions behind the answer
        edge_.accounts().remove(account, std::move(done));
      return true;
    }
    const auto name = xmpp::Jid::make(query->child_text("username", ns::kRegister), edge_.options().domain);
    const std::string password = query->child_text("password", ns::kRegister);
    if (!name || !name->has_local() || password.empty())
      session.send(error_reply(iq, StanzaCondition::bad_request));
    else if (name->to_string() != account)
      session.send(error_reply(iq, StanzaCondition::not_allowed));
    else
      edge_.accounts().set_password(account, password, std::move(done));
    return true;
  }

 private:
  bool may_register_now() {
    const double rate = edge_.options().registrations_per_minute;
    if (rate != rate_) bucket_ = TokenBucket(rate / 60, std::max(1.0, rate)), rate_ = rate;
    return bucket_.take(edge_.wiring().loop.clock().steady());
  }

  bool is_allowed(const Stream& stream) const { return !stream.account() && stream.may_log_in() && is_open_to(stream); }
  bool is_open_to(const Stream& stream) const {
    const Registration mode = edge_.options().registration;
    return mode == Registration::open || (mode == Registration::loopback && stream.peer().is_loopback());
  }

  // The password is never shown.
  static xml::Element fields(std::string_view instructions, std::string_view username) {
    xml::Element query("query", ns::kRegister);
    query.add(xml::Element("instructions").add_text(instructions));
    auto name = xml::Element("username");
    if (!username.empty()) name.add_text(username);
    query.add(std::move(name));
    query.add(xml::Element("password"));
    return query;
  }

  static bool refuse(Stream& stream, const Stanza& iq, StanzaError error) {
    stream.send(error_reply(iq, error));
    return true;
  }

  static Stanza reply(const Stanza& iq, const base::Result<auth::Accounts::Outcome>& outcome,
                      auth::Accounts::Outcome bad, StanzaCondition bad_condition) {
    if (!outcome) {
      if (outcome.error().code == base::Errc::invalid) return error_reply(iq, StanzaCondition::not_acceptable);
      return error_reply(iq, StanzaError(StanzaCondition::resource_constraint, xmpp::ErrorType::wait));
    }
    if (*outcome == bad) return error_reply(iq, bad_condition);
    return xmpp::make_result(iq);
  }

  static constexpr std::array<std::string_view, 1> kNamespaces{ns::kRegister};
  Edge& edge_;
  double rate_ = -1;  // that the bucket was made for: the limit may change while the server runs
  TokenBucket bucket_{0, 0};
};

}  // namespace

std::unique_ptr<Feature> make_registration_feature(Edge&);
std::unique_ptr<Feature> make_registration_feature(Edge& edge) { return std::make_unique<Registering>(edge); }

}  // namespace iris::edge
