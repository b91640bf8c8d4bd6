// The reader beside expat: of any bytes, in any pieces, both make the same events or both refuse. What they may differ
// in: limits of the reader's own, when something is found to be wrong, and names that XML 1.0's fifth edition allows
// and its fourth, which expat follows, does not.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "expat_reader.h"
#include "xml/reader.h"

namespace {

using namespace iris::xml;

struct Journal final : ReaderEvents {
  void on_namespace(std::string_view prefix, std::string_view uri) override {
    add("ns " + std::string(prefix) + "=" + std::string(uri));
  }
  void on_start(const QualifiedName& name, std::vector<Attribute> attributes) override {
    std::string event = "<" + std::string(name.prefix) + "|" + std::string(name.ns) + "|" + std::string(name.local);
    for (const Attribute& one : attributes) event += "\n" + one.ns + "|" + one.name + "=" + one.value;
    add(std::move(event));
  }
  void on_text(std::string_view text) override {
    if (!std::exchange(in_text, true)) events.emplace_back("'");
    events.back() += text;
  }
  void on_end() override { add(">"); }
  void add(std::string event) {
    in_text = false;
    events.push_back(std::move(event));
  }
  std::vector<std::string> events;
  bool in_text = false;
};

struct Reading {
  Journal journal;
  bool refused = false;
};

template <typename Kind>
Reading read(std::string_view bytes, std::size_t piece, bool last) {
  Reading out;
  Kind reader(out.journal, kOwnLimits);
  do {
    const auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    out.refused = reader.parse(part, last && bytes.empty()).has_value();
  } while (!bytes.empty() && !out.refused);
  return out;
}

// A name with a character beyond ASCII somewhere in a tag.
bool may_hold_a_newer_name(std::string_view bytes) {
  return std::ranges::any_of(bytes, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

void check_same(Reading ours, Reading theirs, bool last) {
  IRIS_CHECK(ours.refused == theirs.refused);
  if (ours.refused) return;
  auto& a = ours.journal.events;
  auto& b = theirs.journal.events;
  if (!last) {  // how much of an unfinished text is handed on is up to the reader
    for (auto* events : {&a, &b})
      if (!events->empty() && events->back().starts_with('\'')) events->pop_back();
  }
  IRIS_CHECK(a == b);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read<Reader>(bytes, bytes.size() + 1, true);
  const auto cut = read<Reader>(bytes, piece, true);
  IRIS_CHECK(whole.refused == cut.refused);
  if (!whole.refused) IRIS_CHECK(whole.journal.events == cut.journal.events);

  const auto expat = read<ExpatReader>(bytes, bytes.size() + 1, true);
  if (may_hold_a_newer_name(bytes) && whole.refused != expat.refused) {
    IRIS_CHECK(expat.refused);  // never the other way round
    return 0;
  }
  check_same(whole, expat, true);
  const auto begun = read<Reader>(bytes, piece, false), theirs = read<ExpatReader>(bytes, bytes.size() + 1, false);
  // A wrong tag that is not finished may be found out by one and not yet by the other.
  if (!begun.refused && !theirs.refused) check_same(begun, theirs, false);
  return 0;
}
