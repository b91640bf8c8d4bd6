// What is kept from a client that nobody looks at (XEP-0352): presence and chat states, of each sender the newest, in
// the order in which they came. Nothing here was written, so nothing of it counts in XEP-0198. Bounded: its owner lets
// all of it go when it is full. Pure.
#pragma once
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "record/record.pb.h"
#include "xml/element.h"

namespace iris::edge {

// Whose place a stanza would take among those held. Nothing: it is of importance, or makes nothing out of date.
std::optional<std::string> held_as(const xml::Element& stanza);

class Held {
 public:
  Held(std::size_t stanzas_max, std::size_t bytes_max) : stanzas_max_(stanzas_max), bytes_max_(bytes_max) {}

  enum class Verdict { kept, replaced, important };
  // `xml`: in default namespace jabber:client. What is important is not kept: its owner writes first what is held, then
  // that.
  Verdict take(record::Kind kind, std::string_view xml);
  bool is_full() const { return entries_.size() >= stanzas_max_ || bytes_ >= bytes_max_; }
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

  // Calls visit(kind, xml) for all, in order, and forgets them.
  template <typename Visit>
  void release(Visit&& visit) {
    places_.clear();
    bytes_ = 0;
    for (auto& entry : std::exchange(entries_, {})) visit(entry.kind, std::move(entry.xml));
  }

 private:
  struct Entry {
    record::Kind kind{};
    std::string xml;
  };
  const std::size_t stanzas_max_;
  const std::size_t bytes_max_;
  std::list<Entry> entries_;
  std::unordered_map<std::string, std::list<Entry>::iterator> places_;  // by held_as()
  std::size_t bytes_ = 0;
};

}  // namespace iris::edge
