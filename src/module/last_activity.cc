#include "module/last_activity.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "module/roster_rows.h"
#include "module/routing.h"
#include "shard/jid_text.h"
#include "shard/session_rows.h"
#include "shard/stanzas.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

namespace ns = xmpp::ns;
using shard::bare_of;
using xmpp::StanzaCondition;

constexpr std::array kFeatures{ns::kLastActivity};

struct LastSeen {
  bool online = false;
  std::uint64_t ended = 0;  // stamp; 0: never
  std::string status;
};

LastSeen last_seen(const shard::State& state) {
  LastSeen out;
  shard::each_session(state, [&](const record::SessionRow& row) {
    if (row.ended() == 0) out.online = true;
    if (row.ended() <= out.ended) return;
    out.ended = row.ended();
    out.status = row.status();
  });
  return out;
}

// §7: a presence leak otherwise.
bool may_know(const shard::Live& live, std::string_view who) {
  return bare_of(who) == live.entity() || find_contact(live.state(), bare_of(who)).from();
}

class LastActivity final : public shard::Module {
 public:
  std::string_view name() const override { return "last_activity"; }
  std::span<const std::string_view> features() const override { return kFeatures; }

  // §3
  bool on_query(shard::Live& live, shard::Query& query) override {
    if (query.child_ns != ns::kLastActivity || query.child_name != "query" || query.request.type() != "get")
      return false;
    if (!query.own && !may_know(live, query.request.from())) {
      reply_error(live, query, StanzaCondition::forbidden);
      return true;
    }
    const auto seen = last_seen(live.state());
    if (!seen.online && seen.ended == 0) return false;  // was never here
    const auto now = static_cast<std::uint64_t>(live.now().time_since_epoch().count());
    const auto away = seen.online || now < seen.ended ? 0 : (now - seen.ended) / 1'000'000;
    xml::Element answer("query", ns::kLastActivity);
    answer.set("seconds", std::to_string(away));
    if (!seen.online && !seen.status.empty()) answer.add_text(seen.status);
    reply_result(live, query, answer);
    return true;
  }

  // §4: a client is not even asked by those who may not know that it is there.
  bool on_soft_in(shard::Live& live, const record::Stanza& stanza) override {
    if (stanza.kind() != record::IQ || stanza.type() != "get" || shard::is_bare(stanza.to()) ||
        may_know(live, stanza.from()) || stanza.inner().find(ns::kLastActivity) == std::string::npos)
      return false;
    const auto inner = parse_inner(stanza);
    if (!inner || !inner->child("query", ns::kLastActivity)) return false;
    live.forward(shard::error_reply(stanza, StanzaCondition::forbidden));
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_last_activity() { return std::make_unique<LastActivity>(); }

}  // namespace iris::module
