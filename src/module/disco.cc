#include "module/disco.h"

#include <algorithm>
#include <array>
#include <utility>

#include "module/roster_rows.h"
#include "module/routing.h"
#include "shard/jid_text.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

namespace ns = xmpp::ns;
constexpr std::array kFeatures{ns::kDiscoInfo, ns::kDiscoItems};

class Disco final : public shard::Module {
 public:
  explicit Disco(std::vector<std::string> others) : all_(std::move(others)) {
    all_.insert(all_.end(), kFeatures.begin(), kFeatures.end());
    std::sort(all_.begin(), all_.end());
    all_.erase(std::unique(all_.begin(), all_.end()), all_.end());
  }

  std::string_view name() const override { return "disco"; }
  std::span<const std::string_view> features() const override { return kFeatures; }

  bool on_query(shard::Live& live, shard::Query& query) override {
    bool info = query.child_ns == ns::kDiscoInfo;
    if (query.request.type() != "get" || query.child_name != "query" || !(info || query.child_ns == ns::kDiscoItems))
      return false;
    // XEP-0030 §8: only to the account and to contacts who may see its presence; to others it is as if it did not
    // exist.
    if (!query.own && !find_contact(live.state(), shard::bare_of(query.request.from())).from()) return false;
    if (!query.payload.first_child()->attribute_or("node", "").empty()) {
      reply_error(live, query, xmpp::StanzaCondition::item_not_found);
      return true;
    }
    xml::Element answer("query", query.child_ns);
    if (info) {
      answer.add(xml::Element("identity").set("category", "account").set("type", "registered"));  // XEP-0030 §6
      for (const auto& feature : all_) answer.add(xml::Element("feature").set("var", feature));
    }
    reply_result(live, query, answer);
    return true;
  }

 private:
  std::vector<std::string> all_;
};

}  // namespace

std::unique_ptr<shard::Module> make_disco(std::vector<std::string> features_of_others) {
  return std::make_unique<Disco>(std::move(features_of_others));
}

}  // namespace iris::module
