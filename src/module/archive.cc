#include "module/archive.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "module/account_row.h"
#include "module/archive_query.h"
#include "module/routing.h"
#include "record/keys.h"
#include "shard/stanzas.h"
#include "xml/writer.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"
#include "xmpp/rsm.h"

namespace iris::module {
namespace {

using base::Stamp;
using xmpp::StanzaCondition;
using xmpp::StanzaError;
namespace ns = xmpp::ns;

struct Found {
  Stamp stamp;
  record::Stanza stanza;
};

// <result/> of §4.2, as the payload of a message. Written, not built: the archived stanza is bytes already.
std::string result_bytes(const shard::Live& live, const ArchiveQuery& query, const Found& found) {
  auto id = live.archive_id(found.stamp);
  std::string stanza_id = "<stanza-id xmlns='urn:xmpp:sid:0'";
  xml::append_attribute(stanza_id, "by", live.entity());
  xml::append_attribute(stanza_id, "id", id);
  stanza_id += "/>";

  std::string out = "<result xmlns='urn:xmpp:mam:2'";
  if (!query.query_id.empty()) xml::append_attribute(out, "queryid", query.query_id);
  xml::append_attribute(out, "id", id);
  out += "><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay'";
  xml::append_attribute(out, "stamp", xmpp::format_datetime(found.stamp));
  out += "/>";
  out += xmpp::with_client_namespace(shard::to_xml(found.stanza, stanza_id));
  out += "</forwarded></result>";
  return out;
}

// One query on its way through the store. Moved from completion to completion; nothing else holds it.
struct Run {
  shard::Query request;
  ArchiveQuery query;
  std::vector<Found> found;  // in the order of scanning
  std::size_t bytes = 0;
  std::size_t ids_read = 0;
  bool limited = false;  // there is more than fits on the page
};

void finish(shard::Live& live, Run run) {
  auto& found = run.found;
  if (run.query.backwards) std::reverse(found.begin(), found.end());
  xmpp::PageAnswer page;
  if (!found.empty()) {
    page.first = live.archive_id(found.front().stamp);
    page.last = live.archive_id(found.back().stamp);
  }
  if (run.query.flip) std::reverse(found.begin(), found.end());
  auto* session = find_session(live, run.request.session);
  if (!session) return;  // gone meanwhile
  std::vector<record::Stanza> stanzas;
  for (const auto& one : found) {
    auto& message = stanzas.emplace_back();
    message.set_kind(record::MESSAGE);
    message.set_from(std::string(live.entity()));
    message.set_to(run.request.request.from());
    message.set_inner(result_bytes(live, run.query, one));
  }
  xml::Element fin("fin", ns::kMam);
  if (!run.limited) fin.set("complete", "true");
  fin.add(page.to_element());
  const auto& request = run.request.request;
  stanzas.push_back(shard::as_answer(live, run.request, shard::result_reply(request, inner_bytes(fin))));
  // <fin/> says that what is before it is all there is: it goes with it, or not at all.
  StanzaError no_room(StanzaCondition::resource_constraint, "too much is unread");
  auto instead = shard::result_reply(request, inner_bytes(no_room.to_element()));
  instead.set_type("error");
  live.deliver_whole(*session, stanzas, shard::as_answer(live, run.request, std::move(instead)));
}

// False: the page is full, and this one does not fit any more.
bool take(shard::Live& live, Run& run, Stamp stamp, record::ArchiveRow& row) {
  if (!row.visible() || !matches(run.query, row.stanza(), live.entity())) return true;
  auto size = row.stanza().inner().size();
  if (run.found.size() >= run.query.max ||
      (!run.found.empty() && run.bytes + size > live.options().archive_page_bytes_max)) {
    run.limited = true;
    return false;
  }
  run.bytes += size;
  run.found.push_back({stamp, std::move(*row.mutable_stanza())});
  return true;
}

bool parse(const store::Row& in, record::ArchiveRow& out) { return out.ParseFromString(in.value); }

void failed(shard::Live& live, const shard::Query& request, const base::Error& error = {base::Errc::corrupt, ""}) {
  if (error.code == base::Errc::overloaded)
    return reply_error(live, request, StanzaError(StanzaCondition::resource_constraint, xmpp::ErrorType::wait));
  reply_error(live, request, StanzaError(StanzaCondition::internal_server_error, xmpp::ErrorType::wait));
}

// Rows of [from, to) in the direction of the page, until it is full or the range ends.
void scan(shard::Live& live, Run run) {
  if (run.query.to && *run.query.to <= run.query.from) return finish(live, std::move(run));
  store::Range range;
  range.from = record::key_of(run.query.from);
  if (run.query.to) range.to = record::key_of(*run.query.to);
  range.reverse = run.query.backwards;
  range.rows_max = live.options().archive_scan_rows;
  live.scan_archive(std::move(range),
                    [run = std::move(run)](shard::Live& again, base::Result<store::Page> page) mutable {
                      if (!page) return failed(again, run.request, page.error());
                      for (const auto& in : page->rows) {
                        record::ArchiveRow row;
                        if (!parse(in, row)) return failed(again, run.request);
                        if (!take(again, run, record::stamp_of_key(in.clustering), row))
                          return finish(again, std::move(run));
                      }
                      if (!page->more || page->rows.empty()) return finish(again, std::move(run));
                      auto last = record::stamp_of_key(page->rows.back().clustering);
                      if (run.query.backwards)
                        run.query.to = last;
                      else
                        run.query.from = Stamp{last.value + 1};
                      scan(again, std::move(run));
                    });
}

using OneRow = base::Callback<void(shard::Live&, std::optional<record::ArchiveRow>)>;

// A row that the world may know: nothing if there is none.
void read_visible(shard::Live& live, const shard::Query& request, Stamp stamp, OneRow done) {
  store::Range range{.from = record::key_of(stamp), .to = record::key_of(Stamp{stamp.value + 1}), .rows_max = 1};
  bool before_account = stamp < account_created(live.state());
  live.scan_archive(std::move(range), [request, before_account, done = std::move(done)](
                                          shard::Live& again, base::Result<store::Page> page) mutable {
    if (!page) return failed(again, request, page.error());
    record::ArchiveRow row;
    if (before_account || page->rows.empty() || !parse(page->rows.front(), row) || !row.visible())
      return done(again, std::nullopt);
    done(again, std::move(row));
  });
}

// §4.1.3: the ids that were asked for, in order; each exists.
void read_ids(shard::Live& live, Run run) {
  auto& ids = *run.query.ids;
  if (run.ids_read == ids.size()) return finish(live, std::move(run));
  auto stamp = run.query.backwards ? ids[ids.size() - 1 - run.ids_read] : ids[run.ids_read];
  ++run.ids_read;
  if (stamp < run.query.from || (run.query.to && stamp >= *run.query.to)) return read_ids(live, std::move(run));
  auto request = run.request;
  read_visible(live, request, stamp,
               [run = std::move(run), stamp](shard::Live& again, std::optional<record::ArchiveRow> row) mutable {
                 if (row && !take(again, run, stamp, *row)) return finish(again, std::move(run));
                 read_ids(again, std::move(run));
               });
}

// Every id that the query names must be there; then the query runs.
void check_ids(shard::Live& live, Run run) {
  if (run.query.must_exist.empty()) {
    run.query.from = std::max(run.query.from, account_created(live.state()));
    return run.query.ids ? read_ids(live, std::move(run)) : scan(live, std::move(run));
  }
  auto stamp = run.query.must_exist.back();
  run.query.must_exist.pop_back();
  auto request = run.request;
  read_visible(live, request, stamp,
               [run = std::move(run)](shard::Live& again, std::optional<record::ArchiveRow> row) mutable {
                 if (!row) return reply_error(again, run.request, StanzaCondition::item_not_found);
                 check_ids(again, std::move(run));
               });
}

// ------------------------------------------------------------ §5 metadata
// First message that is visible, from one end of the archive.
void find_end(shard::Live& live, shard::Query request, store::Range range,
              base::Callback<void(shard::Live&, std::optional<Stamp>)> done) {
  auto copy = range;
  live.scan_archive(std::move(copy), [request = std::move(request), range = std::move(range), done = std::move(done)](
                                         shard::Live& again, base::Result<store::Page> page) mutable {
    if (!page) return failed(again, request, page.error());
    for (const auto& in : page->rows)
      if (record::ArchiveRow row; parse(in, row) && row.visible())
        return done(again, record::stamp_of_key(in.clustering));
    if (!page->more || page->rows.empty()) return done(again, std::nullopt);
    auto last = record::stamp_of_key(page->rows.back().clustering);
    if (range.reverse)
      range.to = record::key_of(last);
    else
      range.from = record::key_of(Stamp{last.value + 1});
    find_end(again, std::move(request), std::move(range), std::move(done));
  });
}

xml::Element end_element(const shard::Live& live, std::string_view name, Stamp stamp) {
  return xml::Element(name, ns::kMam).set("id", live.archive_id(stamp)).set("timestamp", xmpp::format_datetime(stamp));
}

void metadata(shard::Live& live, shard::Query request) {
  store::Range range;
  range.from = record::key_of(account_created(live.state()));
  range.rows_max = live.options().archive_scan_rows;
  auto forwards = range;
  range.reverse = true;
  auto copy = request;
  find_end(
      live, std::move(copy), std::move(forwards),
      [request = std::move(request), range](shard::Live& again, std::optional<Stamp> first) mutable {
        if (!first) return reply_result(again, request, xml::Element("metadata", ns::kMam));
        auto copy_again = request;
        find_end(
            again, std::move(copy_again), std::move(range),
            [request = std::move(request), first](shard::Live& at_last, std::optional<Stamp> last) {
              xml::Element out("metadata", ns::kMam);
              out.add(end_element(at_last, "start", *first)).add(end_element(at_last, "end", last.value_or(*first)));
              reply_result(at_last, request, out);
            });
      });
}

// XEP-0059 §4: that pages can be asked for is a feature of its own.
constexpr std::array kFeatures{ns::kMam, ns::kMamExtended, ns::kRsm, ns::kStanzaId};

class Archive final : public shard::Module {
 public:
  std::string_view name() const override { return "archive"; }
  std::span<const std::string_view> features() const override { return kFeatures; }
  // §7 asks for it on the archiving address; there are clients (profanity) that look for it on the domain alone.
  std::span<const std::string_view> domain_features() const override { return std::span(kFeatures).first(3); }

  bool on_query(shard::Live& live, shard::Query& query) override {
    if (query.child_ns != ns::kMam) return false;
    bool get = query.request.type() == "get";
    bool asks_metadata = get && query.child_name == "metadata";
    if (!asks_metadata && query.child_name != "query") return false;
    if (!query.own) {
      reply_error(live, query, StanzaCondition::forbidden);  // an archive is its owner's
    } else if (asks_metadata) {
      metadata(live, query);
    } else if (get) {
      reply_result(live, query, archive_form());
    } else {
      begin(live, query);
    }
    return true;
  }

 private:
  static void begin(shard::Live& live, const shard::Query& query) {
    auto read = read_archive_query(*query.payload.first_child(), live.options(),
                                   [&](std::string_view id) { return live.archive_stamp(id); });
    if (auto* error = std::get_if<StanzaError>(&read)) return reply_error(live, query, *error);
    Run run;
    run.request = query;
    // While it waits, an answer needs no more than who asked.
    run.request.payload = {};
    run.request.request.clear_inner();
    run.query = std::move(std::get<ArchiveQuery>(read));
    check_ids(live, std::move(run));
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_archive() { return std::make_unique<Archive>(); }

}  // namespace iris::module
