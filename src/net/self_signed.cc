// make_self_signed() of tls.h.
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "net/tls.h"

namespace iris::net {
namespace {

using base::Errc;
using base::Error;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

Error failed(const std::string& what) {
  ERR_clear_error();
  return {Errc::unavailable, "cannot make a certificate: " + what};
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return added == 1;
}

bool is_host_name(const std::string& name) {
  if (name.empty() || name.size() > 253) return false;
  for (char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.')) {
      return false;
    }
  }
  return true;
}

bool fill_in(X509* certificate, EVP_PKEY* key, const std::string& common_name, const std::string& names, int days) {
  unsigned char serial[16];
  // tidy: allow banned-call: a certificate for the real world; nothing that is simulated makes one
  if (RAND_bytes(serial, sizeof serial) != 1) return false;
  serial[0] &= 0x7f;  // positive
  BIGNUM* const number = BN_bin2bn(serial, sizeof serial, nullptr);
  const bool numbered = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  if (!numbered || X509_set_version(certificate, X509_VERSION_3) != 1) return false;
  X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 3600);  // for clients whose clock is a little behind
  X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(days) * 24 * 3600);
  X509_NAME* const name = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
         add_extension(certificate, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
         add_extension(certificate, NID_subject_alt_name, names) && X509_sign(certificate, key, EVP_sha256()) > 0;
}

base::Status write_file(const std::string& path, BIO* memory, mode_t mode) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  // Beside the target first: a reader never sees half a file, and the mode holds from the first byte.
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return Error{Errc::unavailable, "cannot create " + fresh + ": " + std::strerror(errno)};
  const bool written = ::write(fd, bytes, static_cast<std::size_t>(size)) == size && ::fsync(fd) == 0;
  const bool closed = ::close(fd) == 0;
  if (!written || !closed || ::rename(fresh.c_str(), path.c_str()) != 0) {
    const Error error{errno == ENOSPC ? Errc::no_space : Errc::unavailable,
                      "cannot write " + path + ": " + std::strerror(errno)};
    ::unlink(fresh.c_str());
    return error;
  }
  return base::ok();
}

}  // namespace

base::Status make_self_signed(const SelfSignedOptions& options) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  for (const std::string& domain : options.domains) {
    if (!is_host_name(domain)) return Error{Errc::invalid, "'" + domain + "' is not a host name in ASCII"};
    if (domain != "localhost") names += ",DNS:" + domain;
  }
  const std::string first = options.domains.empty() ? "localhost" : options.domains.front();
  const std::string common_name = first.substr(0, 64);  // the field's limit; names are compared by the SAN anyway

  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate(X509_new(), X509_free);
  if (!key || !certificate) return failed("no key");
  if (!fill_in(certificate.get(), key.get(), common_name, names, options.days)) return failed("a field was refused");

  const Memory key_pem(BIO_new(BIO_s_mem()), BIO_free), certificate_pem(BIO_new(BIO_s_mem()), BIO_free);
  if (!key_pem || !certificate_pem ||
      PEM_write_bio_PKCS8PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(certificate_pem.get(), certificate.get()) != 1) {
    return failed("not writable as PEM");
  }
  if (base::Status status = write_file(options.key_path, key_pem.get(), 0600); !status) return status;
  return write_file(options.certificate_path, certificate_pem.get(), 0644);
}

}  // namespace iris::net
