#include "edge/metrics.h"

#include <string>
#include <vector>

#include "xmpp/ns.h"
#include "xmpp/stanza_error.h"
#include "xmpp/stream_error.h"

namespace iris::edge::metrics {
namespace {

// All names of an enumeration that counts from 0, as label values.
template <typename Condition>
std::vector<std::string> names(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.emplace_back(xmpp::to_string(static_cast<Condition>(i)));
  return out;
}

}  // namespace

base::Counter kStanzasIn{
    "iris_stanzas_total",
    "Stanzas received from clients, by what became of them.",
    {{"kind", {"message", "presence", "iq"}}, {"outcome", {"logged", "soft", "answered", "refused"}}}};
base::Counter kStanzasOut{
    "iris_stanzas_delivered_total", "Stanzas written to clients.", {{"kind", {"message", "presence", "iq"}}}};
base::Counter kStreamErrors{"iris_stream_errors_total",
                            "Stream errors sent (RFC 6120 4.9.3).",
                            {{"condition", names<xmpp::StreamCondition>(xmpp::kStreamConditionCount)}}};
base::Counter kStanzaErrors{"iris_stanza_errors_total",
                            "Stanza errors that the edge answered (RFC 6120 8.3.3).",
                            {{"condition", names<xmpp::StanzaCondition>(xmpp::kStanzaConditionCount)}}};
base::Gauge kSessions{
    "iris_sessions", "Bound sessions, with and without a connection.", {{"state", {"attached", "detached"}}}};
base::Gauge kStreams{"iris_streams", "Client connections, negotiated or not."};
base::Counter kAuth{"iris_auth_total", "Logins tried.", {{"outcome", {"ok", "failed"}}}};
base::Counter kResumes{"iris_resumes_total", "Resumptions asked for (XEP-0198).", {{"outcome", {"ok", "failed"}}}};
base::Counter kDeliveries{"iris_deliveries_total",
                          "Deliveries from shards, by verdict (rule C3).",
                          {{"verdict", {"accepted", "duplicate", "gap", "stale", "no_room"}}}};
base::Counter kHeld{"iris_csi_stanzas_total",
                    "Stanzas for inactive clients (XEP-0352), by what became of them.",
                    {{"verdict", {"kept", "replaced", "important"}}}};
base::Histogram kAckSeconds{"iris_accept_seconds", "From a logged stanza's arrival to its durable append."};
base::Counter kRegistrations{"iris_session_registrations_total", "Registrations of sessions sent to shards."};

void count_error(const xmpp::Stanza& answer) {
  if (answer.type != "error") return;
  if (const auto* error = answer.child("error", xmpp::ns::kClient))
    kStanzaErrors.add(1, xmpp::StanzaError::from_element(*error).condition);
}

}  // namespace iris::edge::metrics
