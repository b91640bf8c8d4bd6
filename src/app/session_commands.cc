#include "app/session_commands.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "xmpp/jid.h"

namespace iris::app {
namespace {

using base::Errc;
using base::Error;
using Json = nlohmann::json;
using Reply = admin::AdminSocket::Reply;

constexpr std::size_t kPage = 500;

// Whose sessions are meant: all, an account's, or one.
struct Whose {
  std::optional<xmpp::Jid> jid;
  bool includes(const edge::Session& session) const {
    if (!jid) return true;
    return jid->is_bare() ? session.account() == jid->bare_view() : session.jid() == *jid;
  }
};

base::Result<Whose> read_whose(const Json& args, const std::string& domain) {
  const std::string typed = args.is_object() ? args.value("jid", "") : "";
  if (typed.empty()) return Whose{};
  const std::size_t slash = typed.find('/');
  const bool whole = typed.substr(0, slash).find('@') != std::string::npos;
  const std::string text =
      whole ? typed : typed.substr(0, slash) + "@" + domain + (slash == std::string::npos ? "" : typed.substr(slash));
  auto jid = xmpp::Jid::parse(text);
  if (!jid || !jid->has_local())
    return Error{Errc::invalid, "'" + typed + "' is no address of an account or session; one looks like juliet@" +
                                    domain + " or juliet@" + domain + "/balcony"};
  if (jid->domain() != domain)
    return Error{Errc::invalid, "accounts of this server are @" + domain + ", not @" + std::string(jid->domain())};
  return Whose{std::move(jid)};
}

Json to_json(const edge::SessionFacts& facts) {
  using std::chrono::duration_cast, std::chrono::seconds;
  Json out{{"jid", facts.jid},
           {"session", facts.name},
           {"connected", !facts.peer.empty()},
           {"peer", facts.peer},
           {"available", facts.available},
           {"managed", facts.managed},
           {"unacked", facts.unacked},
           {"age_seconds", duration_cast<seconds>(facts.age).count()},
           {"silent_seconds", duration_cast<seconds>(facts.silent).count()}};
  if (facts.available) out["priority"] = facts.priority;
  return out;
}

// A walk over the loops, one after the other, until a page is full.
struct Walk {
  const AdminWorld world;
  const Whose whose;
  std::size_t place;
  std::uint64_t number;
  Json sessions = Json::array();
  Reply reply;
};

void list(std::shared_ptr<Walk> walk) {
  io::Loop& home = walk->world.places[0]->loop();
  if (walk->place >= walk->world.places.size() || walk->sessions.size() >= kPage) {
    const bool end = walk->place >= walk->world.places.size();
    const std::string next = end ? "" : std::to_string(walk->place) + "/" + std::to_string(walk->number);
    return walk->reply(Json{{"sessions", std::move(walk->sessions)}, {"next", next}}.dump());
  }
  Place* const place = walk->world.places[walk->place].get();
  place->loop().post([walk = std::move(walk), place, &home] {
    bool full = false;
    place->edge().sessions().each_from(walk->number, [&](const edge::Session& session) {
      full = walk->sessions.size() >= kPage;
      walk->number = session.id().number;
      if (full) return false;
      if (!session.is_over() && walk->whose.includes(session)) walk->sessions.push_back(to_json(session.facts()));
      return true;
    });
    if (!full) ++walk->place, walk->number = 0;
    home.post([walk] { list(walk); });
  });
}

void start_list(const AdminWorld& world, const std::string& text, Reply reply) {
  const Json args = Json::parse(text, nullptr, false);
  auto whose = read_whose(args, world.config.domain);
  if (!whose) return reply(whose.error());
  std::size_t place = 0;
  std::uint64_t number = 0;
  const std::string after = args.is_object() ? args.value("after", "") : "";
  const auto slash = after.find('/');
  if (slash != std::string::npos) {
    std::from_chars(after.data(), after.data() + slash, place);
    std::from_chars(after.data() + slash + 1, after.data() + after.size(), number);
  }
  list(std::make_shared<Walk>(Walk{world, *std::move(whose), place, number, Json::array(), std::move(reply)}));
}

// With the message that a shard would send by the Bus, but not by the Bus, which may lose it: the session tells its
// client, and then its shard.
std::size_t end_on(edge::Edge& edge, const Whose& whose, const std::string& text) {
  std::vector<record::SessionRef> meant;
  edge.sessions().each_from(0, [&](const edge::Session& session) {
    if (session.is_over() || !whose.includes(session)) return true;
    base::log(base::Level::info, "an operator ends a session",
              {{"session", session.name()}, {"account", session.account()}});
    meant.push_back(edge::session_ref(session.id()));
    return true;
  });
  for (const record::SessionRef& session : meant) {
    record::BusMessage message;
    *message.mutable_session() = session;
    message.mutable_end_session()->set_condition("policy-violation");
    message.mutable_end_session()->set_text(text);
    edge.on_bus(std::move(message));
  }
  return meant.size();
}

struct Ending {
  const AdminWorld world;
  const Whose whose;
  const std::string text;
  std::size_t left;
  std::size_t ended = 0;
  Reply reply;
};

void finish(Ending& ending) {
  if (ending.ended == 0 && ending.whose.jid)
    return ending.reply(Error{Errc::not_found, ending.whose.jid->to_string() + " has no session here"});
  ending.reply(Json{{"ended", ending.ended}}.dump());
}

void end(const AdminWorld& world, const std::string& args_text, Reply reply) {
  const Json args = Json::parse(args_text, nullptr, false);
  auto whose = read_whose(args, world.config.domain);
  if (!whose) return reply(whose.error());
  if (!whose->jid && !args.value("all", false))
    return reply(Error{Errc::invalid, "say whose session: JID, JID/resource, or all"});
  std::string text = args.value("text", "");
  if (text.empty()) text = "ended by an operator";
  auto ending = std::make_shared<Ending>(
      Ending{world, *std::move(whose), std::move(text), world.places.size(), 0, std::move(reply)});
  io::Loop& home = world.places[0]->loop();
  for (std::size_t i = 0; i < world.places.size(); ++i)
    world.places[i]->loop().post([ending, i, &home] {
      const std::size_t ended = end_on(ending->world.places[i]->edge(), ending->whose, ending->text);
      home.post([ending, ended] {
        ending->ended += ended;
        if (--ending->left == 0) finish(*ending);
      });
    });
}

}  // namespace

void add_session_commands(admin::AdminSocket& socket, const AdminWorld& world) {
  socket.add_command("session-list",
                     [world](const std::string& args, Reply reply) { start_list(world, args, std::move(reply)); });
  socket.add_command("session-end",
                     [world](const std::string& args, Reply reply) { end(world, args, std::move(reply)); });
}

}  // namespace iris::app
