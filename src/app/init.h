// `irisd init`: makes a data folder that a server can start on. What is there is kept.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace iris::app {

struct InitOptions {
  std::string data;
  std::int64_t base_port = 5222;  // checked by init(), which knows how many ports it needs
  std::string domain = "localhost";
  bool no_limits = false;
  bool allow_plaintext = false;
  std::string registration = "off";
  std::string web;  // empty: none
};

// Addresses are loopback: base_port STARTTLS, +1 direct TLS, +2 HTTP, +3 metrics, +4 HTTPS. `ipv6`: ::1 too.
std::string make_config_text(const InitOptions& options, bool ipv6);
// What was made or kept, a line each.
base::Result<std::vector<std::string>> init(const InitOptions& options);

}  // namespace iris::app
