#include "connections.h"

#include <utility>
#include <variant>

#include "edge/host_meta.h"
#include "edge/stream.h"
#include "module/expect_for_tests.h"
#include "module/registry.h"
#include "shard/jid_text.h"
#include "store/ordered_committer.h"
#include "xmpp/base64.h"
#include "xmpp/ns.h"

namespace iris::dialogue {
namespace {

using namespace std::chrono_literals;
constexpr std::uint32_t kPartitions = 4;
constexpr std::uint64_t kIncarnation = 77;
constexpr std::string_view kHeader =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "to='localhost' version='1.0'>";
const std::string kClosing = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";  // here also of a TCP stream

shard::Options shard_options() {
  shard::Options out;
  out.partitions = kPartitions;
  out.incarnation = kIncarnation;
  return out;
}

edge::Options edge_options() {
  edge::Options out;
  out.incarnation = kIncarnation;
  out.secret = "a secret of the deployment";
  out.registration = edge::Registration::open;
  out.contacts.abuse = {"mailto:abuse@localhost"};
  out.software_version = "1";
  out.module_features = module::domain_features();
  return out;
}

}  // namespace

// ---------------------------------------------------------------- a caller

Caller::Caller(Connections& stage, std::string full) : stage_(stage), full_(std::move(full)), parser_(*this, {}) {}

void Caller::open(edge::Framing framing, bool encrypted) {
  transport_ = std::make_shared<edge::FakeTransport>(framing);
  transport_->encrypted = encrypted;
  transport_->address = {"127.0.0.1", 50000};
  stream_ = std::make_shared<edge::Stream>(*stage_.edge_, transport_);
  parser_.reset();
  stage_.loop_.post([this] {
    stage_.edge_->add(stream_);
    stream_->start();
  });
}

void Caller::connect() {
  open(edge::Framing::stream, true);
  const std::string bare(shard::bare_of(full_)), user = bare.substr(0, bare.find('@'));
  const std::string message = std::string("\0", 1) + user + std::string("\0", 1) + "secret";
  for (const auto& bytes :
       {std::string(kHeader),
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + xmpp::base64_encode(message) + "</auth>",
        std::string(kHeader),
        "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" +
            std::string(shard::resource_of(full_)) + "</resource></bind></iq>"}) {
    send(bytes);
    stage_.settle();
  }
  auto& seen = unread();
  if (seen.empty() || seen.back().find("<jid>" + full_ + "</jid>") == std::string::npos)
    stage_.failure_ = full_ + " could not log in";
  seen.clear();
}

void Caller::leave() { send("</stream:stream>"); }

void Caller::send(std::string_view bytes) {
  if (stream_ == nullptr) {
    stage_.failure_ = full_ + " has no connection";
    return;
  }
  stage_.loop_.post([this, bytes = std::string(bytes)] {
    if (transport_->framing() == edge::Framing::messages)
      stream_->on_message(bytes);
    else
      stream_->on_bytes(bytes);
  });
}

bool Caller::act(const Step& what) {
  switch (what.kind) {
    case Step::Kind::opens: open(edge::Framing::stream, true); return true;
    case Step::Kind::opens_plainly: open(edge::Framing::stream, false); return true;
    case Step::Kind::opens_web: open(edge::Framing::messages, true); return true;
    case Step::Kind::secures:
      if (stream_ == nullptr || !transport_->handshake) return false;
      transport_->encrypted = true;
      stage_.loop_.post([this] { stream_->on_tls(); });
      return true;
    case Step::Kind::is_cut:
      if (stream_ == nullptr) return false;
      stage_.loop_.post([stream = std::exchange(stream_, nullptr)] { stream->on_closed("reset"); });
      return true;
    case Step::Kind::fetches: fetch(what.text); return true;
    default: return false;
  }
}

void Caller::fetch(const std::string& path) {
  const std::string host = full_.substr(full_.find('@') + 1, full_.find('/') - full_.find('@') - 1);
  const auto response = stage_.site_.answer(
      {.method = "GET", .path = path, .query = {}, .headers = {{"Host", host}}, .body = {}, .peer = {}, .tls = true});
  xml::Element answer("answer", std::string(xmpp::ns::kClient));
  answer.set("status", std::to_string(response.status));
  for (const auto& header : response.headers) answer.set(header.name, header.value);
  const std::string body = response.body.substr(response.body.starts_with("<?xml") ? response.body.find("?>") + 2 : 0);
  auto document = module::parse_stanza_text(body);
  if (auto* element = std::get_if<xml::Element>(&document))
    answer.add(std::move(*element));
  else
    answer.add_text(body);
  unread_.push_back(answer.serialize(xmpp::ns::kClient));
}

std::deque<std::string>& Caller::unread() {
  read();
  return unread_;
}

void Caller::read() {
  if (transport_ == nullptr) return;
  for (const auto& bytes : std::exchange(transport_->messages, {})) {
    if (transport_->framing() == edge::Framing::messages) {
      unread_.push_back(bytes);
      continue;
    }
    if (bytes.starts_with("<?xml")) parser_.reset();  // a stream begins anew
    if (auto error = parser_.feed(bytes)) stage_.failure_ = full_ + " cannot read " + bytes + ": " + error->text;
  }
}

void Caller::on_stream_open(xml::Element header, std::string_view) {
  unread_.push_back(header.serialize(xmpp::ns::kClient));
}

void Caller::on_stanza(xml::Element&& stanza, std::size_t) {
  if (stanza.name == "iq" && stanza.attribute_or("type", "") == "get" && stanza.child("ping", xmpp::ns::kPing))
    return send("<iq type='result' id='" + std::string(stanza.attribute_or("id", "")) + "'/>");
  unread_.push_back(stanza.serialize(xmpp::ns::kClient));
}

void Caller::on_stream_close() { unread_.push_back(kClosing); }

// ---------------------------------------------------------------- the stage

Connections::Connections(std::uint64_t seed)
    : shard_options_(shard_options()),
      edge_options_(edge_options()),
      world_({.seed = seed}),
      log_(world_, {.partitions = kPartitions}),
      store_(world_, {}),
      net_(world_, {.delay_max = 90us}),
      loop_(world_.add_loop("node")),
      bus_(net_, "local"),
      owners_(kPartitions),
      modules_(module::make_modules()) {
  shard::ShardWorld world{loop_, 0, log_, store_, bus_, owners_, modules_};
  host_ = std::make_unique<shard::ShardHost>(
      shard_options_, world, 1,
      [this](io::Loop& loop) { return std::make_unique<store::OrderedCommitter>(log_, store_, loop); },
      [this](base::PartitionId partition, const bus::Owner& owner) { owners_.announce(partition, owner); });
  edge_ = std::make_unique<edge::Edge>(edge::Wiring{loop_, 0, log_, bus_, owners_, store_}, edge_options_);
  edge_->set_peers({edge_.get()});
  edge::add_host_meta(site_, "localhost");
  bus_.attach(0, loop_, [this](record::BusMessage&& message) { on_bus(std::move(message)); });
  loop_.post([this] {
    host_->start([this](base::Status status) {
      if (!status) failure_ = status.error().message;
    });
  });
  settle();
}

Connections::~Connections() { loop_.kill(); }

void Connections::create_account(const std::string& bare) {
  loop_.post([this, bare] {
    edge_->accounts().create(bare, "secret", [this](base::Result<auth::Accounts::Outcome> outcome) {
      if (!outcome) failure_ = outcome.error().message;
    });
  });
  settle();
}

void Connections::remove_account(const std::string& bare) {
  loop_.post([this, bare] {
    edge_->accounts().remove(bare, [this](base::Result<auth::Accounts::Outcome> outcome) {
      if (!outcome) failure_ = outcome.error().message;
    });
  });
  settle();
}

Caller& Connections::person(std::string_view full) {
  auto it = callers_.find(full);
  if (it == callers_.end())
    it = callers_.emplace(std::string(full), std::make_unique<Caller>(*this, std::string(full))).first;
  return *it->second;
}

// Longer than what waits to be written together, and than a proof of receipt is waited for; shorter than a silence that
// a client is asked about.
void Connections::settle() { world_.run_for(1500ms); }

void Connections::on_bus(record::BusMessage&& message) {
  if (message.entity().empty())
    edge_->on_bus(std::move(message));
  else
    host_->on_bus(std::move(message));
}

}  // namespace iris::dialogue
