#include "faulty_file_system.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace iris::fault {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class TrackedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TrackedFile(std::unique_ptr<rocksdb::FSWritableFile> file, FaultyFileSystem& system,
              std::shared_ptr<FaultyFileSystem::Length> length)
      : FSWritableFileOwnerWrapper(std::move(file)), system_(system), length_(std::move(length)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(system_.mutex_);
    if (auto status = system_.change(); !status.ok()) return status;
    IOStatus status = target()->Append(data, options, debug);
    if (status.ok()) length_->written += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const Slice&, std::uint64_t, const IOOptions&, IODebugContext*) override { std::abort(); }
  IOStatus PositionedAppend(const Slice&, std::uint64_t, const IOOptions&, const rocksdb::DataVerificationInfo&,
                            IODebugContext*) override {
    std::abort();  // direct I/O is not used
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(system_.mutex_);
    if (auto status = system_.change(); !status.ok()) return status;
    length_->written = size;
    length_->synced = std::min(length_->synced, size);
    return target()->Truncate(size, options, debug);
  }
  // The kernel has the bytes; no disk needs to. So it is quick, too.
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(system_.mutex_);
    if (auto status = system_.change(); !status.ok()) return status;
    IOStatus status = target()->Flush(options, debug);
    if (status.ok()) length_->synced = length_->written;
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  FaultyFileSystem& system_;
  const std::shared_ptr<FaultyFileSystem::Length> length_;
};

class TrackedDirectory final : public rocksdb::FSDirectory {
 public:
  explicit TrackedDirectory(FaultyFileSystem& system) : system_(system) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    std::lock_guard lock(system_.mutex_);
    if (auto status = system_.change(); !status.ok()) return status;
    system_.sync_names();
    return IOStatus::OK();
  }

 private:
  FaultyFileSystem& system_;
};

FaultyFileSystem::FaultyFileSystem(std::string directory)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_ + "/graves");
}

void FaultyFileSystem::cut_power_after(std::uint64_t changes, std::string copy_to) {
  std::lock_guard lock(mutex_);
  power_until_ = changes_ + changes;
  copy_to_ = std::move(copy_to);
}

bool FaultyFileSystem::has_power() const {
  std::lock_guard lock(mutex_);
  return copy_ == nullptr;
}

std::shared_ptr<FaultyFileSystem> FaultyFileSystem::after_the_cut() {
  std::lock_guard lock(mutex_);
  return std::move(copy_);
}

void FaultyFileSystem::copy() {
  const auto moved = [this](const std::string& name) {
    return name.starts_with(directory_) ? copy_to_ + name.substr(directory_.size()) : name;
  };
  std::filesystem::copy(directory_, copy_to_, std::filesystem::copy_options::recursive);
  copy_ = std::make_shared<FaultyFileSystem>(copy_to_);
  for (const auto& [name, length] : files_) copy_->files_[moved(name)] = std::make_shared<Length>(*length);
  for (Change change : unsynced_names_) {
    change.name = moved(change.name);
    change.to = moved(change.to);
    change.grave = moved(change.grave);
    copy_->unsynced_names_.push_back(std::move(change));
  }
  copy_->graves_ = graves_;
  copy_->bytes_lost_ = bytes_lost_;
  copy_->names_lost_ = names_lost_;
}

void FaultyFileSystem::fail(Failure failure) {
  std::lock_guard lock(mutex_);
  failure_ = failure;
}

std::uint64_t FaultyFileSystem::changes() const {
  std::lock_guard lock(mutex_);
  return changes_;
}

IOStatus FaultyFileSystem::change() {
  if (changes_ >= power_until_ && copy_ == nullptr && !copy_to_.empty()) copy();
  ++changes_;
  if (failure_ == Failure::no_space) return IOStatus::NoSpace("simulated");
  if (failure_ == Failure::io_error) return IOStatus::IOError("simulated");
  return IOStatus::OK();
}

std::string FaultyFileSystem::bury(const std::string& name) {
  if (!std::filesystem::exists(name)) return {};
  const std::string grave = directory_ + "/graves/" + std::to_string(++graves_);
  std::filesystem::rename(name, grave);
  if (const auto file = files_.find(name); file != files_.end()) {
    files_[grave] = file->second;
    files_.erase(file);
  }
  return grave;
}

