#include "module/archive_query.h"

#include <algorithm>

#include "shard/jid_text.h"
#include "xmpp/dataform.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"
#include "xmpp/rsm.h"

namespace iris::module {
namespace {

using xmpp::StanzaCondition;
using xmpp::StanzaError;
namespace ns = xmpp::ns;
constexpr std::string_view kValidate = "http://jabber.org/protocol/xdata-validate";

void narrow_from(ArchiveQuery& query, base::Stamp from) { query.from = std::max(query.from, from); }
void narrow_to(ArchiveQuery& query, base::Stamp to) { query.to = query.to ? std::min(*query.to, to) : to; }
base::Stamp after(base::Stamp stamp) { return {stamp.value + 1}; }

std::optional<base::Stamp> stamp_of(const std::string& datetime) {
  auto time = xmpp::parse_datetime(datetime);
  if (!time) return std::nullopt;
  return base::Stamp{static_cast<std::uint64_t>(std::max<std::int64_t>(0, time->time_since_epoch().count()))};
}

// An id that is not of this archive is "not present in the archive".
std::optional<StanzaError> named(ArchiveQuery& query, const std::string& id, const DecodeArchiveId& decode,
                                 base::Stamp& out) {
  auto stamp = decode(id);
  if (!stamp) return StanzaError(StanzaCondition::item_not_found);
  out = *stamp;
  query.must_exist.push_back(*stamp);
  return std::nullopt;
}

std::optional<StanzaError> read_ids(ArchiveQuery& query, const xmpp::FormField& field, const shard::Options& options,
                                    const DecodeArchiveId& decode) {
  if (field.values.size() > options.archive_page_max)
    return StanzaError(StanzaCondition::not_acceptable, "too many ids in one query");
  auto& ids = query.ids.emplace();
  for (const auto& value : field.values) {
    base::Stamp stamp;
    if (auto error = named(query, value, decode, stamp)) return error;
    ids.push_back(stamp);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return std::nullopt;
}

std::optional<StanzaError> read_field(ArchiveQuery& query, const xmpp::FormField& field, const shard::Options& options,
                                      const DecodeArchiveId& decode) {
  if (field.var == "ids") return read_ids(query, field, options, decode);
  if (field.values.size() != 1) return StanzaError(StanzaCondition::bad_request, "one value for " + field.var);
  const auto& value = field.values.front();
  if (field.var == "with") {
    query.with = xmpp::Jid::parse(value);
    if (!query.with) return StanzaError(StanzaCondition::jid_malformed, "with is not a JID");
  } else if (field.var == "start" || field.var == "end") {
    auto stamp = stamp_of(value);
    if (!stamp) return StanzaError(StanzaCondition::bad_request, field.var + " is not a date and time (XEP-0082)");
    if (field.var == "start")
      narrow_from(query, *stamp);
    else
      narrow_to(query, after(*stamp));
  } else if (field.var == "after-id" || field.var == "before-id") {
    base::Stamp stamp;
    if (auto error = named(query, value, decode, stamp)) return error;
    if (field.var == "after-id")
      narrow_from(query, after(stamp));
    else
      narrow_to(query, stamp);
  } else {
    // §4.1.5: a field that the server does not know
    return StanzaError(StanzaCondition::feature_not_implemented, "unknown field");
  }
  return std::nullopt;
}

std::optional<StanzaError> read_form(ArchiveQuery& query, const xml::Element& element, const shard::Options& options,
                                     const DecodeArchiveId& decode) {
  const auto* x = element.child("x", ns::kDataForms);
  if (!x) return std::nullopt;
  auto form = xmpp::DataForm::read(*x);
  if (!form || form->type != "submit" || form->form_type() != ns::kMam)
    return StanzaError(StanzaCondition::bad_request, "not a form of urn:xmpp:mam:2");
  for (const auto& field : form->fields) {
    if (field.var == "FORM_TYPE") continue;
    if (auto error = read_field(query, field, options, decode)) return error;
  }
  return std::nullopt;
}

// §4.3; XEP-0059
std::optional<StanzaError> read_page(ArchiveQuery& query, const xml::Element& element, const shard::Options& options,
                                     const DecodeArchiveId& decode) {
  auto page = xmpp::read_page_request(element);
  if (!page) return StanzaError(StanzaCondition::bad_request, "malformed set");
  if (page->index) return StanzaError(StanzaCondition::feature_not_implemented, "pages are not found by index");
  query.max = std::min<std::size_t>(page->max.value_or(options.archive_page_default), options.archive_page_max);
  query.backwards = page->backwards();
  base::Stamp stamp;
  if (page->after && !page->after->empty()) {
    if (auto error = named(query, *page->after, decode, stamp)) return error;
    narrow_from(query, after(stamp));
  }
  if (page->before && !page->before->empty()) {
    if (auto error = named(query, *page->before, decode, stamp)) return error;
    narrow_to(query, stamp);
  }
  return std::nullopt;
}

}  // namespace

std::variant<ArchiveQuery, StanzaError> read_archive_query(const xml::Element& element, const shard::Options& options,
                                                           const DecodeArchiveId& decode) {
  ArchiveQuery query;
  query.query_id = std::string(element.attribute_or("queryid", ""));
  query.flip = element.child("flip-page", ns::kMam) != nullptr;
  if (element.attribute("node")) return StanzaError(StanzaCondition::item_not_found);
  if (auto error = read_form(query, element, options, decode)) return *std::move(error);
  if (auto error = read_page(query, element, options, decode)) return *std::move(error);
  return query;
}

bool matches(const ArchiveQuery& query, const record::Stanza& stanza, std::string_view own) {
  if (!query.with) return true;
  std::string_view from = stanza.from(), to = stanza.to().empty() ? own : std::string_view(stanza.to());
  const auto& with = query.with->to_string();
  if (with == own) return shard::bare_of(from) == own && shard::bare_of(to) == own;  // what they sent to themselves
  if (query.with->is_bare()) return shard::bare_of(from) == with || shard::bare_of(to) == with;
  return from == with || to == with;
}

xml::Element archive_form() {
  auto form = xmpp::DataForm::of("form", ns::kMam);
  form.fields.push_back({.var = "with", .type = "jid-single"});
  for (const char* var : {"start", "end", "before-id", "after-id"})
    form.fields.push_back({.var = var, .type = "text-single"});
  form.fields.push_back({.var = "ids", .type = "list-multi"});
  auto x = form.to_element();
  for (auto& node : x.children)  // open to ids that the client brings (XEP-0122)
    if (auto* field = std::get_if<xml::Element>(&node); field && field->attribute_or("var", "") == "ids")
      field->add(xml::Element("validate", kValidate).set("datatype", "xs:string").add(xml::Element("open", kValidate)));
  return xml::Element("query", ns::kMam).add(std::move(x));
}

}  // namespace iris::module
