// XEP-0012: Last Activity, of the domain: how long it has been up.
#include <array>
#include <chrono>

#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/session.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

class LastActivity final : public Feature {
 public:
  explicit LastActivity(Edge& edge) : edge_(edge), started_(edge.wiring().loop.clock().steady()) {}
  std::string_view name() const override { return "last_activity"; }
  std::span<const std::string_view> namespaces() const override { return kNamespaces; }

  // §5
  bool on_iq(Session& session, const xmpp::Stanza& iq) override {
    if (iq.type != "get" || iq.child("query", xmpp::ns::kLastActivity) == nullptr) return false;
    const auto up = std::chrono::duration_cast<std::chrono::seconds>(edge_.wiring().loop.clock().steady() - started_);
    session.send(xmpp::make_result(
        iq, xml::Element("query", xmpp::ns::kLastActivity).set("seconds", std::to_string(up.count()))));
    return true;
  }

 private:
  static constexpr std::array<std::string_view, 1> kNamespaces{xmpp::ns::kLastActivity};
  Edge& edge_;
  const base::SteadyTime started_;
};

}  // namespace

std::unique_ptr<Feature> make_last_activity_feature(Edge&);
std::unique_ptr<Feature> make_last_activity_feature(Edge& edge) { return std::make_unique<LastActivity>(edge); }

}  // namespace iris::edge
