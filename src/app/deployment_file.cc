#include "app/deployment_file.h"

#include <algorithm>
#include <string_view>

#include "app/files.h"

namespace iris::app {
namespace {

constexpr const char* kFile = "/deployment";
constexpr std::string_view kDomain = "domain ";
constexpr std::string_view kPartitions = "partitions ";

// What stands behind the name, on its line; empty if it is not there.
std::string_view value_of(std::string_view text, std::string_view name) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (line.starts_with(name)) return line.substr(name.size());
    begin = end + 1;
  }
  return {};
}

base::Status compare(const char* key, std::string_view found, const std::string& given) {
  if (found == given) return base::ok();
  return base::Error{base::Errc::invalid, std::string(key) + " is " + given + ", but the data was made with " +
                                              std::string(found) +
                                              ", and that never changes. Set it back, or use another data folder."};
}

}  // namespace

base::Status write_deployment_file(const std::string& folder, const std::string& domain, std::size_t partitions) {
  const std::string text =
      "# What the data in this folder was made with, for `irisd --check-config`. Written at start.\n" +
      std::string(kDomain) + domain + "\n" + std::string(kPartitions) + std::to_string(partitions) + "\n";
  if (const auto old = read_file(folder + kFile); old && *old == text) return base::ok();
  return write_file(folder + kFile, text, 0644);
}

base::Status check_deployment_file(const Config& config) {
  if (!exists(config.data + "/db")) return base::ok();
  const auto text = read_file(config.data + kFile);
  const std::string_view domain = text ? value_of(*text, kDomain) : "";
  const std::string_view partitions = text ? value_of(*text, kPartitions) : "";
  if (domain.empty() || partitions.empty())
    return base::Error{base::Errc::not_found,
                       "whether server.domain and server.partitions are those of the data was not checked: " +
                           config.data + kFile + " does not say; the next start writes it"};
  if (auto same = compare("server.domain", domain, config.domain); !same) return same;
  return compare("server.partitions", partitions, std::to_string(config.shard.partitions));
}

}  // namespace iris::app
