#include "module/vcard.h"

#include <array>
#include <string>
#include <utility>

#include "module/routing.h"
#include "shard/stanzas.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

namespace ns = xmpp::ns;
using xmpp::StanzaCondition;
using xmpp::StanzaError;

constexpr std::array kFeatures{ns::kVcardTemp};
constexpr std::string_view kKey = "vcard";

class Vcard final : public shard::Module {
 public:
  std::string_view name() const override { return "vcard"; }
  std::span<const std::string_view> features() const override { return kFeatures; }
  std::span<const std::string_view> domain_features() const override { return kFeatures; }

  // §3.2: "the entire vCard must be sent". What is inside it is between clients.
  bool on_submit(shard::Apply& apply, record::Submit& submit) override {
    const auto vcard = own_set(submit, "vCard", ns::kVcardTemp);
    if (!vcard) return false;
    auto bytes = inner_bytes(*vcard);
    const bool fits = bytes.size() <= apply.options().vcard_bytes_max;
    if (fits) apply.state().put(std::string(kKey), std::move(bytes));
    apply.answer(submit.session(),
                 fits ? shard::result_reply(submit.stanza())
                      : shard::error_reply(submit.stanza(),
                                           StanzaError(StanzaCondition::policy_violation, "the vCard is too big")));
    return true;
  }

  bool on_query(shard::Live& live, shard::Query& query) override {
    if (query.child_ns != ns::kVcardTemp || query.child_name != "vCard") return false;
    const auto* kept = live.state().find(kKey);
    if (query.request.type() == "set") {
      reply_error(live, query, StanzaCondition::forbidden);  // §3.2; one's own comes out of the log
    } else if (kept) {
      reply_bytes(live, query, *kept);
    } else if (query.own) {
      reply_error(live, query, StanzaCondition::item_not_found);  // §3.1
    } else {
      return false;  // §3.3: as if there were no such account, that is: nobody handles it
    }
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_vcard() { return std::make_unique<Vcard>(); }

}  // namespace iris::module
