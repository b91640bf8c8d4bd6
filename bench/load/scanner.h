// Cuts a stream of bytes into the elements below its root, without parsing them. It knows enough of XML to find where
// an element ends (tags, quotes, CDATA, comments) and checks nothing: servers are trusted to write XML.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace iris::load {

class Scanner {
 public:
  enum class Piece {
    open,    // the root's opening tag: a stream header
    stanza,  // a whole element below the root
    close,   // the root's closing tag
  };
  // How deep stanzas lie: 1 in a stream (RFC 6120), 0 in WebSocket messages (RFC 7395).
  explicit Scanner(int stanza_depth = 1) : stanza_depth_(stanza_depth) {}

  // Calls each(Piece, std::string_view) in order; the text lives during the call. False: this is no XML, or an element
  // over kPendingMax. A call may restart() the scanner.
  template <typename Each>
  bool feed(std::string_view bytes, Each&& each) {
    const std::string_view data = gather(bytes);
    std::size_t end = 0;
    while ((end = next(data)) != kNone) {
      if (piece_) each(kind_, data.substr(piece_at_, end - piece_at_));
    }
    return keep(data);
  }
  // A new stream begins with the next byte.
  void restart() { depth_ = 0; }
  // Forgets everything, for a new connection.
  void reset();
  // Bytes of an element that is not whole yet.
  std::size_t pending_bytes() const { return pending_.size(); }

 private:
  static constexpr std::size_t kNone = std::string_view::npos;
  static constexpr std::size_t kPendingMax = 16U << 20U;
  std::string_view gather(std::string_view bytes);
  // Goes on to the end of the next piece or tag: its end, or kNone if it is not there yet.
  std::size_t next(std::string_view data);
  void take_tag(std::string_view data, std::size_t begin, std::size_t end);
  bool keep(std::string_view data);

  int stanza_depth_;
  int depth_ = 0;
  bool piece_ = false;  // the last tag ended a piece:
  Piece kind_ = Piece::open;
  std::size_t piece_at_ = 0;  // where it, or the element that is being read, began
  std::size_t at_ = 0;        // scanned up to here
  std::string pending_;
};

// Of an element's opening tag: its name, and an attribute as it stands there (entities not resolved), empty if none.
std::string_view element_name(std::string_view element);
std::string_view attribute(std::string_view element, std::string_view name);
// The text between the first `<name …>` in the element and the next tag, as it stands there; empty if none.
std::string_view child_text(std::string_view element, std::string_view name);
// Whether a tag of this name is in the element, at any depth.
bool has_tag(std::string_view element, std::string_view name);

}  // namespace iris::load
