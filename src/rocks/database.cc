#include "rocks/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "io/system_clock.h"
#include "record/keys.h"
#include "rocks/manifest_tail.h"

namespace iris::rocks {
namespace {

using base::Errc;
using base::Error;
using base::Offset;
using base::PartitionId;
using base::Result;
using base::Stamp;
using base::Status;
using record::big_endian;
using record::from_big_endian;

constexpr char kFormat[] = "1";
constexpr char kDeleted = 1;
constexpr std::size_t kRowHead = 9;  // stamp and flags
constexpr std::size_t kTimeBytes = 8;
// Trimmed records are deleted this many at a time: each deletion of a range costs the readers of the log a little.
constexpr std::int64_t kTrimRecords = 128;
constexpr std::size_t kKnownRowsMax = 32768;  // of one table; about 5 MB

Error to_error(const rocksdb::Status& status, std::string_view what) {
  const Errc code = status.IsNoSpace() ? Errc::no_space : status.IsCorruption() ? Errc::corrupt : Errc::unavailable;
  return {code, std::string(what) + ": " + status.ToString()};
}

std::string record_key(PartitionId partition, Offset offset) {
  return big_endian(partition.value) + big_endian(static_cast<std::uint64_t>(offset.value));
}

std::string begin_key(PartitionId partition) { return "begin/" + big_endian(partition.value); }

std::string prefix_of(std::string_view partition_key) {
  IRIS_CHECK(partition_key.size() <= 0xffff);
  std::string out = big_endian(static_cast<std::uint16_t>(partition_key.size()));
  out += partition_key;
  return out;
}

// The first key that is greater than all with this prefix; empty if there is none.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
Stamp stamp_of_value(std::string_view value) { return {from_big_endian(value.substr(0, 8))}; }
bool is_row(std::string_view value) { return value.size() >= kRowHead; }
bool is_deleted(std::string_view value) { return (value[8] & kDeleted) != 0; }

// Drops tombstones that no late write can need any more.
class OldTombstones final : public rocksdb::CompactionFilter {
 public:
  explicit OldTombstones(base::Duration kept) : kept_(kept) {}
  const char* Name() const override { return "iris.old-tombstones"; }
  bool FilterMergeOperand(int, const rocksdb::Slice&, const rocksdb::Slice&) const override { return false; }
  bool Filter(int, const rocksdb::Slice&, const rocksdb::Slice& value, std::string*, bool*) const override {
    if (!is_row(view(value)) || !is_deleted(view(value))) return false;
    const auto now = io::system_clock().wall().time_since_epoch().count();
    return static_cast<std::int64_t>(stamp_of_value(view(value)).value) + kept_.count() < now;
  }

 private:
  const base::Duration kept_;
};

// Remembers whether the write-ahead log itself failed: then only opening anew says what is in it.
class ErrorListener final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override {
    using Reason = rocksdb::BackgroundErrorReason;
    if (reason == Reason::kWriteCallback || reason == Reason::kMemTable || reason == Reason::kManifestWrite ||
        status->severity() >= rocksdb::Status::Severity::kFatalError)
      reopen = true;
    base::log(base::Level::error, "the database met an error", {{"error", status->ToString()}});
  }
  std::atomic<bool> reopen = false;
};

rocksdb::ColumnFamilyOptions family_options(const EngineOptions& options, std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::ColumnFamilyOptions out;
  out.write_buffer_size = options.memtables_bytes_max / 4;
  out.max_write_buffer_number = 4;
  // Each merge of the first level rewrites the next: seldom, then, and with much.
  out.level0_file_num_compaction_trigger = 8;
  out.max_bytes_for_level_base = 512u << 20;
  // A write must not wait for compaction: clients are held back by the engine's own queue, long before.
  out.level0_slowdown_writes_trigger = 60;
  out.level0_stop_writes_trigger = 120;
  out.soft_pending_compaction_bytes_limit = 0;
  out.hard_pending_compaction_bytes_limit = 0;
  out.compression = rocksdb::kNoCompression;
  out.level_compaction_dynamic_level_bytes = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return out;
}

bool supports(rocksdb::CompressionType type) {
  const auto all = rocksdb::GetSupportedCompressions();
  return std::find(all.begin(), all.end(), type) != all.end();
}

}  // namespace

struct Database::State {
  explicit State(const EngineOptions& o) : options(o), tombstones(o.tombstones_kept) {}
  ~State() { close(); }

