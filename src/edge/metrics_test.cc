#include "edge/metrics.h"

#include <gtest/gtest.h>

#include "xmpp/stanza_error.h"

namespace iris::edge::metrics {
namespace {

double forbidden() {
  for (const auto& series : kStanzaErrors.snapshot().series)
    for (const auto& [name, value] : series.labels)
      if (value == "forbidden") return series.value;
  return -1;
}

TEST(EdgeMetrics, ErrorsAreCountedByCondition) {
  const double before = forbidden();
  const xmpp::Stanza request{.kind = xmpp::Kind::iq, .type = "get", .id = "1"};
  count_error(xmpp::make_error_reply(request, xmpp::StanzaCondition::forbidden));
  EXPECT_EQ(forbidden(), before + 1);
  count_error(xmpp::make_error_reply(request, xmpp::StanzaCondition::gone));
  count_error(xmpp::make_result(request));
  EXPECT_EQ(forbidden(), before + 1);
}

}  // namespace
}  // namespace iris::edge::metrics
