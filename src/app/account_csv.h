// The file of `irisctl account import`: RFC 4180 without a head line, in two forms that may be mixed:
//
//   user@domain,password
//   user@domain,mechanism,iterations,salt,stored key,server key        the last three in base64
//
// Neighbouring lines of the second form with the same address are one account with keys for several mechanisms.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <vector>

namespace iris::app {

struct ImportedKeys {
  std::string mechanism;
  std::uint32_t iterations{};
  std::string salt, stored_key, server_key;  // base64
};

struct ImportedAccount {
  std::size_t line{};  // of its (first) line in the file, from 1
  std::string user;
  std::string password;  // or
  std::vector<ImportedKeys> keys;
};

struct ImportFailure {
  std::size_t line{};
  std::string reason;
};

// Calls one of the two per account or bad line, in the order of the file. `first`: the number of the line that comes
// next.
void read_account_csv(std::istream& in, const std::function<void(ImportedAccount)>& account,
                      const std::function<void(ImportFailure)>& failure, std::size_t first = 1);

}  // namespace iris::app
