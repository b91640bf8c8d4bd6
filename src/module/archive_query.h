// What a client asks of its archive: XEP-0313 §4 (urn:xmpp:mam:2, with what #extended adds), read and checked. Pure.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "record/record.pb.h"
#include "shard/options.h"
#include "xml/element.h"
#include "xmpp/jid.h"
#include "xmpp/stanza_error.h"

namespace iris::module {

struct ArchiveQuery {
  std::string query_id;
  std::optional<xmpp::Jid> with;
  base::Stamp from{0};            // inclusive
  std::optional<base::Stamp> to;  // exclusive
  bool backwards = false;         // the last page of the range (RSM <before/>), else the first
  bool flip = false;              // §4.3.4: the page is sent newest first
  std::size_t max = 0;
  std::vector<base::Stamp> must_exist;          // §4.1.3, §4.3.2: ids named in the query; one missing fails it
  std::optional<std::vector<base::Stamp>> ids;  // only these; sorted
};

using DecodeArchiveId = std::function<std::optional<base::Stamp>(std::string_view id)>;

std::variant<ArchiveQuery, xmpp::StanzaError> read_archive_query(const xml::Element& query,
                                                                 const shard::Options& options,
                                                                 const DecodeArchiveId& decode);

// §4.1.1. `own` is the archive's bare JID.
bool matches(const ArchiveQuery& query, const record::Stanza& stanza, std::string_view own);

// The empty form that a client may ask for (§4.1.5).
xml::Element archive_form();

}  // namespace iris::module
