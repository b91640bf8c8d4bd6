#include "load/rosters.h"

#include "base/check.h"

namespace iris::load {
namespace {

constexpr std::uint32_t kAskedMax = 20;  // of one person, not yet granted

std::string bare(std::string_view jid) { return std::string(jid.substr(0, jid.find('/'))); }

}  // namespace

Rosters::Rosters(const Target& target, std::vector<Client*> clients, std::uint32_t group_size)
    : target_(target), group_size_(group_size) {
  for (Client* client : clients) {
    IRIS_CHECK(client->number() == people_.size());
    client->set_user(*this);
    people_.push_back({.client = client});
  }
}

void Rosters::start() {
  for (Person& person : people_)
    person.client->send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
}

void Rosters::take_items(Person& person, std::string_view iq) {
  for (std::size_t at = iq.find("<item"); at != std::string_view::npos; at = iq.find("<item", at + 1)) {
    const std::string_view item = iq.substr(at);
    if (attribute(item, "subscription") != "both") continue;
    if (person.contacts.insert(bare(attribute(item, "jid"))).second) ++there_;
  }
}

void Rosters::list_missing(std::size_t number) {
  Person& person = people_[number];
  const std::size_t group = number / group_size_ * group_size_;
  for (std::size_t i = group; i < group + group_size_; ++i) {
    std::string jid = target_.bare_jid(people_[i].client->account());
    if (i != number && !person.contacts.contains(jid)) person.unasked.push_back(std::move(jid));
  }
  ask(person);
}

void Rosters::ask(Person& person) {
  while (!person.unasked.empty() && person.asked < kAskedMax) {
    person.client->send("<presence type='subscribe' to='" + person.unasked.back() + "'/>");
    person.unasked.pop_back();
    ++person.asked;
  }
}

void Rosters::on_stanza(Client& client, std::string_view name, std::string_view stanza) {
  Person& person = people_[client.number()];
  const std::string_view type = attribute(stanza, "type");
  if (name == "iq" && has_tag(stanza, "query")) {
    take_items(person, stanza);
    if (type == "result") list_missing(client.number());
  } else if (name == "presence" && type == "subscribe") {
    client.send("<presence type='subscribed' to='" + bare(attribute(stanza, "from")) + "'/>");
  } else if (name == "presence" && type == "subscribed") {
    if (person.asked > 0) --person.asked;
    ask(person);
  } else if (name == "presence" && type == "error" && trouble_.empty()) {
    trouble_ = "a subscription was refused: " + std::string(stanza.substr(0, 400));
  }
}

void Rosters::on_down(Client&, std::string_view why) {
  if (trouble_.empty()) trouble_ = "a session ended while rosters were made: " + std::string(why);
}

}  // namespace iris::load
