// XEP-0115: Entity Capabilities, of the domain, so that clients need not ask what it can each time they come.
#include <array>
#include <utility>

#include "edge/domain_info.h"
#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/stream.h"
#include "xmpp/caps.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

namespace ns = xmpp::ns;

class Caps final : public Feature {
 public:
  explicit Caps(Edge& edge) : edge_(edge) {}
  std::string_view name() const override { return "caps"; }
  std::span<const std::string_view> namespaces() const override { return kNamespaces; }

  // §6.3. Not before the login: nobody could ask.
  void advertise(const Stream& stream, xml::Element& features) override {
    if (!stream.account()) return;
    features.add(xml::Element("c", ns::kCaps)
                     .set("hash", "sha-1")
                     .set("node", caps_uri(edge_))
                     .set("ver", xmpp::caps_hash(domain_info(edge_))));
  }

 private:
  static constexpr std::array<std::string_view, 1> kNamespaces{ns::kCaps};
  Edge& edge_;
};

}  // namespace

std::unique_ptr<Feature> make_caps_feature(Edge&);
std::unique_ptr<Feature> make_caps_feature(Edge& edge) { return std::make_unique<Caps>(edge); }

}  // namespace iris::edge
