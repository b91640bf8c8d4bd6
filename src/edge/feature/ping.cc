// XEP-0199: XMPP Ping, of the domain by its clients. The server's own pings are Session's.
#include <array>

#include "edge/feature.h"
#include "edge/session.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

class Ping final : public Feature {
 public:
  std::string_view name() const override { return "ping"; }
  std::span<const std::string_view> namespaces() const override { return kNamespaces; }

  // XEP-0199 §4.2
  bool on_iq(Session& session, const xmpp::Stanza& iq) override {
    if (iq.type != "get" || iq.child("ping", xmpp::ns::kPing) == nullptr) return false;
    session.send(xmpp::make_result(iq));
    return true;
  }

 private:
  static constexpr std::array<std::string_view, 1> kNamespaces{xmpp::ns::kPing};
};

}  // namespace

std::unique_ptr<Feature> make_ping_feature(Edge&);
std::unique_ptr<Feature> make_ping_feature(Edge&) { return std::make_unique<Ping>(); }

}  // namespace iris::edge
