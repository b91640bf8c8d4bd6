#include "app/deployment.h"

#include <openssl/evp.h>
#include <utility>

#include "base/check.h"
#include "base/hex.h"

namespace iris::app {
namespace {

constexpr const char* kKey = "deployment";
constexpr const char* kDomain = "domain";
constexpr const char* kArchiveKey = "archive-key";

std::string digest(const std::array<std::uint8_t, 16>& key) {
  const std::string text = "iris archive key " + std::string(key.begin(), key.end());
  std::string out(32, '\0');
  unsigned size = 0;
  IRIS_CHECK(EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), &size, EVP_sha256(),
                        nullptr) == 1);
  return base::to_hex(out);
}

base::Status compare(const store::Page& page, const std::string& domain, const std::string& key) {
  for (const store::Row& row : page.rows) {
    if (row.clustering == kDomain && row.value != domain)
      return base::Error{base::Errc::invalid, "the data is of the domain '" + row.value + "', but server.domain is '" +
                                                  domain + "'. Set it back, or use another data folder."};
    if (row.clustering == kArchiveKey && row.value != key)
      return base::Error{base::Errc::invalid,
                         "the file 'secrets' is not the one that the data was made with: stanza ids of "
                         "stored messages would not be known any more. Put it back from a backup."};
  }
  return base::ok();
}

store::Write fact(const char* name, std::string value) {
  return {store::Table::meta, kKey, name, std::move(value), base::Stamp{1}};
}

}  // namespace

void check_deployment(store::Store& store, io::Loop& loop, const DeploymentFacts& facts,
                      base::Callback<void(base::Status)> done) {
  store.scan(
      store::Table::meta, kKey, {}, loop,
      [&store, &loop, domain = facts.domain, key = digest(facts.archive_key),
       done = std::move(done)](base::Result<store::Page> page) mutable {
        if (!page) return done(page.error());
        if (page->rows.size() >= 2) return done(compare(*page, domain, key));
        store.write({fact(kDomain, std::move(domain)), fact(kArchiveKey, std::move(key))}, loop, std::move(done));
      });
}

}  // namespace iris::app
