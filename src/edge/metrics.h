// What the edge counts.
#pragma once
#include "base/metrics.h"
#include "xmpp/stanza.h"

namespace iris::edge::metrics {

enum class Outcome { logged, soft, answered, refused };
extern base::Counter kStanzasIn;               // kind, outcome
extern base::Counter kStanzasOut;              // kind
extern base::Counter kStreamErrors;            // condition (xmpp::StreamCondition)
extern base::Counter kStanzaErrors;            // condition (xmpp::StanzaCondition)
void count_error(const xmpp::Stanza& answer);  // nothing if it is none
extern base::Gauge kSessions;                  // attached, detached
extern base::Gauge kStreams;
enum class Auth { ok, failed };
extern base::Counter kAuth;  // outcome
enum class Resume { ok, failed };
extern base::Counter kResumes;  // outcome
enum class Delivery { accepted, duplicate, gap, stale, no_room };
extern base::Counter kDeliveries;     // verdict
extern base::Counter kHeld;           // verdict (Held::Verdict)
extern base::Histogram kAckSeconds;   // from a logged stanza's arrival to its durable append
extern base::Counter kRegistrations;  // of sessions with their shards

}  // namespace iris::edge::metrics
