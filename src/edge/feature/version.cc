// XEP-0092: Software Version, of the domain, as far as the deployment lets it be known.
#include <array>
#include <utility>

#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/session.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

namespace ns = xmpp::ns;

class Version final : public Feature {
 public:
  explicit Version(Edge& edge) : edge_(edge) {}
  std::string_view name() const override { return "version"; }
  std::span<const std::string_view> namespaces() const override {
    if (edge_.options().disclosure == Disclosure::nothing) return {};
    return kNamespaces;
  }

  // §2. Name and version are required in an answer: who hides them does not speak this protocol.
  bool on_iq(Session& session, const xmpp::Stanza& iq) override {
    const Options& options = edge_.options();
    if (iq.type != "get" || iq.child("query", ns::kVersion) == nullptr) return false;
    if (options.disclosure == Disclosure::nothing) return false;
    xml::Element query("query", ns::kVersion);
    query.add(xml::Element("name").add_text(options.software));
    query.add(xml::Element("version").add_text(options.software_version));
    // §5: the operator decides
    if (options.disclosure == Disclosure::operating_system && !options.operating_system.empty())
      query.add(xml::Element("os").add_text(options.operating_system));
    session.send(xmpp::make_result(iq, std::move(query)));
    return true;
  }

 private:
  static constexpr std::array<std::string_view, 1> kNamespaces{ns::kVersion};
  Edge& edge_;
};

}  // namespace

std::unique_ptr<Feature> make_version_feature(Edge&);
std::unique_ptr<Feature> make_version_feature(Edge& edge) { return std::make_unique<Version>(edge); }

}  // namespace iris::edge
