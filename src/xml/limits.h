// How much a stranger may make us hold while parsing.
#pragma once
#include <cstddef>

namespace iris::xml {

struct ParserLimits {
  std::size_t stanza_bytes_max = 256 * 1024;  // RFC 6120 §13.12 asks for at least 10,000; avatars and MUC history fit
  std::size_t header_bytes_max = 8 * 1024;    // the stream's start tag: a handful of attributes, from anyone at all
  std::size_t depth_max = 64;                 // below the stanza; XHTML-IM and data forms stay under 20
  std::size_t tag_bytes_max = 16 * 1024;      // one tag: the parser scans an unfinished one again with each read
  std::size_t attributes_max = 64;            // of one element; each is two or three strings
  std::size_t children_max = 4096;            // nodes in one stanza: a node costs about 200 bytes, `<a/>` only four
  std::size_t name_bytes_max = 256;           // of an element or attribute name
  std::size_t namespace_bytes_max = 512;      // repeated in each element of the tree
};

}  // namespace iris::xml