  Status open();
  Status probe();
  void close();
  Status check_facts();
  Status check_fact(const std::string& key, const std::string& ours, const std::string& advice, bool fresh);
  rocksdb::ColumnFamilyHandle* log() { return families[1]; }
  rocksdb::ColumnFamilyHandle* table(std::size_t number) { return families[2 + number]; }
  std::optional<Error> closed() const {
    if (db) return std::nullopt;
    return Error{Errc::unavailable, "the database is not open after an error of the disk; it is tried again"};
  }

  struct Seen {
    Stamp stamp;
    bool deleted;
  };
  Result<std::optional<Seen>> newest(std::size_t number, const std::string& key);

  const EngineOptions options;
  OldTombstones tombstones;
  std::shared_ptr<ErrorListener> listener = std::make_shared<ErrorListener>();
  std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::unique_ptr<rocksdb::Env> env;  // of the injected file system
  mutable std::shared_mutex opening;  // shared by readers; alone while the database is opened anew
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;  // default, log, tables

  rocksdb::WriteBatch batch;  // the group being staged
  // Of each table, by key: what this group and those before it have written. The rows of a busy account are written
  // again and again, and looking here is cheaper than in the database.
  std::array<std::unordered_map<std::string, Seen>, kTables.size()> known_rows;
  std::map<PartitionId, Offset> deleted_below;  // of the log; known since the start
};

void Database::State::close() {
  if (!db) return;
  for (auto* family : families) db->DestroyColumnFamilyHandle(family);
  families.clear();
  const rocksdb::Status status = db->Close();
  if (!status.ok()) base::log(base::Level::warn, "the database did not close cleanly", {{"error", status.ToString()}});
  db.reset();
}

Status Database::State::open() {
  // RocksDB's own modes let everybody on the machine read, and here are messages and keys of passwords.
  const std::string path = options.directory + "/db";
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (error) return Error{Errc::unavailable, "cannot make the directory " + path + ": " + error.message()};

  rocksdb::DBOptions db_options;
  db_options.create_if_missing = true;
  db_options.create_missing_column_families = true;
  db_options.max_total_wal_size = options.wal_bytes_max;
  db_options.db_write_buffer_size = options.memtables_bytes_max;
  db_options.avoid_flush_during_shutdown = true;  // all is synced: a stop is as quick as a crash
  db_options.max_background_jobs = 2;
  db_options.bytes_per_sync = 1 << 20;
  db_options.max_open_files = static_cast<int>(options.open_files_max);
  db_options.info_log_level = rocksdb::WARN_LEVEL;
  db_options.keep_log_file_num = 3;
  db_options.max_log_file_size = 4 << 20;
  db_options.listeners.push_back(listener);
  db_options.max_bgerror_resume_count = 0;  // the engine's writer recovers, in its own order
  if (options.file_system) {
    if (!env) env = rocksdb::NewCompositeEnv(std::static_pointer_cast<rocksdb::FileSystem>(options.file_system));
    db_options.env = env.get();
  }

  const auto base_options = family_options(options, cache);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, base_options);
  // Records are trimmed soon after they were written. Where that is before their memtable is full, they never become a
  // file.
  auto log_options = base_options;
  log_options.write_buffer_size = options.memtables_bytes_max / 2;
  descriptors.emplace_back("log", log_options);
  for (const TableSpec& spec : kTables) {
    auto table_options = base_options;
    if (spec.compressed && supports(rocksdb::kLZ4Compression)) table_options.compression = rocksdb::kLZ4Compression;
    if (spec.written_once) {
      // A merge of the archive's first level rewrites the next, and its readers take a page at a time: half as many
      // merges for a few more files to look into.
      table_options.level0_file_num_compaction_trigger = 16;
    } else {
      table_options.compaction_filter = &tombstones;
      // Most rows are new, and stage_row looks for what they would replace.
      table_options.memtable_whole_key_filtering = true;
      table_options.memtable_prefix_bloom_size_ratio = 0.02;
    }
    descriptors.emplace_back(spec.name, table_options);
  }
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(db_options, path, descriptors, &families, &opened);
  if (status.IsCorruption() && cut_torn_manifest_tail(*db_options.env, path)) {
    base::log(base::Level::warn, "the last, unsynced edit of the database's manifest was torn by a loss of power",
              {{"database", path}, {"error", status.ToString()}});
    status = rocksdb::DB::Open(db_options, path, descriptors, &families, &opened);
  }
  if (!status.ok()) {
    Error failed = to_error(status, "cannot open the database in " + path);
    if (status.ToString().find("lock") != std::string::npos) failed.message += " (is another server running on it?)";
    return failed;
  }
  db.reset(opened);
  listener->reopen = false;
  return check_facts();
}

