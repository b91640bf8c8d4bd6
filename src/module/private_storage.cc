#include "module/private_storage.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "module/routing.h"
#include "shard/stanzas.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

namespace ns = xmpp::ns;
using xmpp::StanzaCondition;
using xmpp::StanzaError;

constexpr std::array kFeatures{ns::kPrivate};
constexpr std::string_view kPrefix = "private/";

// By key: what a client has kept under one name and namespace, as it goes into <query/>.
using Rows = std::map<std::string, std::string>;

std::string row_key(const xml::Element& payload) {
  return std::string(kPrefix).append(payload.ns).append(1, '\0').append(payload.name);
}

bool has_own_namespace(const xml::Element& payload) { return !payload.ns.empty() && payload.ns != ns::kPrivate; }

// Whether the account, with its rows replaced by these, stays within its limits: its state is loaded by one query (rule
// S5) and lies in memory.
bool has_room(const shard::Apply& apply, const Rows& rows) {
  std::size_t count = rows.size(), bytes = 0;
  for (const auto& [key, value] : rows) bytes += key.size() + value.size();
  apply.state().each(kPrefix, [&](std::string_view rest, const std::string& value) {
    auto key = std::string(kPrefix).append(rest);
    if (rows.contains(key)) return true;
    ++count;
    bytes += key.size() + value.size();
    return true;
  });
  return count <= apply.options().private_elements_max && bytes <= apply.options().private_bytes_max;
}

std::optional<StanzaError> keep(shard::Apply& apply, const xml::Element& query) {
  Rows rows;  // several of one name and namespace are kept together
  for (const auto* payload : query.elements()) {
    if (!has_own_namespace(*payload)) return StanzaError(StanzaCondition::not_acceptable);
    rows[row_key(*payload)] += payload->serialize(ns::kPrivate);
  }
  if (rows.empty()) return StanzaError(StanzaCondition::not_acceptable);  // "at least one child element"
  if (!has_room(apply, rows)) return StanzaError(StanzaCondition::resource_constraint, "private storage is full");
  for (auto& [key, value] : rows) apply.state().put(key, std::move(value));
  return std::nullopt;
}

// What is kept under the name and namespace of `wanted`; where nothing is, `wanted` itself goes back.
std::string find(const shard::State& state, const xml::Element& wanted) {
  const auto* row = state.find(row_key(wanted));
  return row ? *row : wanted.serialize(ns::kPrivate);
}

class PrivateStorage final : public shard::Module {
 public:
  std::string_view name() const override { return "private_storage"; }
  std::span<const std::string_view> features() const override { return kFeatures; }
  std::span<const std::string_view> domain_features() const override { return kFeatures; }

  // A set changes state, so it comes out of the log.
  bool on_submit(shard::Apply& apply, record::Submit& submit) override {
    const auto query = own_set(submit, "query", ns::kPrivate);
    if (!query) return false;
    const auto wrong = keep(apply, *query);
    apply.answer(submit.session(),
                 wrong ? shard::error_reply(submit.stanza(), *wrong) : shard::result_reply(submit.stanza()));
    return true;
  }

  // A get reads what has been applied; it comes over the Bus.
  bool on_query(shard::Live& live, shard::Query& query) override {
    // To others "Forbidden or Service Unavailable": the latter does not say whether there is an account.
    if (query.child_ns != ns::kPrivate || query.child_name != "query" || !query.own) return false;
    const auto wanted = query.payload.first_child()->elements();
    if (wanted.size() != 1) {
      reply_error(live, query, StanzaCondition::bad_request);  // the XEP's "bad-format" is RFC 6120's bad-request
    } else if (!has_own_namespace(*wanted.front())) {
      reply_error(live, query, StanzaCondition::not_acceptable);
    } else {
      reply_bytes(live, query, "<query xmlns='jabber:iq:private'>" + find(live.state(), *wanted.front()) + "</query>");
    }
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_private_storage() { return std::make_unique<PrivateStorage>(); }

}  // namespace iris::module
