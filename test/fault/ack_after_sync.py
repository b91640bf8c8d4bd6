"""Ack means durable: a trace of system calls shows it from outside, whatever the code believes of itself.

A client on a plain-text stream sends messages, each with a mark of its own, and asks for acks (XEP-0198), one by one and
in bursts. In the trace each mark must first appear in a write to the database's log file; then that file must be
synced, successfully; and only then may an <a h='n'/> that covers the message begin to be written to a socket. The same
trace without its syncs must be found wrong, else the test would show nothing.

Each message holds its mark twice: RocksDB puts seven bytes of a header into whatever crosses a border of 32 KiB in its
log file, which cuts one of the two at most.
"""
import asyncio
import pathlib
import re
import secrets
import subprocess
import sys

from server import Server
from xmpp_client import Stream

ALONE, BURSTS, BURST = 20, 10, 20

CALL = re.compile(r"^(?P<thread>\d+)\s+(?P<name>\w+)\((?P<rest>.*)$")
RESUMED = re.compile(r"^(?P<thread>\d+)\s+<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")
SUCCESS = re.compile(r"= \d+$")
DESCRIPTOR = re.compile(r"^(?P<number>\d+)<(?P<path>[^>]*)>")
ACK = re.compile(r"<a [^>]*h=(?:'|\\\")(\d+)")


class Trace:
    """Finished calls, in the order of their beginnings: (name, path, text, begin, end, succeeded). Times are line
    numbers: strace writes one line at a time."""

    def __init__(self, lines):
        self.calls = []
        under_way = {}
        for number, line in enumerate(lines):
            line = line.rstrip("\n")
            resumed = RESUMED.match(line)
            if resumed and resumed["thread"] in under_way:
                call = under_way.pop(resumed["thread"])
                call["end"], call["ok"] = number, bool(SUCCESS.search(line))
                continue
            match = CALL.match(line)
            descriptor = match and DESCRIPTOR.match(match["rest"])
            if not descriptor:
                continue
            call = {"name": match["name"], "path": descriptor["path"], "text": match["rest"], "begin": number,
                    "end": number, "ok": bool(SUCCESS.search(line))}
            if line.endswith("<unfinished ...>"):
                under_way[match["thread"]] = call
            self.calls.append(call)

    def writes(self):
        return [call for call in self.calls if "sync" not in call["name"]]

    def syncs(self):
        return [call for call in self.calls if "sync" in call["name"] and call["ok"]]


def violations(trace, marks):
    """marks[n - 1] is in the n-th stanza of the stream. Returns what is wrong, in words."""
    wrong = []
    acks = []  # (begin, h)
    for call in trace.writes():
        if not call["path"].endswith(".log"):
            acks += [(call["begin"], int(h)) for h in ACK.findall(call["text"])]
    logs = [call for call in trace.writes() if re.search(r"/db/\d+\.log$", call["path"])]
    for number, mark in enumerate(marks, 1):
        append = next((call for call in logs if mark in call["text"]), None)
        if append is None:
            wrong.append(f"message {number} was never written to the log")
            continue
        ack = next((begin for begin, h in acks if h >= number), None)
        if ack is None:
            wrong.append(f"message {number} was never acknowledged")
            continue
        sync = next((call for call in trace.syncs() if call["path"] == append["path"] and call["begin"] > append["end"]),
                    None)
        if sync is None or sync["end"] > ack:
            wrong.append(f"message {number} was acknowledged before the sync of its write")
    return wrong


async def converse(server):
    """Sends the messages; returns their marks in order."""
    stream = Stream("127.0.0.1", server.plain_port)
    await stream.connect_and_bind("juliet", "secret", "trace")
    stream.write("<enable xmlns='urn:xmpp:sm:3'/>")
    await stream.read_until(lambda e: e.tag == "{urn:xmpp:sm:3}enabled")
    marks = []
    for count in [1] * ALONE + [BURST] * BURSTS:
        for _ in range(count):
            marks.append("mark-" + secrets.token_hex(8))
            stream.write(f"<message type='chat' to='romeo@localhost'><body>{marks[-1]} {marks[-1]}</body></message>")
        stream.write("<r xmlns='urn:xmpp:sm:3'/>")
        await stream.read_until(lambda e: e.tag == "{urn:xmpp:sm:3}a" and int(e.get("h")) >= len(marks))
    await stream.close()
    return marks


class Strace:
    def __init__(self, pid, output):
        self.process = subprocess.Popen(
            ["strace", "-f", "-y", "-s", "262144", "-e", "signal=none", "-e",
             "trace=write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync", "-o", output, "-p", str(pid)],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        if "attached" not in line:
            raise RuntimeError(f"strace cannot attach: {line}")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def main():
    with Server("--allow-plaintext", "--no-limits") as server:
        server.add_account("juliet", "secret")
        server.add_account("romeo", "secret")
        output = server.folder / "trace"
        strace = Strace(server.pid(), str(output))
        try:
            marks = asyncio.run(converse(server))
        finally:
            strace.stop()
        lines = pathlib.Path(output).read_text(errors="replace").splitlines()
        wrong = violations(Trace(lines), marks)
        unsynced = violations(Trace([line for line in lines if "sync" not in line]), marks)
        if wrong:
            server.keep()
            sys.exit("\n".join(wrong[:10] + [f"{len(wrong)} in all, of {len(marks)}; the trace is {output}"]))
        if len(unsynced) != len(marks):
            server.keep()
            sys.exit(f"without its syncs the trace should be wrong for each message, and is for {len(unsynced)}")
        print(f"{len(marks)} messages, {len(Trace(lines).syncs())} syncs: each was synced before it was acknowledged")


if __name__ == "__main__":
    main()