// Whether the disk takes what opening anew will write.
Status Database::State::probe() {
  rocksdb::Env* const on = env ? env.get() : rocksdb::Env::Default();
  const std::string path = options.directory + "/db/probe.tmp";
  rocksdb::Status status = rocksdb::WriteStringToFile(on, std::string(1 << 20, 'p'), path, true);
  const rocksdb::Status removed = on->DeleteFile(path);
  if (status.ok()) status = removed;
  if (!status.ok()) return to_error(status, "the disk does not work yet");
  return base::ok();
}

Status Database::State::check_facts() {
  std::string format;
  const bool fresh = db->Get(rocksdb::ReadOptions(), "format", &format).IsNotFound();
  const auto partitions = std::to_string(options.partitions);
  if (auto status = check_fact("partitions", partitions,
                               "the number of partitions is fixed when a deployment is created: set it back, or begin "
                               "with an empty directory",
                               fresh);
      !status.ok())
    return status;
  // Last, so that a crash between the two leaves a database that is still fresh.
  return check_fact("format", kFormat, "this build does not read that format: use the build that wrote it", fresh);
}

Status Database::State::check_fact(const std::string& key, const std::string& ours, const std::string& advice,
                                   bool fresh) {
  if (fresh) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    const auto status = db->Put(synced, key, ours);
    if (!status.ok()) return to_error(status, "cannot write to the database");
    return base::ok();
  }
  std::string found;
  const auto status = db->Get(rocksdb::ReadOptions(), key, &found);
  if (!status.ok()) return to_error(status, "cannot read '" + key + "' from the database");
  if (found == ours) return base::ok();
  return Error{Errc::invalid, "the data in " + options.directory + " has " + key + " = " + found +
                                  ", this server is configured with " + ours + "; " + advice};
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const EngineOptions& options) {
  auto state = std::make_unique<State>(options);
  if (auto status = state->open(); !status.ok()) return status.error();
  return std::unique_ptr<Database>(new Database(std::move(state)));
}

Status Database::recover() {
  State& s = *state_;
  s.deleted_below.clear();  // what of it was written is not known
  if (s.db && !s.listener->reopen) {
    const rocksdb::Status status = s.db->Resume();
    if (status.ok()) return base::ok();
    if (status.severity() < rocksdb::Status::Severity::kFatalError) return to_error(status, "not recovered yet");
  }
  if (auto status = s.probe(); !status.ok()) return status;  // until then, reads go on
  std::unique_lock alone(s.opening);
  s.close();
  if (auto status = s.open(); !status.ok()) {
    s.close();
    return status;
  }
  return base::ok();
}

// --- staging ---

void Database::stage_record(PartitionId partition, Offset offset, base::WallTime time, std::string_view bytes) {
  const std::string key = record_key(partition, offset);
  const std::string head = big_endian(static_cast<std::uint64_t>(time.time_since_epoch().count()));
  const rocksdb::Slice key_slice(key);
  const rocksdb::Slice parts[] = {head, {bytes.data(), bytes.size()}};
  const auto status =
      state_->batch.Put(state_->log(), rocksdb::SliceParts(&key_slice, 1), rocksdb::SliceParts(parts, 2));
  IRIS_CHECK(status.ok());
}

Result<std::optional<Database::State::Seen>> Database::State::newest(std::size_t number, const std::string& key) {
  if (const auto found = known_rows[number].find(key); found != known_rows[number].end())
    return std::optional(found->second);
  rocksdb::PinnableSlice value;
  const auto status = db->Get(rocksdb::ReadOptions(), table(number), key, &value);
  if (status.IsNotFound()) return std::optional<Seen>();
  if (!status.ok()) return to_error(status, "cannot read a row");
  if (!is_row(view(value)))
    return Error{Errc::corrupt, std::string("a row of ") + kTables[number].name + " is too short"};
  return std::optional(Seen{stamp_of_value(view(value)), is_deleted(view(value))});
}

