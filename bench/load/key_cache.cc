#include "load/key_cache.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <sstream>

#include "base/check.h"
#include "xmpp/base64.h"

namespace iris::load {
namespace {

// The password stands in the name as a digest with the salt, so that another password is another account.
std::string name_of(ScramHash hash, std::string_view password, std::string_view salt, std::uint32_t iterations) {
  const std::string text = std::string(salt) + std::string(password);
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  IRIS_CHECK(EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_sha256(), nullptr) == 1);
  return std::string(scram_name(hash)) + " " + std::to_string(iterations) + " " +
         xmpp::base64_encode({reinterpret_cast<const char*>(out.data()), size});
}

}  // namespace

const ClientKeys& KeyCache::keys(ScramHash hash, std::string_view password, std::string_view salt,
                                 std::uint32_t iterations) {
  std::string name = name_of(hash, password, salt, iterations);
  const auto found = keys_.find(name);
  if (found != keys_.end()) return found->second;
  ++derived_;
  ClientKeys keys = derive_client_keys(hash, password, salt, iterations);
  unsaved_ += name + " " + xmpp::base64_encode(keys.client_key) + " " + xmpp::base64_encode(keys.stored_key) + " " +
              xmpp::base64_encode(keys.server_key) + "\n";
  return keys_.emplace(std::move(name), std::move(keys)).first->second;
}

base::Status KeyCache::load(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string hash, iterations, digest, client, stored, server;
    if (!(words >> hash >> iterations >> digest >> client >> stored >> server)) continue;
    const auto client_key = xmpp::base64_decode(client), stored_key = xmpp::base64_decode(stored),
               server_key = xmpp::base64_decode(server);
    const std::size_t size = hash == scram_name(ScramHash::sha1) ? 20 : 32;
    if (!client_key || !stored_key || !server_key) continue;
    if (client_key->size() != size || stored_key->size() != size || server_key->size() != size) continue;
    keys_.emplace(hash + " " + iterations + " " + digest, ClientKeys{*client_key, *stored_key, *server_key});
  }
  if (file.bad()) return base::Error{base::Errc::unavailable, "cannot read the key cache " + path};
  return base::ok();
}

base::Status KeyCache::save(const std::string& path) {
  if (unsaved_.empty()) return base::ok();
  std::ofstream file(path, std::ios::app);
  file << unsaved_;
  file.close();
  if (!file) return base::Error{base::Errc::unavailable, "cannot write the key cache " + path};
  chmod(path.c_str(), S_IRUSR | S_IWUSR);  // who has it can log in
  unsaved_.clear();
  return base::ok();
}

}  // namespace iris::load
