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
  std::string_view pass;  // MUST, S.N. (SHOULD NOT) or M.N. (MUST NOT), as in the table
  std::string_view next;
  Also also = Also::nothing;
};

using Move = SubscriptionCell (*)(SubscriptionState, SubscriptionStep);

SubscriptionCell heard(SubscriptionState state, SubscriptionStep step) { return inbound(state, step); }
SubscriptionCell heard_approved(SubscriptionState state, SubscriptionStep step) { return inbound(state, step, true); }

void check(Move move, SubscriptionStep step, const std::vector<Line>& lines) {
  ASSERT_EQ(lines.size(), kSubscriptionStates);
  for (const auto& line : lines) {
    SCOPED_TRACE(line.existing);
    auto cell = move(named(line.existing), step);
    EXPECT_EQ(cell.pass, line.pass == "MUST");
    EXPECT_EQ(cell.next, line.next.empty() ? named(line.existing) : named(line.next));
    EXPECT_EQ(cell.also, line.also);
  }
}

// A.2.1, table 2
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

// A.2.2, table 3
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

// A.2.3, table 4; note [1] is §3.4
TEST(OutboundTable, A23Subscribed) {
  check(outbound, SubscriptionStep::subscribed,
        {{"None", "M.N.", "", Also::pre_approve},
         {"None + Pending Out", "M.N.", "", Also::pre_approve},
         {"None + Pending In", "MUST", "From"},
         {"None + Pending Out+In", "MUST", "From + Pending Out"},
         {"To", "M.N.", "", Also::pre_approve},
         {"To + Pending In", "MUST", "Both"},
         {"From", "M.N.", ""},
         {"From + Pending Out", "M.N.", ""},
         {"Both", "M.N.", ""}});
}

// A.2.4, table 5; note [1] is §3.2.2
TEST(OutboundTable, A24Unsubscribed) {
  check(outbound, SubscriptionStep::unsubscribed,
        {{"None", "S.N.", "", Also::end_approval},
         {"None + Pending Out", "S.N.", "", Also::end_approval},
         {"None + Pending In", "MUST", "None", Also::end_approval},
         {"None + Pending Out+In", "MUST", "None + Pending Out", Also::end_approval},
         {"To", "S.N.", "", Also::end_approval},
         {"To + Pending In", "MUST", "To", Also::end_approval},
         {"From", "MUST", "None", Also::end_approval},
         {"From + Pending Out", "MUST", "None + Pending Out", Also::end_approval},
         {"Both", "MUST", "To", Also::end_approval}});
}

// A.3.1, table 6; note [2]: SHOULD auto-reply with "subscribed"
TEST(InboundTable, A31Subscribe) {
  check(heard, SubscriptionStep::subscribe,
        {{"None", "MUST", "None + Pending In"},
         {"None + Pending Out", "MUST", "None + Pending Out+In"},
         {"None + Pending In", "S.N.", ""},
         {"None + Pending Out+In", "S.N.", ""},
         {"To", "MUST", "To + Pending In"},
         {"To + Pending In", "S.N.", ""},
         {"From", "S.N.", "", Also::subscribed},
         {"From + Pending Out", "S.N.", "", Also::subscribed},
         {"Both", "S.N.", "", Also::subscribed}});
}

// Table 6, note [1], and §3.4.2: with a pre-approval the user is not asked. The note names None alone; the rule is for
// all.
TEST(InboundTable, A31SubscribeWithPreApproval) {
  check(heard_approved, SubscriptionStep::subscribe,
        {{"None", "M.N.", "From", Also::subscribed},
         {"None + Pending Out", "M.N.", "From + Pending Out", Also::subscribed},
         {"None + Pending In", "M.N.", "From", Also::subscribed},
         {"None + Pending Out+In", "M.N.", "From + Pending Out", Also::subscribed},
         {"To", "M.N.", "Both", Also::subscribed},
         {"To + Pending In", "M.N.", "Both", Also::subscribed},
         {"From", "M.N.", "", Also::subscribed},
         {"From + Pending Out", "M.N.", "", Also::subscribed},
         {"Both", "M.N.", "", Also::subscribed}});
  for (auto step : {SubscriptionStep::unsubscribe, SubscriptionStep::subscribed, SubscriptionStep::unsubscribed})
    for (std::size_t i = 0; i < kSubscriptionStates; ++i)
      EXPECT_EQ(heard_approved(static_cast<SubscriptionState>(i), step),
                heard(static_cast<SubscriptionState>(i), step));
}

// A.3.2, table 7; note [1]: SHOULD auto-reply with "unsubscribed"
TEST(InboundTable, A32Unsubscribe) {
  check(heard, SubscriptionStep::unsubscribe,
        {{"None", "S.N.", ""},
         {"None + Pending Out", "S.N.", ""},
         {"None + Pending In", "MUST", "None", Also::unsubscribed},
         {"None + Pending Out+In", "MUST", "None + Pending Out", Also::unsubscribed},
         {"To", "S.N.", ""},
         {"To + Pending In", "MUST", "To", Also::unsubscribed},
         {"From", "MUST", "None", Also::unsubscribed},
         {"From + Pending Out", "MUST", "None + Pending Out", Also::unsubscribed},
         {"Both", "MUST", "To", Also::unsubscribed}});
}

// A.3.3, table 8
TEST(InboundTable, A33Subscribed) {
  check(heard, SubscriptionStep::subscribed,
        {{"None", "S.N.", ""},
         {"None + Pending Out", "MUST", "To"},
         {"None + Pending In", "S.N.", ""},
         {"None + Pending Out+In", "MUST", "To + Pending In"},
         {"To", "S.N.", ""},
         {"To + Pending In", "S.N.", ""},
         {"From", "S.N.", ""},
         {"From + Pending Out", "MUST", "Both"},
         {"Both", "S.N.", ""}});
}

// A.3.4, table 9
TEST(InboundTable, A34Unsubscribed) {
  check(heard, SubscriptionStep::unsubscribed,
        {{"None", "S.N.", ""},
         {"None + Pending Out", "MUST", "None"},
         {"None + Pending In", "S.N.", ""},
         {"None + Pending Out+In", "MUST", "None + Pending In"},
         {"To", "MUST", "None"},
         {"To + Pending In", "MUST", "None + Pending In"},
         {"From", "S.N.", ""},
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
      auto result = said.pass ? inbound(b, step) : SubscriptionCell{false, b};
      auto mine = said.next;  // what is answered changes nothing when both sides are in step
      if (result.also == Also::subscribed) mine = inbound(mine, SubscriptionStep::subscribed).next;
      if (result.also == Also::unsubscribed) mine = inbound(mine, SubscriptionStep::unsubscribed).next;
      EXPECT_EQ(mine, said.next);
      auto x = static_cast<std::size_t>(mine), y = static_cast<std::size_t>(result.next);
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
