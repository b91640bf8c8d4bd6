// What a deployment may set of the edge. Filled by app/ from the configuration; defaults are safe.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace iris::edge {

using namespace std::chrono_literals;

enum class Registration { closed, loopback, open };

// What strangers may know of the software that runs here.
enum class Disclosure { nothing, version, operating_system };

// XEP-0157: where the people behind the service are reached; URIs.
struct Contacts {
  std::vector<std::string> abuse, admin, feedback, sales, security, status, support;
};

struct Options {
  std::string node = "local";
  std::uint64_t incarnation = 1;  // of this process; random, non-zero
  std::string domain = "localhost";
  std::string secret;  // of the deployment, the same on every node: resumption tokens, made-up salts

  // --- who may come in, and how
  bool allow_plaintext = false;                      // login without TLS, PLAIN included; for tests on loopback
  Registration registration = Registration::closed;  // XEP-0077
  double registrations_per_minute = 10;  // per loop, with bursts of as many; a wall against robots, not a quota
  bool account_changes = true;  // XEP-0077: those who are logged in set their password and remove their account
  std::uint32_t scram_iterations = 4096;  // RFC 7677 §4 asks for at least that many

  // --- negotiation: strangers get little
  base::Duration negotiation_timeout = 30s;       // from the first byte to bind or resume
  std::size_t negotiation_bytes_max = 64 * 1024;  // from a stranger; an honest login takes about 2 KB
  unsigned auth_attempts_max = 5;                 // RFC 6120 §6.4.5 wants 2 to 5 retries
  std::size_t auth_bytes_max = 4096;              // of one SASL message, decoded

  // --- XML of clients
  std::size_t stanza_bytes_max =
      256 * 1024;                   // RFC 6120 §13.12 asks for 10,000 at least; OMEMO with many devices needs more
  std::size_t depth_max = 64;       // of elements in a stanza
  std::size_t attributes_max = 64;  // of one element
  // Of one client, 0: no limit. Beyond it reading pauses, nothing is refused. People type less; a client that catches
  // up or joins its rooms makes a burst.
  double stanzas_per_second = 100;
  double stanzas_burst = 2000;

  // --- one session
  std::size_t inbound_max = 256;            // stanzas received and not yet durable or passed on; then reading pauses
  std::size_t inbound_bytes_max = 1 << 20;  // of them: one client's uploads must not fill the log's queue for all
  std::size_t unacked_max = 1024;           // written and not acked (XEP-0198); then deliveries wait at the shard
  std::size_t unacked_bytes_max = 4 << 20;
  std::size_t output_bytes_max = 1 << 20;  // waiting for a slow peer; then deliveries wait at the shard
  std::size_t directed_max = 256;          // JIDs with directed presence remembered, for registrations (rule C5)
  // Presence and chat states kept from a client that is inactive (XEP-0352); then they are written. 0: none are kept.
  std::size_t held_max = 512;
  std::size_t held_bytes_max = 128 * 1024;
  std::string resume_location;             // XEP-0198 `location`; empty: wherever clients find us
  base::Duration detached_timeout = 300s;  // XEP-0198 `max`: how long a cut session waits for its client
  // Silence of a client after which it is asked (ack request or ping). Also keeps NATs from forgetting the connection.
  base::Duration idle_ping = 180s;
  base::Duration idle_timeout = 60s;         // and how long it has to answer
  base::Duration ack_request_after = 200ms;  // from the first unrequested stanza to <r/>, so that bursts share one
  std::size_t ack_request_stanzas = 32;      // or after this many
  base::Duration ack_answer_wait = 50ms;     // an <r/> waits this long for running syncs
  base::Duration proof_ping_after = 1s;  // without XEP-0198: from an unproven delivery to the ping that proves it (C4)

  // --- with its shard
  base::Duration register_again = 500ms;  // repeated until answered, doubling
  base::Duration register_again_max = 15s;
  base::Duration progress_after = 100ms;  // cursors are coalesced this long (rule C3)
  base::Duration resume_again = 2s;       // SessionResume and SessionEnd are asked again when no answer comes
  unsigned resume_attempts_max = 5;
  std::size_t ended_max = 4096;        // sessions whose last cursors are remembered, should Unregister be lost
  std::size_t sessions_max = 100'000;  // on one loop

  // At the end of the server: from the goodbye to a client until its connection is cut, if it does not close it itself.
  base::Duration goodbye_timeout = 1s;

  // --- what the domain says of itself
  std::string software = "Iris";
  std::string software_version;                 // of this build
  std::string operating_system;                 // of this machine; empty: not known
  Disclosure disclosure = Disclosure::version;  // XEP-0092
  std::string caps_node;                        // URI beside hashes of capabilities (XEP-0115 §4); empty: the domain's
  Contacts contacts;                            // XEP-0157

  // Namespaces that modules answer on the domain's behalf or for accounts; shown by disco on the domain (XEP-0030).
  std::vector<std::string> module_features;
};

}  // namespace iris::edge