Status Database::stage_row(const RowWrite& write) {
  State& s = *state_;
  const std::string key = prefix_of(write.partition_key) + write.clustering;
  if (write.until) {
    IRIS_CHECK(kTables[write.table].written_once && !write.value);
    const std::string end = prefix_of(write.partition_key) + *write.until;
    if (key < end) IRIS_CHECK(s.batch.DeleteRange(s.table(write.table), key, end).ok());
    return base::ok();
  }
  if (kTables[write.table].written_once) {
    if (!write.value) {
      IRIS_CHECK(s.batch.Delete(s.table(write.table), key).ok());
      return base::ok();
    }
  } else if (!write.is_newest) {
    auto newest = s.newest(write.table, key);
    if (!newest.ok()) return newest.error();
    if (const auto& seen = *newest) {
      // store.h: a lower stamp changes nothing; at equal stamps a deletion wins, else the later write.
      if (write.stamp < seen->stamp || (write.stamp == seen->stamp && seen->deleted)) return base::ok();
    }
    s.known_rows[write.table][key] = {write.stamp, !write.value};
  }
  std::string head = big_endian(write.stamp.value);
  head += write.value ? '\0' : kDeleted;
  const rocksdb::Slice key_slice(key);
  const rocksdb::Slice parts[] = {head, write.value ? rocksdb::Slice(*write.value) : rocksdb::Slice()};
  const auto status =
      s.batch.Put(s.table(write.table), rocksdb::SliceParts(&key_slice, 1), rocksdb::SliceParts(parts, 2));
  IRIS_CHECK(status.ok());
  return base::ok();
}

void Database::stage_trim(PartitionId partition, Offset begin) {
  State& s = *state_;
  IRIS_CHECK(s.batch.Put(begin_key(partition), big_endian(static_cast<std::uint64_t>(begin.value))).ok());
  Offset& deleted = s.deleted_below[partition];
  if (begin.value - deleted.value < kTrimRecords) return;
  IRIS_CHECK(s.batch.DeleteRange(s.log(), record_key(partition, deleted), record_key(partition, begin)).ok());
  deleted = begin;
}

Status Database::commit() {
  State& s = *state_;
  if (auto error = s.closed()) return *error;
  rocksdb::WriteOptions write;
  write.sync = !s.options.ack_before_sync;
  const rocksdb::Status status = s.db->Write(write, &s.batch);
  if (!status.ok()) {
    discard();
    return to_error(status, "cannot write to the database");
  }
  s.batch.Clear();
  for (auto& rows : s.known_rows)
    if (rows.size() > kKnownRowsMax) rows.clear();
  return base::ok();
}

void Database::give_back_memory(std::size_t memtables_bytes) {
  State& s = *state_;
  s.known_rows = {};
  std::uint64_t held = 0;
  if (!s.db || !s.db->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &held) ||
      held <= memtables_bytes)
    return;
  rocksdb::FlushOptions begin;
  begin.wait = false;
  const rocksdb::Status status = s.db->Flush(begin, s.families);
  if (!status.ok()) base::log(base::Level::warn, "memtables could not be written out", {{"error", status.ToString()}});
}

void Database::discard() {
  state_->batch.Clear();
  for (auto& rows : state_->known_rows) rows.clear();
}

bool Database::staged() const { return state_->batch.Count() > 0; }

// --- reads ---

Result<Offset> Database::begin_of(PartitionId partition) {
  std::shared_lock lock(state_->opening);
  if (auto error = state_->closed()) return *error;
  std::string value;
  const auto status = state_->db->Get(rocksdb::ReadOptions(), begin_key(partition), &value);
  if (status.IsNotFound()) return Offset{0};
  if (!status.ok()) return to_error(status, "cannot read the log's begin");
  return Offset{static_cast<std::int64_t>(from_big_endian(value))};
}

Result<Offset> Database::end_of(PartitionId partition) {
  const auto begin = begin_of(partition);
  if (!begin.ok()) return begin.error();
  std::shared_lock lock(state_->opening);
  if (auto error = state_->closed()) return *error;
  const std::string lower = record_key(partition, *begin);
  const rocksdb::Slice lower_slice(lower);
  rocksdb::ReadOptions read;
  read.iterate_lower_bound = &lower_slice;
  const std::unique_ptr<rocksdb::Iterator> at(state_->db->NewIterator(read, state_->log()));
  at->SeekForPrev(big_endian(partition.value) + std::string(8, '\xff'));
  if (!at->status().ok()) return to_error(at->status(), "cannot read the log's end");
  if (!at->Valid()) return *begin;
  return Offset{static_cast<std::int64_t>(from_big_endian(view(at->key()).substr(4))) + 1};
}

