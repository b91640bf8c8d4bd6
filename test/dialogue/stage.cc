#include "stage.h"

#include <utility>
#include <variant>

#include "module/expect_for_tests.h"
#include "module/registry.h"
#include "record/codec.h"
#include "record/partition.h"
#include "shard/jid_text.h"
#include "store/ordered_committer.h"
#include "xmpp/stanza.h"
#include "xmpp/stanza_table.h"

namespace iris::dialogue {
namespace {

using namespace std::chrono_literals;
constexpr std::uint32_t kPartitions = 4;
constexpr std::uint64_t kIncarnation = 77;
// As within one process: what goes over the Bus is there before what was appended after it is durable. So everything
// that must not overtake a record has to wait for it (rule C5).
constexpr bus::SimBusOptions kBus{.delay_max = 90us};
static_assert(kBus.delay_max < log::SimLogOptions{}.durable_min);

shard::Options stage_options() {
  shard::Options out;
  out.partitions = kPartitions;
  out.incarnation = kIncarnation;
  out.offline_messages_max = 5;  // few enough to be sent in a dialogue
  return out;
}

void set_address(record::Address& out) {
  out.set_node("local");
  out.set_loop(0);
}

}  // namespace

// ---------------------------------------------------------------- a person

Person::Person(Stage& stage, std::string full, std::uint64_t number)
    : stage_(stage), full_(std::move(full)), bare_(shard::bare_of(full_)), number_(number) {}

record::SessionRef Person::ref() const {
  record::SessionRef out;
  out.set_incarnation(kIncarnation);
  out.set_number(number_);
  return out;
}

void Person::append(record::Record record) {
  record.set_entity(bare_);
  ++appending_;
  stage_.append(std::move(record), [this](std::int64_t offset) {
    --appending_;
    last_append_ = std::max(last_append_, offset);
  });
  while (appending_ > 0 && stage_.world_.step()) {}
}

void Person::connect() {
  record::Record start;
  *start.mutable_session_start()->mutable_session() = ref();
  start.mutable_session_start()->set_resource(std::string(shard::resource_of(full_)));
  set_address(*start.mutable_session_start()->mutable_edge());
  append(std::move(start));
  register_now();
}

void Person::register_now() {
  record::BusMessage message;
  message.set_entity(bare_);
  *message.mutable_session() = ref();
  auto* out = message.mutable_register_();
  out->set_resource(std::string(shard::resource_of(full_)));
  set_address(*out->mutable_edge());
  out->set_number(++registration_);
  out->set_after_offset(last_append_);
  stage_.to_shard(std::move(message));
}

void Person::leave() {
  record::BusMessage message;
  message.set_entity(bare_);
  *message.mutable_session() = ref();
  message.mutable_unregister()->set_direct_acked(direct_acked_);
  message.mutable_unregister()->set_inbox_acked(inbox_acked_);
  message.mutable_unregister()->set_after_offset(last_append_);
  stage_.to_shard(std::move(message));
}

void Person::send(std::string_view xml) {
  auto element = module::parse_stanza_text(xml);
  if (!std::holds_alternative<xml::Element>(element)) {
    stage_.failure_ = "not well-formed: " + std::string(xml);
    return;
  }
  auto read = xmpp::read_stanza(std::move(std::get<xml::Element>(element)));
  auto own = *xmpp::Jid::parse(full_);
  if (auto* fault = std::get_if<xmpp::StanzaFault>(&read)) {  // the edge answers it
    ++stanzas_;
    if (!fault->reply) return;
    fault->reply->from = own;
    unread_.push_back(xmpp::make_error_reply(*fault->reply, fault->error).to_xml());
    return;
  }
  auto* stanza = std::get_if<xmpp::Stanza>(&read);
  auto fate = xmpp::fate_of(*stanza, own);
  record::Stanza out;
  out.set_kind(static_cast<record::Kind>(stanza->kind));
  out.set_type(stanza->type);
  out.set_id(stanza->id);
  out.set_from(full_);
  if (stanza->to) out.set_to(stanza->to->to_string());
  out.set_inner(stanza->inner());
  out.set_fate(fate.bits());
  if (const auto* origin = stanza->child("origin-id", "urn:xmpp:sid:0"))
    out.set_origin_id(std::string(origin->attribute_or("id", "")));
  out.set_payload_hash(record::payload_hash(out.inner()));

  ++stanzas_;
  if (fate.logged) {
    record::Record record;
    *record.mutable_submit()->mutable_session() = ref();
    record.mutable_submit()->set_number(stanzas_);
    record.mutable_submit()->set_previous(std::exchange(logged_, stanzas_));
    *record.mutable_submit()->mutable_stanza() = std::move(out);
    return append(std::move(record));
  }
  record::BusMessage message;
  message.set_entity(bare_);
  *message.mutable_session() = ref();
  auto* soft = message.mutable_soft();
  soft->set_from_client(true);
  soft->set_after_offset(last_append_);
  if (out.kind() == record::PRESENCE) soft->set_sequence(++presences_);
  *soft->mutable_stanza() = std::move(out);
  stage_.to_shard(std::move(message));
}

void Person::on_bus(const record::BusMessage& message) {
  switch (message.body_case()) {
    case record::BusMessage::kRegistered:
      if (message.registered().unknown_session()) {
        stage_.failure_ = full_ + ": the shard does not know the session";
      } else if (message.registered().number() == registration_ && !std::exchange(registered_, true)) {
        direct_last_ = message.registered().direct_start();
      }
      return;
    case record::BusMessage::kDeliver: return on_deliver(message.deliver());
    case record::BusMessage::kSoft:
      for (const auto& xml : message.soft().page()) unread_.push_back(xml);
      if (message.soft().page().empty()) unread_.push_back(message.soft().xml());
      return;
    case record::BusMessage::kEndSession: ended_with_ = message.end_session().condition(); return;
    default: return;
  }
}

void Person::on_deliver(const record::Deliver& in) {
  auto& last = in.chain() == record::DIRECT ? direct_last_ : inbox_last_;
  if (in.stamp() > last) {
    if (in.previous() != last) {
      stage_.failure_ = full_ + ": a gap, though this Bus loses nothing";
      return;
    }
    last = in.stamp();
    for (const auto& xml : in.xml()) unread_.push_back(xml);
  }
  progress();
}

void Person::progress() {
  if (acking_) {
    direct_acked_ = direct_last_;
    inbox_acked_ = inbox_last_;
  }
  record::BusMessage message;
  message.set_entity(bare_);
  *message.mutable_session() = ref();
  auto* out = message.mutable_progress();
  out->set_number(registration_);
  out->set_direct_received(direct_last_);
  out->set_inbox_received(inbox_last_);
  out->set_direct_acked(direct_acked_);
  out->set_inbox_acked(inbox_acked_);
  stage_.to_shard(std::move(message));
}

// ---------------------------------------------------------------- the stage

Stage::Stage(std::uint64_t seed)
    : options_(stage_options()),
      world_({.seed = seed}),
      log_(world_, {.partitions = kPartitions}),
      store_(world_, {}),
      net_(world_, kBus),
      loop_(world_.add_loop("node")),
      bus_(net_, "local"),
      owners_(kPartitions),
      modules_(module::make_modules()) {
  shard::ShardWorld world{loop_, 0, log_, store_, bus_, owners_, modules_};
  host_ = std::make_unique<shard::ShardHost>(
      options_, world, 1,
      [this](io::Loop& loop) { return std::make_unique<store::OrderedCommitter>(log_, store_, loop); },
      [this](base::PartitionId partition, const bus::Owner& owner) { owners_.announce(partition, owner); });
  bus_.attach(0, loop_, [this](record::BusMessage&& message) { on_bus(std::move(message)); });
  loop_.post([this] {
    host_->start([this](base::Status status) {
      if (!status) failure_ = status.error().message;
    });
  });
  settle();
}

Stage::~Stage() { loop_.kill(); }

std::uint64_t Stage::now() const { return static_cast<std::uint64_t>(world_.wall().time_since_epoch().count()); }

// Longer than a soft stanza may be held (rule C5) and than a delivery waits to be repeated (rule C3).
void Stage::settle() { world_.run_for(2500ms); }

Person& Stage::person(std::string_view full) {
  auto it = people_.find(full);
  if (it == people_.end())
    it = people_.emplace(std::string(full), std::make_unique<Person>(*this, std::string(full), ++sessions_)).first;
  return *it->second;
}

void Stage::change_account(const std::string& bare, record::AccountChange::Change change) {
  record::Record record;
  record.set_entity(bare);
  record.mutable_account_change()->set_change(change);
  append(std::move(record), [](std::int64_t) {});
  settle();
  // What was removed is gone, not merely out of sight.
  const auto& archive = store_.table(store::Table::archive);
  if (auto rows = archive.find(bare); change == record::AccountChange::REMOVE && rows != archive.end())
    if (!rows->second.empty()) failure_ = bare + ": archive rows are there though the account was removed";
}

void Stage::append(record::Record record, std::function<void(std::int64_t)> then) {
  record.set_time(now());
  auto partition = record::partition_of(record.entity(), kPartitions);
  loop_.post([this, partition, bytes = record::encode(std::move(record)), then = std::move(then)]() mutable {
    log_.append(partition, std::move(bytes), loop_, [this, then = std::move(then)](base::Result<base::Offset> offset) {
      if (offset) return then(offset->value);
      failure_ = offset.error().message;
    });
  });
}

void Stage::to_shard(record::BusMessage message) {
  loop_.post([this, message = std::move(message)]() mutable { bus_.send({"local", 0}, std::move(message)); });
}

void Stage::on_bus(record::BusMessage&& message) {
  if (!message.entity().empty()) return host_->on_bus(std::move(message));
  for (auto& [_, person] : people_)
    if (message.has_session() && message.session().number() == person->number()) return person->on_bus(message);
}

}  // namespace iris::dialogue
