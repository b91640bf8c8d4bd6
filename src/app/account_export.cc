// account-export of account_transfer.h.
#include <nlohmann/json.hpp>
#include <utility>

#include "app/account_export.h"
#include "app/account_import.h"
#include "module/account_data.h"
#include "module/account_row.h"
#include "record/keys.h"
#include "shard/archive_id.h"
#include "shard/stanzas.h"
#include "xml/writer.h"
#include "xmpp/datetime.h"
#include "xmpp/stanza.h"

namespace iris::app {
namespace {

using base::Errc;
using base::Error;
using base::Stamp;
using Json = nlohmann::json;
using Reply = admin::AdminSocket::Reply;

constexpr std::size_t kStateRows = 1000, kArchiveRows = 500;

// <result/> of XEP-0313 §4.2, as XEP-0227 §4.10 wants it.
void append_result(std::string& out, const std::string& id, Stamp stamp, const record::Stanza& stanza) {
  out += "<result xmlns='urn:xmpp:mam:2'";
  xml::append_attribute(out, "id", id);
  out += "><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay'";
  xml::append_attribute(out, "stamp", xmpp::format_datetime(stamp));
  out += "/>" + xmpp::with_client_namespace(shard::to_xml(stanza)) + "</forwarded></result>\n";
}

void append_offline(std::string& out, const std::string& domain, Stamp stamp, const record::Stanza& stanza) {
  std::string delay = "<delay xmlns='urn:xmpp:delay'";
  xml::append_attribute(delay, "from", domain);
  xml::append_attribute(delay, "stamp", xmpp::format_datetime(stamp));
  out += xmpp::with_client_namespace(shard::to_xml(stanza, delay + "/>")) + "\n";
}

struct Export {
  const AdminWorld world;
  const std::string user;
  const std::string part;
  const std::uint64_t after;  // stamp
  const std::shared_ptr<shard::State> state;
  Reply reply;

  io::Loop& loop() const { return world.places[0]->loop(); }
};
using Shared = std::shared_ptr<Export>;

void answer(const Export& run, const std::string& xml, const std::string& next) {
  const_cast<Reply&>(run.reply)(
      Json{{"user", run.user}, {"xml", xml}, {"next", next}}.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void read_rows(const Shared& run, Stamp from, bool offline) {
  store::Range range;
  range.from = record::key_of(from);
  range.rows_max = kArchiveRows;
  run->world.store.scan(store::Table::archive, run->user, std::move(range), run->loop(),
                        [run, offline](base::Result<store::Page> page) {
                          if (!page) return run->reply(page.error());
                          const shard::ArchiveIds ids(run->world.config.shard.archive_key);
                          std::string xml, next;
                          for (const store::Row& in : page->rows) {
                            record::ArchiveRow row;
                            if (!row.ParseFromString(in.value))
                              return run->reply(Error{Errc::corrupt, "a row cannot be read"});
                            const Stamp stamp = record::stamp_of_key(in.clustering);
                            if (page->more) next = std::to_string(stamp.value);
                            if (offline && row.inbox() && row.offline() && row.stanza().kind() == record::MESSAGE)
                              append_offline(xml, run->world.config.domain,
                                             row.original_stamp() ? Stamp{row.original_stamp()} : stamp, row.stanza());
                            else if (!offline && row.visible())
                              append_result(xml, ids.encode(run->user, stamp), stamp, row.stanza());
                          }
                          answer(*run, xml, next);
                        });
}

// What nobody has read yet.
void export_offline(const Shared& run, Stamp from) {
  run->world.store.read(store::Table::cursor, run->user, "offline", run->loop(),
                        [run, from](base::Result<std::optional<store::Row>> row) {
                          if (!row) return run->reply(row.error());
                          const std::uint64_t read = *row ? (*row)->stamp.value + 1 : 0;
                          read_rows(run, Stamp{std::max(from.value, read)}, true);
                        });
}

void have_state(const Shared& run) {
  if (!module::find_account(*run->state)) return run->reply(Error{Errc::not_found, "there is no account " + run->user});
  const Stamp from{std::max(module::account_created(*run->state).value, run->after == 0 ? 0 : run->after + 1)};
  if (run->part == "archive") return read_rows(run, from, false);
  if (run->part == "offline") return export_offline(run, from);
  answer(*run, module::user_data(*run->state), "");
}

void read_state(const Shared& run, const std::string& from) {
  store::Range range;
  range.from = from;
  range.rows_max = kStateRows;
  run->world.store.scan(store::Table::state, run->user, std::move(range), run->loop(),
                        [run](base::Result<store::Page> page) {
                          if (!page) return run->reply(page.error());
                          for (store::Row& row : page->rows) run->state->load(row.clustering, std::move(row.value));
                          if (!page->more || page->rows.empty()) return have_state(run);
                          read_state(run, page->rows.back().clustering + '\0');
                        });
}

}  // namespace

void export_account(const AdminWorld& world, const std::string& text, Reply reply) {
  const Json args = Json::parse(text, nullptr, false);
  auto user = local_account(args.value("user", ""), world.config.domain);
  if (!user) return reply(user.error());
  const std::string after = args.value("after", "");
  read_state(std::make_shared<Export>(Export{world, *user, args.value("part", ""),
                                             after.empty() ? 0 : std::stoull("0" + after),
                                             std::make_shared<shard::State>(), std::move(reply)}),
             "");
}

}  // namespace iris::app
