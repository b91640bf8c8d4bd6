#include "module/ping.h"

#include <array>

#include "module/roster_rows.h"
#include "module/routing.h"
#include "shard/jid_text.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

constexpr std::array kFeatures{xmpp::ns::kPing};

class Ping final : public shard::Module {
 public:
  std::string_view name() const override { return "ping"; }
  std::span<const std::string_view> features() const override { return kFeatures; }

  bool on_query(shard::Live& live, shard::Query& query) override {
    if (query.child_ns != xmpp::ns::kPing || query.child_name != "ping" || query.request.type() != "get") return false;
    // XEP-0199 §8: whether an account exists is not a stranger's business; to them nobody handles this.
    if (!query.own && !find_contact(live.state(), shard::bare_of(query.request.from())).from()) return false;
    reply_empty(live, query);
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_ping() { return std::make_unique<Ping>(); }

}  // namespace iris::module
