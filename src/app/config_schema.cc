#include "app/config_schema.h"

#include <algorithm>

#include "app/config_keys.h"

namespace iris::app {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t kKiB = 1 << 10, kMiB = 1 << 20, kGiB = 1 << 30;
constexpr auto kDay = std::chrono::hours{24};

// Where a value goes.
#define AT(place) [](Config& config) -> auto& { return config.place; }

std::optional<std::string> any_text(const std::string& text) { return text; }
std::optional<std::string> domain_text(const std::string& text) { return xmpp::prepare_domain(text); }
std::optional<std::string> node_text(const std::string& text) {
  const bool good = !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  return good ? std::optional(text) : std::nullopt;
}

std::optional<std::string> uri_or_nothing(const std::string& text) {
  return text.empty() || is_uri(text) ? std::optional(text) : std::nullopt;
}

std::optional<std::string> place_or_nothing(const std::string& text) {
  return text.empty() || is_host_and_port(text) ? std::optional(text) : std::nullopt;
}

using Keys = std::vector<Key>;

void server_keys(Keys& keys) {
  keys.push_back(words("server.domain", "a domain name", AT(domain), domain_text,
                       "The domain of all accounts. Fixed when the deployment is created: it is a part of every stored "
                       "address."));
  keys.push_back(words("server.node", "a name of a-z, 0-9, '-' and '.', at most 64 long", AT(node), node_text,
                       "This process' name among its peers."));
  keys.push_back(words("server.data", "a path", AT(data), any_text,
                       "Where everything durable is kept. A relative path begins at the folder of this file."));
  keys.push_back(
      whole("server.partitions", AT(shard.partitions), 1, 4096,
            "Slices of the account space. Fixed when the deployment is created; the server refuses to start "
            "with another number. More than cores times nodes that will ever be, few enough to keep each busy."));
  keys.push_back(whole("server.loops", AT(loops), 0, 256,
                       "Event loops; 0: one per core. Connections and partitions are dealt to them."));
  keys.push_back(
      whole("server.key_threads", AT(key_threads), 0, 64,
            "Threads that derive SCRAM keys, a millisecond each, for PLAIN logins and new accounts; 0: half as "
            "many as cores, so that a crowd of newcomers leaves room for those who are there."));
  keys.push_back(
      whole("server.open_files", AT(open_files), 1024, 10'000'000,
            "The limit of open files asked of the kernel at start; each connection takes one. What the kernel "
            "does not grant is reported, and the server goes on with less."));
  keys.push_back(duration("server.shutdown_timeout", AT(shutdown_timeout), 1s, 10min,
                          "How long an orderly stop may take before it is given up. Nothing acknowledged is lost by "
                          "that: the next start reads the log on."));
  keys.push_back(duration("server.goodbye_timeout", AT(edge.goodbye_timeout), 0s, 1min,
                          "At a stop, from the goodbye to a client (`system-shutdown`) until its connection is cut if "
                          "it does not close it itself. A client that is there answers within a round trip; one that "
                          "is not must not hold up the restart."));
}

void listen_keys(Keys& keys) {
  keys.push_back(addresses("listen.starttls", AT(listen.starttls), "XMPP clients; TLS by STARTTLS (RFC 6120)."));
  keys.push_back(
      addresses("listen.direct_tls", AT(listen.direct_tls), "XMPP clients; TLS from the first byte (XEP-0368)."));
  keys.push_back(
      addresses("listen.http", AT(listen.http),
                "Web client and WebSocket (`/ws`, RFC 7395) without TLS. A login there counts as one without "
                "TLS, except that browsers treat this machine itself as secure: keep it on loopback or behind "
                "a proxy that does TLS."));
  keys.push_back(addresses("listen.https", AT(listen.https), "The same with TLS."));
  keys.push_back(addresses("listen.metrics", AT(listen.metrics),
                           "`/metrics` for Prometheus, `/healthz`, `/readyz`. For operators, not for the world: 64 "
                           "connections, which nobody takes from them."));
  keys.push_back(
      whole("listen.connections_max", AT(listener.connections_max), 1, 10'000'000,
            "Open connections per address above; beyond it new ones are closed at once. Bounds memory: an idle "
            "session takes tens of kilobytes. All addresses together have what `server.open_files` leaves."));
  keys.push_back(whole("listen.connections_per_ip_max", AT(listener.connections_per_ip_max), 0, 10'000'000,
                       "The same for one IP address; 0: no limit, for there may be a proxy in front. Lifted by "
                       "`limits.rates = false`."));
  keys.push_back(whole("listen.backlog", AT(listener.backlog), 1, 65535,
                       "Connections waiting in the kernel; a storm of reconnections waits there."));
  keys.push_back(whole("listen.tls_handshakes_max", AT(listener.tls_handshakes_max), 1, 1'000'000,
                       "TLS handshakes under way on one event loop; beyond it new connections wait, in the order of "
                       "arrival, so that in a storm those who have begun come to an end. One counts for a second at "
                       "most."));
  keys.push_back(duration("listen.accept_pause", AT(listener.accept_pause), 1ms, 10s,
                          "Pause in accepting when descriptors, memory or room for connections run out."));
  keys.push_back(size("listen.output_high_water", AT(listener.connection.output_high_water), kKiB, 64 * kMiB,
                      "Bytes waiting for a slow peer above which nothing more is made for it."));
  keys.push_back(size("listen.output_max", AT(listener.connection.output_bytes_max), 64 * kKiB, kGiB,
                      "Bytes waiting for a peer that does not read; beyond it the connection is closed."));
  keys.push_back(size("listen.read_turn", AT(listener.connection.read_bytes_per_turn), kKiB, 16 * kMiB,
                      "Bytes read from one connection before others get their turn."));
  keys.push_back(duration("listen.tls_handshake_timeout", AT(listener.connection.tls_handshake_timeout), 1s, 5min,
                          "An honest TLS handshake takes two round trips."));
  keys.push_back(duration("listen.close_timeout", AT(listener.connection.close_timeout), 10ms, 1min,
                          "After an orderly close: to send what waits and to see the peer close."));
}

void tls_and_http_keys(Keys& keys) {
  keys.push_back(
      words("tls.certificate", "a path", AT(certificate), any_text,
            "PEM, the whole chain, leaf first. A relative path begins at `server.data`. ECDSA is best: it signs "
            "ten times faster than RSA."));
  keys.push_back(words("tls.key", "a path", AT(certificate_key), any_text, "Its private key, PEM."));
  keys.push_back(words("http.web", "a path, or nothing", AT(web), any_text,
                       "Folder of the web client, served at `/`, read into memory at start. Empty: no web client."));
  keys.push_back(size("http.header_max", AT(http.header_bytes_max), kKiB, kMiB,
                      "Head of a request; beyond it 431. Browsers send one or two KiB."));
  keys.push_back(size("http.body_max", AT(http.body_bytes_max), kKiB, 16 * kMiB, "Body of a request; beyond it 413."));
  keys.push_back(duration("http.request_timeout", AT(http.request_timeout), 1s, 5min,
                          "From a request's first byte to its last; beyond it 408."));
  keys.push_back(duration("http.idle_timeout", AT(http.idle_timeout), 1s, 1h, "Between requests; then closed."));
}

void auth_keys(Keys& keys) {
  keys.push_back(
      choice("auth.registration", AT(edge.registration),
             std::vector<std::pair<std::string, edge::Registration>>{{"off", edge::Registration::closed},
                                                                     {"loopback", edge::Registration::loopback},
                                                                     {"open", edge::Registration::open}},
             "Who may make an account from a client (XEP-0077): nobody, clients on this machine, anybody."));
  keys.push_back(flag("auth.account_changes", AT(edge.account_changes),
                      "Whether those who are logged in may set their own password and remove their own account from a "
                      "client (XEP-0077)."));
  keys.push_back(flag("auth.allow_plaintext", AT(edge.allow_plaintext),
                      "Login without TLS, PLAIN included. For tests: refused unless every address under `[listen]` is "
                      "loopback."));
  keys.push_back(
      whole("auth.scram_iterations", AT(edge.scram_iterations), 4096, 1'000'000,
            "Work to derive keys of new passwords. RFC 7677 asks for 4096 at least; clients pay it at login."));
  keys.push_back(whole("auth.attempts_max", AT(edge.auth_attempts_max), 1, 20,
                       "Failed logins on one connection. RFC 6120 §6.4.5 wants two to five retries."));
  keys.push_back(size("auth.message_max", AT(edge.auth_bytes_max), 512, 64 * kKiB, "One SASL message, decoded."));
  keys.push_back(duration("auth.negotiation_timeout", AT(edge.negotiation_timeout), 1s, 10min,
                          "From the first byte to a bound or resumed session: strangers get little time."));
  keys.push_back(size("auth.negotiation_max", AT(edge.negotiation_bytes_max), 8 * kKiB, 4 * kMiB,
                      "Bytes from a stranger; an honest login takes about two KiB."));
}

void service_keys(Keys& keys) {
  keys.push_back(
      choice("service.software", AT(edge.disclosure),
             std::vector<std::pair<std::string, edge::Disclosure>>{{"nothing", edge::Disclosure::nothing},
                                                                   {"version", edge::Disclosure::version},
                                                                   {"system", edge::Disclosure::operating_system}},
             "What clients may learn of the software (XEP-0092): nothing, its name and version, or the "
             "operating system too, which is what an attacker would like to know."));
  keys.push_back(
      words("service.caps_node", "a URI, or nothing", AT(edge.caps_node), uri_or_nothing,
            "Stands beside the hash of what the domain can do (XEP-0115 §4); best a page about this service. "
            "Empty: `xmpp:` and the domain."));
  const auto contact = [&keys](const char* kind, auto place, const char* what) {
    keys.push_back(texts(std::string("service.") + kind + "_addresses", "URIs as \"mailto:a@b.c\" or \"xmpp:a@b.c\"",
                         place, is_uri, what));
  };
  contact("abuse", AT(edge.contacts.abuse), "Where to report abuse of this service (XEP-0157). For everybody to see.");
  contact("admin", AT(edge.contacts.admin), "Where its administrators are reached.");
  contact("feedback", AT(edge.contacts.feedback), "Where to say what one thinks of it.");
  contact("sales", AT(edge.contacts.sales), "Where to buy.");
  contact("security", AT(edge.contacts.security), "Where to report a hole.");
  contact("status", AT(edge.contacts.status), "Where it is said whether the service works.");
  contact("support", AT(edge.contacts.support), "Where to get help.");
}

void limit_keys(Keys& keys) {
  keys.push_back(
      flag("limits.rates", AT(rate_limits),
           "`false` lifts all limits of rate (stanzas of one client, registrations, connections of one address): for "
           "benchmarks."));
  keys.push_back(
      whole("limits.registrations_per_minute", AT(edge.registrations_per_minute), 1, 1'000'000,
            "New accounts per minute and loop, with bursts of as many. A wall against robots, not a quota."));
  keys.push_back(
      whole("limits.stanzas_per_second", AT(edge.stanzas_per_second), 0, 1'000'000,
            "Of one client, in the long run; who sends faster is read slower, nothing is lost. 0: no limit."));
  keys.push_back(whole("limits.stanzas_burst", AT(edge.stanzas_burst), 1, 10'000'000,
                       "Stanzas of one client that may come at once before that."));
  keys.push_back(
      size("limits.stanza", AT(edge.stanza_bytes_max), 10'000, 4 * kMiB,
           "One stanza. RFC 6120 §13.12 asks for 10,000 bytes at least; encryption for many devices needs more."));
  keys.push_back(whole("limits.depth", AT(edge.depth_max), 8, 1024, "Nesting of elements in a stanza."));
  keys.push_back(whole("limits.attributes", AT(edge.attributes_max), 8, 1024, "Attributes of one element."));
  keys.push_back(whole("limits.sessions", AT(edge.sessions_max), 1, 10'000'000,
                       "Sessions on one loop; beyond it `resource-constraint`."));
}

void account_keys(Keys& keys) {
  keys.push_back(
      flag("account.cautious", AT(shard.cautious),
           "Strangers, to whom an account shows no presence, get no error for a message to an account that does not "
           "exist (RFC 6120 §13.11), and cannot ask a client anything (RFC 6121 §8.5.3.1). But whoever mistypes an "
           "address is not told either, and some clients ask a stranger's what it can do before they write to it."));
  keys.push_back(whole("account.roster_items_max", AT(shard.roster_items_max), 10, 100'000,
                       "Contacts of one account; keeps an account's state loadable by one query."));
  keys.push_back(whole("account.roster_requests_max", AT(shard.roster_requests_max), 1, 100'000,
                       "Subscription requests of strangers that wait for an answer; more are dropped."));
  keys.push_back(size("account.roster_request_max", AT(shard.roster_request_bytes_max), 256, 64 * kKiB,
                      "Payload kept of one such request; a longer one is kept without its payload."));
  keys.push_back(size("account.roster_name_max", AT(shard.roster_name_bytes_max), 64, 64 * kKiB,
                      "Name of a contact or a group (RFC 6121 §2.3.3)."));
  keys.push_back(size("account.roster_bytes_max", AT(shard.roster_bytes_max), kKiB, 64 * kMiB,
                      "And all contacts with names and groups together: a roster lies in memory, and is sent in one "
                      "stanza. Beyond it a change gets `resource-constraint`."));
  keys.push_back(whole("account.roster_groups_max", AT(shard.roster_groups_max), 1, 1024, "Groups of one contact."));
  keys.push_back(
      whole("account.directed_presences_max", AT(shard.directed_presences_max), 1, 100'000,
            "Addresses with directed presence of one session, remembered to be taken back (RFC 6121 §4.6.3)."));
  keys.push_back(whole("account.private_elements_max", AT(shard.private_elements_max), 1, 10'000,
                       "Elements of private XML storage (XEP-0049); clients keep a handful."));
  keys.push_back(size("account.private_bytes_max", AT(shard.private_bytes_max), kKiB, 16 * kMiB,
                      "And their bytes: they lie in the account's state, in memory."));
  keys.push_back(size("account.vcard_bytes_max", AT(shard.vcard_bytes_max), kKiB, 16 * kMiB,
                      "The vCard of one account, its picture included (XEP-0054); it lies in memory, too."));
  keys.push_back(size("account.last_status_bytes_max", AT(shard.last_status_bytes_max), 0, 64 * kKiB,
                      "Status text with which somebody left, as XEP-0012 tells it; a longer one is not kept."));
  keys.push_back(whole("account.sessions_max", AT(shard.sessions_max), 1, 10'000,
                       "Sessions of one account, those that wait for a resumption included; beyond it a bind gets "
                       "`resource-constraint`. What one of them says all hear."));
  keys.push_back(whole("account.blocked_max", AT(shard.blocked_max), 1, 10'000,
                       "Addresses that one account blocks (XEP-0191); the list goes out in one stanza."));
  keys.push_back(whole("account.carbon_replies_max", AT(shard.carbon_replies_max), 1, 10'000,
                       "Copied messages remembered of one account, so that an error that answers one is copied to its "
                       "clients too (XEP-0280 §6.1)."));
  keys.push_back(whole("account.archive_queries_max", AT(shard.archive_queries_max), 1, 100'000,
                       "Archive queries of one account that wait for their turn: one is read at a time; beyond it "
                       "`resource-constraint`. A client may ask for every open chat at once."));
  keys.push_back(whole("account.archive_page_default", AT(shard.archive_page_default), 1, 10'000,
                       "Messages of an archive page when the client does not say (XEP-0313)."));
  keys.push_back(whole("account.archive_page_max", AT(shard.archive_page_max), 1, 10'000, "And when it does."));
  keys.push_back(size("account.archive_page_bytes_max", AT(shard.archive_page_bytes_max), 64 * kKiB, 64 * kMiB,
                      "An archive page is ended beyond this: it is one message of the Bus, whole or not at all."));
  keys.push_back(whole("account.archive_preferences_max", AT(shard.archive_preferences_max), 0, 10'000,
                       "Addresses in an account's lists of what is archived always or never (XEP-0441): they lie in "
                       "memory with the account."));
  keys.push_back(whole("account.offline_messages_max", AT(shard.offline_messages_max), 1, 10'000'000,
                       "Messages that wait for an account that nobody is there to take; the sender of what comes "
                       "beyond is told so (XEP-0160). A flood must not bury who comes back."));
  keys.push_back(whole("account.archive_scan_rows", AT(shard.archive_scan_rows), 10, 100'000,
                       "Rows read in one turn while looking for a page of matches."));
}

void session_keys(Keys& keys) {
  keys.push_back(duration("session.resume_timeout", AT(edge.detached_timeout), 0s, kDay,
                          "How long a session whose connection was cut waits for its client (XEP-0198 `max`)."));
  keys.push_back(
      words("session.resume_location", "host:port, or nothing", AT(edge.resume_location), place_or_nothing,
            "Where a client should resume (XEP-0198 `location`), as \"chat.example:5222\" or \"[2001:db8::1]:5222\". "
            "Empty: wherever it finds this service."));
  keys.push_back(whole(
      "session.held_max", AT(edge.held_max), 0, 100'000,
      "Presence and chat states kept from a client that says it is inactive (XEP-0352), of each sender the newest; "
      "then they are written. 0: none are kept, and the protocol is not offered."));
  keys.push_back(size("session.held_bytes_max", AT(edge.held_bytes_max), kKiB, 16 * kMiB, "The same in bytes."));
  keys.push_back(
      duration("session.idle_ping", AT(edge.idle_ping), 1s, kDay,
               "Silence of a client after which it is asked whether it is there. Also keeps address translators from "
               "forgetting the connection."));
  keys.push_back(duration("session.idle_timeout", AT(edge.idle_timeout), 1s, 1h, "How long it has to answer that."));
  keys.push_back(whole("session.inbound_max", AT(edge.inbound_max), 1, 65536,
                       "Stanzas received and not yet durable or passed on; then reading pauses."));
  keys.push_back(whole("session.unacked_max", AT(edge.unacked_max), 1, 1'000'000,
                       "Stanzas written and not acknowledged (XEP-0198); then deliveries wait at the shard."));
  keys.push_back(size("session.unacked_bytes_max", AT(edge.unacked_bytes_max), 64 * kKiB, kGiB, "The same in bytes."));
  keys.push_back(size("session.output_max", AT(edge.output_bytes_max), 64 * kKiB, 256 * kMiB,
                      "Bytes waiting for a slow client; then deliveries wait at the shard."));
  keys.push_back(whole("session.directed_max", AT(edge.directed_max), 1, 10'000,
                       "Addresses with directed presence remembered for a session, to take it back at its end."));
  keys.push_back(duration("session.ack_request_after", AT(edge.ack_request_after), 0s, 1min,
                          "From a stanza written to the request that it be acknowledged, so that bursts share one."));
  keys.push_back(whole("session.ack_request_stanzas", AT(edge.ack_request_stanzas), 1, 10'000,
                       "The same in stanzas, if that comes first."));
  keys.push_back(duration("session.ack_answer_wait", AT(edge.ack_answer_wait), 0s, 5s,
                          "A client's request for an ack waits this long for a sync that is under way."));
  keys.push_back(duration("session.proof_ping_after", AT(edge.proof_ping_after), 100ms, 1h,
                          "Without XEP-0198: from a delivery to the ping whose answer proves that it arrived."));
  keys.push_back(duration("session.progress_after", AT(edge.progress_after), 1ms, 10s,
                          "Positions reported to the shard are gathered this long."));
  keys.push_back(duration("session.register_again", AT(edge.register_again), 10ms, 1min,
                          "A registration with the shard that is not answered is repeated, at first after this."));
  keys.push_back(
      duration("session.register_again_max", AT(edge.register_again_max), 100ms, 10min, "And at last after this."));
  keys.push_back(duration("session.resume_again", AT(edge.resume_again), 100ms, 1min,
                          "A resumption that its shard does not answer is asked again after this."));
  keys.push_back(whole("session.resume_attempts_max", AT(edge.resume_attempts_max), 1, 100, "So many times."));
  keys.push_back(whole("session.ended_max", AT(edge.ended_max), 1, 1'000'000,
                       "Ended sessions of one loop whose last positions are remembered until their shard knows them."));
}

void engine_keys(Keys& keys) {
  keys.push_back(size("engine.fetch", AT(shard.fetch_bytes_max), 64 * kKiB, 64 * kMiB,
                      "One batch of records; bounds what a turn of the loop applies."));
  keys.push_back(duration("engine.checkpoint_interval", AT(shard.checkpoint_interval), 10ms, 1h,
                          "A crash replays about this much."));
  keys.push_back(
      whole("engine.checkpoint_records", AT(shard.checkpoint_records), 1, 1'000'000, "Or this many records."));
  keys.push_back(whole("engine.lag_records_max", AT(shard.lag_records_max), 64, 10'000'000,
                       "Records applied and not persisted, per partition; beyond it the shard stops reading."));
  keys.push_back(whole("engine.log_margin", AT(shard.log_margin), 0, 10'000'000,
                       "Records kept below a durable checkpoint, for those who look."));
  keys.push_back(duration("engine.clock_ahead_max", AT(shard.clock_ahead_max), 1s, kDay,
                          "Records further ahead of this machine's clock stop their partition (rule T1)."));
  keys.push_back(whole("engine.entities_idle_max", AT(shard.entities_idle_max), 0, 10'000'000,
                       "Idle accounts kept loaded, per partition."));
  keys.push_back(
      duration("engine.entity_idle", AT(shard.entity_idle), 1s, kDay, "An account idle this long is unloaded."));
  keys.push_back(whole("engine.window", AT(shard.window), 1, 65536,
                       "Deliveries to one session that its connection has not confirmed."));
  keys.push_back(duration("engine.repeat_after", AT(shard.repeat_after), 10ms, 1min,
                          "An unconfirmed delivery is sent again, at first after this (rule C3)."));
  keys.push_back(duration("engine.repeat_max", AT(shard.repeat_max), 10ms, 1h, "And at last after this."));
  keys.push_back(duration("engine.session_grace", AT(shard.session_grace), 100ms, 5min,
                          "After a takeover, sessions have this long to register again (rule O2)."));
  keys.push_back(duration("engine.hold_max", AT(shard.hold_max), 1ms, 1min,
                          "A soft stanza waits this long for the record that it must not overtake (rule C5)."));
  keys.push_back(whole("engine.held_max", AT(shard.held_max), 100, 10'000'000, "Soft stanzas held, per partition."));
  keys.push_back(whole("engine.dedup_days", AT(shard.dedup_days), 1, 90,
                       "A retry with the same origin-id counts once within so many days (rule C2)."));
  keys.push_back(
      whole("engine.dedup_max", AT(shard.dedup_max), 16, 10'000'000,
            "And so many messages of one account are remembered for that, the newest: they lie in memory. No "
            "person writes that much in a week."));
  keys.push_back(
      whole("engine.pending_max", AT(shard.pending_max), 1, 100'000,
            "Messages to one resource that its client has not acknowledged; what comes beyond goes to the account."));
  keys.push_back(size("engine.pending_bytes_max", AT(shard.pending_bytes_max), 64 * kKiB, kGiB,
                      "And their bytes: they are held in memory while the session lives."));
  keys.push_back(duration("engine.acked_after", AT(shard.acked_after), 10ms, 1min,
                          "What a client has acknowledged of them is logged within this time (rule C4)."));
  keys.push_back(whole("engine.ended_sessions_max", AT(shard.session_rows_max), 1, 10'000,
                       "Ended sessions remembered per account, to answer a late resumption with the right count."));
  keys.push_back(whole("engine.ended_sessions_days", AT(shard.session_rows_days), 1, 365, "And for so many days."));
}

void storage_keys(Keys& keys) {
  keys.push_back(size("storage.queue_max", AT(storage.queue_bytes_max), kMiB, 16 * kGiB,
                      "Records waiting for the disk; beyond it new work is refused."));
  keys.push_back(size("storage.group_max", AT(storage.group_bytes_max), 64 * kKiB, kGiB,
                      "Bytes in one synced write: bounds what one record waits for those before it."));
  keys.push_back(
      size("storage.tail_max", AT(storage.tail_bytes_max), 0, kGiB,
           "Newest records of each partition kept in memory, so that a shard that keeps up never reads the disk."));
  keys.push_back(whole("storage.reader_threads", AT(storage.reader_threads), 1, 256,
                       "Threads that read tables: RocksDB's calls block."));
  keys.push_back(whole("storage.reads_max", AT(storage.reads_max), 64, 1'000'000,
                       "Reads waiting for a thread; beyond it they are refused."));
  keys.push_back(
      size("storage.free_min", AT(storage.free_bytes_min), 16 * kMiB, 1024 * kGiB,
           "Free disk space below which new work is refused with `resource-constraint`, while what was accepted "
           "is still carried out. What may be under way fits: buffers and write-ahead log."));
  keys.push_back(duration("storage.free_check_interval", AT(storage.free_check_interval), 10ms, 1min,
                          "How often that is looked at."));
  keys.push_back(duration("storage.recovery_interval", AT(storage.recovery_interval), 10ms, 1min,
                          "Between attempts to get over an error of the disk."));
  keys.push_back(size("storage.memtables_max", AT(storage.memtables_bytes_max), 4 * kMiB, 64 * kGiB,
                      "New writes of all tables together, before they become files."));
  keys.push_back(duration("storage.quiet", AT(storage.quiet), 1s, kDay,
                          "After so long without a write, new writes become files too, to give their memory back."));
  keys.push_back(size("storage.quiet_memtables", AT(storage.quiet_memtables_bytes), kMiB, 64 * kGiB,
                      "If they are more than this."));
  keys.push_back(size("storage.wal_max", AT(storage.wal_bytes_max), 4 * kMiB, 64 * kGiB,
                      "The write-ahead log: what a start after a crash reads again at most."));
  keys.push_back(
      size("storage.block_cache", AT(storage.block_cache_bytes), kMiB, 1024 * kGiB, "Cache of read blocks."));
  keys.push_back(duration("storage.tombstones_kept", AT(storage.tombstones_kept), 1h, 365 * kDay,
                          "Deleted rows are remembered so long: longer than any write can be late."));
}

void log_keys(Keys& keys) {
  keys.push_back(choice("log.level", AT(log_level),
                        std::vector<std::pair<std::string, base::Level>>{{"debug", base::Level::debug},
                                                                         {"info", base::Level::info},
                                                                         {"warn", base::Level::warn},
                                                                         {"error", base::Level::error}},
                        "Lines below this level are not written. No level shows what people write or their secrets."));
}

#undef AT

}  // namespace

const std::vector<Table>& config_tables() {
  static const std::vector<Table> tables{
      {"server", "The process and the deployment it is a part of."},
      {"listen",
       "Where it can be reached, and limits of each connection. A list that is empty: not at all. `0.0.0.0` is all of "
       "IPv4 and `[::]` all of IPv6, and no more: for both, list both."},
      {"tls", "The certificate of all TLS addresses. Versions and suites are not for choosing: TLS 1.2 and 1.3."},
      {"http", "The web side."},
      {"auth", "Who may come in."},
      {"service", "What the domain says of itself to those who are logged in."},
      {"limits", "What one client may take."},
      {"account", "What one account may hold, and how much of it is shown at once."},
      {"session", "Bound sessions."},
      {"engine", "Partitions; see docs/engine.md for the rules named here."},
      {"storage", "The embedded log and store."},
      {"log", "Lines on standard error, in logfmt."},
  };
  return tables;
}

const std::vector<Key>& config_schema() {
  static const Keys schema = [] {
    Keys keys;
    server_keys(keys);
    listen_keys(keys);
    tls_and_http_keys(keys);
    auth_keys(keys);
    service_keys(keys);
    limit_keys(keys);
    account_keys(keys);
    session_keys(keys);
    engine_keys(keys);
    storage_keys(keys);
    log_keys(keys);
    return keys;
  }();
  return schema;
}

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::find(config_schema(), name, &Key::name);
  return found == config_schema().end() ? nullptr : &*found;
}

}  // namespace iris::app
