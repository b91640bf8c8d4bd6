#!/usr/bin/env python3
"""CPU of the server per archived message, over plain TCP on loopback, with the parts of it when `perf` is there.

    bench/cpu_per_message.py [--pairs N] [--seconds S] [--base-port P] [--perf FILE]

Starts a server through ./dev up, lets N pairs chat (XEP-0198 on both ends, acknowledged in batches), and reads the
server's user and system seconds from /proc. Closed loop: it says what a message costs, not how fast one is.
"""
import argparse
import base64
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCH = 50


class Client:
    def __init__(self, port, user, password):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.seen = b""
        self.open()
        self.until(b"</stream:features>")
        token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{token}</auth>")
        self.until(b"<success")
        self.open()
        self.until(b"</stream:features>")
        self.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>")
        self.until(b"</iq>")
        self.send("<enable xmlns='urn:xmpp:sm:3'/><presence/>")
        self.until(b"<presence")

    def open(self):
        self.send("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
                  "to='localhost' version='1.0'>")

    def send(self, text):
        self.socket.sendall(text.encode())

    def until(self, what):
        while what not in self.seen:
            got = self.socket.recv(65536)
            if not got:
                raise SystemExit(f"closed while waiting for {what!r}: {self.seen[-300:]!r}")
            self.seen += got
        self.seen = b""


def sender(client, to, number, end, counts):
    body = "x" * 80
    n = 0
    while time.monotonic() < end[0]:
        batch = "".join(
            f"<message type='chat' to='{to}' id='{number}-{n + i}'><body>{body}</body>"
            f"<origin-id xmlns='urn:xmpp:sid:0' id='{number}-{n + i}'/></message>" for i in range(BATCH))
        client.send(batch + "<r xmlns='urn:xmpp:sm:3'/>")
        n += BATCH
        acked = 0
        data = b""
        while acked < n + 1:  # the presence counts too
            got = client.socket.recv(65536)
            if not got:
                raise SystemExit("the server closed the stream of a sender")
            data += got
            for h in re.findall(rb"<a [^>]*h='(\d+)'", data):
                acked = max(acked, int(h))
            if b"<r " in data:
                client.send("<a xmlns='urn:xmpp:sm:3' h='1'/>")
            data = data[-200:]
    counts[number] = n


def receiver(client, stop, counts, number):
    client.socket.settimeout(1)
    received, rest = 1, b""
    while not stop.is_set():
        try:
            got = client.socket.recv(262144)
        except TimeoutError:
            continue
        if not got:
            return
        data = rest + got
        cut = data.rfind(b">") + 1
        rest, data = data[cut:], data[:cut]
        received += data.count(b"<message ")
        if b"<r " in data:
            client.send(f"<a xmlns='urn:xmpp:sm:3' h='{received}'/>")
        counts[number] = received - 1


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pairs", type=int, default=20)
    arguments.add_argument("--seconds", type=float, default=15)
    arguments.add_argument("--base-port", type=int, default=27100)
    arguments.add_argument("--perf", help="record the measured time with perf into FILE")
    options = arguments.parse_args()
    directory = tempfile.mkdtemp(prefix="iris-bench-")
    subprocess.run([ROOT / "dev", "up", directory, str(options.base_port), "--no-limits", "--allow-plaintext"], check=True)
    try:
        pid = int(pathlib.Path(directory, "irisd.pid").read_text())
        accounts = pathlib.Path(directory, "accounts.csv")
        accounts.write_text("".join(f"u{i}@localhost,pw\n" for i in range(2 * options.pairs)))
        subprocess.run([ROOT / "build/release/irisctl", "--data", directory, "account", "import", accounts], check=True,
                       stdout=subprocess.DEVNULL)
        clients = [Client(options.base_port, f"u{i}", "pw") for i in range(2 * options.pairs)]
        sent, received, end, stop = {}, {}, [time.monotonic() + 3], threading.Event()
        readers = [threading.Thread(target=receiver, args=(clients[2 * i + 1], stop, received, i)) for i in range(options.pairs)]
        for reader in readers:
            reader.start()

        def round_of(seconds):
            end[0] = time.monotonic() + seconds
            writers = [threading.Thread(target=sender, args=(clients[2 * i], f"u{2 * i + 1}@localhost", i, end, sent))
                       for i in range(options.pairs)]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()

        perf = None
        if options.perf:
            perf = subprocess.Popen(["perf", "record", "-q", "-g", "-o", options.perf, "-p", str(pid)])
        before, begin = cpu_seconds(pid), time.monotonic()
        round_of(options.seconds)
        deadline = time.monotonic() + 30
        while sum(received.values()) < sum(sent.values()) and time.monotonic() < deadline:
            time.sleep(0.05)
        spent, wall = cpu_seconds(pid) - before, time.monotonic() - begin
        if perf:
            perf.terminate()
            perf.wait()
        stop.set()
        for reader in readers:
            reader.join()
        total = sum(sent.values())
        print(f"{total} messages, {sum(received.values())} received, {total / wall:.0f}/s, "
              f"{spent / total * 1e6:.1f} us of CPU per archived message, {spent / wall * 100:.0f} % of one core")
        if sum(received.values()) != total:
            sys.exit("not every message was received")
    finally:
        subprocess.run([ROOT / "dev", "down", directory], check=True)
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
