// The language of dialogues: who does what, line by line. See README.md. Pure.
#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace iris::dialogue {

struct Step {
  enum class Kind {
    person,         // who, text: full JID
    connects,       // binds its resource
    logs_in,        // connects and becomes available, without looking at what that brings
    leaves,         // the connection is closed
    returns,        // binds its resource again, as a new session; the old one has not ended
    stops_acking,   // receives, and does not acknowledge any more
    sends,          // one stanza
    receives,       // these stanzas, in this order, next
    receives_any,   // these stanzas, in any order, next
    receives_none,  // nothing is there that was not looked at
    forgets,        // looks away from what is there
    removes,        // the account is removed
    creates,        // and made again
    // in dialogues of connections
    opens,          // a connection under TLS; says nothing yet
    opens_plainly,  // a connection without TLS
    opens_web,      // a WebSocket under TLS
    secures,        // the TLS handshake of STARTTLS is done
    is_cut,         // the connection is lost without a word
    fetches,        // text: a path, over HTTPS; the answer is received as <answer/>
  };
  Kind kind{};
  int line = 0;
  std::string who;
  std::string text{};
  std::vector<std::string> stanzas{};
};

struct ScriptError {
  int line;
  std::string text;
};

std::variant<std::vector<Step>, ScriptError> parse_script(std::string_view text);

}  // namespace iris::dialogue
