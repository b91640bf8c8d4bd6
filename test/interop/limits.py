"""One hostile case for each limit of the configuration schema, and none forgotten.

The keys come from the schema itself (`irisd --print-config-doc`). Each number, duration and size of the tables that
bound what a peer may do must stand in exactly one of three tables below: a case that passes the limit and wants the
error that is due; a test elsewhere that does (which must exist); or a reason why it limits no peer. A new key in none
of them fails this test.

The server runs with small limits (SMALL); what can change live is set for its case alone, by SIGHUP.
"""
import argparse
import asyncio
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
import limit_cases  # noqa: E402
from cases import Cases, Failed  # noqa: E402
from server import CTL, ROOT, Server  # noqa: E402

IRISD = pathlib.Path(CTL).with_name("irisd")
QUANTITIES = ("whole number", "duration", "size")  # of other types is what can be chosen, not passed
TABLES = ("listen", "http", "auth", "limits", "account", "session", "engine", "storage")

# As they are for all cases together.
SMALL = {
    "server.loops": "1",
    "auth.registration": '"loopback"',
    "auth.attempts_max": "2", "auth.message_max": '"512B"', "auth.negotiation_timeout": '"3s"',
    "auth.negotiation_max": '"16KiB"',
    "listen.tls_handshake_timeout": '"1s"', "listen.close_timeout": '"500ms"',
    "http.header_max": '"2KiB"', "http.body_max": '"1KiB"', "http.request_timeout": '"1s"', "http.idle_timeout": '"1s"',
    "limits.registrations_per_minute": "3", "limits.stanza": '"10000B"', "limits.depth": "8", "limits.attributes": "8",
    "account.roster_items_max": "10", "account.roster_requests_max": "2", "account.roster_request_max": '"256B"',
    "account.roster_name_max": '"64B"', "account.roster_groups_max": "2",
    "account.roster_bytes_max": '"1KiB"', "account.sessions_max": "12",
    "account.private_elements_max": "3", "account.private_bytes_max": '"2KiB"', "account.vcard_bytes_max": '"1KiB"',
    "account.last_status_bytes_max": '"100B"', "account.blocked_max": "2", "account.archive_preferences_max": "5",
    "account.offline_messages_max": "3",
    "account.archive_page_max": "5", "account.archive_page_default": "3", "account.archive_page_bytes_max": '"64KiB"',
    "session.resume_timeout": '"1s"',
}

# Tests that pass the limit in a way that no client can. FILE: NAME, looked up.
ELSEWHERE = {
    "listen.accept_pause": ("src/net/listener_test.cc", "OutOfDescriptorsItWaitsAndThenServes"),
    "listen.tls_handshakes_max": ("src/net/entrance_test.cc", "ASilentStrangerDelaysOthersAtMost"),
    "account.directed_presences_max": ("src/module/presence_test.cc", "directed_presences_max"),
    "account.carbon_replies_max": ("src/shard/carbons_test.cc", "ForgetsTheOldestAndWhatHasNoId"),
    "engine.pending_max": ("src/module/message_test.cc", "pending_max"),
    "engine.pending_bytes_max": ("src/module/message_test.cc", "pending_bytes_max"),
    "engine.dedup_max": ("src/shard/session_rows_test.cc", "dedup_max"),
    "engine.ended_sessions_max": ("src/shard/session_rows_test.cc", "session_rows_max"),
    "storage.queue_max": ("src/rocks/engine_test.cc", "queue_bytes_max"),
    "storage.free_min": ("test/fault/disk_full.py", "BELOW_THE_RESERVE"),
}

# Sizes and times of our own, that no peer can pass.
NO_LIMIT = {
    "work that is the same for everybody": "auth.scram_iterations account.archive_page_default account.archive_scan_rows",
    "a queue of the kernel": "listen.backlog",
    "how fairly or how soon, not how much":
        "listen.read_turn session.ack_request_after session.ack_request_stanzas session.ack_answer_wait "
        "session.proof_ping_after session.progress_after session.register_again session.register_again_max "
        "session.resume_again session.resume_attempts_max",
    "memory of what has ended, forgotten oldest first": "session.ended_max engine.ended_sessions_days engine.dedup_days",
    "the engine's own batches, times and caches":
        "engine.fetch engine.checkpoint_interval engine.checkpoint_records engine.log_margin engine.entities_idle_max "
        "engine.entity_idle engine.repeat_after engine.repeat_max engine.session_grace engine.acked_after "
        "engine.lag_records_max engine.clock_ahead_max engine.window engine.hold_max engine.held_max",
    "the store's own batches, threads and caches":
        "storage.group_max storage.tail_max storage.reader_threads storage.reads_max storage.free_check_interval "
        "storage.recovery_interval storage.memtables_max storage.quiet storage.quiet_memtables storage.wal_max "
        "storage.block_cache storage.tombstones_kept",
}


