// The Store on the embedded engine. Thin: see rocks/engine.h.
#pragma once
#include "rocks/engine.h"
#include "store/store.h"

namespace iris::store {

// As the engine takes it.
rocks::RowWrite to_row_write(Write write);

// Owned by app/; the engine outlives it. A write of whatever size is atomic as a whole: more than store.h promises.
// Rows of the archive are written without looking at what is there ("each row is written once, then at most deleted").
class RocksStore final : public Store {
 public:
  explicit RocksStore(rocks::Engine& engine) : engine_(engine) {}

  void read(Table table, std::string partition_key, std::string clustering, io::Loop& loop,
            Callback<void(Result<std::optional<Row>>)> done) override;
  void scan(Table table, std::string partition_key, Range range, io::Loop& loop,
            Callback<void(Result<Page>)> done) override;
  void write(std::vector<Write> writes, io::Loop& loop, Callback<void(Status)> done) override;
  void keys(Table table, std::string after, std::size_t keys_max, io::Loop& loop,
            Callback<void(Result<std::vector<std::string>>)> done) override;

 private:
  rocks::Engine& engine_;
};

}  // namespace iris::store
