// RFC 6121 §2.6.1 and §3.4: what the roster can do is said among the stream features, once there is an account that has
// one. Both are merely informative. The roster itself is a module's.
#include "edge/feature.h"
#include "edge/stream.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

class Roster final : public Feature {
 public:
  std::string_view name() const override { return "roster"; }

  void advertise(const Stream& stream, xml::Element& features) override {
    if (!stream.account()) return;
    features.add(xml::Element("ver", xmpp::ns::kRosterVersioning));
    features.add(xml::Element("sub", xmpp::ns::kPreApproval));
  }
};

}  // namespace

std::unique_ptr<Feature> make_roster_feature(Edge&);
std::unique_ptr<Feature> make_roster_feature(Edge&) { return std::make_unique<Roster>(); }

}  // namespace iris::edge
