#!/usr/bin/env python3
"""Splits the server's CPU per archived message into parts.

    bench/cpu_per_message.py --perf perf.data
    perf script -i perf.data -F comm,ip,sym | bench/parts.py MICROSECONDS_PER_MESSAGE

On a loop a sample counts for the innermost frame that names a part; samples that name none are shown as such.
"""
import collections
import re
import sys

LOOP_PARTS = [
    ("socket: write", r"__send|sendmsg|writev|tcp_sendmsg"),
    ("socket: read, readiness", r"recv|epoll"),
    ("XML and stanza values", r"iris::xml::|iris::xmpp::|XML_|expat"),
    ("shard: dispatch, apply, modules, deliveries", r"iris::shard::|iris::module::"),
    ("edge: sessions, numbers, acks", r"iris::edge::"),
    ("records and Bus messages to bytes and back", r"google::protobuf|iris::record::"),
    ("hand-over to the writer", r"iris::store::|iris::log::|iris::rocks::"),
    ("loops, Bus, timers", r"iris::io::|iris::bus::|iris::net::|iris::app::"),
]
WRITER_PARTS = [
    ("writer: commit (log, memtable, sync)", r"Database::commit"),
    ("writer: stamps compared (D2)", r"newest"),
    ("writer: staging, offsets, answers", r"."),
]


def part_of(comm, stack):
    if comm.startswith("rocksdb:"):
        return "RocksDB: flush and compaction"
    if comm.startswith("db-read"):
        return "reads"
    if comm.startswith("db-write"):
        return next(name for name, pattern in WRITER_PARTS if re.search(pattern, "\n".join(stack) or "?"))
    for frame in stack:
        for name, pattern in LOOP_PARTS:
            if re.search(pattern, frame):
                return name
    return "not attributed (libraries without frame pointers)"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    per_message = float(sys.argv[1])
    counts, stack, comm = collections.Counter(), [], None
    for line in sys.stdin:
        line = line.rstrip("\n")
        if not line.strip():
            if comm:
                counts[part_of(comm, stack)] += 1
            stack, comm = [], None
        elif not line[0].isspace():
            comm = line.strip()
        else:
            stack.append(line.strip().partition(" ")[2])
    if comm:
        counts[part_of(comm, stack)] += 1
    total = sum(counts.values())
    print("| part | share | µs per message |\n|---|---|---|")
    for name, count in counts.most_common():
        print(f"| {name} | {count / total * 100:.1f} % | {count / total * per_message:.1f} |")
    print(f"| all | 100 % | {per_message:.1f} |")


if __name__ == "__main__":
    main()
