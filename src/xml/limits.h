// How much a stranger may make us hold while parsing.
#pragma once
#include <cstddef>

namespace iris::xml {

struct ParserLimits {
  std::size_t stanza_bytes_max = 256 * 1024;  // RFC 6120 §13.12 asks for at least 10,000; avatars and MUC history fit
  std::size_t header_bytes_max = 8 * 1024;    // the stream's start tag: a handful of attributes, from anyone at all
  std::size_t depth_max = 64;                 // below the stanza; XHTML-IM and data forms stay under 20
  std::size_t tag_bytes_max = 16 * 1024;      // one tag: the parser scans an unfinished one again with each read
  std::size_t attributes_max =
      64;  // of one element, each two or three strings; and namespaces declared where it stands
  std::size_t children_max = 4096;        // nodes in one stanza: a node costs about 200 bytes, `<a/>` only four
  std::size_t name_bytes_max = 256;       // of an element or attribute name
  std::size_t namespace_bytes_max = 512;  // repeated in each element of the tree
  // Names, namespaces, values and text of one stanza's tree, where `p:a=''` repeats all that `p` stands for, with 32
  // for an attribute's own strings. What makes do without prefixes stays below twice its size.
  std::size_t tree_bytes_max = 512 * 1024;
};

// For what we have written ourselves: the limits were kept when it came in, and escaping may have made it longer.
inline constexpr std::size_t kAnySize = std::size_t{1} << 40;
inline constexpr ParserLimits kOwnLimits{.stanza_bytes_max = kAnySize,
                                         .header_bytes_max = kAnySize,
                                         .depth_max = 2048,
                                         .tag_bytes_max = kAnySize,
                                         .attributes_max = kAnySize,
                                         .children_max = kAnySize,
                                         .name_bytes_max = kAnySize,
                                         .namespace_bytes_max = kAnySize,
                                         .tree_bytes_max = kAnySize};

}  // namespace iris::xml
