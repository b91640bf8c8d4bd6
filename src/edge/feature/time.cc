// XEP-0202: Entity Time, of the domain.
#include <array>
#include <utility>

#include "edge/feature.h"
#include "edge/session.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

namespace ns = xmpp::ns;

class Time final : public Feature {
 public:
  std::string_view name() const override { return "time"; }
  std::span<const std::string_view> namespaces() const override { return kNamespaces; }

  // §2. A server is nowhere: its clock is UTC, which also gives nothing away of its place (§6).
  bool on_iq(Session& session, const xmpp::Stanza& iq) override {
    if (iq.type != "get" || iq.child("time", ns::kTime) == nullptr) return false;
    xml::Element answer("time", ns::kTime);
    answer.add(xml::Element("tzo").add_text("+00:00"));
    answer.add(xml::Element("utc").add_text(xmpp::format_datetime(session.context().loop.clock().wall())));
    session.send(xmpp::make_result(iq, std::move(answer)));
    return true;
  }

 private:
  static constexpr std::array<std::string_view, 1> kNamespaces{ns::kTime};
};

}  // namespace

std::unique_ptr<Feature> make_time_feature(Edge&);
std::unique_ptr<Feature> make_time_feature(Edge&) { return std::make_unique<Time>(); }

}  // namespace iris::edge
