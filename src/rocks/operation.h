// One thing asked of the engine's writer, and the answers that a group gathers.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/callback.h"
#include "base/result.h"
#include "io/loop.h"
#include "rocks/append_fence.h"
#include "rocks/rows.h"

namespace iris::rocks {

using OperationDone = base::Callback<void(base::Result<base::Offset>)>;

struct Operation {
  enum class Kind { append, step, write, trim } kind;
  std::vector<Append> appends;
  std::vector<RowWrite> rows;
  std::pair<base::PartitionId, base::Offset> trim;
  AppendFence::Ticket ticket;  // of an append
  io::Loop* loop = nullptr;
  OperationDone done;
  std::size_t bytes = 0;
  base::SteadyTime asked{};
  base::Offset offset{};               // given to an append by the writer
  std::optional<base::Error> refused;  // by the writer; answered in its turn
};

// The fence is touched by callers, by the writer, and by the loops that are told; it outlives the engine in posts that
// are still on their way.
struct SharedFence {
  std::mutex mutex;
  AppendFence fence;
  void settled(const AppendFence::Ticket& ticket) {
    std::lock_guard lock(mutex);
    fence.settled(ticket);
  }
};

// The answers of one group: one post per loop, in the order of the group.
class Answers {
 public:
  explicit Answers(std::shared_ptr<SharedFence> fence) : fence_(std::move(fence)) {}

  void add(Operation operation, base::Result<base::Offset> result);
  void add(io::Loop& loop, base::Callback<void()> call);
  void post();

 private:
  std::vector<base::Callback<void()>>& of(io::Loop& loop);
  const std::shared_ptr<SharedFence> fence_;
  std::vector<std::pair<io::Loop*, std::vector<base::Callback<void()>>>> by_loop_;
};

}  // namespace iris::rocks
