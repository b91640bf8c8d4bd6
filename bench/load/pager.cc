#include "load/pager.h"

#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/check.h"
#include "load/message.h"

namespace iris::load {

std::string utc_text(std::int64_t microseconds) {
  const std::time_t seconds = microseconds / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%06dZ", static_cast<int>(microseconds % 1'000'000));
  return text;
}

std::int64_t utc_now_microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Pager::Pager(std::vector<Client*> readers, const Options& options) : options_(options) {
  for (Client* client : readers) {
    IRIS_CHECK(client->number() == readers_.size());
    client->set_user(*this);
    readers_.push_back({.client = client, .before = {}, .after = {}});
  }
}

void Pager::start() {
  working_ = true;
  for (Reader& reader : readers_) ask(reader);
}

std::string Pager::slice_form(std::uint32_t slice) const {
  const std::int64_t length = (options_.until - options_.from) / options_.slices;
  const std::int64_t begin = options_.from + slice * length;
  return "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value>"
         "</field><field var='start'><value>" +
         utc_text(begin) + "</value></field><field var='end'><value>" + utc_text(begin + length) +
         "</value></field></x>";
}

void Pager::ask(Reader& reader) {
  if (!working_ || !reader.client->ready()) return;
  ++asking_;
  reader.asked = now();
  std::string query = "<iq type='set' id='page'><query xmlns='urn:xmpp:mam:2'>";
  if (options_.slices > 0) query += slice_form(reader.slice);
  query += "<set xmlns='http://jabber.org/protocol/rsm'><max>" + std::to_string(options_.page) + "</max>";
  if (options_.slices == 0) {
    query += reader.before.empty() ? "<before/>" : "<before>" + reader.before + "</before>";
  } else if (!reader.after.empty()) {
    query += "<after>" + reader.after + "</after>";
  }
  reader.client->send(query + "</set></query></iq>");
}

void Pager::on_stanza(Client& client, std::string_view name, std::string_view stanza) {
  Reader& reader = readers_[client.number()];
  if (name == "iq" && attribute(stanza, "id") == "page") return page_came(reader, stanza);
  if (name != "message" || !has_tag(stanza, "result")) return;
  ++messages_;
  const std::size_t inner = stanza.find("<message", 1);
  if (inner != std::string_view::npos && read_mark(attribute(stanza.substr(inner), "id"), options_.tag)) ++reader.found;
}

void Pager::page_came(Reader& reader, std::string_view iq) {
  --asking_;
  if (attribute(iq, "type") != "result") {
    if (trouble_.empty()) trouble_ = "a page was refused: " + std::string(iq.substr(0, 400));
    return;
  }
  times_.record(now() - reader.asked);
  ++pages_;
  const std::size_t fin = iq.find("<fin");
  const std::string_view complete = fin == std::string_view::npos ? "" : attribute(iq.substr(fin), "complete");
  const std::string_view edge = child_text(iq, options_.slices == 0 ? "first" : "last");
  if (complete == "true" || edge.empty()) {
    reader.before.clear();
    reader.after.clear();
    if (options_.slices == 0 || ++reader.slice == options_.slices) whole_read(reader);
  } else {
    (options_.slices == 0 ? reader.before : reader.after) = edge;
  }
  ask(reader);
}

void Pager::whole_read(Reader& reader) {
  reader.slice = 0;
  if (reader.found_whole < 0) reader.found_whole = reader.found;
  reader.found = 0;
}

std::int64_t Pager::fewest_found() const {
  std::int64_t fewest = -1;
  for (const Reader& reader : readers_)
    if (reader.found_whole >= 0 && (fewest < 0 || reader.found_whole < fewest)) fewest = reader.found_whole;
  return fewest;
}

void Pager::on_down(Client&, std::string_view why) {
  if (trouble_.empty()) trouble_ = "a reader's session ended: " + std::string(why);
}

}  // namespace iris::load
