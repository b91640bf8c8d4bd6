// account-restore of account_transfer.h.
#include "app/account_restore.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/account_export.h"
#include "app/account_import.h"
#include "app/account_transfer.h"
#include "base/shortened.h"
#include "edge/pack.h"
#include "module/account_data.h"
#include "module/account_row.h"
#include "record/codec.h"
#include "record/keys.h"
#include "record/partition.h"
#include "xml/push_parser.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"

namespace iris::app {
namespace {

using base::Errc;
using base::Error;
using base::Stamp;
using Json = nlohmann::json;
using Reply = admin::AdminSocket::Reply;
using xml::Element;
namespace ns = xmpp::ns;
using namespace std::chrono_literals;

constexpr std::string_view kPie = "urn:xmpp:pie:0", kPieArchive = "urn:xmpp:pie:0#mam";
constexpr base::Duration kLookAgain = 10ms;
constexpr int kLooksMax = 3000;

struct Archived {
  std::uint64_t stamp;
  record::ArchiveRow row;
};

struct Restore {
  const AdminWorld world;
  const std::string user;
  const std::string token;
  std::uint64_t last;  // stamp of the newest archived message so far
  module::UserData data;
  std::vector<Archived> archived;
  std::vector<std::string> ignored;
  Reply reply;
  int looks = 0;

