#include "edge/domain_info.h"

#include <set>

#include "edge/edge.h"
#include "edge/feature.h"
#include "xmpp/ns.h"

namespace iris::edge {

// XEP-0030 §3.1. No feature twice: the answer would be ill-formed (XEP-0115 §5.4).
xml::Element domain_info(Edge& edge) {
  std::set<std::string, std::less<>> names(edge.options().module_features.begin(),
                                           edge.options().module_features.end());
  for (const auto& feature : edge.features().list())
    for (auto name : feature->namespaces()) names.emplace(name);
  xml::Element query("query", xmpp::ns::kDiscoInfo);
  query.add(xml::Element("identity").set("category", "server").set("type", "im").set("name", edge.options().software));
  for (const auto& name : names) query.add(xml::Element("feature").set("var", name));
  for (const auto& feature : edge.features().list()) feature->extend(query);
  return query;
}

std::string caps_uri(const Edge& edge) {
  const Options& options = edge.options();
  return options.caps_node.empty() ? "xmpp:" + options.domain : options.caps_node;
}

std::string caps_node(const Edge& edge, std::string_view hash) { return caps_uri(edge) + '#' + std::string(hash); }

}  // namespace iris::edge
