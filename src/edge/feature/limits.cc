// XEP-0478: Stream Limits Advertisement.
#include <algorithm>
#include <chrono>

#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/stream.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

class Limits final : public Feature {
 public:
  std::string_view name() const override { return "limits"; }

  // §3.1; they change with the login (§4): a stranger may send less, and has only so long for all of it.
  void advertise(const Stream& stream, xml::Element& features) override {
    const Options& options = stream.options();
    std::size_t bytes = stream.stanza_bytes_max();
    base::Duration idle = options.idle_ping;
    if (!stream.account()) {
      bytes = std::min(bytes, options.negotiation_bytes_max);
      idle = options.negotiation_timeout;
    }
    xml::Element limits("limits", xmpp::ns::kStreamLimits);
    limits.add(number("max-bytes", static_cast<std::int64_t>(bytes)));
    limits.add(number("idle-seconds", std::chrono::duration_cast<std::chrono::seconds>(idle).count()));
    features.add(std::move(limits));
  }

 private:
  static xml::Element number(std::string_view name, std::int64_t value) {
    return xml::Element(name).add_text(std::to_string(value));
  }
};

}  // namespace

std::unique_ptr<Feature> make_limits_feature(Edge&);
std::unique_ptr<Feature> make_limits_feature(Edge&) { return std::make_unique<Limits>(); }

}  // namespace iris::edge
