#include "io/fd_watch.h"

#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/check.h"
#include "io/asio_loop.h"

namespace iris::io {

// Waits that asio has begun hold the state. The watch's end marks it, so a wait that was already over, its call queued
// on this loop, finds the mark and does nothing. Only this loop's thread touches it.
struct FdWatch::State {
  // With the executor's own type: one that takes any costs 100 bytes more for each descriptor that waits.
  using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  State(AsioLoop& loop, int fd) : descriptor(loop.context().get_executor(), fd) {}
  Descriptor descriptor;
  bool ended = false;
  Callback<void()> readable;
  Callback<void()> writable;

  static void wait(const std::shared_ptr<State>& state, Descriptor::wait_type type, Callback<void()> State::*slot) {
    state->descriptor.async_wait(type, [state, slot](const boost::system::error_code&) {
      if (state->ended) return;
      Callback<void()> call = std::move((*state).*slot);
      (*state).*slot = nullptr;
      if (call) call();
    });
  }
};

FdWatch::FdWatch(Loop& loop, int fd) {
  auto* asio_loop = dynamic_cast<AsioLoop*>(&loop);
  IRIS_CHECK(asio_loop != nullptr);
  state_ = std::make_shared<State>(*asio_loop, fd);
}

FdWatch::~FdWatch() {
  state_->ended = true;
  state_->readable = nullptr;
  state_->writable = nullptr;
  state_->descriptor.release();
}

void FdWatch::when_readable(Callback<void()> call) {
  IRIS_CHECK(!state_->readable);
  state_->readable = std::move(call);
  State::wait(state_, State::Descriptor::wait_read, &State::readable);
}

void FdWatch::when_writable(Callback<void()> call) {
  IRIS_CHECK(!state_->writable);
  state_->writable = std::move(call);
  State::wait(state_, State::Descriptor::wait_write, &State::writable);
}

}  // namespace iris::io
