#include "app/init.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <filesystem>

#include "app/config_file.h"
#include "app/files.h"
#include "app/secrets.h"
#include "io/system_random.h"
#include "net/tls.h"
#include "xmpp/jid.h"

namespace iris::app {
namespace {

// A machine without IPv6 has no ::1.
bool has_ipv6_loopback() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

// TOML basic string.
std::string toml_string(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string address_list(unsigned port, bool ipv6) {
  const std::string number = std::to_string(port);
  return "[\"127.0.0.1:" + number + "\"" + (ipv6 ? ", \"[::1]:" + number + "\"" : "") + "]";
}

base::Status make_config(const InitOptions& options, const std::string& path, std::vector<std::string>& told) {
  std::string text = make_config_text(options, has_ipv6_loopback());
  auto parsed = parse_config(text, path);
  if (auto* problems = std::get_if<ConfigProblems>(&parsed))
    return base::Error{base::Errc::invalid, problems->front().text};
  if (auto found = read_file(path)) {
    told.push_back(
        "kept " + path +
        (*found == text ? "" : " (it differs from what these options would make; delete it to make it again)"));
    return base::ok();
  }
  auto written = write_file(path, text, 0644);
  if (written) told.push_back("made " + path);
  return written;
}

base::Status make_certificate(const InitOptions& options, std::vector<std::string>& told) {
  const std::string folder = options.data + "/tls";
  const std::string certificate = folder + "/cert.pem", key = folder + "/key.pem";
  if (exists(certificate) && exists(key)) {
    told.push_back("kept " + certificate);
    return base::ok();
  }
  if (auto made = make_folder(folder, 0700); !made) return made;
  auto made = net::make_self_signed({.domains = {options.domain}, .certificate_path = certificate, .key_path = key});
  if (made) told.push_back("made " + certificate + " (self-signed)");
  return made;
}

base::Status make_secrets(const std::string& data, std::vector<std::string>& told) {
  const std::string path = data + "/" + kSecretsFile;
  const bool found = exists(path);
  if (auto secrets = read_or_make_secrets(data, io::system_random()); !secrets) return secrets.error();
  told.push_back((found ? "kept " : "made ") + path + " (back it up with the data, and show it to nobody)");
  return base::ok();
}

}  // namespace

std::string make_config_text(const InitOptions& options, bool ipv6) {
  const auto port = static_cast<unsigned>(options.base_port);
  std::string text =
      "# Made by `irisd init`. Every key has a default; docs/configuration.md names them all.\n\n"
      "[server]\ndomain = " +
      toml_string(options.domain) +
      "\n\n"
      "[listen]\n"
      "starttls = " +
      address_list(port, ipv6) +
      "\n"
      "direct_tls = " +
      address_list(port + 1, ipv6) +
      "\n"
      "http = " +
      address_list(port + 2, ipv6) +
      "\n"
      "metrics = " +
      address_list(port + 3, ipv6) +
      "\n"
      "https = " +
      address_list(port + 4, ipv6) +
      "\n\n"
      "[auth]\nregistration = " +
      toml_string(options.registration) + "\n";
  if (options.allow_plaintext) text += "allow_plaintext = true  # for tests\n";
  if (options.no_limits) text += "\n[limits]\nrates = false  # for benchmarks\n";
  if (!options.web.empty()) text += "\n[http]\nweb = " + toml_string(options.web) + "\n";
  return text;
}

base::Result<std::vector<std::string>> init(const InitOptions& given) {
  InitOptions options = given;
  std::error_code error;
  options.data = std::filesystem::absolute(options.data, error).lexically_normal().string();
  if (options.data.size() > 1 && options.data.ends_with('/')) options.data.pop_back();
  if (!options.web.empty()) options.web = std::filesystem::absolute(options.web, error).lexically_normal().string();
  if (options.base_port < 1 || options.base_port > 65535 - 4)
    return base::Error{base::Errc::invalid, "the base port must be 1 to 65531: five ports from it on are used"};
  const auto domain = xmpp::prepare_domain(options.domain);
  if (!domain) return base::Error{base::Errc::invalid, "'" + options.domain + "' is no domain name"};
  options.domain = *domain;
  if (!options.web.empty() && !std::filesystem::is_directory(options.web, error))
    return base::Error{base::Errc::invalid, "the web client's folder " + options.web + " is no folder"};

  std::vector<std::string> told;
  if (auto made = make_folder(options.data, 0700); !made) return made.error();
  const std::string config = options.data + "/iris.toml";
  if (auto made = make_config(options, config, told); !made) return made.error();
  if (auto made = make_certificate(options, told); !made) return made.error();
  if (auto made = make_secrets(options.data, told); !made) return made.error();
  told.push_back("next: irisd --config " + config);
  return told;
}

}  // namespace iris::app
