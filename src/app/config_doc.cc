#include "app/config_doc.h"

#include "app/config_live.h"
#include "app/config_schema.h"

namespace iris::app {

std::string config_doc() {
  std::string out =
      "# Configuration\n\n"
      "<!-- Made by `irisd --print-config-doc` from src/app/config_schema.cc. Change it there. -->\n\n"
      "`irisd` reads one TOML file, which `irisd init` makes. Every key has a default, but the lists of addresses "
      "under "
      "`[listen]` are empty by default: a file that does not fill one of them is allowed, and no client can connect, "
      "which the check and the start warn of. Unknown keys and bad values are refused at start with file, line and "
      "what is allowed; "
      "`irisd --check-config --config FILE` only checks; it looks at the certificate, the folder of the web client and "
      "what the data was made with, too, as a start does, also while a server runs on the data.\n\n"
      "A running server reads the file again at SIGHUP (`systemctl reload`). All of it must be good, as for the check, "
      "or "
      "nothing changes and the log says what is wrong. What a change of a key needs is said beside it, `never` for "
      "what the data is made with: another value is refused. The log names the keys that changed and those that wait "
      "for a restart. The certificate is read again each time.\n\n"
      "Durations are written as `\"250us\"`, `\"500ms\"`, `\"30s\"`, `\"5m\"`, `\"2h\"`, `\"7d\"`; sizes as "
      "`\"512B\"`, `\"64KiB\"`, `\"4MiB\"`, `\"1GiB\"`. Whole numbers only. Addresses are written as numbers, "
      "`\"127.0.0.1:5222\"` or `\"[::1]:5222\"`; the one name that is known is `localhost`, which is "
      "127.0.0.1.\n\n"
      "Secrets are not in this file: they are made once, in `secrets` of the data folder (mode 0600). Back that file "
      "up with "
      "the data: under its keys stanza ids are made, and they must not change.\n\n"
      "`irisd init` makes a server that only its own machine reaches, with a certificate that nobody trusts. How to "
      "open it to the world is in [operating.md](operating.md#addresses).\n";
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
