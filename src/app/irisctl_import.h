// `irisctl account import`: sends a file of accounts to the server in batches. The accounts of a batch are made at the
// same time and share syncs of the log.
#pragma once
#include <cstddef>
#include <istream>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/account_csv.h"
#include "base/result.h"

namespace iris::app {

// One command to the server of a data folder. If none runs there, the message says what to do.
base::Result<std::string> ask(const std::string& data, const std::string& command, const std::string& args);

// JSON text, or Errc::invalid if something in it is not UTF-8.
base::Result<std::string> encode(const nlohmann::ordered_json& json);

struct ImportReport {
  std::size_t added = 0, failed = 0;
  std::vector<ImportFailure> failures;  // by line; the first ones, if there are very many
  std::optional<base::Error> error;     // the server could not be asked any more; the rest of the file is not done
};

class Import {
 public:
  // `quiet`: no progress on standard error.
  Import(std::string data, bool quiet) : data_(std::move(data)), quiet_(quiet) {}
  // `first`: the number of the line that comes next.
  ImportReport run(std::istream& in, std::size_t first);

 private:
  void add(ImportedAccount account);
  void send();
  void fail(ImportFailure failure);

  const std::string data_;
  const bool quiet_;
  std::vector<ImportedAccount> batch_;
  ImportReport report_;
};

}  // namespace iris::app
