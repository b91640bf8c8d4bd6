// For tests of modules: accounts without log, bus, store or partitions. Each record is applied at once, what it emits
// is applied next, what is due is written to the sessions as XML. Everything a module touches is the real thing.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "module/registry.h"
#include "record/keys.h"
#include "shard/archive_id.h"
#include "shard/jid_text.h"
#include "shard/module.h"
#include "shard/session_rows.h"
#include "shard/stanzas.h"
#include "xml/push_parser.h"
#include "xmpp/stanza.h"
#include "xmpp/stanza_table.h"

namespace iris::module {

class Stage;

class StageAccount final : public shard::Live {
 public:
  StageAccount(Stage& stage, std::string jid) : stage_(stage), jid_(std::move(jid)) {}

  const shard::Options& options() const override;
  std::string_view entity() const override { return jid_; }
  const shard::State& state() const override { return state_; }
  base::WallTime now() const override;
  std::vector<shard::Registration*> sessions() override {
    std::vector<shard::Registration*> out;
    for (auto& session : sessions_) out.push_back(session.get());
    return out;
  }
  void deliver(const shard::Registration& session, const record::Stanza& stanza) override {
    written_[session.resource].push_back(shard::to_xml(stanza));
  }
  void deliver_whole(const shard::Registration& session, const std::vector<record::Stanza>& stanzas,
                     const record::Stanza& instead) override {
    ++wholes_;
    if (no_room_) return deliver(session, instead);
    for (const auto& stanza : stanzas) deliver(session, stanza);
  }
  void forward(record::Stanza stanza) override;
  void set_carbons(shard::Registration& session, bool on) override { session.carbons = on; }
  void open_inbox(shard::Registration& session) override { inboxes_opened_.push_back(session.resource); }
  std::string archive_id(base::Stamp stamp) const override { return "id-" + std::to_string(stamp.value); }
  std::optional<base::Stamp> archive_stamp(std::string_view id) const override {
    if (!id.starts_with("id-")) return std::nullopt;
    return base::Stamp{std::stoull(std::string(id.substr(3)))};
  }
  void scan_archive(store::Range range, base::Callback<void(shard::Live&, base::Result<store::Page>)> done) override {
    ++scans_;
    auto from = rows_.lower_bound(range.from), to = range.to ? rows_.lower_bound(*range.to) : rows_.end();
    store::Page page;
    auto add = [&](const auto& row) {
      page.more = page.rows.size() == range.rows_max;
      if (!page.more) page.rows.push_back({row.first, row.second.SerializeAsString(), record::stamp_of_key(row.first)});
      return !page.more;
    };
    if (range.reverse) {
      while (from != to && add(*std::prev(to))) --to;
    } else {
      while (from != to && add(*from)) ++from;
    }
    done(*this, std::move(page));
  }

  Stage& stage_;
  std::string jid_;
  shard::State state_;
  std::vector<std::unique_ptr<shard::Registration>> sessions_;
  std::map<std::string, record::ArchiveRow> rows_;
  std::map<std::string, std::deque<std::string>> written_;  // by resource
  std::vector<std::string> inboxes_opened_;
  std::size_t scans_ = 0;
  std::size_t wholes_ = 0;  // calls of deliver_whole
  bool no_room_ = false;    // at the clients
};

class Stage {
 public:
  shard::Options options;
  std::vector<std::unique_ptr<shard::Module>> modules = make_modules();
  std::map<std::string, std::unique_ptr<StageAccount>> accounts;
  std::vector<shard::Apply::Notice> notices;
  std::uint64_t time = 1'000'000;  // of the newest record

  StageAccount& account(std::string_view bare) {
    auto& slot = accounts[std::string(bare)];
    if (!slot) slot = std::make_unique<StageAccount>(*this, std::string(bare));
    return *slot;
  }

