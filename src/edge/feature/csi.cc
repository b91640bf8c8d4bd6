// XEP-0352: Client State Indication, its elements. What is held is the Session's.
#include "edge/feature.h"
#include "edge/session.h"
#include "edge/stream.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

class Csi final : public Feature {
 public:
  std::string_view name() const override { return "csi"; }

  // §4.1
  void advertise(const Stream& stream, xml::Element& features) override {
    if (stream.account() && stream.options().held_max > 0) features.add(xml::Element("csi", xmpp::ns::kCsi));
  }

  // §4.2. No answer; what it causes is written before what the client says next is looked at (§5.1).
  bool on_element(Stream& stream, const xml::Element& element) override {
    if (element.ns != xmpp::ns::kCsi || stream.session() == nullptr) return false;
    if (element.name != "active" && element.name != "inactive") return false;
    stream.session()->set_active(element.name == "active");
    return true;
  }
};

}  // namespace

std::unique_ptr<Feature> make_csi_feature(Edge&);
std::unique_ptr<Feature> make_csi_feature(Edge&) { return std::make_unique<Csi>(); }

}  // namespace iris::edge
