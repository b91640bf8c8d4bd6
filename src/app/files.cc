#include "app/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace iris::app {
namespace {

base::Error failure(const std::string& what, const std::string& path) {
  const int error = errno;
  const auto code = error == ENOENT   ? base::Errc::not_found
                    : error == ENOSPC ? base::Errc::no_space
                                      : base::Errc::unavailable;
  return {code, what + " " + path + ": " + std::strerror(error)};
}

struct Descriptor {
  explicit Descriptor(int number) : fd(number) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

base::Status sync_folder(const std::string& path) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd < 0 || ::fsync(folder.fd) != 0) return failure("cannot sync", path);
  return base::ok();
}

}  // namespace

base::Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0) return failure("cannot open", path);
  struct stat facts {};
  if (::fstat(file.fd, &facts) != 0) return failure("cannot look at", path);
  if (!S_ISREG(facts.st_mode))
    return base::Error{base::Errc::invalid, path + (S_ISDIR(facts.st_mode) ? " is a folder" : " is no regular file")};
  std::string out;
  char buffer[16384];
  for (;;) {
    const ssize_t got = ::read(file.fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("cannot read", path);
    if (got == 0) return out;
    out.append(buffer, static_cast<std::size_t>(got));
    if (out.size() > bytes_max)
      return base::Error{base::Errc::invalid, path + " has more than " + std::to_string(bytes_max) + " bytes"};
  }
}

base::Status write_file(const std::string& path, const std::string& bytes, unsigned mode) {
  const std::string beside = path + ".new";
  Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (file.fd < 0) return failure("cannot write", beside);
  if (::fchmod(file.fd, mode) != 0) return failure("cannot set the mode of", beside);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t wrote = ::write(file.fd, bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return failure("cannot write", beside);
    done += static_cast<std::size_t>(wrote);
  }
  if (::fsync(file.fd) != 0) return failure("cannot sync", beside);
  if (::rename(beside.c_str(), path.c_str()) != 0) return failure("cannot rename to", path);
  return sync_folder(std::filesystem::path(path).parent_path().string());
}

base::Status make_folder(const std::string& path, unsigned mode) {
  if (path.empty() || exists(path)) return base::ok();
  if (auto made = make_folder(std::filesystem::path(path).parent_path().string(), mode); !made) return made;
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return failure("cannot make the folder", path);
  return base::ok();
}

bool exists(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0;
}

}  // namespace iris::app
