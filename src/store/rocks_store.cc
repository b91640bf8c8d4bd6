#include "store/rocks_store.h"

#include <utility>

namespace iris::store {
namespace {

static_assert(kTables == rocks::kTables.size());
static_assert(std::string_view(rocks::kTables[static_cast<std::size_t>(Table::state)].name) == "state");
static_assert(rocks::kTables[static_cast<std::size_t>(Table::archive)].written_once);
static_assert(std::string_view(rocks::kTables[static_cast<std::size_t>(Table::meta)].name) == "meta");

std::size_t number_of(Table table) { return static_cast<std::size_t>(table); }

Row to_row(rocks::FoundRow found) { return {std::move(found.clustering), std::move(found.value), found.stamp}; }

}  // namespace

rocks::RowWrite to_row_write(Write write) {
  return {number_of(write.table),
          std::move(write.partition_key),
          std::move(write.clustering),
          std::move(write.value),
          write.stamp,
          std::move(write.until)};
}

void RocksStore::read(Table table, std::string partition_key, std::string clustering, io::Loop& loop,
                      Callback<void(Result<std::optional<Row>>)> done) {
  engine_.read(number_of(table), std::move(partition_key), std::move(clustering), loop,
               [done = std::move(done)](Result<std::optional<rocks::FoundRow>> found) mutable {
                 if (!found.ok()) return done(found.error());
                 if (!*found) return done(std::optional<Row>());
                 done(std::optional(to_row(std::move(**found))));
               });
}

void RocksStore::scan(Table table, std::string partition_key, Range range, io::Loop& loop,
                      Callback<void(Result<Page>)> done) {
  engine_.scan(number_of(table), std::move(partition_key),
               {std::move(range.from), std::move(range.to), range.reverse, range.rows_max}, loop,
               [done = std::move(done)](Result<rocks::FoundPage> found) mutable {
                 if (!found.ok()) return done(found.error());
                 Page page;
                 page.more = found->more;
                 page.rows.reserve(found->rows.size());
                 for (auto& row : found->rows) page.rows.push_back(to_row(std::move(row)));
                 done(std::move(page));
               });
}

void RocksStore::write(std::vector<Write> writes, io::Loop& loop, Callback<void(Status)> done) {
  std::vector<rocks::RowWrite> rows;
  rows.reserve(writes.size());
  for (Write& write : writes) rows.push_back(to_row_write(std::move(write)));
  engine_.write(std::move(rows), loop, std::move(done));
}

void RocksStore::keys(Table table, std::string after, std::size_t keys_max, io::Loop& loop,
                      Callback<void(Result<std::vector<std::string>>)> done) {
  engine_.keys(number_of(table), std::move(after), keys_max, loop, std::move(done));
}

}  // namespace iris::store
