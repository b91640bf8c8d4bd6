#include "edge/host_meta.h"

#include "xml/writer.h"

namespace iris::edge {
namespace {

constexpr std::string_view kRelation = "urn:xmpp:alt-connections:websocket";

// A URL has neither quotes nor control characters; what has is not put into the document.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text)
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) out.push_back(c);
  return out + '"';
}

}  // namespace

std::string host_meta_xml(std::string_view web_socket_url) {
  std::string out =
      "<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n  <Link";
  xml::append_attribute(out, "rel", kRelation);
  xml::append_attribute(out, "href", web_socket_url);
  return out + "/>\n</XRD>\n";
}

std::string host_meta_json(std::string_view web_socket_url) {
  return "{\"links\": [{\"rel\": " + json_string(kRelation) + ", \"href\": " + json_string(web_socket_url) + "}]}\n";
}

}  // namespace iris::edge
