#include "app/config_doc.h"

#include "app/config_live.h"
#include "app/config_schema.h"

namespace iris::app {

std::string config_doc() {
  std::string out =
      "# Configuration\n\n"
      "<!-- Made by `irisd --print-config-doc` from src/app/config_schema.cc. Change it there. -->\n\n"
      "`irisd` reads one TOML file, which `irisd init` makes. Every key has a default; a file that says nothing is a "
      "good "
      "one. Unknown keys and bad values are refused at start with file, line and what is allowed; "
      "`irisd --check-config --config FILE` only checks.\n\n"
      "A running server reads the file again at SIGHUP (`systemctl reload`). All of it must be good, or nothing "
      "changes and "
      "the log says what is wrong, with file and line. What a change of a key needs is said beside it; the log names "
      "the "
      "keys that changed and those that wait for a restart. The certificate is read again each time.\n\n"
      "Durations are written as `\"500ms\"`, `\"30s\"`, `\"5m\"`, `\"2h\"`, `\"7d\"`; sizes as `\"64KiB\"`, "
      "`\"4MiB\"`, "
      "`\"1GiB\"`. Whole numbers only.\n\n"
      "Secrets are not in this file: they are made once, in `secrets` of the data folder (mode 0600). Back that file "
      "up with "
      "the data: under its keys stanza ids are made, and they must not change.\n";
  for (const Table& table : config_tables()) {
    out += "\n## [" + table.name + "]\n\n" + table.text +
           "\n\n| key | default | allowed | a change needs | |\n|---|---|---|---|---|\n";
    for (const Key& key : config_schema()) {
      if (key.table() != table.name) continue;
      out += "| `" + key.leaf() + "` | `" + key.fallback + "` | " + key.type + ": " + key.allowed + " | " +
             std::string(to_string(takes_effect(key.name))) + " | " + key.text + " |\n";
    }
  }
  return out;
}

}  // namespace iris::app
