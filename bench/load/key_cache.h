// SCRAM keys once derived are kept, in memory and, between runs, in a file. An account is known by its salt.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "load/scram.h"

namespace iris::load {

class KeyCache {
 public:
  const ClientKeys& keys(ScramHash hash, std::string_view password, std::string_view salt, std::uint32_t iterations);
  // How many had to be derived since the start.
  std::size_t derived() const { return derived_; }
  std::size_t size() const { return keys_.size(); }

  // A file that is not there is an empty one. Lines that make no sense are left out: they are derived again.
  base::Status load(const std::string& path);
  // Only what load() did not bring is written, behind what stands there.
  base::Status save(const std::string& path);

 private:
  std::unordered_map<std::string, ClientKeys> keys_;
  std::string unsaved_;
  std::size_t derived_ = 0;
};

}  // namespace iris::load
