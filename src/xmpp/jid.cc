#include "xmpp/jid.h"

#include <algorithm>

#include "xmpp/prepare.h"

namespace iris::xmpp {

std::optional<Jid> Jid::parse(std::string_view text) {
  // RFC 7622 §3.1: first the resource is cut off at the first slash, then the local part at the first at sign.
  std::string_view resource;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    resource = text.substr(slash + 1);
    if (resource.empty()) return std::nullopt;
    text = text.substr(0, slash);
  }
  std::string_view local;
  const auto at = text.find('@');
  if (at != std::string_view::npos) {
    local = text.substr(0, at);
    if (local.empty()) return std::nullopt;
    text = text.substr(at + 1);
  }
  return make(local, text, resource);
}

std::optional<Jid> Jid::make(std::string_view local, std::string_view domain, std::string_view resource) {
  const auto prepared_domain = prepare_domain(domain);
  if (!prepared_domain) return std::nullopt;
  std::string text;
  text.reserve(local.size() + prepared_domain->size() + resource.size() + 2);
  if (!local.empty()) {
    const auto prepared = prepare_local(local);
    if (!prepared) return std::nullopt;
    text.append(*prepared).append("@");
  }
  const std::size_t local_size = text.empty() ? 0 : text.size() - 1;
  text += *prepared_domain;
  if (!resource.empty()) {
    const auto prepared = prepare_resource(resource);
    if (!prepared) return std::nullopt;
    text.append("/").append(*prepared);
  }
  return Jid(std::move(text), local_size, prepared_domain->size());
}

std::string_view Jid::resource() const {
  return is_bare() ? std::string_view() : std::string_view(text_).substr(bare_size() + 1);
}

Jid Jid::bare() const { return Jid(std::string(bare_view()), local_size_, domain_size_); }

Jid Jid::domain_jid() const { return Jid(std::string(domain()), 0, domain_size_); }

std::optional<Jid> Jid::with_resource(std::string_view resource) const {
  const auto prepared = prepare_resource(resource);
  if (!prepared) return std::nullopt;
  std::string text(bare_view());
  text.append("/").append(*prepared);
  return Jid(std::move(text), local_size_, domain_size_);
}

}  // namespace iris::xmpp
