// Stanzas of a stranger. Beyond not crashing: a stanza that was accepted is written so that it reads the same, in both
// of its forms; its fate makes sense; and what modules read out of it (forms, pages, errors) can be written again.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "xml/push_parser.h"
#include "xmpp/dataform.h"
#include "xmpp/datetime.h"
#include "xmpp/rsm.h"
#include "xmpp/stanza.h"
#include "xmpp/stanza_table.h"

namespace {

using namespace iris;
using xmpp::Stanza;

const xmpp::Jid kOwn = *xmpp::Jid::parse("romeo@montague.example");

Stanza reread(const std::string& composed) {
  auto element = xml::parse_document(xmpp::with_client_namespace(composed),
                                     {.stanza_bytes_max = 1 << 20, .tag_bytes_max = 1 << 20});
  IRIS_CHECK(std::holds_alternative<xml::Element>(element));
  auto stanza = xmpp::read_stanza(std::move(std::get<xml::Element>(element)));
  IRIS_CHECK(std::holds_alternative<Stanza>(stanza));
  return std::get<Stanza>(std::move(stanza));
}

void check_forms(const Stanza& stanza) {
  const std::string composed = stanza.to_xml();
  const Stanza again = reread(composed);
  IRIS_CHECK(again.to_xml() == composed);
  IRIS_CHECK(again.payload == stanza.payload && again.from == stanza.from && again.to == stanza.to);
  IRIS_CHECK(stanza.to_element().serialize("jabber:client") == composed);
  const auto from_bytes = xmpp::read_stanza(xmpp::StanzaHead{.kind = stanza.kind}, stanza.inner());
  IRIS_CHECK(std::holds_alternative<Stanza>(from_bytes));
  IRIS_CHECK(std::get<Stanza>(from_bytes).payload == stanza.payload);
}

void check_fate(const Stanza& stanza) {
  const auto fate = xmpp::fate_of(stanza, kOwn);
  IRIS_CHECK(fate.logged || !(fate.archived || fate.offline || fate.push));
  IRIS_CHECK(stanza.type != "error" || fate == xmpp::Fate{});
}

void check_values(const xml::Element& child) {
  if (const auto form = xmpp::DataForm::read(child)) IRIS_CHECK(xmpp::DataForm::read(form->to_element()).has_value());
  if (const auto page = xmpp::read_page_request(child)) {
    const auto query = xml::Element("q", "urn:q").add(page->to_element());
    IRIS_CHECK(xmpp::read_page_request(query)->max == page->max);
  }
  const auto error = xmpp::StanzaError::from_element(child);
  IRIS_CHECK(xmpp::StanzaError::from_element(error.to_element()) == error);
  const auto time = xmpp::parse_datetime(child.text());
  if (time) IRIS_CHECK(xmpp::parse_datetime(xmpp::format_datetime(*time)) == time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto element = xml::parse_document({reinterpret_cast<const char*>(data), size});
  if (!std::holds_alternative<xml::Element>(element)) return 0;
  if (!xmpp::is_stanza(std::get<xml::Element>(element))) return 0;
  auto result = xmpp::read_stanza(std::move(std::get<xml::Element>(element)));
  if (const auto* fault = std::get_if<xmpp::StanzaFault>(&result)) {
    if (!fault->reply) return 0;
    // Not reread: an IQ without an id is answered without one.
    const auto reply = xmpp::make_error_reply(*fault->reply, fault->error).to_xml();
    IRIS_CHECK(std::holds_alternative<xml::Element>(xml::parse_document(reply)));
    return 0;
  }
  const Stanza& stanza = std::get<Stanza>(result);
  check_forms(stanza);
  check_fate(stanza);
  if (const auto error = xmpp::unhandled(stanza)) check_forms(xmpp::make_error_reply(stanza, *error));
  for (const auto* child : stanza.payload.elements()) check_values(*child);
  return 0;
}