  io::Loop& loop() const { return world.places[0]->loop(); }
};
using Shared = std::shared_ptr<Restore>;

bool is_our_own(const Restore& run, const xmpp::Jid& jid) {
  return jid.to_string() == run.user || jid.to_string() == run.world.config.domain;
}

// A message of this account, from or to it, with the fate given. What no client could have sent, none could take.
std::optional<record::Stanza> packed(const Restore& run, const Element& message, xmpp::Fate fate) {
  const std::string& user = run.user;
  auto read = xmpp::read_stanza(message);
  auto* stanza = std::get_if<xmpp::Stanza>(&read);
  if (stanza == nullptr || stanza->kind != xmpp::Kind::message || !stanza->from) return std::nullopt;
  if (!stanza->to) stanza->to = xmpp::Jid::parse(user);
  const auto own = xmpp::Jid::parse(user);
  if (!stanza->from->same_bare(*own) && !stanza->to->same_bare(*own)) return std::nullopt;
  auto out = edge::pack(*stanza, fate);
  if (out.inner().size() > run.world.config.edge.stanza_bytes_max) return std::nullopt;
  return out;
}

// When the message came, as the server that exported it says (XEP-0227 §4.3, XEP-0203); 0 if it does not. That is taken
// out: it is said again on delivery and export, and there must be one.
std::uint64_t take_delay(Restore& run, Element& message) {
  std::uint64_t came = 0;
  const auto now = run.loop().clock().wall();
  message.remove_children([&](const Element& child) {
    const auto from = child.attribute_or("from", "");
    const auto jid = xmpp::Jid::parse(from);
    if (!child.is("delay", ns::kDelay) || !(from.empty() || (jid && is_our_own(run, *jid)))) return false;
    const auto time = xmpp::parse_datetime(child.attribute_or("stamp", ""));
    if (came == 0 && time && time->time_since_epoch().count() > 0 && *time < now)
      came = static_cast<std::uint64_t>(time->time_since_epoch().count());
    return true;
  });
  return came;
}

// XEP-0227 §4.10. Two messages of one moment are kept in their order.
bool take_result(Restore& run, const Element& result) {
  const auto* forwarded = result.child("forwarded", ns::kForward);
  const auto* delay = forwarded == nullptr ? nullptr : forwarded->child("delay", ns::kDelay);
  const auto* message = forwarded == nullptr ? nullptr : forwarded->child("message", ns::kClient);
  if (delay == nullptr || message == nullptr) return false;
  const auto time = xmpp::parse_datetime(delay->attribute_or("stamp", ""));
  auto stanza = packed(run, *message, {.logged = true, .archived = true});
  if (!time || time->time_since_epoch().count() <= 0 || !stanza) return false;
  run.last = std::max(static_cast<std::uint64_t>(time->time_since_epoch().count()), run.last + 1);
  record::ArchiveRow row;
  row.set_visible(true);
  row.set_outgoing(xmpp::Jid::parse(stanza->from())->bare().to_string() == run.user);
  *row.mutable_stanza() = *std::move(stanza);
  run.archived.push_back({run.last, std::move(row)});
  return true;
}

void take_child(Restore& run, const Element& child) {
  std::size_t bad = 0;
  if (child.is("archive", kPieArchive)) {
    for (const auto* result : child.elements("result", ns::kMam)) bad += take_result(run, *result) ? 0 : 1;
    if (bad > 0) run.ignored.push_back(std::to_string(bad) + " archived messages that cannot be read, or are too big");
  } else if (child.is("offline-messages", kPie)) {
    for (const auto* message : child.elements("message", ns::kClient)) {
      Element waiting = *message;
      record::Inbound one;
      one.set_original_stamp(take_delay(run, waiting));
      // What is in the archive is there already.
      auto stanza = packed(run, waiting, {.logged = true, .offline = true});
      if (!stanza || stanza->from().empty()) {
        ++bad;
        continue;
      }
      stanza->set_to(run.user);
      *one.mutable_stanza() = *std::move(stanza);
      run.data.offline.push_back(std::move(one));
    }
    if (bad > 0) run.ignored.push_back(std::to_string(bad) + " offline messages that cannot be read, or are too big");
  } else if (!module::take_user_data(child, run.user, run.data)) {
    run.ignored.push_back("<" + child.name + " xmlns='" + child.ns + "'/>");
  }
}

// "3 contacts without an address: 'a@b@c', …"
std::string told(const std::string& what, const std::vector<std::string>& addresses) {
  constexpr std::size_t kNamed = 10, kBytes = 100;
  std::string out = std::to_string(addresses.size()) + " " + what + " that are no address: ";
  for (std::size_t i = 0; i < addresses.size() && i < kNamed; ++i)
    out += (i == 0 ? "'" : ", '") + std::string(base::shortened(addresses[i], kBytes)) + "'";
  return out + (addresses.size() > kNamed ? ", …" : "");
}

void finish(const Shared& run) {
  run->reply(
      Json{{"archived", run->archived.size()}, {"after", std::to_string(run->last)}, {"ignored", run->ignored}}.dump(
          -1, ' ', false, Json::error_handler_t::replace));
}

// Until the shard has persisted the record (rule D3).
void look(const Shared& run) {
  run->world.store.read(store::Table::state, run->user, std::string(module::kRestored), run->loop(),
                        [run](base::Result<std::optional<store::Row>> row) {
                          if (row && *row && (*row)->value == run->token) return finish(run);
                          if (++run->looks > kLooksMax)
                            return run->reply(Error{Errc::unknown_outcome, run->user + ": no answer in time"});
                          run->loop().after(kLookAgain, [run] { look(run); });
                        });
}

void append(const Shared& run) {
  record::Record record;
  record.set_time(static_cast<std::uint64_t>(run->loop().clock().wall().time_since_epoch().count()));
  record.set_entity(run->user);
  *record.mutable_inbound()->mutable_stanza() =
      module::restore_stanza(run->data, run->user, run->world.config.domain, run->token);
  run->world.log.append(record::partition_of(run->user, run->world.log.partitions()), record::encode(std::move(record)),
                        run->loop(), [run](base::Result<base::Offset> offset) {
                          if (!offset) return run->reply(offset.error());
                          look(run);
                        });
}

void write_archive(const Shared& run, Stamp created) {
  std::vector<store::Write> writes;
  for (const Archived& one : run->archived) {
    if (one.stamp >= created.value)
      return run->reply(Error{Errc::invalid,
                              "an archived message is newer than the account; is this machine's clock "
                              "right? Nothing of this part was taken"});
    writes.push_back(
        {store::Table::archive, run->user, record::key_of(Stamp{one.stamp}), one.row.SerializeAsString(), created});
  }
  if (writes.empty()) return append(run);
  run->data.begins = Stamp{run->archived.front().stamp};
  run->world.store.write(std::move(writes), run->loop(), [run](base::Status status) {
    if (!status) return run->reply(status.error());
    append(run);
  });
}

// The stamp at which the account was made is that of its row's first write, whatever its beginning was moved to.
void check_account(const Shared& run) {
  run->world.store.read(store::Table::state, run->user, std::string(module::kAccountKey), run->loop(),
                        [run](base::Result<std::optional<store::Row>> row) {
                          if (!row) return run->reply(row.error());
                          if (!*row) return run->reply(Error{Errc::not_found, "there is no account " + run->user});
                          write_archive(run, (*row)->stamp);
                        });
}

}  // namespace

void restore_account(const AdminWorld& world, const std::string& text, Reply reply) {
  const Json args = Json::parse(text, nullptr, false);
  auto user = local_account(args.value("user", ""), world.config.domain);
  if (!user) return reply(user.error());
  const std::string xml = args.value("xml", "");
  xml::ParserLimits limits = xml::kOwnLimits;
  limits.depth_max = 512;
  auto parsed = xml::parse_fragment(xml, kPie, limits);
  if (const auto* error = std::get_if<xml::ParseError>(&parsed)) return reply(Error{Errc::invalid, error->text});
  io::Random& random = world.places[0]->loop().random();
  auto run = std::make_shared<Restore>(Restore{world,
                                               *user,
                                               std::to_string(random.next()),
                                               std::stoull("0" + args.value("after", "")),
                                               {},
                                               {},
                                               {},
                                               std::move(reply)});
  for (const auto* child : std::get<Element>(parsed).elements()) take_child(*run, *child);
  for (const auto& [what, addresses] : run->data.left_out) run->ignored.push_back(told(what, addresses));
  check_account(run);
}

void add_transfer_commands(admin::AdminSocket& socket, const AdminWorld& world) {
  socket.add_command("account-export",
                     [world](const std::string& args, Reply reply) { export_account(world, args, std::move(reply)); });
  socket.add_command("account-restore",
                     [world](const std::string& args, Reply reply) { restore_account(world, args, std::move(reply)); });
}

}  // namespace iris::app
