// Facts of the deployment that must not change while there is data: the domain, and the key under which stanza ids are
// made. Written at the first start, compared at every other.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "base/callback.h"
#include "base/result.h"
#include "io/loop.h"
#include "store/store.h"

namespace iris::app {

struct DeploymentFacts {
  std::string domain;
  std::array<std::uint8_t, 16> archive_key{};  // only a digest of it is stored
};

// Errc::invalid names what differs and what to do. `done` runs on the loop; the store outlives it.
void check_deployment(store::Store& store, io::Loop& loop, const DeploymentFacts& facts,
                      base::Callback<void(base::Status)> done);

}  // namespace iris::app
