// A Committer over any Log and Store: carries out each step's effects one after the other, in the order of rule S4.
//
//   emissions: appended as soon as the step is committed, in order; steps do not wait for each other (rule S2)
//   persist:   one write at a time: rows, then state, of all steps whose emissions are durable by then
//
// A failed append is made again, with all that followed it to the same partition, once none of them is under way; the
// order of what is in the log is kept, and doubles are dropped by their source (rule S1). A failed write is made again
// as it was: it is idempotent. Both back off.
//
// Lives on its shard's loop; owned by the shard; destroying it forgets what is not done.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "io/loop.h"
#include "log/crash_point.h"
#include "log/log.h"
#include "store/committer.h"

namespace iris::store {

struct OrderedCommitterOptions {
  base::Duration retry_after{10'000};  // doubles up to retry_max
  base::Duration retry_max{5'000'000};
  std::size_t write_steps_max = 256;  // steps in one write; bounds its size
  log::CrashHook hook;                // simulation only
};

class OrderedCommitter final : public Committer {
 public:
  // All outlive it.
  OrderedCommitter(log::Log& log, Store& store, io::Loop& loop, OrderedCommitterOptions options = {});
  ~OrderedCommitter() override;

  void commit(Step step, base::Callback<void()> emitted, base::Callback<void()> persisted) override;

 private:
  struct Pending {  // a step that is not persisted
    std::vector<Write> rows;
    std::vector<Write> state;
    base::Callback<void()> emitted;
    base::Callback<void()> persisted;
    std::size_t emissions_left = 0;
  };
  struct Sending {  // an emission that is not durable
    std::uint64_t step;
    std::string record;
    enum class State { queued, asked, done } state = State::queued;
  };
  struct Target {
    std::deque<Sending> queue;
    std::uint64_t first = 0;  // number of the front
    std::uint64_t next = 0;   // the first that was not asked for since the last back-off
    std::size_t asked = 0;    // appends under way
    bool failed = false;      // waits until none is, then backs off
    bool backing_off = false;
    base::Duration retry_after{0};
  };

  void send(base::PartitionId to);
  void ask(base::PartitionId to, std::uint64_t number);
  void answered(base::PartitionId to, std::uint64_t number, bool durable);
  void back_off(base::PartitionId to);
  void emitted_up_to_front();
  void persist();
  void write_rows();
  void write_state();
  void write(const std::vector<Write>& writes, void (OrderedCommitter::*then)());
  void finish();
  void pass(log::CrashPoint point);
  template <typename Call>
  auto alive(Call call);  // the call, unless the committer is gone by then

  log::Log& log_;
  Store& store_;
  io::Loop& loop_;
  const OrderedCommitterOptions options_;
  std::deque<Pending> pending_;   // in step order
  std::uint64_t first_step_ = 0;  // number of the front
  std::uint64_t emitted_ = 0;     // steps below this one are emitted
  std::map<base::PartitionId, Target> targets_;
  std::vector<Write> rows_, state_;  // of the write under way
  std::size_t writing_steps_ = 0;    // 0: none under way
  bool scheduled_ = false;
  base::Duration write_retry_after_{0};
  const std::shared_ptr<bool> token_ = std::make_shared<bool>(true);
};

}  // namespace iris::store
