#include "app/config_live.h"

#include <algorithm>
#include <span>

#include "app/config_schema.h"

namespace iris::app {
namespace {

// A key that is not named here waits for a restart: most of all what apply reads, for a replay must decide as the first
// run did (rule S3), and what is sized once.
constexpr std::string_view kAtOnce[] = {
    "server.shutdown_timeout",
    "server.goodbye_timeout",
    "listen.connections_max",
    "listen.connections_per_ip_max",
    "auth.registration",
    "auth.account_changes",
    "auth.attempts_max",
    "auth.message_max",
    "auth.negotiation_max",
    "service.software",
    "service.caps_node",
    "service.abuse_addresses",
    "service.admin_addresses",
    "service.feedback_addresses",
    "service.sales_addresses",
    "service.security_addresses",
    "service.status_addresses",
    "service.support_addresses",
    "limits.rates",
    "limits.registrations_per_minute",
    "limits.sessions",
    "account.archive_queries_max",
    "account.archive_page_default",
    "account.archive_page_max",
    "account.archive_page_bytes_max",
    "account.archive_scan_rows",
    "session.resume_timeout",
    "session.resume_location",
    "session.held_max",
    "session.held_bytes_max",
    "session.idle_ping",
    "session.idle_timeout",
    "session.inbound_max",
    "session.unacked_max",
    "session.unacked_bytes_max",
    "session.output_max",
    "session.directed_max",
    "session.ack_request_after",
    "session.ack_request_stanzas",
    "session.ack_answer_wait",
    "session.proof_ping_after",
    "session.progress_after",
    "session.register_again",
    "session.register_again_max",
    "session.resume_again",
    "session.resume_attempts_max",
    "session.ended_max",
    "log.level",
};
constexpr std::string_view kNewConnections[] = {
    "tls.certificate", "tls.key",      "auth.negotiation_timeout", "limits.stanzas_per_second", "limits.stanzas_burst",
    "limits.stanza",   "limits.depth", "limits.attributes",
};

constexpr std::string_view kNever[] = {"server.domain", "server.partitions"};

bool names(std::span<const std::string_view> list, std::string_view key) {
  return std::ranges::find(list, key) != list.end();
}

}  // namespace

std::vector<std::string_view> live_keys() {
  std::vector<std::string_view> all(std::begin(kAtOnce), std::end(kAtOnce));
  all.insert(all.end(), std::begin(kNewConnections), std::end(kNewConnections));
  return all;
}

Takes takes_effect(std::string_view key) {
  if (names(kAtOnce, key)) return Takes::reload;
  if (names(kNever, key)) return Takes::never;
  return names(kNewConnections, key) ? Takes::connections : Takes::restart;
}

std::string_view to_string(Takes takes) {
  switch (takes) {
    case Takes::never: return "never";
    case Takes::restart: return "restart";
    case Takes::connections: return "reload, for new connections";
    case Takes::reload: return "reload";
  }
  return "";
}

ConfigChanges take_live(Config& running, const Config& fresh) {
  ConfigChanges changes;
  for (const Key& key : config_schema()) {
    if (!key.differs(running, fresh)) continue;
    const Takes takes = takes_effect(key.name);
    if (takes == Takes::restart || takes == Takes::never) {
      changes.waiting.push_back(key.name);
    } else {
      key.copy(running, fresh);
      changes.taken.push_back(key.name);
    }
  }
  return changes;
}

}  // namespace iris::app
