// A JID, prepared (RFC 7622): equal JIDs are equal bytes. Unicode is pinned by rust/Cargo.lock, because the bare JID is
// the partition key: an upgrade of the tables must not move an account.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "xmpp/prepare.h"

namespace iris::xmpp {

// Immutable value; any thread.
class Jid {
 public:
  // Nothing if the text is not a JID. Never trusts that the text is prepared already.
  static std::optional<Jid> parse(std::string_view text);
  // From parts, not yet prepared; an empty local or resource means none.
  static std::optional<Jid> make(std::string_view local, std::string_view domain, std::string_view resource = {});

  std::string_view local() const { return std::string_view(text_).substr(0, local_size_); }  // empty: none
  std::string_view domain() const { return std::string_view(text_).substr(domain_at(), domain_size_); }
  std::string_view resource() const;  // empty: none

  bool is_bare() const { return bare_size() == text_.size(); }
  bool is_full() const { return !is_bare(); }
  bool has_local() const { return local_size_ != 0; }
  bool is_domain() const { return local_size_ == 0 && is_bare(); }

  Jid bare() const;
  // Nothing if `resource` is not a resource.
  std::optional<Jid> with_resource(std::string_view resource) const;
  Jid domain_jid() const;
  bool same_bare(const Jid& other) const { return bare_view() == other.bare_view(); }

  const std::string& to_string() const { return text_; }
  std::string_view bare_view() const {
    return std::string_view(text_).substr(0, bare_size());
  }  // lives as long as this

  friend bool operator==(const Jid& a, const Jid& b) { return a.text_ == b.text_; }
  friend auto operator<=>(const Jid& a, const Jid& b) { return a.text_ <=> b.text_; }

 private:
  Jid(std::string text, std::size_t local_size, std::size_t domain_size)
      : text_(std::move(text)), local_size_(std::uint16_t(local_size)), domain_size_(std::uint16_t(domain_size)) {}
  std::size_t domain_at() const { return local_size_ == 0 ? 0 : local_size_ + 1u; }
  std::size_t bare_size() const { return domain_at() + domain_size_; }

  std::string text_;  // local@domain/resource
  std::uint16_t local_size_;
  std::uint16_t domain_size_;
};

}  // namespace iris::xmpp

template <>
struct std::hash<iris::xmpp::Jid> {
  std::size_t operator()(const iris::xmpp::Jid& jid) const noexcept {
    return std::hash<std::string>{}(jid.to_string());
  }
};
