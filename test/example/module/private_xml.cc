#include "module/private_xml.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"
#include "module/routing.h"
#include "shard/jid_text.h"
#include "shard/stanzas.h"
#include "xml/push_parser.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

namespace ns = xmpp::ns;
using xmpp::StanzaCondition;

constexpr std::array kFeatures{ns::kPrivate};
constexpr std::string_view kPrefix = "private/";
// An account's state is loaded by one query (rule S5), so what a client may leave in it has a limit.
constexpr std::size_t kRowsMax = 100;

std::string row_key(const xml::Element& payload) {
  return std::string(kPrefix).append(payload.ns).append(1, '\0').append(payload.name);
}

bool has_room(const shard::State& state, const xml::Element& query) {
  std::size_t rows = 0;
  state.each(kPrefix, [&](std::string_view, const std::string&) { return ++rows > 0; });
  for (const auto* payload : query.elements()) rows += state.find(row_key(*payload)) ? 0 : 1;
  return rows <= kRowsMax;
}

std::optional<StanzaCondition> keep(shard::Apply& apply, const record::Stanza& stanza, const xml::Element& query) {
  if (!stanza.to().empty() && shard::bare_of(stanza.to()) != apply.entity()) return StanzaCondition::forbidden;
  if (!query.first_child()) return StanzaCondition::not_acceptable;  // "at least one child element"
  if (!has_room(apply.state(), query)) return StanzaCondition::resource_constraint;
  for (const auto* payload : query.elements()) apply.state().put(row_key(*payload), payload->serialize());
  return std::nullopt;
}

// What is kept under the name and namespace of `wanted`; where nothing is, `wanted` itself goes back.
xml::Element find(const shard::State& state, const xml::Element& wanted) {
  const auto* row = state.find(row_key(wanted));
  if (!row) return wanted;
  auto parsed = xml::parse_document(*row);
  auto* kept = std::get_if<xml::Element>(&parsed);
  IRIS_CHECK(kept);  // keep() wrote it
  return std::move(*kept);
}

class PrivateXml final : public shard::Module {
 public:
  std::string_view name() const override { return "private_xml"; }
  std::span<const std::string_view> features() const override { return kFeatures; }

  // A set changes state, so it comes out of the log.
  bool on_submit(shard::Apply& apply, const record::Submit& submit) override {
    const auto& stanza = submit.stanza();
    if (stanza.kind() != record::IQ || stanza.inner().find(ns::kPrivate) == std::string::npos) return false;
    const auto inner = parse_inner(stanza);
    const auto* query = inner ? inner->child("query", ns::kPrivate) : nullptr;
    if (!query) return false;
    const auto wrong = keep(apply, stanza, *query);
    apply.answer(submit.session(), wrong ? shard::error_reply(stanza, *wrong) : shard::result_reply(stanza));
    return true;
  }

  // A get reads what has been applied; it comes over the Bus.
  bool on_query(shard::Live& live, shard::Query& query) override {
    if (query.child_ns != ns::kPrivate || query.child_name != "query") return false;
    const auto* wanted = query.payload.first_child()->first_child();
    if (!query.own) {
      reply_error(live, query, StanzaCondition::forbidden);
    } else if (!wanted) {
      reply_error(live, query, StanzaCondition::bad_request);  // the XEP's "bad-format" is RFC 6120's bad-request
    } else {
      reply_result(live, query, xml::Element("query", ns::kPrivate).add(find(live.state(), *wanted)));
    }
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_private_xml() { return std::make_unique<PrivateXml>(); }

}  // namespace iris::module
