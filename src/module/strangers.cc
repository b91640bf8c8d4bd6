#include "module/strangers.h"

#include <algorithm>

#include "module/presence.h"
#include "module/roster_rows.h"
#include "shard/jid_text.h"
#include "shard/stanzas.h"
#include "xmpp/stanza_error.h"

namespace iris::module {
namespace {

bool shows_presence(shard::Live& live, const record::Stanza& stanza) {
  const auto asker = shard::bare_of(stanza.from());
  if (asker == live.entity() || find_contact(live.state(), asker).from()) return true;
  return std::ranges::any_of(live.sessions(), [&](const shard::Registration* session) {
    return session->resource == shard::resource_of(stanza.to()) && has_directed_to(*session, stanza.from());
  });
}

class Strangers final : public shard::Module {
 public:
  std::string_view name() const override { return "strangers"; }

  // §8.5.3.1: "SHOULD NOT deliver". Off unless asked for: clients ask a stranger's client what it can do before they
  // write to it, and nothing else speaks for a client.
  bool on_soft_in(shard::Live& live, const record::Stanza& stanza) override {
    const bool asks = stanza.kind() == record::IQ && (stanza.type() == "get" || stanza.type() == "set");
    if (!live.options().cautious || !asks || shard::is_bare(stanza.to()) || shows_presence(live, stanza)) return false;
    live.forward(shard::error_reply(stanza, xmpp::StanzaCondition::service_unavailable));  // as if nobody were there
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_strangers() { return std::make_unique<Strangers>(); }

}  // namespace iris::module
