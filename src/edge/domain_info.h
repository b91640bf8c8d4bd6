// What the domain says of itself to disco#info (XEP-0030 §3): gathered from the features and modules, the same for
// everybody, so that its hash is worth something (XEP-0115).
#pragma once
#include <string>
#include <string_view>

#include "xml/element.h"

namespace iris::edge {

class Edge;

xml::Element domain_info(Edge& edge);
std::string caps_uri(const Edge& edge);
// The node under which a client asks for what a hash stands for (XEP-0115 §6.2).
std::string caps_node(const Edge& edge, std::string_view hash);

}  // namespace iris::edge
