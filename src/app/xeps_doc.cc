#include "app/xeps_doc.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "app/version.h"
#include "edge/implemented.h"
#include "module/registry.h"
#include "xmpp/stanza_table.h"

namespace iris::app {
namespace {

using xmpp::Implements;

struct Row : Implements {
  std::string_view folder;  // two folders may call a part by the same name
};

// By text; of one text, what is partial comes first, since that is what DOAP must say.
std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const Implements& row : module::implemented()) rows.push_back({row, "module"});
  for (const Implements& row : edge::implemented()) rows.push_back({row, "edge"});
  std::ranges::stable_sort(
      rows, [](const Row& a, const Row& b) { return a.text != b.text ? a.text < b.text : a.status > b.status; });
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
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c != '`')
      out += c;
  }
  return out;
}

// One entry per text; the remarks of its rows together.
struct Entry {
  Row row;
  std::string notes;
};
std::vector<Entry> doap_entries() {
  std::vector<Entry> entries;
  for (const Row& row : all_rows()) {
    if (entries.empty() || entries.back().row.text != row.text) entries.push_back({row, ""});
    if (row.note.empty()) continue;
    entries.back().notes += (entries.back().notes.empty() ? "" : "; ") + escaped(row.note);
  }
  return entries;
}

std::string doap_entry(const Entry& entry) {
  if (!entry.row.text.starts_with("XEP-"))
    return "    <implements rdf:resource=\"" + link_of(entry.row.text) + "\"/>\n";
  std::string out = "    <implements>\n      <xmpp:SupportedXep>\n        <xmpp:xep rdf:resource=\"" +
                    link_of(entry.row.text) + "\"/>\n        <xmpp:status>" + std::string(entry.row.status) +
                    "</xmpp:status>\n        <xmpp:version>" + std::string(entry.row.version) + "</xmpp:version>\n";
  if (!entry.notes.empty()) out += "        <xmpp:note xml:lang=\"en\">" + entry.notes + "</xmpp:note>\n";
  return out + "      </xmpp:SupportedXep>\n    </implements>\n";
}

// A table row: the part, and its texts.
std::string texts_of(std::string_view name, std::span<const Implements> rows) {
  std::string out;
  for (const Implements& row : rows)
    if (row.by == name) out += (out.empty() ? "" : ", ") + std::string(row.text);
  return "| `" + std::string(name) + "` | " + (out.empty() ? "no text: it is Iris' own" : out) + " |\n";
}

}  // namespace

std::string xeps_doc() {
  std::string out =
      "# What Iris implements\n\n"
      "<!-- Made by `irisd --print-xeps` from src/module/registry.cc and src/edge/implemented.cc. Change it there. "
      "-->\n\n"
      "| text | title | version | status | by | remarks |\n|---|---|---|---|---|---|\n";
  for (const Row& row : all_rows())
    out += "| [" + std::string(row.text) + "](" + link_of(row.text) + ") | " + std::string(row.title) + " | " +
           std::string(row.version) + " | " + std::string(row.status) + " | `" + std::string(row.folder) + "/" +
           std::string(row.by) + "` | " + std::string(row.note) + " |\n";
  out +=
      "\n## Modules\n\nWhat an account can do, in the order in which they are asked; each is a pair of files in "
      "src/module/.\n\n| module | texts |\n|---|---|\n";
  for (const auto& module : module::make_modules()) out += texts_of(module->name(), module::implemented());
  out +=
      "\n## Connections\n\nWhat a connection and the server's own domain can do; most are a file in "
      "src/edge/feature/, the others parts of src/edge/ itself.\n\n| part | texts |\n|---|---|\n";
  std::set<std::string_view> parts;
  for (const Implements& row : edge::implemented()) parts.insert(row.by);
  for (std::string_view part : parts) out += texts_of(part, edge::implemented());
  return out;
}

std::string doap_xml() {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!-- Made by irisd from src/module/registry.cc and src/edge/implemented.cc. -->\n"
      "<rdf:RDF xmlns=\"http://usefulinc.com/ns/doap#\" xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\""
      " xmlns:xmpp=\"https://linkmauve.fr/ns/xmpp-doap#\">\n"
      "  <Project>\n"
      "    <name>Iris</name>\n"
      "    <shortdesc xml:lang=\"en\">An XMPP messaging server whose accounts are logs</shortdesc>\n"
      "    <programming-language>C++</programming-language>\n"
      "    <os>Linux</os>\n"
      "    <license rdf:resource=\"https://spdx.org/licenses/Apache-2.0\"/>\n"
      "    <category rdf:resource=\"https://linkmauve.fr/ns/xmpp-doap#category-server\"/>\n"
      "    <category rdf:resource=\"https://linkmauve.fr/ns/xmpp-doap#category-xmpp\"/>\n";
  for (const Entry& entry : doap_entries()) out += doap_entry(entry);
  return out + "    <release>\n      <Version>\n        <revision>" + kVersion +
         "</revision>\n      </Version>\n    </release>\n  </Project>\n</rdf:RDF>\n";
}

std::string stanza_table_doc() {
  return "# What becomes of a stanza\n\n"
         "<!-- Made by `irisd --print-stanza-table` from src/xmpp/stanza_table.cc. Change it there. -->\n\n"
         "Decided once, at the sender's connection, by the first row that fits; others read what was decided.\n\n"
         "- *logged*: a record of the sender's partition, so acknowledged means on disk. What is not logged goes over "
         "the Bus and may die with a process.\n"
         "- *archived*: in the archives of both (XEP-0313).\n"
         "- *offline*: kept for those who are away until they come.\n"
         "- *carbon*: copied to the sender's and the recipient's other clients, if they want it (XEP-0280); *sent*: to "
         "the sender's alone. An error that answers what was copied is copied too.\n"
         "- *push*: wakes a client that is away. Decided already and not carried out yet.\n\n" +
         xmpp::stanza_table_markdown();
}

}  // namespace iris::app
