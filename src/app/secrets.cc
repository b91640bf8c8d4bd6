#include "app/secrets.h"

#include <sys/stat.h>
#include <algorithm>

#include "app/files.h"
#include "base/hex.h"

namespace iris::app {
namespace {

constexpr std::string_view kArchiveKey = "archive-key";
constexpr std::string_view kEdgeKey = "edge-key";

std::string random_bytes(io::Random& random, std::size_t count) {
  std::string out;
  while (out.size() < count)
    for (std::uint64_t bits = random.next(), i = 0; i < 8 && out.size() < count; ++i, bits >>= 8)
      out.push_back(static_cast<char>(bits & 0xff));
  return out;
}

std::string render(std::string_view archive_key, std::string_view edge_key) {
  return "# Made once for this deployment. Keep it secret, and with the data: it must not change.\n" +
         std::string(kArchiveKey) + " " + base::to_hex(archive_key) + "\n" + std::string(kEdgeKey) + " " +
         base::to_hex(edge_key) + "\n";
}

// The bytes on the line of that name; empty if there is none.
std::string find(std::string_view text, std::string_view name) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(' '))
      return base::from_hex(line.substr(name.size() + 1)).value_or("");
    begin = end + 1;
  }
  return "";
}

}  // namespace

base::Result<Secrets> read_secrets(const std::string& folder) {
  const std::string path = folder + "/" + kSecretsFile;
  auto text = read_file(path);
  if (!text) return text.error();
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0 || (facts.st_mode & 077) != 0)
    return base::Error{base::Errc::invalid, path + " can be read by others. Run: chmod 600 " + path};
  const std::string archive_key = find(*text, kArchiveKey);
  Secrets secrets{.edge_key = find(*text, kEdgeKey)};
  if (archive_key.size() != secrets.archive_key.size() || secrets.edge_key.size() != 32)
    return base::Error{base::Errc::invalid, path +
                                                " is damaged. Put it back from a backup: without it, stanza ids of "
                                                "stored messages are not known any more."};
  std::ranges::copy(archive_key, secrets.archive_key.begin());
  return secrets;
}

base::Result<Secrets> read_or_make_secrets(const std::string& folder, io::Random& random) {
  auto found = read_secrets(folder);
  if (found || found.error().code != base::Errc::not_found) return found;
  const auto written =
      write_file(folder + "/" + kSecretsFile, render(random_bytes(random, 16), random_bytes(random, 32)), 0600);
  if (!written) return written.error();
  return read_secrets(folder);
}

}  // namespace iris::app
