// The deployment's own keys, made once and kept in `secrets` of the data folder, mode 0600. Not in iris.toml, so that
// that file can be shown around.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "io/loop.h"

namespace iris::app {

struct Secrets {
  std::array<std::uint8_t, 16> archive_key{};  // AES key under which stamps become stanza-ids; must never change
  std::string edge_key;  // 32 bytes: resumption tokens, made-up salts for accounts that do not exist
};

inline constexpr const char* kSecretsFile = "secrets";

// Errc::not_found if there is none; Errc::invalid if others may read it, or it is not as it was made.
base::Result<Secrets> read_secrets(const std::string& folder);
// Keeps what is there.
base::Result<Secrets> read_or_make_secrets(const std::string& folder, io::Random& random);

}  // namespace iris::app
