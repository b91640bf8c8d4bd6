#include "module/account_data.h"

#include <algorithm>
#include <charconv>

#include "module/account_row.h"
#include "module/roster_rows.h"
#include "module/routing.h"
#include "shard/stanzas.h"
#include "xml/push_parser.h"
#include "xmpp/base64.h"
#include "xmpp/jid.h"
#include "xmpp/ns.h"
#include "xmpp/stanza.h"

namespace iris::module {
namespace {

namespace ns = xmpp::ns;
using xml::Element;

constexpr std::string_view kScram = "urn:xmpp:pie:0#scram";
constexpr std::string_view kVcard = "vcard-temp";
constexpr std::string_view kBlocking = "urn:xmpp:blocking";
constexpr std::string_view kRestoreNs = "urn:iris:restore";
// Rows of other modules that hold XML as bytes.
constexpr std::string_view kVcardKey = "vcard", kPrivatePrefix = "private/", kBlockPrefix = "block/";

std::string text_child(std::string_view name, std::string_view text) {
  return Element(name, kScram).add_text(text).serialize(kScram);
}

std::string keys_of(const shard::State& state) {
  std::string out;
  const auto account = find_account(state);
  if (!account) return out;
  for (const auto& keys : account->keys())
    out += "<scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='" + keys.mechanism() + "'>" +
           text_child("iter-count", std::to_string(keys.iterations())) +
           text_child("salt", xmpp::base64_encode(keys.salt())) +
           text_child("server-key", xmpp::base64_encode(keys.server_key())) +
           text_child("stored-key", xmpp::base64_encode(keys.stored_key())) + "</scram-credentials>\n";
  return out;
}

std::string contacts_of(const shard::State& state) {
  Element roster("query", ns::kRoster);
  std::string requests;
  each_contact(state, [&](std::string_view bare, const record::RosterRow& row) {
    if (row.listed()) roster.add(roster_item(bare, row));
    record::Stanza ask;
    if (row.ask_in() && ask.ParseFromString(row.ask_stanza()))
      requests += xmpp::with_client_namespace(shard::to_xml(ask)) + "\n";
  });
  return roster.serialize() + "\n" + requests;
}

std::string blocks_of(const shard::State& state) {
  Element list("blocklist", kBlocking);
  state.each(kBlockPrefix, [&](std::string_view jid, const std::string&) {
    list.add(Element("item", kBlocking).set("jid", jid));
    return true;
  });
  return list.children.empty() ? "" : list.serialize() + "\n";
}

// Written for a place where jabber:client is the default; here it is not.
std::string vcard_of(const shard::State& state) {
  const auto* bytes = state.find(kVcardKey);
  return bytes == nullptr ? "" : *bytes + "\n";
}

std::string private_of(const shard::State& state) {
  std::string inner;
  state.each(kPrivatePrefix, [&](std::string_view, const std::string& bytes) {
    inner += bytes;
    return true;
  });
  return inner.empty() ? "" : "<query xmlns='jabber:iq:private'>" + inner + "</query>\n";
}

// ---------------------------------------------------------------- in

std::string bare_of_text(std::string_view text) {
  const auto jid = xmpp::Jid::parse(text);
  return jid ? jid->bare().to_string() : std::string();
}

record::RosterRow row_of(const UserData& data, const std::string& bare) {
  record::RosterRow row;
  if (const auto found = data.rows.find(std::string(kRosterPrefix) + bare); found != data.rows.end())
    row = parse_contact(found->second);
  return row;
}

void take_item(const Element& item, std::string_view account, UserData& data) {
  const std::string_view text = item.attribute_or("jid", "");
  const std::string bare = bare_of_text(text);
  if (bare.empty()) data.left_out["contacts"].emplace_back(text);
  if (bare.empty() || bare == account) return;
  auto row = row_of(data, bare);
  const auto subscription = item.attribute_or("subscription", "none");
  row.set_listed(true);
  row.set_to(subscription == "to" || subscription == "both");
  row.set_from(subscription == "from" || subscription == "both");
  row.set_approved(item.attribute_or("approved", "") == "true" || item.attribute_or("approved", "") == "1");
  row.set_ask_out(!row.to() && item.attribute_or("ask", "") == "subscribe");
  row.set_name(std::string(item.attribute_or("name", "")));
  row.clear_groups();
  for (const auto* group : item.elements("group", ns::kRoster))
    if (auto name = group->text(); !name.empty()) row.add_groups(std::move(name));
  data.rows[std::string(kRosterPrefix) + bare] = row.SerializeAsString();
}

bool take_request(const Element& presence, std::string_view account, UserData& data) {
  const std::string bare = bare_of_text(presence.attribute_or("from", ""));
  if (presence.attribute_or("type", "") != "subscribe" || bare.empty() || bare == account) return false;
  auto row = row_of(data, bare);
  if (row.from()) return true;
  record::Stanza ask = module::presence("subscribe", bare, account);
  ask.set_id(std::string(presence.attribute_or("id", "")));
  std::string inner;
  presence.append_children_to(inner, {ns::kClient});
  ask.set_inner(std::move(inner));
  row.set_ask_in(true);
  row.set_ask_stanza(ask.SerializeAsString());
  data.rows[std::string(kRosterPrefix) + bare] = row.SerializeAsString();
  return true;
}

void take_blocks(const Element& list, UserData& data) {
  for (const auto* item : list.elements("item", kBlocking)) {
    const std::string_view text = item->attribute_or("jid", "");
    if (const auto jid = xmpp::Jid::parse(text))
      data.rows[std::string(kBlockPrefix) + jid->to_string()] = "1";
    else
      data.left_out["blocked addresses"].emplace_back(text);
  }
}

void take_private(const Element& query, UserData& data) {
  std::map<std::string, std::string> rows;  // several of one name and namespace are kept together
  for (const auto* payload : query.elements())
    if (!payload->ns.empty() && payload->ns != ns::kPrivate)
      rows[std::string(kPrivatePrefix).append(payload->ns).append(1, '\0').append(payload->name)] +=
          payload->serialize(ns::kPrivate);
  for (auto& [key, bytes] : rows) data.rows[key] = std::move(bytes);
}

std::uint64_t number(const Element& element, std::string_view name) {
  const std::string_view text = element.attribute_or(name, "0");
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Element base64_element(std::string_view name, std::string_view bytes) {
  return Element(name, kRestoreNs).add_text(xmpp::base64_encode(bytes));
}

}  // namespace

std::string user_data(const shard::State& state) {
  return keys_of(state) + contacts_of(state) + vcard_of(state) + private_of(state) + blocks_of(state);
}

bool take_user_data(const Element& child, std::string_view account, UserData& data) {
  if (child.is("query", ns::kRoster)) {
    for (const auto* item : child.elements("item", ns::kRoster)) take_item(*item, account, data);
  } else if (child.is("presence", ns::kClient)) {
    return take_request(child, account, data);
  } else if (child.is("vCard", kVcard)) {
    data.rows[std::string(kVcardKey)] = child.serialize(ns::kClient);
  } else if (child.is("query", ns::kPrivate)) {
    take_private(child, data);
  } else if (child.is("blocklist", kBlocking)) {
    take_blocks(child, data);
  } else {
    return false;
  }
  return true;
}

record::Stanza restore_stanza(const UserData& data, std::string_view account, std::string_view domain,
                              std::string_view token) {
  Element content("restore", kRestoreNs);
  content.set("begins", std::to_string(data.begins.value)).set("token", token);
  for (const auto& [key, bytes] : data.rows)
    content.add(base64_element("row", bytes).set("key", xmpp::base64_encode(key)));
  for (const auto& one : data.offline)
    content.add(
        base64_element("offline", one.stanza().SerializeAsString()).set("stamp", std::to_string(one.original_stamp())));
  record::Stanza out;
  out.set_kind(record::IQ);
  out.set_type("set");
  out.set_id(std::string(token));
  out.set_from(std::string(domain));
  out.set_to(std::string(account));
  out.set_inner(content.serialize(ns::kClient));
  return out;
}

bool is_restore(const record::Stanza& stanza, const shard::Options& options) {
  return stanza.kind() == record::IQ && stanza.type() == "set" && stanza.from() == options.domain;
}

void restore(shard::Apply& apply, const record::Stanza& stanza) {
  auto account = find_account(apply.state());
  auto parsed = xml::parse_fragment(stanza.inner(), ns::kClient);
  const auto* whole = std::get_if<Element>(&parsed);
  const auto* content = whole == nullptr ? nullptr : whole->child("restore", kRestoreNs);
  if (!account || content == nullptr) return;
  for (const auto* row : content->elements("row", kRestoreNs)) {
    const auto key = xmpp::base64_decode(row->attribute_or("key", ""));
    const auto bytes = xmpp::base64_decode(row->text());
    if (!key || !bytes) continue;
    apply.state().put(*key, *bytes);
    if (key->starts_with(kRosterPrefix)) put_roster_version(apply.state(), apply.stamp());
  }
  for (const auto* waiting : content->elements("offline", kRestoreNs)) {
    record::Inbound out;
    const auto bytes = xmpp::base64_decode(waiting->text());
    if (!bytes || !out.mutable_stanza()->ParseFromString(*bytes)) continue;
    // It waited for the account: the resource that it once was for is no reason to send it back (RFC 6121 §8.5.3.2.1).
    out.mutable_stanza()->set_to(std::string(apply.entity()));
    out.set_original_stamp(number(*waiting, "stamp"));
    apply.emit(std::string(apply.entity()), std::move(out));
  }
  const std::uint64_t begins = number(*content, "begins");
  if (begins != 0 && begins < account->created()) {
    account->set_created(begins);
    apply.state().put(std::string(kAccountKey), account->SerializeAsString());
  }
  apply.state().put(std::string(kRestored), std::string(content->attribute_or("token", "")));
}

}  // namespace iris::module
