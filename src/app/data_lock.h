// One irisd per data folder. Holds the folder's lock while it lives, and names its process in irisd.pid.
#pragma once
#include <memory>
#include <string>

#include "base/result.h"

namespace iris::app {

class DataLock {
 public:
  // Errc::already_exists if another process has it; the message says which, and what to do.
  static base::Result<std::unique_ptr<DataLock>> take(const std::string& folder);
  ~DataLock();  // removes irisd.pid, then lets go
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;

 private:
  DataLock(std::string folder, int fd) : folder_(std::move(folder)), fd_(fd) {}
  const std::string folder_;
  const int fd_;
};

// Of the server that runs on the folder, from irisd.pid; 0: none is named.
long running_pid(const std::string& folder);

}  // namespace iris::app
