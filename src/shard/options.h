// What a deployment may set of the engine. Filled by app/ from the configuration; defaults are safe.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/time.h"

namespace iris::shard {

using namespace std::chrono_literals;

struct Options {
  std::string node = "local";
  std::uint64_t incarnation = 1;  // of this process; random, non-zero
  std::uint32_t partitions = 64;  // P; fixed when a deployment is created
  std::string domain = "localhost";
  std::array<std::uint8_t, 16> archive_key{};  // AES-128 key under which stamps become stanza-ids

  std::size_t fetch_bytes_max = 1 << 20;       // one batch of records; bounds what a turn of the loop applies
  base::Duration checkpoint_interval = 250ms;  // a crash replays at most about this much
  std::uint64_t checkpoint_records = 4096;     // or this many records
  std::uint64_t lag_records_max = 65536;       // applied but not persisted: beyond it the shard stops reading its log
  base::Duration clock_ahead_max = 60s;        // T1: stamps further ahead of our clock stop the partition
  std::uint64_t log_margin = 64;               // records kept below a durable checkpoint

  std::size_t entities_idle_max = 10000;  // loaded and idle entities kept by one shard
  base::Duration entity_idle = 60s;       // an entity idle this long is dropped

  std::size_t window = 256;          // deliveries of one registration that its edge has not confirmed
  base::Duration repeat_after = 1s;  // C3: the newest unconfirmed delivery is sent again, backing off to 30 s
  base::Duration repeat_max = 30s;
  // Stanzas due to one resource and not known to be received; they lie in the state of the account, in memory. What
  // comes beyond is due to the account.
  std::size_t pending_max = 1000;
  std::size_t pending_bytes_max = 1 << 20;
  base::Duration acked_after = 1s;    // C4: acks of rows to one resource wait this long to share a record
  base::Duration session_grace = 2s;  // O2: after a takeover, logged sessions have this long to register
  base::Duration hold_max = 1s;       // C5: a soft stanza waits this long for the record it must not overtake
  std::size_t held_max = 10000;       // soft stanzas held by one shard
  std::uint32_t dedup_days = 7;       // C2
  // And so many of an account, the newest; they lie in its state, in memory. No person writes that much in a week.
  std::size_t dedup_max = 20'000;
  // Live sessions of one account, those that wait for a resumption included (RFC 6120 7.6.2.1): what one says, all
  // hear.
  std::size_t sessions_max = 100;
  std::uint32_t session_rows_max = 64;  // ended sessions remembered per account, for <failed h=''/>
  std::uint32_t session_rows_days = 1;
  // RFC 6120 §13.11, "a higher level of caution": strangers get no error for a message to an account that does not
  // exist, and do not reach clients with their IQs (RFC 6121 §8.5.3.1).
  bool cautious = false;
  std::size_t roster_items_max = 2000;    // per account; keeps one entity's state loadable by one query
  std::size_t roster_requests_max = 500;  // subscription requests of strangers waiting for an answer; more are dropped
  std::size_t roster_request_bytes_max = 4096;  // payload kept of one; a longer one is kept without its payload
  std::size_t roster_name_bytes_max = 1023;     // of a contact's or a group's name (RFC 6121 2.3.3: not-acceptable)
  std::size_t roster_bytes_max = 1 << 20;       // of all contacts together: kept in memory, sent in one stanza
  std::size_t roster_groups_max = 64;           // of one contact
  std::size_t directed_presences_max = 500;     // of one session, remembered to be taken back (RFC 6121 4.6.3)
  std::size_t private_elements_max = 100;       // XEP-0049, per account; clients keep a handful, bookmarks and settings
  std::size_t private_bytes_max = 128 * 1024;   // and their bytes: they lie in the account's state, in memory
  std::size_t vcard_bytes_max = 128 * 1024;     // XEP-0054, per account, picture included; in memory like the rest
  std::size_t last_status_bytes_max = 1024;     // of the status text that XEP-0012 tells; a longer one is not kept
  std::size_t blocked_max = 1000;               // XEP-0191, per account; the list goes out in one stanza
  std::size_t carbon_replies_max = 64;    // copied messages of an account whose errors are known as such (XEP-0280)
  std::size_t archive_page_default = 50;  // messages of an archive page, when the client does not say (XEP-0313)
  std::size_t archive_page_max = 250;     // and when it does
  std::size_t archive_page_bytes_max = 1 << 19;  // a page is ended beyond this: it is one message of the Bus
  std::size_t archive_preferences_max = 500;     // addresses in the lists of an account's preferences (XEP-0441)
  std::size_t offline_messages_max = 5000;       // kept while no session of the account is there (XEP-0160)
  std::size_t archive_queries_max = 256;         // of one account that wait for their turn; clients ask once a chat
  std::size_t archive_scan_rows = 500;           // rows read in one turn while looking for a page of matches
};

}  // namespace iris::shard
