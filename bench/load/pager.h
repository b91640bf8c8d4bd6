// People who page through their archives (XEP-0313, XEP-0059), page after page, from the newest back to the oldest or
// slice by slice of time.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "load/client.h"
#include "load/histogram.h"

namespace iris::load {

// "2024-02-29T12:00:00.123456Z" (XEP-0082)
std::string utc_text(std::int64_t microseconds_since_1970);
std::int64_t utc_now_microseconds();

class Pager final : private Client::User {
 public:
  struct Options {
    std::uint32_t page = 50;
    // By date: this time is cut into so many slices, asked for in turn. 0: newest first, the whole archive.
    std::uint32_t slices = 0;
    std::int64_t from = 0, until = 0;  // microseconds since 1970
    std::string tag;                   // of the messages that are counted
  };
  Pager(std::vector<Client*> readers, const Options& options);
  void start();
  void stop() { working_ = false; }
  bool idle() const { return asking_ == 0; }
  bool broken() const { return !trouble_.empty(); }
  const std::string& trouble() const { return trouble_; }
  std::uint64_t pages() const { return pages_; }
  std::uint64_t messages() const { return messages_; }
  const Histogram& times() const { return times_; }  // of a page
  // The fewest messages of ours that a reader found when it had read its whole archive once; -1: none has.
  std::int64_t fewest_found() const;

 private:
  struct Reader {
    Client* client;
    std::string before;  // the page that is asked for ends before this id; empty: at the newest
    std::string after;   // within a slice
    std::uint32_t slice = 0;
    Nanos asked = 0;
    std::int64_t found = 0, found_whole = -1;
  };
  void on_ready(Client&) override {}
  void on_stanza(Client& client, std::string_view name, std::string_view stanza) override;
  void on_acked(Client&, std::uint32_t) override {}
  void on_down(Client&, std::string_view why) override;
  void ask(Reader& reader);
  void page_came(Reader& reader, std::string_view iq);
  void whole_read(Reader& reader);
  std::string slice_form(std::uint32_t slice) const;

  Options options_;
  std::vector<Reader> readers_;  // at its client's number
  bool working_ = false;
  std::size_t asking_ = 0;
  std::uint64_t pages_ = 0, messages_ = 0;
  std::string trouble_;
  Histogram times_;
};

}  // namespace iris::load