  void change(std::string_view bare, record::AccountChange::Change what) {
    record::AccountChange change;
    change.set_change(what);
    change.mutable_reply_to()->set_node("n");
    apply(bare, [&](shard::Module& m, shard::Apply& a) { return m.on_account_change(a, change); });
  }
  // A stanza from elsewhere.
  void inbound(std::string_view bare, record::Stanza stanza) {
    record::Inbound in;
    *in.mutable_stanza() = std::move(stanza);
    apply(bare, [&](shard::Module& m, shard::Apply& a) { return m.on_inbound(a, in); });
  }
  void create(std::string_view bare) { change(bare, record::AccountChange::CREATE); }

  // A bound session of an account, that is made if need be.
  void bind(std::string_view full) {
    auto& owner = account(shard::bare_of(full));
    if (!owner.state_.find("account")) create(owner.jid_);
    auto& session = *owner.sessions_.emplace_back(std::make_unique<shard::Registration>());
    session.id = {1, 0, ++sessions_};
    session.resource = std::string(shard::resource_of(full));
    record::SessionStart start;
    *start.mutable_session() = shard::session_ref(session.id);
    start.set_resource(session.resource);
    shard::Apply apply(options, owner.jid_, {++time}, owner.state_);
    shard::apply_session_start(apply, start);
  }
  // Bound, and available; what that brings is dropped.
  void login(std::string_view full) {
    bind(full);
    send(full, "<presence/>");
    for (auto& [_, other] : accounts) other->written_.clear();
  }
  void end(std::string_view full, std::string_view status = {}) {
    auto& owner = account(shard::bare_of(full));
    auto& session = this->session(full);
    for (auto& module : modules) module->on_session_gone(owner, session);
    record::SessionEnd end;
    *end.mutable_session() = shard::session_ref(session.id);
    end.set_status(std::string(status));
    std::erase_if(owner.sessions_, [&](auto& s) { return s.get() == &session; });
    shard::Apply apply(options, owner.jid_, {++time}, owner.state_);
    shard::apply_session_end(apply, end);
    route(apply);
  }

  // A client writes: soft or logged, as the stanza table says.
  void send(std::string_view full, std::string_view xml) {
    auto& owner = account(shard::bare_of(full));
    auto parsed = xml::parse_document(std::string("<x xmlns='jabber:client'>").append(xml) + "</x>");
    auto& outer = std::get<xml::Element>(parsed);
    auto read = xmpp::read_stanza(*outer.first_child());
    auto own = *xmpp::Jid::parse(full);
    if (auto* fault = std::get_if<xmpp::StanzaFault>(&read)) {  // the edge answers it
      if (!fault->reply) return;
      fault->reply->from = own;
      owner.written_[std::string(own.resource())].push_back(
          xmpp::make_error_reply(*fault->reply, fault->error).to_xml());
      return;
    }
    auto* stanza = std::get_if<xmpp::Stanza>(&read);
    auto fate = xmpp::fate_of(*stanza, own);
    record::Stanza out;
    out.set_kind(static_cast<record::Kind>(stanza->kind));
    out.set_type(stanza->type);
    out.set_id(stanza->id);
    out.set_from(std::string(full));
    if (stanza->to) out.set_to(stanza->to->to_string());
    out.set_inner(stanza->inner());
    out.set_fate(fate.bits());
    if (fate.logged) return submit(owner, session(full), std::move(out));
    if (out.kind() == record::PRESENCE) {
      for (auto& module : modules)
        if (module->on_presence(owner, session(full), out)) return;
    } else if (out.kind() == record::IQ && (out.to().empty() || out.to() == owner.jid_)) {
      query(owner, &session(full), std::move(out));
    } else {
      for (auto& module : modules)
        if (module->on_soft(owner, session(full), out)) return;
      if (out.to().empty()) out.set_to(owner.jid_);
      owner.forward(std::move(out));
    }
  }

  // What was written to a session since the last look, in order.
  std::vector<std::string> read(std::string_view full) {
    auto& queue = account(shard::bare_of(full)).written_[std::string(shard::resource_of(full))];
    std::vector<std::string> out(queue.begin(), queue.end());
    queue.clear();
    return out;
  }

  shard::Registration& session(std::string_view full) {
    for (auto& session : account(shard::bare_of(full)).sessions_)
      if (session->resource == shard::resource_of(full)) return *session;
    ADD_FAILURE() << full << " is not bound";
    std::abort();
  }

