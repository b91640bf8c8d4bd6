#include "expat_reader.h"

#include <expat.h>

#include <algorithm>
#include <cctype>

#include "base/check.h"

namespace iris::xml {
namespace {

constexpr char kSeparator = '\x01';  // in no XML document, so in no namespace

// Expat gives `uri 01 local 01 prefix`, `uri 01 local` or `local`.
QualifiedName split(std::string_view name) {
  const auto first = name.find(kSeparator);
  if (first == std::string_view::npos) return {.local = name};
  const auto second = name.find(kSeparator, first + 1);
  if (second == std::string_view::npos) return {.local = name.substr(first + 1), .ns = name.substr(0, first)};
  return {name.substr(first + 1, second - first - 1), name.substr(0, first), name.substr(second + 1)};
}

Fault fault_of(XML_Error code) {
  switch (code) {
    case XML_ERROR_UNBOUND_PREFIX:
    case XML_ERROR_UNDECLARING_PREFIX:
    case XML_ERROR_RESERVED_PREFIX_XML:
    case XML_ERROR_RESERVED_PREFIX_XMLNS:
    case XML_ERROR_RESERVED_NAMESPACE_URI: return Fault::bad_namespace_prefix;
    case XML_ERROR_UNDEFINED_ENTITY:
    case XML_ERROR_RECURSIVE_ENTITY_REF:
    case XML_ERROR_ASYNC_ENTITY:
    case XML_ERROR_BINARY_ENTITY_REF:
    case XML_ERROR_ATTRIBUTE_EXTERNAL_ENTITY_REF:
    case XML_ERROR_EXTERNAL_ENTITY_HANDLING:
    case XML_ERROR_PARAM_ENTITY_REF:
    case XML_ERROR_ENTITY_DECLARED_IN_PE: return Fault::restricted_xml;
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING: return Fault::unsupported_encoding;
    case XML_ERROR_NO_MEMORY:
    case XML_ERROR_AMPLIFICATION_LIMIT_BREACH: return Fault::policy_violation;
    default: return Fault::not_well_formed;
  }
}

bool is_utf8(std::string_view encoding) {
  return std::ranges::equal(encoding, std::string_view("utf-8"), {},
                            [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
}

}  // namespace

// Expat may call once more after it was told to stop, so each looks first.
struct ExpatReader::Callbacks {
  static ExpatReader* live(void* reader) {
    auto* self = static_cast<ExpatReader*>(reader);
    return self->stopped_ ? nullptr : self;
  }
  static void start(void* reader, const char* name, const char** attributes) {
    if (auto* self = live(reader)) self->start(name, attributes);
  }
  static void end(void* reader, const char*) {
    if (auto* self = live(reader)) self->end();
  }
  static void text(void* reader, const char* text, int size) {
    if (auto* self = live(reader)) self->events_.on_text({text, static_cast<std::size_t>(size)});
  }
  static void declare(void* reader, const char* prefix, const char* uri) {
    if (auto* self = live(reader)) self->declare(prefix, uri);
  }
  static void declaration(void* reader, const char*, const char* encoding, int) {
    if (auto* self = live(reader)) self->declaration(encoding);
  }
  // RFC 6120 §11.1
  static void comment(void* reader, const char*) { restricted(reader, "comment"); }
  static void instruction(void* reader, const char*, const char*) { restricted(reader, "processing instruction"); }
  static void doctype(void* reader, const char*, const char*, const char*, int) { restricted(reader, "DTD"); }
  static void entity(void* reader, const char*, int, const char*, int, const char*, const char*, const char*,
                     const char*) {
    restricted(reader, "entity declaration");
  }
  static void skipped(void* reader, const char*, int) { restricted(reader, "entity reference"); }
  static void restricted(void* reader, std::string_view what) {
    if (auto* self = live(reader)) self->fail(Fault::restricted_xml, what);
  }
};

ExpatReader::ExpatReader(ReaderEvents& events, const ParserLimits& limits) : events_(events), limits_(limits) {
  // The encoding is given, so that neither declaration nor byte order mark can change it (RFC 6120 §11.6).
  parser_ = XML_ParserCreateNS("UTF-8", kSeparator);
  IRIS_CHECK(parser_ != nullptr);
  XML_SetUserData(parser_, this);
  XML_SetReturnNSTriplet(parser_, 1);
  XML_SetElementHandler(parser_, &Callbacks::start, &Callbacks::end);
  XML_SetCharacterDataHandler(parser_, &Callbacks::text);
  XML_SetStartNamespaceDeclHandler(parser_, &Callbacks::declare);
  XML_SetXmlDeclHandler(parser_, &Callbacks::declaration);
  XML_SetCommentHandler(parser_, &Callbacks::comment);
  XML_SetProcessingInstructionHandler(parser_, &Callbacks::instruction);
  XML_SetStartDoctypeDeclHandler(parser_, &Callbacks::doctype);
  XML_SetEntityDeclHandler(parser_, &Callbacks::entity);
  XML_SetSkippedEntityHandler(parser_, &Callbacks::skipped);
  // Deferral may hold a complete stanza back until more bytes come; tag_bytes_max bounds what it protects from.
  XML_SetReparseDeferralEnabled(parser_, XML_FALSE);
  XML_SetParamEntityParsing(parser_, XML_PARAM_ENTITY_PARSING_NEVER);
}

ExpatReader::~ExpatReader() { XML_ParserFree(parser_); }

std::optional<ParseError> ExpatReader::parse(std::string_view bytes, bool last) {
  constexpr std::size_t kPieceBytes = 64 * 1024;  // expat counts in int; and limits are looked at between pieces
  do {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    bytes.remove_prefix(piece.size());
    // 0xFE and 0xFF are in no UTF-8, but begin UTF-16.
    if (bytes_parsed_ == 0 && !piece.empty() && static_cast<unsigned char>(piece[0]) >= 0xFE) {
      fail(Fault::unsupported_encoding, "not UTF-8");
    }
    if (!stopped_) {
      const auto status = XML_Parse(parser_, piece.data(), static_cast<int>(piece.size()), last && bytes.empty());
      if (status != XML_STATUS_OK && !stopped_) {
        error_ = expat_error();
        stopped_ = true;
      }
    }
    if (stopped_) return error_;
    bytes_parsed_ += piece.size();
    const auto unfinished = static_cast<std::uint64_t>(std::max<XML_Index>(0, XML_GetCurrentByteIndex(parser_)));
    if (bytes_parsed_ > unfinished + limits_.tag_bytes_max) fail(Fault::policy_violation, "tag too long");
    if (stopped_) return error_;
  } while (!bytes.empty());
  return std::nullopt;
}

void ExpatReader::fail(Fault fault, std::string_view text) {
  if (!error_) error_ = ParseError{fault, std::string(text)};
  stop();
}

void ExpatReader::stop() {
  if (stopped_) return;
  stopped_ = true;
  // Outside a callback there is nothing to stop; stopped_ alone keeps it from going on.
  XML_ParsingStatus status;
  XML_GetParsingStatus(parser_, &status);
  if (status.parsing == XML_PARSING) static_cast<void>(XML_StopParser(parser_, XML_FALSE));
}

std::uint64_t ExpatReader::event_begin() const { return static_cast<std::uint64_t>(XML_GetCurrentByteIndex(parser_)); }

std::uint64_t ExpatReader::event_end() const {
  return event_begin() + static_cast<std::uint64_t>(XML_GetCurrentByteCount(parser_));
}

void ExpatReader::start(const char* name, const char** attributes) {
  const QualifiedName qualified = split(name);
  if (!within_limits(qualified)) return;
  if (event_end() - event_begin() > limits_.tag_bytes_max) return fail(Fault::policy_violation, "tag too long");
  std::size_t count = 0;
  while (attributes[2 * count] != nullptr) ++count;
  if (count > limits_.attributes_max) return fail(Fault::policy_violation, "too many attributes");
  std::vector<Attribute> list;
  list.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const QualifiedName attribute = split(attributes[2 * i]);
    if (!within_limits(attribute)) return;
    list.push_back({std::string(attribute.local), attributes[2 * i + 1], std::string(attribute.ns)});
  }
  events_.on_start(qualified, std::move(list));
}

void ExpatReader::end() {
  // However the bytes were cut, the same tag is too long.
  if (event_end() - event_begin() > limits_.tag_bytes_max) return fail(Fault::policy_violation, "tag too long");
  events_.on_end();
}

void ExpatReader::declare(const char* prefix, const char* uri) {
  events_.on_namespace(prefix == nullptr ? "" : prefix, uri == nullptr ? "" : uri);
}

void ExpatReader::declaration(const char* encoding) {
  if (encoding != nullptr && !is_utf8(encoding)) fail(Fault::unsupported_encoding, "only UTF-8");  // RFC 6120 §11.6
}

bool ExpatReader::within_limits(const QualifiedName& name) {
  if (name.local.size() > limits_.name_bytes_max) fail(Fault::policy_violation, "name too long");
  if (name.ns.size() > limits_.namespace_bytes_max) fail(Fault::policy_violation, "namespace too long");
  return !stopped_;
}

ParseError ExpatReader::expat_error() const {
  const XML_Error code = XML_GetErrorCode(parser_);
  return {fault_of(code), XML_ErrorString(code)};
}

}  // namespace iris::xml
