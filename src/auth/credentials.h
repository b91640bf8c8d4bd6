// What an account logs in with: SCRAM keys, read from the Store. The password itself is stored nowhere. A stranger
// cannot tell an account that does not exist from a wrong password: same answers, same steps, a salt that stays the
// same.
#pragma once
#include <memory>
#include <string>

#include "base/callback.h"
#include "base/result.h"
#include "io/loop.h"
#include "io/worker.h"
#include "store/store.h"
#include "xmpp/scram.h"

namespace iris::auth {

// Lives on one loop; completions run there.
class Credentials {
 public:
  // `worker` derives keys, a millisecond each (PBKDF2), and may be shared by loops; null: on the loop (simulation).
  // `secret`: the deployment's, the same on every node. `iterations`: of new accounts, and so of made-up keys.
  Credentials(store::Store& store, io::Loop& loop, io::Worker* worker, std::string secret,
              std::uint32_t iterations = xmpp::kScramIterations);

  struct Lookup {
    bool exists = false;
    xmpp::ScramKeys keys;  // of the account, or made up: no password fits those
  };
  // `bare`: prepared. An account without keys for that hash is as one that does not exist.
  void keys(std::string bare, xmpp::ScramHash hash, base::Callback<void(base::Result<Lookup>)> done);
  // For PLAIN. Errc::overloaded: too many wait for the worker.
  void verify(std::string bare, std::string password, base::Callback<void(base::Result<bool>)> done);

 private:
  store::Store& store_;
  io::Loop& loop_;
  io::Worker* worker_;
  const std::string secret_;
  const std::uint32_t iterations_;
};

// Runs `work` on the worker and `done` with what it gave on `loop`. Errc::overloaded if the worker's queue is full.
template <typename T>
void on_worker(io::Worker* worker, io::Loop& loop, base::Callback<T()> work,
               base::Callback<void(base::Result<T>)> done) {
  // The call is kept on the heap: one that is refused must still tell `done`.
  auto job = std::make_shared<std::pair<base::Callback<T()>, base::Callback<void(base::Result<T>)>>>(std::move(work),
                                                                                                     std::move(done));
  auto run = [job, &loop] {
    loop.post([job, value = base::Result<T>(job->first())]() mutable { job->second(std::move(value)); });
  };
  if (worker == nullptr) return run();
  if (worker->try_post(run)) return;
  loop.post([job] { job->second(base::Error{base::Errc::overloaded, "too many passwords are being checked"}); });
}

}  // namespace iris::auth