def schema_keys():
    """All keys of the tables that matter here, from the binary that is tested."""
    text = subprocess.run([IRISD, "--print-config-doc"], check=True, capture_output=True, text=True).stdout
    keys, table = [], None
    for line in text.splitlines():
        if match := re.match(r"## \[([a-z_]+)\]", line):
            table = match[1]
        elif (match := re.match(r"\| `([a-z0-9_]+)` \| [^|]* \| ([a-z ]+):", line)) and table in TABLES:
            if match[2] in QUANTITIES:
                keys.append(f"{table}.{match[1]}")
    return keys


def gaps(keys, cases):
    """What is wrong with the tables: keys in none or two of them, names that are no keys, tests that are not there."""
    no_limit = [key for words in NO_LIMIT.values() for key in words.split()]
    places = [*cases, *ELSEWHERE, *no_limit]
    for key in keys:
        if places.count(key) == 0:
            yield f"{key}: no hostile case, no test elsewhere, no reason: add one to test/interop/limit_cases.py or here"
        elif places.count(key) > 1:
            yield f"{key}: stands in {places.count(key)} tables"
    for key in places:
        if key not in keys:
            yield f"{key}: is no key of the schema (any more)"
    for key, (file, name) in ELSEWHERE.items():
        if name not in (ROOT / file).read_text():
            yield f"{key}: its test is said to be in {file}, which does not mention {name}"


def with_keys(text, values):
    """The TOML text with these values: a key that is there is replaced, one that is not is added to its table."""
    for name, value in values.items():
        table, key = name.split(".")
        head, found, body = text.partition(f"[{table}]\n")
        if not found:
            text = f"{text}\n[{table}]\n{key} = {value}\n"
            continue
        inside, rest = re.match(r"([^\[]*(?:\n(?!\[)[^\n]*)*)(.*)", body, re.S).groups()
        inside = "".join(line for line in inside.splitlines(True) if not line.startswith(f"{key} ="))
        text = f"{head}[{table}]\n{key} = {value}\n{inside}{rest}"
    return text


class LimitedServer(Server):
    def up(self, seconds_max=120):
        self.file = self.data / "iris.toml"
        if not self.file.exists():
            subprocess.run([IRISD, "init", "--data", self.data, "--base-port", str(self.base), "--allow-plaintext"],
                           check=True, stdout=subprocess.DEVNULL)
            self.file.write_text(with_keys(self.file.read_text(), SMALL))
        super().up(seconds_max)

    @contextlib.asynccontextmanager
    async def limits(self, values):
        """Other limits for a while, by reload."""
        before = self.file.read_text()
        try:
            if values:
                await self._reload(with_keys(before, values))
            yield
        finally:
            if values:
                await self._reload(before)

    async def _reload(self, text):
        done = len(self.log())
        self.file.write_text(text)
        os.kill(self.pid(), signal.SIGHUP)
        async with asyncio.timeout(limit_cases.ANSWER_SECONDS):
            while "read again" not in (lines := self.log()[done:]):
                if "not taken" in lines:
                    raise Failed(f"the server does not take the limits: {lines}")
                await asyncio.sleep(0.02)

    def resident_bytes(self):
        pages = int((pathlib.Path("/proc") / str(self.pid()) / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


async def run(server, played):
    async def within(case, values):
        async with server.limits(values):
            await case(limit_cases.World(server))
        await limit_cases.World(server).still_serves()

    for key, row in limit_cases.CASES.items():
        await played.play(key, within, *row)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", help="the keys with this in their name")
    arguments = parser.parse_args()
    problems = list(gaps(schema_keys(), limit_cases.CASES))
    for problem in problems:
        print(f"FAIL  {problem}")
    # The check itself must be able to fail.
    if not any("limits.new" in problem for problem in gaps([*schema_keys(), "limits.new"], limit_cases.CASES)):
        problems.append("self-test")
        print("FAIL  a key without a case is not noticed")
    with LimitedServer() as server:
        for user in limit_cases.USERS:
            server.add_account(user, limit_cases.PASSWORD)
        played = Cases(arguments.only)
        asyncio.run(run(server, played))
        if played.failed:
            server.keep()
    played.failed += len(problems)
    return played.end()


if __name__ == "__main__":
    socket.setdefaulttimeout(limit_cases.ANSWER_SECONDS)
    sys.exit(main())
