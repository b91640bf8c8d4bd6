// XEP-0198: Stream Management, its elements. What is counted and kept is the Session's.
#include <charconv>
#include <optional>
#include <utility>

#include "base/log.h"
#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/metrics.h"
#include "edge/resume_token.h"
#include "edge/stream.h"
#include "xmpp/ns.h"
#include "xmpp/stanza_error.h"

namespace iris::edge {
namespace {

namespace ns = xmpp::ns;
using xmpp::StanzaCondition;

std::optional<std::uint32_t> number(const xml::Element& element, std::string_view name) {
  const std::string_view text = element.attribute_or(name, "");
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// §3, §5: <failed/>, with our count where it is known.
void failed(Stream& stream, StanzaCondition condition, std::optional<std::uint32_t> h = std::nullopt) {
  xml::Element element("failed", ns::kStreamManagement);
  if (h) element.set("h", std::to_string(*h));
  element.add(xml::Element(xmpp::to_string(condition), ns::kStanzaErrors));
  stream.send(element);
}

struct ResumeRequest {
  ResumeToken token;
  std::string previd;
  std::uint32_t h;  // the client's count
};

class StreamManagement final : public Feature {
 public:
  std::string_view name() const override { return "stream_management"; }

  void advertise(const Stream& stream, xml::Element& features) override {
    if (stream.account()) features.add(xml::Element("sm", ns::kStreamManagement));
  }

  bool on_element(Stream& stream, const xml::Element& element) override {
    if (element.ns != ns::kStreamManagement) return false;
    Session* session = stream.session();
    if (element.name == "enable")
      enable(stream, element);
    else if (element.name == "resume")
      resume(stream, element);
    else if (session == nullptr || !session->enabled())
      failed(stream, StanzaCondition::unexpected_request);
    else if (element.name == "r")
      session->on_ack_request();
    else if (element.name == "a")
      ack(stream, *session, element);
    else
      return false;
    return true;
  }

 private:
  // §3
  static void enable(Stream& stream, const xml::Element& element) {
    Session* session = stream.session();
    if (session == nullptr) return failed(stream, StanzaCondition::unexpected_request);
    if (session->enabled()) {  // "at most one attempt": the answer that is asked for, and the end that is
      failed(stream, StanzaCondition::unexpected_request);
      return stream.fail({xmpp::StreamCondition::policy_violation, "stream management is enabled already"});
    }
    // What the client would rather have: a shorter wait it gets, and none is no resumption.
    std::optional<base::Duration> wait;
    if (const auto max = number(element, "max")) wait = std::chrono::seconds(*max);
    const std::string_view resume = element.attribute_or("resume", "");
    const Options& options = stream.options();
    const bool resumable = (resume == "true" || resume == "1") && wait.value_or(options.detached_timeout) > 0s &&
                           options.detached_timeout > 0s;
    session->enable(resumable, wait);
    xml::Element enabled("enabled", ns::kStreamManagement);
    if (resumable) {
      const auto max = std::chrono::duration_cast<std::chrono::seconds>(session->resume_wait()).count();
      enabled.set("id", encode({session->id(), session->enabled_at()}, options.secret));
      enabled.set("resume", "true").set("max", std::to_string(max));
      if (!options.resume_location.empty()) enabled.set("location", options.resume_location);
    }
    stream.send(enabled);
  }

  static void ack(Stream& stream, Session& session, const xml::Element& element) {
    const auto h = number(element, "h");
    if (!h) return stream.fail({xmpp::StreamCondition::bad_format, "<a/> without a count"});
    session.on_ack(*h);
  }

  // §5
  static void resume(Stream& stream, const xml::Element& element) {
    if (!stream.account() || stream.session() != nullptr) return failed(stream, StanzaCondition::unexpected_request);
    if (stream.options().detached_timeout <= 0s) return failed(stream, StanzaCondition::feature_not_implemented);
    const auto h = number(element, "h");
    const std::string previd(element.attribute_or("previd", ""));
    const auto token = decode_resume_token(previd, stream.options().secret);
    if (!h || previd.empty()) return failed(stream, StanzaCondition::bad_request);
    if (!token) return failed(stream, StanzaCondition::item_not_found);
    ResumeRequest request{*token, previd, *h};
    stream.set_busy(true);
    Edge& here = stream.edge();
    Edge* there = token->session.incarnation == here.options().incarnation ? here.peer(token->session.loop) : nullptr;
    if (there == nullptr || there == &here) return resume_here(stream, request);
    stream.move_to(*there, [self = stream.shared_from_this(), request] { resume_here(*self, request); });
  }

  static void resume_here(Stream& stream, const ResumeRequest& request) {
    auto session = stream.edge().sessions().find(request.token.session);
    if (!session) return gone(stream, request);
    // Somebody else's session is as none.
    if (session->account() != stream.account()->to_string()) return refuse(stream, StanzaCondition::item_not_found);
    if (!session->resumable()) return refuse(stream, StanzaCondition::item_not_found);
    session->resume([weak = stream.weak_from_this(), session, request](base::Result<std::uint32_t> h) {
      auto self = weak.lock();
      if (!self || !self->is_open()) {
        if (h) session->detach();  // starts the wait anew
        return;
      }
      answer(*self, session, request, std::move(h));
    });
  }

  static void answer(Stream& stream, const std::shared_ptr<Session>& session, const ResumeRequest& request,
                     base::Result<std::uint32_t> h) {
    if (!h) {
      using base::Errc;
      const Errc code = h.error().code;
      if (code == Errc::not_found) return gone(stream, request);
      // §5: as if it had been resumed here, and then there.
      if (code == Errc::already_exists) return stream.fail({xmpp::StreamCondition::conflict, h.error().message});
      if (code == Errc::overloaded || code == Errc::no_space)
        return refuse(stream, StanzaCondition::resource_constraint);
      return stream.fail({xmpp::StreamCondition::internal_server_error, "the session could not be resumed"});
    }
    if (!session->accepts_ack(request.h)) {
      const auto detail = session->ack_too_high(request.h);
      session->detach();
      return stream.fail({xmpp::StreamCondition::undefined_condition}, &detail);
    }
    stream.send(
        xml::Element("resumed", ns::kStreamManagement).set("previd", request.previd).set("h", std::to_string(*h)));
    stream.resumed(session, request.h);
    stream.set_busy(false);
  }

  // The session lives no more, or not in this process: its account's shard knows how far it came.
  static void gone(Stream& stream, const ResumeRequest& request) {
    stream.edge().ask_last_number(
        *stream.account(), request.token.session,
        [weak = stream.weak_from_this(), request](base::Result<std::optional<std::uint64_t>> last) {
          auto self = weak.lock();
          if (!self || !self->is_open()) return;
          if (!last) return refuse(*self, StanzaCondition::resource_constraint);
          std::optional<std::uint32_t> h;
          const std::uint64_t before = request.token.enabled_at;
          if (*last) h = **last > before ? static_cast<std::uint32_t>(**last - before) : 0;
          refuse(*self, StanzaCondition::item_not_found, h);
        });
  }

  static void refuse(Stream& stream, StanzaCondition condition, std::optional<std::uint32_t> h = std::nullopt) {
    metrics::kResumes.add(1, metrics::Resume::failed);
    failed(stream, condition, h);
    stream.set_busy(false);
  }
};

}  // namespace

std::unique_ptr<Feature> make_stream_management_feature(Edge&);
std::unique_ptr<Feature> make_stream_management_feature(Edge&) { return std::make_unique<StreamManagement>(); }

}  // namespace iris::edge