void FaultyFileSystem::sync_names() {
  for (const Change& change : std::exchange(unsynced_names_, {})) {
    if (change.grave.empty()) continue;
    std::filesystem::remove(change.grave);
    files_.erase(change.grave);
  }
}

void FaultyFileSystem::undo(const Change& change) {
  const auto move = [this](const std::string& from, const std::string& to) {
    std::filesystem::rename(from, to);
    if (const auto file = files_.find(from); file != files_.end()) {
      files_[to] = file->second;
      files_.erase(from);
    }
  };
  switch (change.kind) {
    case Change::Kind::create:
      std::filesystem::remove(change.name);
      files_.erase(change.name);
      if (!change.grave.empty()) move(change.grave, change.name);
      break;
    case Change::Kind::remove: move(change.grave, change.name); break;
    case Change::Kind::rename:
      move(change.to, change.name);
      if (!change.grave.empty()) move(change.grave, change.to);
      break;
  }
}

// A journalling file system keeps changes of names in order, so a first part of them survives.
void FaultyFileSystem::lose_what_was_not_synced(std::mt19937_64& random) {
  std::lock_guard lock(mutex_);
  const std::size_t kept = random() % 3 == 0 ? 0 : random() % (unsynced_names_.size() + 1);
  while (unsynced_names_.size() > kept) {
    undo(unsynced_names_.back());
    unsynced_names_.pop_back();
    ++names_lost_;
  }
  sync_names();
  for (auto& [name, length] : files_) {
    const std::uint64_t unsynced = length->written - length->synced;
    if (unsynced == 0) continue;
    std::uint64_t survives = random() % 3 == 0 ? 0 : random() % (unsynced + 1);
    if (random() % 4 == 0) survives = unsynced;
    std::filesystem::resize_file(name, length->synced + survives);
    // Torn: the length was written, and the last blocks were not.
    if (survives > 0 && random() % 3 == 0) {
      const std::uint64_t zeros = std::min<std::uint64_t>(survives, 1 + random() % 4096);
      std::fstream file(name, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(length->synced + survives - zeros));
      file << std::string(zeros, '\0');
    }
    bytes_lost_ += unsynced - survives;
    length->written = length->synced = length->synced + survives;
  }
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& name, const FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  std::lock_guard lock(mutex_);
  if (auto status = change(); !status.ok()) return status;
  const std::string grave = bury(name);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  if (auto status = target()->NewWritableFile(name, options, &file, debug); !status.ok()) return status;
  auto length = std::make_shared<Length>();
  files_[name] = length;
  unsynced_names_.push_back({Change::Kind::create, name, {}, grave});
  *result = std::make_unique<TrackedFile>(std::move(file), *this, std::move(length));
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::ReopenWritableFile(const std::string&, const FileOptions&,
                                              std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("not tracked");
}

IOStatus FaultyFileSystem::ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("not tracked");
}

IOStatus FaultyFileSystem::NewDirectory(const std::string&, const IOOptions&,
                                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) {
  *result = std::make_unique<TrackedDirectory>(*this);
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& name, const IOOptions&, IODebugContext*) {
  std::lock_guard lock(mutex_);
  if (auto status = change(); !status.ok()) return status;
  std::string grave = bury(name);
  if (grave.empty()) return IOStatus::PathNotFound(name);
  unsynced_names_.push_back({Change::Kind::remove, name, {}, std::move(grave)});
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                                      IODebugContext*) {
  std::lock_guard lock(mutex_);
  if (auto status = change(); !status.ok()) return status;
  if (!std::filesystem::exists(from)) return IOStatus::PathNotFound(from);
  std::string grave = bury(to);
  std::filesystem::rename(from, to);
  if (const auto file = files_.find(from); file != files_.end()) {
    files_[to] = file->second;
    files_.erase(from);
  }
  unsynced_names_.push_back({Change::Kind::rename, from, to, std::move(grave)});
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::LinkFile(const std::string&, const std::string&, const IOOptions&, IODebugContext*) {
  return IOStatus::NotSupported("not tracked");
}

}  // namespace iris::fault
