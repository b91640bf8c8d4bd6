#include "shard/archive_id.h"

#include <openssl/evp.h>
#include <xxhash.h>

#include "base/check.h"
#include "record/keys.h"

namespace iris::shard {
namespace {

using Block = std::array<unsigned char, 16>;
constexpr char kDigits[] = "0123456789abcdef";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

Cipher cipher(const std::array<std::uint8_t, 16>& key, bool encrypt) {
  Cipher out(EVP_CIPHER_CTX_new());
  IRIS_CHECK(out && EVP_CipherInit_ex(out.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr, encrypt) == 1);
  IRIS_CHECK(EVP_CIPHER_CTX_set_padding(out.get(), 0) == 1);
  return out;
}

Block run(EVP_CIPHER_CTX* context, const Block& in) {
  Block out;
  int length = 0;
  IRIS_CHECK(EVP_CipherUpdate(context, out.data(), &length, in.data(), int(in.size())) == 1 &&
             length == int(in.size()));
  return out;
}

}  // namespace

struct ArchiveIds::Ciphers {
  Cipher encrypt, decrypt;
};

ArchiveIds::ArchiveIds(const std::array<std::uint8_t, 16>& key)
    : ciphers_(std::make_unique<Ciphers>(Ciphers{cipher(key, true), cipher(key, false)})) {}
ArchiveIds::~ArchiveIds() = default;

std::string ArchiveIds::encode(std::string_view archive_jid, base::Stamp stamp) const {
  auto plain =
      record::key_of(stamp) + record::big_endian(std::uint64_t{XXH64(archive_jid.data(), archive_jid.size(), 0)});
  Block block;
  std::copy(plain.begin(), plain.end(), block.begin());
  std::string out;
  for (unsigned char byte : run(ciphers_->encrypt.get(), block)) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::optional<base::Stamp> ArchiveIds::decode(std::string_view archive_jid, std::string_view id) const {
  if (id.size() != 32) return std::nullopt;
  Block block;
  for (std::size_t i = 0; i < block.size(); ++i) {
    int high = digit(id[2 * i]), low = digit(id[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    block[i] = static_cast<unsigned char>(high << 4 | low);
  }
  block = run(ciphers_->decrypt.get(), block);
  std::string_view plain(reinterpret_cast<const char*>(block.data()), block.size());
  if (record::from_big_endian(plain.substr(8)) != XXH64(archive_jid.data(), archive_jid.size(), 0)) return std::nullopt;
  return record::stamp_of_key(plain.substr(0, 8));
}

}  // namespace iris::shard