Result<std::vector<LoggedRecord>> Database::records(PartitionId partition, Offset from, Offset end,
                                                    std::size_t bytes_max) {
  std::shared_lock lock(state_->opening);
  if (auto error = state_->closed()) return *error;
  const std::string upper = record_key(partition, end);
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> at(state_->db->NewIterator(read, state_->log()));
  std::vector<LoggedRecord> out;
  std::size_t bytes = 0;
  for (at->Seek(record_key(partition, from)); at->Valid(); at->Next()) {
    const std::string_view value = view(at->value());
    const Offset offset{static_cast<std::int64_t>(from_big_endian(view(at->key()).substr(4)))};
    if (value.size() < kTimeBytes || offset.value != from.value + static_cast<std::int64_t>(out.size()))
      return Error{Errc::corrupt, "the log of partition " + std::to_string(partition.value) +
                                      " has a gap before offset " + std::to_string(offset.value)};
    bytes += value.size();
    if (!out.empty() && bytes > bytes_max) break;
    const auto time = static_cast<std::int64_t>(from_big_endian(value.substr(0, kTimeBytes)));
    out.push_back({offset, base::WallTime(base::Duration(time)), std::string(value.substr(kTimeBytes))});
  }
  if (!at->status().ok()) return to_error(at->status(), "cannot read the log");
  return out;
}

Result<std::optional<FoundRow>> Database::row(std::size_t table, std::string_view partition_key,
                                              std::string_view clustering) {
  std::shared_lock lock(state_->opening);
  if (auto error = state_->closed()) return *error;
  std::string key = prefix_of(partition_key);
  key += clustering;
  rocksdb::PinnableSlice value;
  const auto status = state_->db->Get(rocksdb::ReadOptions(), state_->table(table), key, &value);
  if (status.IsNotFound()) return std::optional<FoundRow>();
  if (!status.ok()) return to_error(status, "cannot read a row");
  if (!is_row(view(value)))
    return Error{Errc::corrupt, std::string("a row of ") + kTables[table].name + " is too short"};
  if (is_deleted(view(value))) return std::optional<FoundRow>();
  return std::optional(
      FoundRow{std::string(clustering), std::string(view(value).substr(kRowHead)), stamp_of_value(view(value))});
}

Result<FoundPage> Database::scan(std::size_t table, std::string_view partition_key, const RowRange& range) {
  std::shared_lock lock(state_->opening);
  if (auto error = state_->closed()) return *error;
  const std::string prefix = prefix_of(partition_key);
  const std::string lower = prefix + range.from;
  const std::string upper = range.to ? prefix + *range.to : after_prefix(prefix);
  FoundPage page;
  if (!upper.empty() && lower >= upper) return page;
  const rocksdb::Slice lower_slice(lower), upper_slice(upper);
  rocksdb::ReadOptions read;
  read.iterate_lower_bound = &lower_slice;
  if (!upper.empty()) read.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> at(state_->db->NewIterator(read, state_->table(table)));
  for (range.reverse ? at->SeekToLast() : at->SeekToFirst(); at->Valid(); range.reverse ? at->Prev() : at->Next()) {
    const std::string_view value = view(at->value());
    if (!is_row(value)) return Error{Errc::corrupt, std::string("a row of ") + kTables[table].name + " is too short"};
    if (is_deleted(value)) continue;
    if (page.rows.size() == range.rows_max) {
      page.more = true;
      break;
    }
    page.rows.push_back({std::string(view(at->key()).substr(prefix.size())), std::string(value.substr(kRowHead)),
                         stamp_of_value(value)});
  }
  if (!at->status().ok()) return to_error(at->status(), "cannot read rows");
  return page;
}

Result<std::vector<std::string>> Database::keys(std::size_t table, std::string_view after, std::size_t keys_max) {
  std::shared_lock lock(state_->opening);
  if (auto error = state_->closed()) return *error;
  const std::unique_ptr<rocksdb::Iterator> at(state_->db->NewIterator(rocksdb::ReadOptions(), state_->table(table)));
  std::vector<std::string> out;
  at->Seek(after.empty() ? std::string() : after_prefix(prefix_of(after)));
  while (at->Valid() && out.size() < keys_max) {
    if (at->key().size() < 2 || !is_row(view(at->value())))
      return Error{Errc::corrupt, std::string("a row of ") + kTables[table].name + " is too short"};
    if (is_deleted(view(at->value()))) {  // this row alone: the next may live
      at->Next();
      continue;
    }
    const auto length = from_big_endian(view(at->key()).substr(0, 2));
    out.emplace_back(view(at->key()).substr(2, length));
    at->Seek(after_prefix(prefix_of(out.back())));
  }
  if (!at->status().ok()) return to_error(at->status(), "cannot read keys");
  return out;
}

}  // namespace iris::rocks
