#include "module/carbons.h"

#include <array>

#include "module/routing.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

namespace ns = xmpp::ns;

// §3, §6.2
constexpr std::array kFeatures{ns::kCarbons, ns::kCarbonRules};

class Carbons final : public shard::Module {
 public:
  std::string_view name() const override { return "carbons"; }
  std::span<const std::string_view> domain_features() const override { return kFeatures; }

  // §4, §5; asked for twice is no error (§10.1).
  bool on_query(shard::Live& live, shard::Query& query) override {
    const bool enable = query.child_name == "enable";
    if (query.child_ns != ns::kCarbons || query.request.type() != "set" || !(enable || query.child_name == "disable"))
      return false;
    if (!query.own) {
      reply_error(live, query, xmpp::StanzaCondition::not_allowed);  // §4.1, §5.1
      return true;
    }
    if (auto* session = find_session(live, query.session)) live.set_carbons(*session, enable);
    reply_empty(live, query);
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_carbons() { return std::make_unique<Carbons>(); }

}  // namespace iris::module
