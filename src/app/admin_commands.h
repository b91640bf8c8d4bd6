// What irisctl can ask of a server: handlers of the admin socket, on loop 0. A change of accounts goes through the log
// like any other (rule D1) and is answered when it is persisted (rule D3).
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "admin/admin_socket.h"
#include "app/config.h"
#include "app/place.h"
#include "io/worker.h"
#include "log/log.h"
#include "net/tls.h"
#include "store/store.h"

namespace iris::app {

struct AdminWorld {  // all outlive the socket
  const Config& config;
  std::vector<std::unique_ptr<Place>>& places;
  store::Store& store;
  log::Log& log;
  io::Worker& worker;  // for what blocks
  const net::TlsContext& tls;
  const std::atomic<bool>& ready;
};

// account-add, account-password, account-delete, account-list, account-import. Arguments and results:
//   account-add, account-password {"user","password"}, account-delete {"user"} -> {"user"}
//   account-list {"after"} -> {"accounts":[…],"next"}; `next` is empty at the end
//   account-import {"accounts":[{"line","user","password"|"keys":[…]}]} -> {"failed":[{"line","error"}]}
void add_admin_commands(admin::AdminSocket& socket, AdminWorld world);

}  // namespace iris::app
