// Addresses of a stranger. What is accepted is prepared once and for all, within its limits, and the fast path for
// ASCII answers as the tables do.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "xmpp/jid.h"

namespace {

using namespace iris::xmpp;

void check(const Jid& jid) {
  const auto again = Jid::parse(jid.to_string());
  IRIS_CHECK(again && *again == jid);
  IRIS_CHECK(again->local() == jid.local() && again->domain() == jid.domain() && again->resource() == jid.resource());
  for (const auto part : {jid.local(), jid.domain(), jid.resource()}) IRIS_CHECK(part.size() <= kJidPartBytesMax);
  IRIS_CHECK(!jid.domain().empty());
  IRIS_CHECK(jid.local().find_first_of("\"&'/:<>@") == std::string_view::npos);
  IRIS_CHECK(jid.domain().find_first_of("/@") == std::string_view::npos);
  IRIS_CHECK(Jid::make(jid.local(), jid.domain(), jid.resource()) == jid);
  IRIS_CHECK(Jid::parse(jid.bare_view()) == jid.bare());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto jid = Jid::parse(text)) check(*jid);
  IRIS_CHECK(prepare_local(text) == prepare_local(text, Path::slow));
  IRIS_CHECK(prepare_domain(text) == prepare_domain(text, Path::slow));
  IRIS_CHECK(prepare_resource(text) == prepare_resource(text, Path::slow));
  if (const auto password = prepare_password(text)) IRIS_CHECK(prepare_password(*password) == password);
  return 0;
}
