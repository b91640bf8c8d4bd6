#include "xml/reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "xml/lexical.h"

namespace iris::xml {
namespace {

constexpr std::string_view kXmlnsNamespace = "http://www.w3.org/2000/xmlns/";

bool is_utf8(std::string_view encoding) {
  return std::ranges::equal(encoding, std::string_view("utf-8"), {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

}  // namespace

// --- the whole

std::optional<ParseError> Reader::parse(std::string_view bytes, bool last) {
  if (stopped_) return error_;
  bytes_parsed_ += bytes.size();
  if (pending_.empty()) {
    base_ = bytes_parsed_ - bytes.size();
    pending_ = bytes.substr(read(bytes));
  } else {
    base_ = bytes_parsed_ - bytes.size() - pending_.size();
    pending_ += bytes;
    const std::size_t used = read(pending_);
    if (used == pending_.size())
      pending_ = std::string();
    else
      pending_.erase(0, used);
  }
  if (!stopped_ && pending_.size() > limits_.tag_bytes_max) fail(Fault::policy_violation, "tag too long");
  if (!stopped_ && last && (!pending_.empty() || place_ != Place::epilog))
    fail(Fault::not_well_formed, "not a whole document");
  if (stopped_) pending_ = std::string();
  return error_;
}

void Reader::fail(Fault fault, std::string_view text) {
  if (!error_) error_ = ParseError{fault, std::string(text)};
  stop();
}

Reader::Step Reader::wrong(Fault fault, std::string_view text) {
  fail(fault, text);
  return Step::failed;
}

// Gives how many bytes it is done with.
std::size_t Reader::read(std::string_view input) {
  std::size_t done = 0;
  while (done < input.size() && !stopped_) {
    std::size_t at = done;
    const Step step = next(input, at);
    if (step != Step::failed) done = at;
    if (step != Step::done) break;
  }
  return done;
}

// One token, from `at`. On `more`, `at` stands at what has to be read again.
Reader::Step Reader::next(std::string_view input, std::size_t& at) {
  switch (place_) {
    case Place::start: return start_of_document(input, at);
    case Place::prolog:
    case Place::epilog: return between(input, at);
    case Place::content: return content(input, at);
    case Place::cdata: return cdata(input, at);
  }
  return Step::failed;
}

// --- before and after the root

Reader::Step Reader::start_of_document(std::string_view input, std::size_t& at) {
  if (static_cast<unsigned char>(input[at]) >= 0xFE) return wrong(Fault::unsupported_encoding, "not UTF-8");
  if (base_ + at == 0) {
    const Found mark = starts(input, at, "\xEF\xBB\xBF");
    if (mark == Found::more) return Step::more;
    if (mark == Found::yes) {
      at += 3;
      if (at == input.size()) return Step::done;
    }
  }
  const Found declared = starts(input, at, "<?xml");
  if (declared == Found::more || (declared == Found::yes && input.size() == at + 5)) return Step::more;
  if (declared == Found::yes && is_space(input[at + 5])) return declaration(input, at);
  place_ = Place::prolog;
  return Step::done;
}

// XML 1.0 §2.8: version, then perhaps encoding, then perhaps standalone.
Reader::Step Reader::declaration(std::string_view input, std::size_t& at) {
  std::size_t i = at + 5;
  std::size_t known = 0;
  constexpr std::array<std::string_view, 3> kKnown{"version", "encoding", "standalone"};
  for (;;) {
    const Found space = spaces(input, i);
    if (space == Found::more) return Step::more;
    if (input[i] == '?') break;
    std::size_t prefix = 0;
    const std::size_t begin = i;
    const Found found = space == Found::yes ? qualified_name(input, i, prefix) : Found::no;
    if (found == Found::more) return Step::more;
    const auto name = input.substr(begin, i - begin);
    const auto which = static_cast<std::size_t>(std::ranges::find(kKnown, name) - kKnown.begin());
    if (found == Found::no || which == kKnown.size() || which < known || (known == 0 && which != 0))
      return not_well_formed("XML declaration");
    known = which + 1;
    char quote = 0;
    if (const Found equals = equals_and_quote(input, i, quote); equals != Found::yes)
      return equals == Found::more ? Step::more : not_well_formed("XML declaration");
    const std::size_t end = input.find(quote, i);
    if (end == std::string_view::npos) return Step::more;
    const auto value = input.substr(i, end - i);
    const bool fits = !value.empty() && std::ranges::all_of(value, [](char c) {
      return class_of(c) == kName || class_of(c) == kNameStart || class_of(c) == kColon;
    });
    if (!fits || (which == 2 && value != "yes" && value != "no")) return not_well_formed("XML declaration");
    if (which == 1 && !is_utf8(value)) return wrong(Fault::unsupported_encoding, "only UTF-8");  // RFC 6120 §11.6
    i = end + 1;
  }
  if (i + 1 == input.size()) return Step::more;
  if (known == 0 || input[i + 1] != '>') return not_well_formed("XML declaration");
  at = i + 2;
  place_ = Place::prolog;
  return Step::done;
}

Reader::Step Reader::between(std::string_view input, std::size_t& at) {
  while (at < input.size() && is_space(input[at])) ++at;
  if (at == input.size()) return Step::done;
  if (input[at] != '<') return not_well_formed("text outside of the document");
  if (at + 1 == input.size()) return Step::more;
  if (input[at + 1] == '!' || input[at + 1] == '?') return markup(input, at);
  if (place_ == Place::epilog || input[at + 1] == '/') return not_well_formed("more than one document");
  return start_tag(input, at);
}

// `<!` and `<?`: RFC 6120 §11.1 leaves CDATA sections.
Reader::Step Reader::markup(std::string_view input, std::size_t& at) {
  if (input[at + 1] == '?') return wrong(Fault::restricted_xml, "processing instruction");
  const auto is = [&](std::string_view wanted) { return starts(input, at, wanted); };
  if (is("<!--") == Found::yes) return wrong(Fault::restricted_xml, "comment");
  if (is("<!DOCTYPE") == Found::yes) return wrong(Fault::restricted_xml, "DTD");
  if (place_ == Place::content && is("<![CDATA[") == Found::yes) {
    at += 9;
    place_ = Place::cdata;
    return Step::done;
  }
  if (is("<!--") == Found::more || is("<!DOCTYPE") == Found::more ||
      (place_ == Place::content && is("<![CDATA[") == Found::more))
    return Step::more;
  return not_well_formed("markup");
}

// --- text

Reader::Step Reader::text(std::string_view input, std::size_t begin, std::size_t end) {
  return begin == end ? Step::done : say(input.substr(begin, end - begin), begin, end);
}

// What stands from `begin` to `end` of the input means this text.
Reader::Step Reader::say(std::string_view text, std::size_t begin, std::size_t end) {
  event_begin_ = base_ + begin;
  event_end_ = base_ + end;
  events_.on_text(text);
  return stopped_ ? Step::failed : Step::done;
}

// XML 1.0 §2.11: of a carriage return, with the line feed that may follow.
Reader::Step Reader::line_end(std::string_view input, std::size_t& at) {
  if (at + 1 == input.size()) return Step::more;
  const std::size_t begin = at;
  at += input[begin + 1] == '\n' ? 2 : 1;
  return say("\n", begin, at);
}

Reader::Step Reader::content(std::string_view input, std::size_t& at) {
  const std::size_t begin = at;
  for (std::size_t i = at;;) {
    if (i == input.size()) {
      at = i;
      return text(input, begin, i);
    }
    Step after = Step::done;  // of the text before something that is none
    const char c = input[i];
    switch (class_of(c)) {
      case kPlain:
      case kSpace:
      case kName:
      case kNameStart:
      case kColon:
      case kQuote: ++i; continue;
      case kLong: {
        const LongCharacter found = long_character(input.substr(i));
        if (found.bytes != 0 && found.whole) {
          i += found.bytes;
          continue;
        }
        after = found.bytes != 0 ? Step::more : Step::failed;
        break;
      }
      case kBracket: {
        const Found end = starts(input, i, "]]>");
        if (end == Found::no) {
          ++i;
          continue;
        }
        after = end == Found::more ? Step::more : Step::failed;
        break;
      }
      case kForbidden: after = Step::failed; break;
      case kReturn:
      case kMarkup: break;
    }
    at = i;
    if (text(input, begin, i) == Step::failed) return Step::failed;
    if (after == Step::failed) return not_well_formed("a character that may not stand there");
    if (after == Step::more) return Step::more;
    if (i > begin) return Step::done;  // the next step reads what is here
    if (c == '&') return reference(input, at);
    if (c == '\r') return line_end(input, at);
    if (i + 1 == input.size()) return Step::more;
    if (input[i + 1] == '!' || input[i + 1] == '?') return markup(input, at);
    return input[i + 1] == '/' ? end_tag(input, at) : start_tag(input, at);
  }
}

Reader::Step Reader::reference(std::string_view input, std::size_t& at) {
  std::size_t i = at + 1;
  std::string_view name;
  const Found found = reference_name(input, i, name);
  if (found == Found::more) return Step::more;
  if (found == Found::no) return not_well_formed("reference");
  const Reference meant = resolve(name);
  if (meant.point == 0) return wrong(meant.fault, "entity reference");
  std::string character;
  append_utf8(character, meant.point);
  return say(character, std::exchange(at, i), i);
}

Reader::Step Reader::cdata(std::string_view input, std::size_t& at) {
  const std::size_t begin = at;
  std::size_t i = at;
  for (; i < input.size(); ++i) {
    const CharacterClass c = class_of(input[i]);
    if (c == kForbidden) return not_well_formed("a character that may not stand there");
    if (c == kReturn) break;
    if (c == kLong) {
      const LongCharacter found = long_character(input.substr(i));
      if (found.bytes == 0) return not_well_formed("not UTF-8");
      if (!found.whole) break;
      i += found.bytes - 1;
    }
    if (c == kBracket && starts(input, i, "]]>") != Found::no) break;
  }
  at = i;
  if (text(input, begin, i) == Step::failed) return Step::failed;
  if (i > begin || i == input.size()) return Step::done;
  if (class_of(input[i]) == kReturn) return line_end(input, at);
  if (starts(input, i, "]]>") != Found::yes) return Step::more;
  at = i + 3;
  place_ = Place::content;
  return Step::done;
}

// --- tags

Reader::Step Reader::start_tag(std::string_view input, std::size_t& at) {
  std::size_t i = at + 1;
  std::size_t prefix = 0;
  Found found = qualified_name(input, i, prefix);
  if (found != Found::yes) return found == Found::more ? Step::more : not_well_formed("a name in a tag");
  const std::string_view name = input.substr(at + 1, i - at - 1);
  attributes_.clear();
  bool is_empty = false;
  for (;;) {
    const Found space = spaces(input, i);
    if (space == Found::more) return Step::more;
    if (input[i] == '>') break;
    if (input[i] == '/') {
      if (i + 1 == input.size()) return Step::more;
      if (input[++i] != '>') return not_well_formed("a tag");
      is_empty = true;
      break;
    }
    if (space == Found::no) return not_well_formed("a tag");
    RawAttribute attribute;
    const std::size_t begin = i;
    found = qualified_name(input, i, attribute.prefix);
    if (found != Found::yes) return found == Found::more ? Step::more : not_well_formed("an attribute's name");
    attribute.name = input.substr(begin, i - begin);
    char quote = 0;
    found = equals_and_quote(input, i, quote);
    if (found != Found::yes) return found == Found::more ? Step::more : not_well_formed("an attribute");
    const std::size_t value = i;
    for (;; ++i) {
      if (i == input.size()) return Step::more;
      const char c = input[i];
      if (c == quote) break;
      const CharacterClass is = class_of(c);
      if (is == kForbidden || c == '<') return not_well_formed("an attribute's value");
      if (is == kMarkup || is == kReturn || (is == kSpace && c != ' ')) attribute.plain = false;
      if (is == kLong) {
        const LongCharacter character = long_character(input.substr(i));
        if (character.bytes == 0) return not_well_formed("not UTF-8");
        if (!character.whole) return Step::more;
        i += character.bytes - 1;
      }
    }
    attribute.value = input.substr(value, i - value);
    ++i;
    attributes_.push_back(attribute);
  }
  event_begin_ = base_ + at;
  event_end_ = base_ + i + 1;
  if (i + 1 - at > limits_.tag_bytes_max) return wrong(Fault::policy_violation, "tag too long");
  at = i + 1;
  return open(name, prefix, is_empty);
}

// Namespaces in XML 1.0 §2.2, §3: declarations first, wherever they stand in the tag.
Reader::Step Reader::open(std::string_view name, std::size_t prefix, bool is_empty) {
  opens_.push_back(static_cast<std::uint32_t>(names_.size()));
  names_ += name;
  place_ = Place::content;
  std::size_t plain = 0;
  for (const RawAttribute& attribute : attributes_) {
    if (!attribute.declares()) {
      ++plain;
    } else if (declare(attribute) == Step::failed) {
      return Step::failed;
    }
  }
  const auto qualify = [this](std::string_view written, std::size_t prefix_bytes, QualifiedName& out) {
    if (prefix_bytes == 0) {
      out.local = written;
      return true;
    }
    out.prefix = written.substr(0, prefix_bytes);
    out.local = written.substr(prefix_bytes + 1);
    if (out.prefix == "xml") {
      out.ns = kXmlNamespace;
      return true;
    }
    const auto uri = namespaces_.find(out.prefix);
    if (uri) out.ns = *uri;
    return uri.has_value();
  };
  QualifiedName qualified;
  if (!qualify(name, prefix, qualified)) return wrong(Fault::bad_namespace_prefix, "a prefix that stands for nothing");
  if (prefix == 0) qualified.ns = namespaces_.find({}).value_or("");
  if (!is_within_limits(qualified)) return Step::failed;
  if (plain > limits_.attributes_max) return wrong(Fault::policy_violation, "too many attributes");
  std::vector<Attribute> list;
  list.reserve(plain);
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    const RawAttribute& attribute = attributes_[i];
    for (std::size_t j = 0; j < i; ++j)
      if (attributes_[j].name == attribute.name) return not_well_formed("an attribute twice");
    if (attribute.declares()) continue;
    QualifiedName found;
    if (!qualify(attribute.name, attribute.prefix, found))
      return wrong(Fault::bad_namespace_prefix, "a prefix that stands for nothing");
    if (!is_within_limits(found)) return Step::failed;
    if (!found.ns.empty() && std::ranges::any_of(list, [&](const Attribute& other) {
          return other.name == found.local && other.ns == found.ns;
        }))
      return not_well_formed("an attribute twice");
    Attribute& made = list.emplace_back();
    made.name = found.local;
    made.ns = found.ns;
    if (value_of(attribute, made.value) == Step::failed) return Step::failed;
  }
  events_.on_start(qualified, std::move(list));
  if (stopped_) return Step::failed;
  if (!is_empty) return Step::done;
  events_.on_end();
  close();
  return stopped_ ? Step::failed : Step::done;
}

Reader::Step Reader::declare(const RawAttribute& attribute) {
  const std::string_view prefix = attribute.prefix == 0 ? std::string_view() : attribute.name.substr(6);
  std::string uri;
  if (value_of(attribute, uri) == Step::failed) return Step::failed;
  const bool is_xml = uri == kXmlNamespace;
  if (prefix == "xmlns" || (prefix == "xml") != is_xml || uri == kXmlnsNamespace || (uri.empty() && !prefix.empty()))
    return wrong(Fault::bad_namespace_prefix, "a namespace declaration that is not allowed");
  if (namespaces_.size() >= limits_.attributes_max)
    return wrong(Fault::policy_violation, "too many namespaces are declared");
  if (!is_xml) namespaces_.declare(prefix, uri, opens_.size());
  events_.on_namespace(prefix, uri);
  return stopped_ ? Step::failed : Step::done;
}

Reader::Step Reader::end_tag(std::string_view input, std::size_t& at) {
  std::size_t i = at + 2;
  const std::string_view open = std::string_view(names_).substr(opens_.back());
  if (const Found found = starts(input, i, open); found != Found::yes)
    return found == Found::more ? Step::more : not_well_formed("an end tag that fits none");
  i += open.size();
  const Found space = spaces(input, i);
  if (space == Found::more) return Step::more;
  if (input[i] != '>') return not_well_formed("an end tag that fits none");
  event_begin_ = base_ + at;
  event_end_ = base_ + i + 1;
  if (i + 1 - at > limits_.tag_bytes_max) return wrong(Fault::policy_violation, "tag too long");
  at = i + 1;
  events_.on_end();
  close();
  return stopped_ ? Step::failed : Step::done;
}

void Reader::close() {
  namespaces_.leave(opens_.size());
  names_.resize(opens_.back());
  opens_.pop_back();
  if (opens_.empty()) place_ = Place::epilog;
}

// XML 1.0 §3.3.3: references resolved, white space that is written as itself becomes spaces.
Reader::Step Reader::value_of(const RawAttribute& attribute, std::string& out) {
  const std::string_view in = attribute.value;
  if (attribute.plain) {
    out = in;
    return Step::done;
  }
  for (std::size_t i = 0; i < in.size();) {
    if (in[i] == '\r') {
      out += ' ';
      i += in.substr(i).starts_with("\r\n") ? 2 : 1;
    } else if (is_space(in[i])) {
      out += ' ';
      ++i;
    } else if (in[i] != '&') {
      out += in[i++];
    } else {
      std::string_view name;
      if (reference_name(in, ++i, name) != Found::yes) return not_well_formed("reference");
      const Reference meant = resolve(name);
      if (meant.point == 0) return wrong(meant.fault, "entity reference");
      append_utf8(out, meant.point);
    }
  }
  return Step::done;
}

bool Reader::is_within_limits(const QualifiedName& name) {
  if (name.local.size() > limits_.name_bytes_max) fail(Fault::policy_violation, "name too long");
  if (name.ns.size() > limits_.namespace_bytes_max) fail(Fault::policy_violation, "namespace too long");
  return !stopped_;
}

}  // namespace iris::xml
