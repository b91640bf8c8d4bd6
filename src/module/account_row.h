// The account itself, as a row of its state.
#pragma once
#include <optional>
#include <string_view>

#include "base/check.h"
#include "base/ids.h"
#include "record/record.pb.h"
#include "shard/state.h"

namespace iris::module {

inline constexpr std::string_view kAccountKey = "account";

inline std::optional<record::AccountRow> find_account(const shard::State& state) {
  const auto* bytes = state.find(kAccountKey);
  if (!bytes) return std::nullopt;
  record::AccountRow row;
  IRIS_CHECK(row.ParseFromString(*bytes));
  return row;
}

// Nothing that lies before the account was made belongs to it.
inline base::Stamp account_created(const shard::State& state) {
  auto row = find_account(state);
  return base::Stamp{row ? row->created() : 0};
}

}  // namespace iris::module
