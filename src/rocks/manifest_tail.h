// The end of RocksDB's manifest after a loss of power. An edit that was being written and was not synced may survive
// torn: the file has its new length, and its last blocks are zeros. RocksDB takes a manifest that ends in the middle of
// a record, but refuses to open with a record that is whole by its length and not by its checksum. Nothing rests on
// such an edit, since RocksDB syncs one before it acts on it: so it is cut off.
#pragma once
#include <string>

namespace rocksdb {
class Env;
}

namespace iris::rocks {

// After the database in `folder` could not be opened for corruption. True: the manifest ended in a torn record, and
// ends before it now, durably. False: it did not, or the disk fails; the old manifest or the cut one is there then.
// Only a last record whose checksum is wrong, and from somewhere in which on there is nothing but zeros, is held to be
// torn.
[[nodiscard]] bool cut_torn_manifest_tail(rocksdb::Env& env, const std::string& folder);

}  // namespace iris::rocks
