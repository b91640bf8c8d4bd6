// A file system whose power can be cut, or which can be made to fail, under RocksDB. It works on real files, and knows
// what of them would survive: a file's bytes up to its last sync, a directory's changes up to its last sync.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <rocksdb/file_system.h>

namespace iris::fault {

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  enum class Failure { none, no_space, io_error };

  // Everything happens below `directory`, which exists and is empty at first.
  explicit FaultyFileSystem(std::string directory);
  const char* Name() const override { return "FaultyFileSystem"; }

  // The power fails before the n-th change from now on (a write, a sync, a new name). A process that loses its power
  // does not go on and close its files; this one does, so what matters is copied at that moment, and what happens here
  // afterwards happened to no one.
  void cut_power_after(std::uint64_t changes, std::string copy_to);
  bool has_power() const;
  // The disk as it was when the power failed, in a directory of its own. Once, after the cut.
  std::shared_ptr<FaultyFileSystem> after_the_cut();

  // Nothing uses it: takes away what need not have survived. Of what was written or changed since the last sync, a
  // random first part survives, perhaps torn.
  void lose_what_was_not_synced(std::mt19937_64& random);

  // From now on every change fails like this; reads go on.
  void fail(Failure failure);

  std::uint64_t changes() const;
  std::uint64_t bytes_lost() const { return bytes_lost_; }
  std::uint64_t names_lost() const { return names_lost_; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                       std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string&, const std::string&, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override;

 private:
  friend class TrackedFile;
  friend class TrackedDirectory;
  struct Length {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
  };
  struct Change {  // of names, not synced yet
    enum class Kind { create, remove, rename } kind;
    std::string name;
    std::string to;     // of a rename
    std::string grave;  // where that which stood at `name` (remove) or at `to` (rename) is kept; empty: nothing did
  };

  rocksdb::IOStatus change();  // counts one; not ok: it does not happen
  std::string bury(const std::string& name);
  void sync_names();
  void undo(const Change& change);
  void copy();

  const std::string directory_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Length>> files_;  // by name
  std::vector<Change> unsynced_names_;
  std::uint64_t changes_ = 0;
  std::uint64_t power_until_ = ~std::uint64_t{0};
  std::string copy_to_;
  std::shared_ptr<FaultyFileSystem> copy_;
  Failure failure_ = Failure::none;
  std::uint64_t graves_ = 0;
  std::uint64_t bytes_lost_ = 0;
  std::uint64_t names_lost_ = 0;
};

}  // namespace iris::fault
