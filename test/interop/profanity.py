"""profanity, in a terminal, talks with somebody at slixmpp: login, both ways, a cut connection, history from the archive.

The terminal is tmux's: what is typed goes in as keys, and what is seen is the screen.
"""
import asyncio
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import uuid

from cases import want
from people import ANSWER_SECONDS, PASSWORD, Person, play
from relay import Relay

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
from server import ROOT  # noqa: E402

ARTIFACTS = ROOT / "build/test-artifacts"

ACCOUNT = """[ann@localhost]
enabled=true
server=127.0.0.1
port={port}
tls.policy=force
resource={resource}
password={password}
"""

# Reconnects after a second.
PREFERENCES = """[connection]
reconnect=1
[ui]
splash=false
"""


class Terminal:
    """Ann at profanity, on a device of its own: what it keeps is in a folder of its own. Her server's certificate is the
    only one that it trusts."""

    def __init__(self, server, port, resource):
        self.server, self.resource = server, resource
        self.folder = tempfile.TemporaryDirectory(prefix="iris-profanity-")
        home = pathlib.Path(self.folder.name)
        for name, text in (("data/profanity/accounts", ACCOUNT.format(port=port, resource=resource, password=PASSWORD)),
                           ("config/profanity/profrc", PREFERENCES)):
            (home / name).parent.mkdir(parents=True)
            (home / name).write_text(text)
        self.socket, self.log = home / "tmux", home / "log"
        self.environment = os.environ | {
            "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"), "HOME": str(home),
            "SSL_CERT_FILE": server.certificate, "TERM": "xterm-256color", "LANG": "C.UTF-8"}

    def __enter__(self):
        # -D: it stays our child, and ends with us.
        self.tmux = subprocess.Popen(["tmux", "-D", "-S", self.socket, "-f", "/dev/null"], env=self.environment)
        while not self.socket.exists():
            time.sleep(0.01)
        self._tmux("new-session", "-d", "-x", "120", "-y", "60", f"profanity -a ann@localhost -l DEBUG -f {self.log}")
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            ARTIFACTS.mkdir(parents=True, exist_ok=True)
            (ARTIFACTS / f"profanity-{self.resource}.log").write_bytes(self.log.read_bytes())
        self.tmux.terminate()
        self.tmux.wait()
        self.folder.cleanup()

    def _tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", self.socket, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def type(self, line):
        self._tmux("send-keys", "-l", line)
        self._tmux("send-keys", "Enter")

    def screen(self):
        return self._tmux("capture-pane", "-p", "-J")

    async def sees(self, text):
        await self._until(lambda: text in self.screen(), f"'{text}' is on the screen")

    async def has_acked(self):
        """Until profanity has been asked, and has said, that all messages have come. What it leaves unacked comes again."""
        def acked():
            _, came, after = self.log.read_text(errors="replace").rpartition("RECV: <message")
            return came and "SENT: <a h=" in after
        await self._until(acked, "messages are acknowledged")

    async def _until(self, met, what):
        """Neither a screen nor a log tells anybody that it has changed, so it is looked at."""
        over = time.monotonic() + ANSWER_SECONDS
        while not met():
            want(time.monotonic() < over, f"not so: {what}\n{self.screen()}")
            await asyncio.sleep(0.1)


def unique(text):
    return f"{text} {uuid.uuid4().hex[:8]}"


async def converse(server):
    server.add_account("ann", PASSWORD)
    server.add_account("ben", PASSWORD)
    ben = await Person(server, "starttls", "ben").log_in()
    with Relay(server.plain_port) as relay:
        with Terminal(server, relay.port, "first") as ann:
            await ann.sees("logged in successfully")
            await ann.sees("[TLS]")
            said = [unique("hello from a terminal")]
            ann.type(f"/msg ben@localhost {said[0]}")
            await ben.wait_text(said[0])
            said.append(unique("hello – 🐎 & <b>"))
            ben.say("ann@localhost", said[1])
            await ann.sees(said[1])
            print("ok    log in, send, receive", flush=True)

            want(relay.cut() == 1, "profanity has another number of connections than one")
            said.append(unique("said into a gap"))
            ben.say("ann@localhost", said[2])
            await ann.sees("Lost connection")
            relay.mend()
            await ann.sees(said[2])
            said.append(unique("back again"))
            ann.type(f"/msg ben@localhost {said[3]}")
            await ben.wait_text(said[3])
            for text in said:
                want(ann.screen().count(text) == 1, f"'{text}' is there {ann.screen().count(text)} times:\n{ann.screen()}")
            await ann.has_acked()
            print("ok    a cut connection, nothing lost, nothing twice", flush=True)
            ann.type("/quit")

        with Terminal(server, relay.port, "second") as ann:
            await ann.sees("logged in successfully")
            ann.type("/mam on")
            ann.type("/msg ben@localhost")
            for text in said:
                await ann.sees(text)
            screen = ann.screen()
            places = [screen.index(text) for text in said]
            want(places == sorted(places), f"another order:\n{screen}")
            print("ok    a new device has the history from the archive", flush=True)
            ann.type("/quit")
    await ben.log_out()
    want(ben.texts() == [said[0], said[3]], f"arrived at the other side: {ben.texts()}")


if __name__ == "__main__":
    sys.exit(play(converse))
