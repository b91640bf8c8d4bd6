// The tables of RFC 6121 appendix A once more, as text, cell by cell.
#include "module/roster_states.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace iris::module {
namespace {

constexpr std::string_view kNames[] = {"None",
                                       "None + Pending Out",
                                       "None + Pending In",
                                       "None + Pending Out+In",
                                       "To",
                                       "To + Pending In",
                                       "From",
                                       "From + Pending Out",
                                       "Both"};

SubscriptionState named(std::string_view name) {
  for (std::size_t i = 0; i < kSubscriptionStates; ++i)
    if (kNames[i] == name) return static_cast<SubscriptionState>(i);
  ADD_FAILURE() << "no state " << name;
  return {};
}

// One line of a table: existing state, whether it passes, new state ("" is "no state change").
struct Line {
  std::string_view existing;
  std::string_view pass;  // MUST or MUST NOT
  std::string_view next;
};

using Move = SubscriptionCell (*)(SubscriptionState, SubscriptionStep);

void check(Move move, SubscriptionStep step, const std::vector<Line>& lines) {
  ASSERT_EQ(lines.size(), kSubscriptionStates);
  for (const auto& line : lines) {
    SCOPED_TRACE(line.existing);
    auto cell = move(named(line.existing), step);
    EXPECT_EQ(cell.pass, line.pass == "MUST");
    EXPECT_EQ(cell.next, line.next.empty() ? named(line.existing) : named(line.next));
  }
}

TEST(OutboundTable, A21Subscribe) {
  check(outbound, SubscriptionStep::subscribe,
        {{"None", "MUST", "None + Pending Out"},
         {"None + Pending Out", "MUST", ""},
         {"None + Pending In", "MUST", "None + Pending Out+In"},
         {"None + Pending Out+In", "MUST", ""},
         {"To", "MUST", ""},
         {"To + Pending In", "MUST", ""},
         {"From", "MUST", "From + Pending Out"},
         {"From + Pending Out", "MUST", ""},
         {"Both", "MUST", ""}});
}

TEST(OutboundTable, A22Unsubscribe) {
  check(outbound, SubscriptionStep::unsubscribe,
        {{"None", "MUST", ""},
         {"None + Pending Out", "MUST", "None"},
         {"None + Pending In", "MUST", ""},
         {"None + Pending Out+In", "MUST", "None + Pending In"},
         {"To", "MUST", "None"},
         {"To + Pending In", "MUST", "None + Pending In"},
         {"From", "MUST", ""},
         {"From + Pending Out", "MUST", "From"},
         {"Both", "MUST", "From"}});
}

TEST(OutboundTable, A23Subscribed) {
  check(outbound, SubscriptionStep::subscribed,
        {{"None", "MUST NOT", ""},
         {"None + Pending Out", "MUST NOT", ""},
         {"None + Pending In", "MUST", "From"},
         {"None + Pending Out+In", "MUST", "From + Pending Out"},
         {"To", "MUST NOT", ""},
         {"To + Pending In", "MUST", "Both"},
         {"From", "MUST NOT", ""},
         {"From + Pending Out", "MUST NOT", ""},
         {"Both", "MUST NOT", ""}});
}

TEST(OutboundTable, A24Unsubscribed) {
  check(outbound, SubscriptionStep::unsubscribed,
        {{"None", "MUST NOT", ""},
         {"None + Pending Out", "MUST NOT", ""},
         {"None + Pending In", "MUST", "None"},
         {"None + Pending Out+In", "MUST", "None + Pending Out"},
         {"To", "MUST NOT", ""},
         {"To + Pending In", "MUST", "To"},
         {"From", "MUST", "None"},
         {"From + Pending Out", "MUST", "None + Pending Out"},
         {"Both", "MUST", "To"}});
}

TEST(InboundTable, A31Subscribe) {
  check(inbound, SubscriptionStep::subscribe,
        {{"None", "MUST", "None + Pending In"},
         {"None + Pending Out", "MUST", "None + Pending Out+In"},
         {"None + Pending In", "MUST NOT", ""},
         {"None + Pending Out+In", "MUST NOT", ""},
         {"To", "MUST", "To + Pending In"},
         {"To + Pending In", "MUST NOT", ""},
         {"From", "MUST NOT", ""},
         {"From + Pending Out", "MUST NOT", ""},
         {"Both", "MUST NOT", ""}});
}

TEST(InboundTable, A32Unsubscribe) {
  check(inbound, SubscriptionStep::unsubscribe,
        {{"None", "MUST NOT", ""},
         {"None + Pending Out", "MUST NOT", ""},
         {"None + Pending In", "MUST", "None"},
         {"None + Pending Out+In", "MUST", "None + Pending Out"},
         {"To", "MUST NOT", ""},
         {"To + Pending In", "MUST", "To"},
         {"From", "MUST", "None"},
         {"From + Pending Out", "MUST", "None + Pending Out"},
         {"Both", "MUST", "To"}});
}

TEST(InboundTable, A33Subscribed) {
  check(inbound, SubscriptionStep::subscribed,
        {{"None", "MUST NOT", ""},
         {"None + Pending Out", "MUST", "To"},
         {"None + Pending In", "MUST NOT", ""},
         {"None + Pending Out+In", "MUST", "To + Pending In"},
         {"To", "MUST NOT", ""},
         {"To + Pending In", "MUST NOT", ""},
         {"From", "MUST NOT", ""},
         {"From + Pending Out", "MUST", "Both"},
         {"Both", "MUST NOT", ""}});
}

TEST(InboundTable, A34Unsubscribed) {
  check(inbound, SubscriptionStep::unsubscribed,
        {{"None", "MUST NOT", ""},
         {"None + Pending Out", "MUST", "None"},
         {"None + Pending In", "MUST NOT", ""},
         {"None + Pending Out+In", "MUST", "None + Pending In"},
         {"To", "MUST", "None"},
         {"To + Pending In", "MUST", "None + Pending In"},
         {"From", "MUST NOT", ""},
         {"From + Pending Out", "MUST", "From"},
         {"Both", "MUST", "From"}});
}

TEST(SubscriptionState, BitsAndStateSayTheSame) {
  for (std::size_t i = 0; i < kSubscriptionStates; ++i) {
    auto state = static_cast<SubscriptionState>(i);
    EXPECT_EQ(state_of(bits_of(state)), state);
  }
}

// Two servers that follow the tables agree: whoever sees another's presence was granted it. Every pair of states that
// two people reach from nothing, in any order of steps, each heard before the next is said.
TEST(SubscriptionState, BothSidesAgreeAfterAnySteps) {
  std::vector<std::vector<bool>> seen(kSubscriptionStates, std::vector<bool>(kSubscriptionStates));
  std::vector<std::pair<SubscriptionState, SubscriptionState>> todo{{SubscriptionState::none, SubscriptionState::none}};
  seen[0][0] = true;
  std::size_t visited = 0;
  while (!todo.empty()) {
    auto [a, b] = todo.back();
    todo.pop_back();
    ++visited;
    EXPECT_EQ(bits_of(a).to, bits_of(b).from);
    EXPECT_EQ(bits_of(a).from, bits_of(b).to);
    EXPECT_EQ(bits_of(a).ask_out, bits_of(b).ask_in);
    EXPECT_EQ(bits_of(a).ask_in, bits_of(b).ask_out);
    for (int s = 0; s < 4; ++s) {
      auto step = static_cast<SubscriptionStep>(s);
      auto said = outbound(a, step);
      auto heard = said.pass ? inbound(b, step).next : b;
      auto x = static_cast<std::size_t>(said.next), y = static_cast<std::size_t>(heard);
      for (auto [p, q] : {std::pair{x, y}, std::pair{y, x}}) {
        if (seen[p][q]) continue;
        seen[p][q] = true;
        todo.emplace_back(static_cast<SubscriptionState>(p), static_cast<SubscriptionState>(q));
      }
    }
  }
  EXPECT_EQ(visited, kSubscriptionStates);  // nothing but the nine, each with its mirror image
}

}  // namespace
}  // namespace iris::module
