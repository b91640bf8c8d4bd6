#include "xml/push_parser.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"
#include "xml/reader.h"
#include "xml/tree_builder.h"
#include "xml/writer.h"

namespace iris::xml {

std::string_view to_string(Fault fault) noexcept {
  switch (fault) {
    case Fault::not_well_formed: return "not-well-formed";
    case Fault::restricted_xml: return "restricted-xml";
    case Fault::policy_violation: return "policy-violation";
    case Fault::unsupported_encoding: return "unsupported-encoding";
    case Fault::bad_namespace_prefix: return "bad-namespace-prefix";
    case Fault::bad_format: return "bad-format";
  }
  return "bad-format";
}

class PushParser::Core final : public ReaderEvents {
 public:
  Core(StreamHandler& handler, ParserLimits limits) : handler_(handler), limits_(limits) {}

  std::optional<ParseError> feed(std::string_view bytes);
  void reset(Rest rest);
  void set_limits(const ParserLimits& limits) { limits_ = limits; }
  void stop();
  bool release_if_idle();
  bool is_open() const { return open_ && !closed_; }
  bool is_released() const { return live_ == nullptr; }

 private:
  struct Declaration {
    std::string prefix;
    std::string uri;
  };
  // What it takes to parse; gone while the stream is silent.
  struct Live {
    Live(Core& core, const ParserLimits& limits) : tree(limits), reader(core, limits) {}
    std::vector<Declaration> declarations;  // of the stream's start tag, until it is complete
    TreeBuilder tree;
    Reader reader;
  };

  void on_namespace(std::string_view prefix, std::string_view uri) override;
  void on_start(const QualifiedName& name, std::vector<Attribute> attributes) override;
  void on_text(std::string_view text) override;
  void on_end() override;
  void open_stream(const QualifiedName& name, std::vector<Attribute> attributes);
  bool is_within_size();

  void make_reader();
  void begin_again();

  StreamHandler& handler_;
  ParserLimits limits_;
  std::unique_ptr<Live> live_;
  std::optional<ParseError> error_;
  // The stream's start tag, as far as it takes to go on with a new reader in the middle of the stream: its name, which
  // the end tag has to match, and what namespaces it declared. Empty before it.
  std::string start_tag_;

