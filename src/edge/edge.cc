#include "edge/edge.h"

#include <utility>

#include "base/log.h"
#include "edge/feature.h"
#include "edge/stream.h"
#include "edge/transport.h"
#include "record/codec.h"
#include "record/partition.h"

namespace iris::edge {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr base::Duration kSweep = 2s;  // parsers of streams that were silent that long give back their 11 KB
constexpr base::Duration kQuietCheck = 20ms;

SessionContext session_context(const Wiring& wiring, const Options& options, Features* features) {
  return {wiring.loop, wiring.log, wiring.bus, wiring.owners, options, features};
}

}  // namespace

struct Edge::Question {
  std::string account;
  base::SessionId session;
  unsigned attempts = 0;
  io::TimerId again;
  base::Callback<void(Result<std::optional<std::uint64_t>>)> done;
};

Edge::Edge(Wiring wiring, const Options& options)
    : wiring_(std::move(wiring)),
      options_(options),
      credentials_(wiring_.store, wiring_.loop, wiring_.worker, options.secret, options.scram_iterations),
      accounts_(wiring_.log, wiring_.loop, wiring_.worker, {options.node, wiring_.number},
                {.scram_iterations = options.scram_iterations}),
      features_(std::make_unique<Features>(make_features(*this))),
      sessions_(session_context(wiring_, options, features_.get()), wiring_.number),
      next_request_(wiring_.loop.random().next()) {
  sweep();
}

Edge::~Edge() {
  *alive_ = false;
  wiring_.loop.cancel(sweep_timer_);
  for (const auto& stream : streams_) stream->let_go();
}

std::shared_ptr<net::ConnectionHandler> Edge::accept(const std::shared_ptr<net::Connection>& connection,
                                                     bool direct_tls) {
  if (shutting_down_) return nullptr;
  return carry(connection, direct_tls ? nullptr : wiring_.tls, [this](std::shared_ptr<Transport> transport) {
    auto stream = std::make_shared<Stream>(*this, std::move(transport));
    add(stream);
    stream->start();
    return stream;
  });
}

std::shared_ptr<net::WebSocketHandler> Edge::accept(const std::shared_ptr<net::WebSocketConnection>& connection) {
  if (shutting_down_) return nullptr;
  return carry(connection, [this](std::shared_ptr<Transport> transport) {
    auto stream = std::make_shared<Stream>(*this, std::move(transport));
    add(stream);
    stream->start();
    return stream;
  });
}

void Edge::add(std::shared_ptr<Stream> stream) { streams_.insert(std::move(stream)); }
void Edge::remove(Stream& stream) {
  warm_.erase(&stream);
  streams_.erase(stream.shared_from_this());
}

void Edge::warm(Stream& stream) { warm_.insert(&stream); }

Edge::Stats Edge::stats() const { return {streams_.size(), sessions_.size()}; }

void Edge::sweep() {
  std::erase_if(warm_, [](Stream* stream) { return stream->cool_down(); });
  sweep_timer_ = wiring_.loop.after(kSweep, [this, alive = alive_] {
    if (*alive) sweep();
  });
}

// ---------------------------------------------------------------- Bus

void Edge::on_bus(record::BusMessage&& message) {
  if (message.has_account_changed()) return accounts_.on_bus(message.account_changed());
  if (message.has_session_info() && message.session_info().request() != 0) {
    const auto& info = message.session_info();
    auto node = questions_.extract(info.request());
    if (!node) return;
    wiring_.loop.cancel(node.mapped().again);
    std::optional<std::uint64_t> last;
    if (info.known()) last = info.last_number();
    return node.mapped().done(last);
  }
  if (message.has_session()) sessions_.on_bus(std::move(message));
}

void Edge::ask_last_number(const xmpp::Jid& account, const base::SessionId& session,
                           base::Callback<void(Result<std::optional<std::uint64_t>>)> done) {
  const std::uint64_t request = ++next_request_;
  questions_.emplace(request, Question{account.to_string(), session, 0, {}, std::move(done)});
  ask(request);
}

// Asked again when the answer got lost on the Bus; the record may stand twice.
void Edge::ask(std::uint64_t request) {
  auto it = questions_.find(request);
  if (it == questions_.end()) return;
  Question& question = it->second;
  auto give_up = [this, alive = alive_, request](Error error) {
    if (!*alive) return;
    auto node = questions_.extract(request);
    if (!node) return;
    wiring_.loop.cancel(node.mapped().again);
    node.mapped().done(std::move(error));
  };
  if (++question.attempts > options_.resume_attempts_max)
    return give_up({Errc::unavailable, "the session's shard does not answer"});
  record::Record record;
  record.set_time(static_cast<std::uint64_t>(wiring_.loop.clock().wall().time_since_epoch().count()));
  record.set_entity(question.account);
  auto& end = *record.mutable_session_end();
  *end.mutable_session() = session_ref(question.session);
  end.mutable_reply_to()->set_node(options_.node);
  end.mutable_reply_to()->set_loop(wiring_.number);
  end.set_request(request);
  question.again = wiring_.loop.after(options_.resume_again, [this, alive = alive_, request] {
    if (*alive) ask(request);
  });
  wiring_.log.append(record::partition_of(question.account, wiring_.log.partitions()),
                     record::encode(std::move(record)), wiring_.loop, [give_up](Result<base::Offset> offset) {
                       if (!offset) give_up(offset.error());
                     });
}

// ---------------------------------------------------------------- the end

void Edge::shutdown(base::Callback<void()> done) {
  shutting_down_ = true;
  quiet_ = std::move(done);
  goodbye_until_ = wiring_.loop.clock().steady() + options_.goodbye_timeout;
  auto streams = streams_;
  for (const auto& stream : streams) stream->shut_down();
  sessions_.each([](Session& session) { session.end("the server shuts down"); });
  check_quiet();
}

void Edge::check_quiet() {
  const bool said = streams_.empty() || wiring_.loop.clock().steady() >= goodbye_until_;
  if (sessions_.size() == 0 && said) {
    if (quiet_) std::exchange(quiet_, nullptr)();
    return;
  }
  wiring_.loop.after(kQuietCheck, [this, alive = alive_] {
    if (*alive) check_quiet();
  });
}

}  // namespace iris::edge
