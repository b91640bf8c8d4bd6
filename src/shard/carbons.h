// XEP-0280: who gets a copy of a message, and how it looks. Which messages are copied is the stanza table's; who has
// asked for copies is soft, so apply does not know it: a row says that it may be copied (ArchiveRow.carbon), and the
// sessions' chains decide (sessions.h).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/queue.h"
#include "record/record.pb.h"

namespace iris::shard {

// The copies on the direct chain of one session that has enabled carbons. What the inbox chain carries to an entitled
// session is copied to the others (§7: "that did not receive it under the RFC 6121 delivery rules"). One that becomes
// entitled has had as copies what came while it was not; its inbox chain passes over these with empty deliveries, so
// that they are written once and its cursor counts them. Each delivery on the direct chain says how far that is, so the
// edge tells a new owner. Pure.
class Copies {
 public:
  // All rows above `at`.
  void enable(base::Stamp at);
  // As a registration tells it, with how far the chains have come at the edge. A `since` of 0 is not known.
  void restore(const record::Copied& copied, base::Stamp direct_last, base::Stamp inbox_last);
  // Registered again: the chains begin anew where the edge is.
  void begin_again(base::Stamp direct_last, base::Stamp inbox_last, bool not_entitled);
  // The inbox chain leaves out the rows in (from, to], for it was begun again beyond them.
  void inbox_skips(base::Stamp from, base::Stamp to);
  void disable() { enable({}); }
  // A copy of `row` is delivered.
  void note(base::Stamp at, const record::ArchiveRow& row) {
    if (row.inbox()) last_ = at;
  }
  record::Copied said() const;
  // `at`: rows up to it were considered when the session became entitled to the inbox, or ceased to be.
  void entitled(base::Stamp at) { to_ = at; }
  void not_entitled(base::Stamp at);
  // The edge has the inbox chain up to here: it will not be delivered again.
  void inbox_received(base::Stamp at);

  // Due as a copy, to a session that neither sent it nor is addressed by it. `inbox_has`: due on its inbox chain.
  bool due(base::Stamp at, const record::ArchiveRow& row, bool inbox_has) const;
  // Due on the inbox chain, and had as a copy.
  bool had(base::Stamp at, const record::ArchiveRow& row) const;

 private:
  struct Range {
    base::Stamp from, to;  // (from, to]
    bool has(base::Stamp at) const { return at > from && at <= to; }
  };
  // Turns that an inbox chain is behind by: a client that changes its mind while it does not read. Who goes on so has
  // some messages twice.
  static constexpr std::size_t kEarlierMax = 64;

  bool in_range(base::Stamp at) const;
  bool is_skipped(base::Stamp at) const;
  // Rule C4: routed again, when the session to which it was due has ended. The first row was copied.
  bool had_before(const record::ArchiveRow& row) const {
    return since_.value != 0 && row.original_stamp() > since_.value;
  }

  base::Stamp since_;
  base::Stamp from_, to_;       // inbox rows in (from_, to_] were copied; those above from_ while not entitled
  base::Stamp last_;            // the newest inbox row that was delivered as a copy
  base::Stamp served_;          // the edge had the inbox chain up to here when it registered, the direct chain or not
  std::vector<Range> skipped_;  // by the inbox chain
  std::vector<Range> earlier_;  // the same of the times before, as far as the inbox chain may still come by
};

// The account's messages that were copied of late, by whom they were exchanged with and their ids: an error that
// answers one is copied too (§6.1), and need not say what it answers (§10.3, RFC 6120 §8.3.1). Errors are soft, and so
// is this.
class CopiedOfLate {
 public:
  // Of a message that is or was copied: notes it.
  void note(const record::Stanza& message, std::string_view account, std::size_t max);
  bool answered_by(const record::Stanza& error, std::string_view account) const;

 private:
  base::Queue<std::uint64_t> hashes_;
};

// Whether the clients of `account` are to have copies of this message, by what its sender's edge has decided.
bool is_copied(const record::Stanza& message, std::string_view account);

// Whether the session that has this resource of `account` has sent it.
bool is_sent_by(const record::Stanza& stanza, std::string_view account, std::string_view resource);

// §7, §8: `message` for a client that is not the one it was for, or from: complete, ready to write. `stanza_id` belongs
// to the message (XEP-0359); `at` is when the account's server had it (XEP-0297 §3.2).
std::string carbon_of(const record::Stanza& message, std::string_view stanza_id, base::Stamp at,
                      std::string_view account, std::string_view resource);

}  // namespace iris::shard
