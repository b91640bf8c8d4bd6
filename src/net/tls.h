// Certificates and TLS settings. TLS 1.2 and 1.3 only, no renegotiation, no compression, AEAD suites with forward
// secrecy; resumption by tickets, under keys that live as long as the context.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

struct ssl_st;
struct ssl_ctx_st;

namespace iris::net {

struct TlsOptions {
  std::string certificate_path;  // PEM, the whole chain, leaf first
  std::string key_path;          // PEM
  // Protocols we speak, for ALPN (RFC 7301): {"xmpp-client"} or {"http/1.1"}. A client that offers only others is
  // turned away (XEP-0368); one that offers none is served.
  std::vector<std::string> alpn;
};

// Shared by listeners and connections of any loop.
class TlsContext {
 public:
  // Errc::invalid if the files cannot be read, do not fit together, or are not PEM.
  static base::Result<std::shared_ptr<TlsContext>> make(TlsOptions options);
  ~TlsContext();

  // Reads the files again, or others, for connections made from now on. On failure the old ones stay in use.
  base::Status reload();
  base::Status reload(const std::string& certificate_path, const std::string& key_path);
  // When the certificate in use ends.
  base::WallTime not_after() const;
  // A server's side of a new handshake; to be freed by SSL_free. Null when memory is short.
  ssl_st* new_session() const;

 private:
  explicit TlsContext(TlsOptions options);
  TlsOptions options_;        // the list of protocols does not change: contexts point to it
  mutable std::mutex mutex_;  // for the pointer and the paths
  std::shared_ptr<ssl_ctx_st> context_;
};

// What was agreed on in a handshake.
struct TlsInfo {
  std::string version;  // "TLSv1.3"
  std::string cipher;
  std::string alpn;  // empty: none was offered
  std::string sni;   // the host name the client asked for, empty if none
  bool resumed{};
};

enum class ChannelBinding {
  tls_exporter,          // RFC 9266
  tls_server_end_point,  // RFC 5929 §4
};

struct SelfSignedOptions {
  std::vector<std::string> domains;  // "localhost", 127.0.0.1 and ::1 are always added
  std::string certificate_path;
  std::string key_path;  // made with mode 0600
  int days = 825;
};
// An ECDSA P-256 key and a certificate for it, written over what was there.
base::Status make_self_signed(const SelfSignedOptions& options);

}  // namespace iris::net
