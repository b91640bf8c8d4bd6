#include "shard/stanzas.h"

#include <vector>

#include "base/metrics.h"

namespace iris::shard {
namespace {

std::vector<std::string> condition_names() {
  std::vector<std::string> names;
  for (int i = 0; i < xmpp::kStanzaConditionCount; ++i)
    names.emplace_back(xmpp::to_string(static_cast<xmpp::StanzaCondition>(i)));
  return names;
}

base::Counter kStanzaErrors{"iris_shard_stanza_errors_total",
                            "Stanza errors that shards and modules answered (RFC 6120 8.3.3).",
                            {{"condition", condition_names()}}};

}  // namespace

std::string to_xml(const record::Stanza& s, std::string_view extras) {
  return xmpp::compose({static_cast<xmpp::Kind>(s.kind()), s.type(), s.id(), s.from(), s.to(), s.lang()}, s.inner(),
                       extras);
}

static record::Stanza turned(const record::Stanza& stanza, std::string type) {
  record::Stanza out;
  out.set_kind(stanza.kind());
  out.set_type(std::move(type));
  out.set_id(stanza.id());
  out.set_from(stanza.to());
  out.set_to(stanza.from());
  return out;
}

record::Stanza error_reply(const record::Stanza& stanza, const xmpp::StanzaError& error) {
  auto out = turned(stanza, "error");
  kStanzaErrors.add(1, error.condition);
  out.set_inner(error.to_element().serialize("jabber:client"));
  return out;
}

record::Stanza result_reply(const record::Stanza& request, std::string inner) {
  auto out = turned(request, "result");
  out.set_inner(std::move(inner));
  return out;
}

}  // namespace iris::shard
