// XEP-0030: Service Discovery, of the domain: what the registry's features say, and what modules answer for.
#include <array>
#include <set>

#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/session.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

namespace ns = xmpp::ns;

class Disco final : public Feature {
 public:
  explicit Disco(Edge& edge) : edge_(edge) {}
  std::string_view name() const override { return "disco"; }
  std::span<const std::string_view> namespaces() const override { return kNamespaces; }

  bool on_iq(Session& session, const xmpp::Stanza& iq) override {
    if (iq.type != "get") return false;
    const auto* query = iq.first_child();
    if (query->is("query", ns::kDiscoInfo))
      answer(session, iq, *query, info());
    else if (query->is("query", ns::kDiscoItems))
      answer(session, iq, *query, xml::Element("query", ns::kDiscoItems));
    else
      return false;
    return true;
  }

 private:
  static void answer(Session& session, const xmpp::Stanza& iq, const xml::Element& query, xml::Element result) {
    if (query.attribute("node"))  // §7: there are no nodes here
      return session.send(xmpp::make_error_reply(iq, xmpp::StanzaCondition::item_not_found));
    session.send(xmpp::make_result(iq, std::move(result)));
  }

  // §3.1. Sorted: clients hash the list (XEP-0115).
  xml::Element info() const {
    std::set<std::string, std::less<>> features(edge_.options().module_features.begin(),
                                                edge_.options().module_features.end());
    for (const auto& feature : edge_.features().list())
      for (auto name : feature->namespaces()) features.emplace(name);
    xml::Element query("query", ns::kDiscoInfo);
    query.add(xml::Element("identity").set("category", "server").set("type", "im").set("name", "Iris"));
    for (const auto& feature : features) query.add(xml::Element("feature").set("var", feature));
    return query;
  }

  static constexpr std::array<std::string_view, 2> kNamespaces{ns::kDiscoInfo, ns::kDiscoItems};
  Edge& edge_;
};

}  // namespace

std::unique_ptr<Feature> make_disco_feature(Edge&);
std::unique_ptr<Feature> make_disco_feature(Edge& edge) { return std::make_unique<Disco>(edge); }

}  // namespace iris::edge
