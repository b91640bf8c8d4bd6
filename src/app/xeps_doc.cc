#include "app/xeps_doc.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "app/version.h"
#include "module/registry.h"

namespace iris::app {
namespace {

std::vector<module::Implements> all_rows() {
  std::vector<module::Implements> rows;
  for (const auto& row : module::implemented()) rows.push_back(row);
  std::ranges::stable_sort(rows, {}, [](const auto& row) { return row.text; });
  return rows;
}

std::string link_of(std::string_view text) {
  const std::string number(text.substr(4));
  if (text.starts_with("XEP-")) return "https://xmpp.org/extensions/xep-" + number + ".html";
  return "https://www.rfc-editor.org/rfc/rfc" + number;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else out += c;
  }
  return out;
}

}  // namespace

std::string xeps_doc() {
  std::string out =
      "# What Iris implements\n\n"
      "<!-- Made by `irisd --print-xeps` from the registries of modules and edge features. Change it there. -->\n\n"
      "| text | title | version | status | by | remarks |\n|---|---|---|---|---|---|\n";
  for (const auto& row : all_rows()) {
    out += "| [" + std::string(row.text) + "](" + link_of(row.text) + ") | " + std::string(row.title) + " | " +
           std::string(row.version) + " | " + std::string(row.status) + " | `" + std::string(row.module) + "` | " +
           std::string(row.note) + " |\n";
  }
  return out;
}

std::string doap_xml() {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!-- Made from the registries by ./dev docs. -->\n"
      "<rdf:RDF xmlns=\"http://usefulinc.com/ns/doap#\" xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\""
      " xmlns:xmpp=\"https://linkmauve.fr/ns/xmpp-doap#\">\n"
      "  <Project>\n"
      "    <name>Iris</name>\n"
      "    <shortdesc xml:lang=\"en\">An XMPP messaging server whose accounts are logs</shortdesc>\n"
      "    <programming-language>C++</programming-language>\n"
      "    <os>Linux</os>\n"
      "    <license rdf:resource=\"https://spdx.org/licenses/Apache-2.0\"/>\n"
      "    <category rdf:resource=\"https://linkmauve.fr/ns/xmpp-doap#category-server\"/>\n"
      "    <category rdf:resource=\"https://linkmauve.fr/ns/xmpp-doap#category-jabber\"/>\n"
      "    <category rdf:resource=\"https://linkmauve.fr/ns/xmpp-doap#category-xmpp\"/>\n";
  std::string_view last;
  for (const auto& row : all_rows()) {
    if (row.text.starts_with("XEP-") || row.text == last) continue;
    last = row.text;
    out += "    <implements rdf:resource=\"" + link_of(row.text) + "\"/>\n";
  }
  for (const auto& row : all_rows()) {
    if (!row.text.starts_with("XEP-")) continue;
    out += "    <implements><xmpp:SupportedXep>\n      <xmpp:xep rdf:resource=\"" + link_of(row.text) + "\"/>\n      <xmpp:status>" +
           std::string(row.status) + "</xmpp:status>\n      <xmpp:version>" + std::string(row.version) + "</xmpp:version>\n";
    if (!row.note.empty()) out += "      <xmpp:note xml:lang=\"en\">" + escaped(row.note) + "</xmpp:note>\n";
    out += "    </xmpp:SupportedXep></implements>\n";
  }
  return out + "    <release><Version><revision>" + std::string(kVersion) + "</revision></Version></release>\n  </Project>\n</rdf:RDF>\n";
}

}  // namespace iris::app