 private:
  friend class StageAccount;

  template <typename Hook>
  void apply(std::string_view bare, Hook&& hook) {
    auto& target = account(bare);
    shard::Apply apply(options, target.jid_, {++time}, target.state_);
    for (auto& module : modules)
      if (hook(*module, apply)) break;
    carry_out(target, apply);
  }

  void submit(StageAccount& owner, shard::Registration& session, record::Stanza stanza) {
    record::Submit submit;
    *submit.mutable_session() = shard::session_ref(session.id);
    *submit.mutable_stanza() = std::move(stanza);
    apply(owner.jid_, [&](shard::Module& m, shard::Apply& a) { return m.on_submit(a, submit); });
  }

  void carry_out(StageAccount& target, shard::Apply& apply) {
    for (auto& call : apply.take_beforehand()) call(target);
    if (apply.forgets_rows()) target.rows_.clear();
    if (apply.kept()) {
      target.rows_[record::key_of(apply.stamp())] = *apply.kept();
      for (auto& session : target.sessions_) write_row(target, *session, *apply.kept());
    }
    for (const auto& answer : apply.answers())
      for (auto& session : target.sessions_)
        if (shard::session_ref(session->id).number() == answer.session.number())
          target.deliver(*session, answer.stanza);
    notices.insert(notices.end(), apply.notices().begin(), apply.notices().end());
    auto soft = apply.take_afterwards();
    route(apply);
    for (auto& call : soft) call(target);
  }
  void route(shard::Apply& apply) {
    for (auto emitted : apply.emissions())
      this->apply(emitted.to_bare, [&](shard::Module& m, shard::Apply& a) { return m.on_inbound(a, emitted.inbound); });
  }
  static void write_row(StageAccount& target, const shard::Registration& session, const record::ArchiveRow& row) {
    bool due = (row.inbox() && session.entitled()) || (row.interested() && session.interested) ||
               (row.blocklist() && session.blocklist) ||
               (!row.resource().empty() && row.resource() == session.resource);
    if (!due) return;
    target.deliver(session, row.stanza());
    for (const auto& also : row.also()) target.deliver(session, also);
  }

  void query(StageAccount& target, const shard::Registration* own, record::Stanza request) {
    shard::Query query;
    query.request = std::move(request);
    query.own = own != nullptr;
    if (own) query.session = own->id;
    auto read = xmpp::read_stanza({xmpp::Kind::iq, query.request.type(), query.request.id()}, query.request.inner());
    query.payload = std::get<xmpp::Stanza>(std::move(read));
    query.child_name = query.payload.first_child()->name;
    query.child_ns = query.payload.first_child()->ns;
    for (auto& module : modules)
      if (module->on_query(target, query)) return;
    auto error = xmpp::unhandled_at_account(query.request.type(), query.child_ns);
    if (error) shard::reply(target, query, shard::error_reply(query.request, *error));
  }

  std::uint64_t sessions_ = 0;
};

inline base::WallTime StageAccount::now() const {
  return base::WallTime(base::Duration(static_cast<std::int64_t>(stage_.time)));
}
inline const shard::Options& StageAccount::options() const { return stage_.options; }
inline void StageAccount::forward(record::Stanza stanza) {
  auto& target = stage_.account(shard::bare_of(stanza.to()));
  if (stanza.kind() == record::PRESENCE) {
    for (auto& module : stage_.modules)
      if (module->on_presence_in(target, stanza)) return;
  }
  for (auto& module : stage_.modules)
    if (stanza.kind() != record::PRESENCE && module->on_soft_in(target, stanza)) return;
  bool bare = shard::is_bare(stanza.to());
  if (bare && stanza.kind() == record::IQ && (stanza.type() == "get" || stanza.type() == "set"))
    return stage_.query(target, nullptr, std::move(stanza));
  for (auto& session : target.sessions_)
    if (bare ? stanza.kind() == record::MESSAGE && session->entitled()
             : session->resource == shard::resource_of(stanza.to()))
      target.deliver(*session, stanza);
}

}  // namespace iris::module
