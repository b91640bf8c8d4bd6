// XEP-0030: Service Discovery, of the domain: what the registry's features say, and what modules answer for.
#include <array>
#include <utility>

#include "edge/domain_info.h"
#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/session.h"
#include "xmpp/caps.h"
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
      session.send(info(iq, *query));
    else if (query->is("query", ns::kDiscoItems))
      session.send(items(iq, *query));
    else
      return false;
    return true;
  }

 private:
  // The only node is the one of the capabilities (XEP-0115 §6.2), as they are now.
  xmpp::Stanza info(const xmpp::Stanza& iq, const xml::Element& query) const {
    auto result = domain_info(edge_);
    if (const auto node = query.attribute("node")) {
      if (*node != caps_node(edge_, xmpp::caps_hash(result))) return no_such_node(iq);
      result.set("node", *node);  // §3.2: mirrored
    }
    return xmpp::make_result(iq, std::move(result));
  }

  // §4.1: there are none, which is an empty answer. A node of the capabilities has none either (XEP-0115 §6.2).
  static xmpp::Stanza items(const xmpp::Stanza& iq, const xml::Element& query) {
    if (query.attribute("node")) return no_such_node(iq);
    return xmpp::make_result(iq, xml::Element("query", ns::kDiscoItems));
  }

  // §7
  static xmpp::Stanza no_such_node(const xmpp::Stanza& iq) {
    return xmpp::make_error_reply(iq, xmpp::StanzaCondition::item_not_found);
  }

  static constexpr std::array<std::string_view, 2> kNamespaces{ns::kDiscoInfo, ns::kDiscoItems};
  Edge& edge_;
};

}  // namespace

std::unique_ptr<Feature> make_disco_feature(Edge&);
std::unique_ptr<Feature> make_disco_feature(Edge& edge) { return std::make_unique<Disco>(edge); }

}  // namespace iris::edge
