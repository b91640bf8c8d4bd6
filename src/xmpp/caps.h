// XEP-0115: Entity Capabilities: what an entity can do, as one hash.
#pragma once
#include <string>

#include "xml/element.h"

namespace iris::xmpp {

// §5.1: the verification string of a disco#info result, hashed by SHA-1. Forms without a hidden FORM_TYPE are not a
// part of it (§5.4).
std::string caps_hash(const xml::Element& disco_info);

}  // namespace iris::xmpp