  std::uint64_t consumed_ = 0;  // position in the reader's bytes up to which all is stanzas handed on, or whitespace
  bool open_ = false;
  bool closed_ = false;
  bool stopped_ = false;
  bool reviving_ = false;  // the reader is being fed the synthetic header
  bool feeding_ = false;
  bool whitespace_ = false;    // told in this feed() already
  std::optional<Rest> reset_;  // asked for in a callback
};

std::optional<ParseError> PushParser::Core::feed(std::string_view bytes) {
  IRIS_CHECK(!feeding_);
  whitespace_ = false;
  while (!bytes.empty() && !error_ && !closed_ && !stopped_) {
    if (live_ == nullptr) make_reader();
    Reader& reader = live_->reader;
    const std::uint64_t before = reader.bytes_parsed();
    feeding_ = true;
    auto error = reader.parse(bytes, false);
    feeding_ = false;
    if (reset_) {
      const auto used = static_cast<std::size_t>(consumed_ - before);
      bytes = reset_ == Rest::drop ? std::string_view() : bytes.substr(std::min(used, bytes.size()));
      begin_again();
      continue;
    }
    error_ = std::move(error);
    if (!error_ && !closed_ && !stopped_) {
      const std::size_t limit = open_ ? limits_.stanza_bytes_max : limits_.header_bytes_max;
      if (reader.bytes_parsed() - consumed_ > limit) error_ = {Fault::policy_violation, "stanza too big"};
    }
    if (error_) live_->tree.clear();
    break;
  }
  return error_;
}

void PushParser::Core::reset(Rest rest) {
  if (!feeding_) return begin_again();
  reset_ = rest;
  live_->reader.stop();
}

void PushParser::Core::stop() {
  stopped_ = true;
  if (feeding_) live_->reader.stop();
}

bool PushParser::Core::release_if_idle() {
  if (feeding_ || live_ == nullptr) return live_ == nullptr;
  const bool is_between = live_->reader.bytes_parsed() == consumed_ && !live_->reader.is_in_cdata();
  if (error_ || closed_ || stopped_ || is_between) {
    live_.reset();
    return true;
  }
  return false;
}

void PushParser::Core::make_reader() {
  live_ = std::make_unique<Live>(*this, limits_);
  consumed_ = 0;
  if (!open_) return;
  reviving_ = true;
  const auto error = live_->reader.parse(start_tag_, false);
  reviving_ = false;
  IRIS_CHECK(!error);
  consumed_ = live_->reader.bytes_parsed();
}

void PushParser::Core::begin_again() {
  live_.reset();
  error_.reset();
  reset_.reset();
  start_tag_.clear();
  open_ = closed_ = stopped_ = false;
}

void PushParser::Core::on_namespace(std::string_view prefix, std::string_view uri) {
  if (!open_) live_->declarations.push_back({std::string(prefix), std::string(uri)});
}

void PushParser::Core::on_start(const QualifiedName& name, std::vector<Attribute> attributes) {
  if (reviving_) return;
  if (!open_) return open_stream(name, std::move(attributes));
  if (!is_within_size()) return;
  if (const char* limit = live_->tree.start(name, std::move(attributes)))
    live_->reader.fail(Fault::policy_violation, limit);
}

void PushParser::Core::open_stream(const QualifiedName& name, std::vector<Attribute> attributes) {
  consumed_ = live_->reader.event_end();
  start_tag_.assign(1, '<');
  if (!name.prefix.empty()) start_tag_.append(name.prefix) += ':';
  start_tag_ += name.local;
  std::string default_ns;
  for (const Declaration& declaration : std::exchange(live_->declarations, {})) {
    const auto attribute = declaration.prefix.empty() ? "xmlns" : std::string("xmlns:").append(declaration.prefix);
    append_attribute(start_tag_, attribute, declaration.uri);
    if (declaration.prefix.empty()) default_ns = declaration.uri;
  }
  start_tag_ += '>';
  start_tag_.shrink_to_fit();
  // Both as it came and as it would be written again: escaping may make it longer.
  if (std::max<std::size_t>(consumed_, start_tag_.size()) > limits_.header_bytes_max) {
    return live_->reader.fail(Fault::policy_violation, "stream header too big");
  }
  open_ = true;
  Element header(name.local, name.ns);
  header.attributes = std::move(attributes);
  handler_.on_stream_open(std::move(header), default_ns);
}

void PushParser::Core::on_text(std::string_view text) {
  if (!live_->tree.is_empty()) {
    if (!is_within_size()) return;
    if (const char* limit = live_->tree.text(text)) live_->reader.fail(Fault::policy_violation, limit);
    return;
  }
  if (text.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    return live_->reader.fail(Fault::bad_format, "text between stanzas");
  }
  consumed_ = live_->reader.event_end();
  if (!std::exchange(whitespace_, true)) handler_.on_whitespace();
}

void PushParser::Core::on_end() {
  if (live_->tree.is_empty()) {
    consumed_ = live_->reader.event_end();
    closed_ = true;
    handler_.on_stream_close();
    if (!reset_) live_->reader.stop();
    return;
  }
  if (!is_within_size() || !live_->tree.end()) return;
  const std::uint64_t begin = std::exchange(consumed_, live_->reader.event_end());
  handler_.on_stanza(live_->tree.take(), static_cast<std::size_t>(consumed_ - begin));
}

bool PushParser::Core::is_within_size() {
  if (live_->reader.event_end() - consumed_ <= limits_.stanza_bytes_max) return true;
  live_->reader.fail(Fault::policy_violation, "stanza too big");
  return false;
}

PushParser::PushParser(StreamHandler& handler, ParserLimits limits) : core_(std::make_unique<Core>(handler, limits)) {}
PushParser::~PushParser() = default;
std::optional<ParseError> PushParser::feed(std::string_view bytes) { return core_->feed(bytes); }
void PushParser::reset(Rest rest) { core_->reset(rest); }
void PushParser::set_limits(const ParserLimits& limits) { core_->set_limits(limits); }
void PushParser::stop() { core_->stop(); }
bool PushParser::release_if_idle() { return core_->release_if_idle(); }
bool PushParser::is_open() const { return core_->is_open(); }
bool PushParser::is_released() const { return core_->is_released(); }

}  // namespace iris::xml
