#include "app/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "app/files.h"

namespace iris::app {

long running_pid(const std::string& folder) {
  auto text = read_file(folder + "/irisd.pid");
  return text ? std::strtol(text->c_str(), nullptr, 10) : 0;
}

base::Result<std::unique_ptr<DataLock>> DataLock::take(const std::string& folder) {
  const std::string path = folder + "/irisd.lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return base::Error{base::Errc::unavailable, "cannot open " + path + ": " + std::strerror(errno)};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    ::close(fd);
    if (error != EWOULDBLOCK)
      return base::Error{base::Errc::unavailable, "cannot lock " + path + ": " + std::strerror(error)};
    const long pid = running_pid(folder);
    return base::Error{base::Errc::already_exists,
                       "another irisd" + (pid > 0 ? " (pid " + std::to_string(pid) + ")" : "") + " runs on " + folder +
                           ". Stop it first" + (pid > 0 ? ": kill " + std::to_string(pid) : ".")};
  }
  std::unique_ptr<DataLock> lock(new DataLock(folder, fd));
  if (auto written = write_file(folder + "/irisd.pid", std::to_string(::getpid()) + "\n", 0644); !written)
    return written.error();
  return lock;
}

DataLock::~DataLock() {
  ::unlink((folder_ + "/irisd.pid").c_str());
  ::close(fd_);
}

}  // namespace iris::app
