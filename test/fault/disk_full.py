"""The disk fills up: new work is refused with resource-constraint, the server lives and serves what it has, and goes on
by itself when there is room again. Nothing that was acknowledged is lost.

Once the file system is filled below the server's reserve, as another program on the machine might do it; once to the
last byte, in the middle of the traffic. At the end the server is killed, started again, and both archives are read.
"""
import asyncio
import errno
import subprocess
import sys
import time
import urllib.request

from server import DEV, Server
from xmpp_client import CLIENT, FORWARD, STANZA_ERROR, Refused, Stream, StreamClosed, condition_of

DISK_BYTES = 800 << 20
BELOW_THE_RESERVE = 64 << 20  # free; the server refuses below 384 MiB
FULL = "resource-constraint"
SECONDS_MAX = 60


class SmallDisk(Server):
    """A server whose data folder is a file system of its own."""

    def __enter__(self):
        self.data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "iris-test", self.data], check=True)
        self.ballast = self.data / "ballast"
        try:
            return super().__enter__()
        except BaseException:
            self._unmount()
            raise

    def __exit__(self, kind, error, trace):
        if kind is not None:
            print("the end of the server's log:\n" + (self.data / "irisd.log").read_text()[-3000:], flush=True)
        self._unmount()
        subprocess.run(["rm", "-rf", str(self.folder)], check=True)

    def _unmount(self):
        subprocess.run([DEV, "down", str(self.data)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["umount", self.data], check=True)

    def fill(self, free_bytes):
        """Leaves this many bytes free; 0: not one more fits."""
        block = b"\0" * (1 << 20)
        with open(self.ballast, "ab", buffering=0) as ballast:
            while True:
                free = subprocess.run(["stat", "-f", "-c", "%a %S", self.data], check=True, capture_output=True, text=True)
                blocks, size = map(int, free.stdout.split())
                if blocks * size <= free_bytes and free_bytes > 0:
                    return
                try:
                    ballast.write(block if blocks * size > len(block) else block[:4096])
                except OSError as error:
                    if error.errno == errno.ENOSPC:
                        return
                    raise

    def make_room(self):
        self.ballast.unlink()

    def is_alive(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/healthz", timeout=10) as answer:
            return answer.status == 200


class Sender:
    """juliet, who writes to romeo, and keeps count of what was acknowledged."""

    def __init__(self, server):
        self.server, self.acknowledged, self.sent = server, [], 0

    async def burst(self, count=20):
        """A stream of its own with `count` messages. Returns why it was refused, or None."""
        names = [f"message {self.sent + n}" for n in range(count)]
        self.sent += count
        errors, confirmed, refusal = set(), 0, None
        stream = Stream("127.0.0.1", self.server.plain_port)
        try:
            await stream.connect_and_bind("juliet", "secret", "sender")
            stream.write("<enable xmlns='urn:xmpp:sm:3'/>")
            await stream.read_until(lambda e: e.tag == "{urn:xmpp:sm:3}enabled")
            for name in names:
                stream.write(f"<message type='chat' to='romeo@localhost' id='{name}'><body>{name}</body></message>")
            stream.write("<r xmlns='urn:xmpp:sm:3'/>")
            while confirmed < count:
                element = await stream.read()
                if element.tag == "{urn:xmpp:sm:3}a":
                    confirmed = int(element.get("h"))
                elif element.tag == CLIENT + "message" and element.get("type") == "error":
                    errors.add(element.get("id"))
                    refusal = condition_of(element.find(CLIENT + "error"), STANZA_ERROR)
        except StreamClosed as closed:
            refusal = closed.condition or str(closed)
        except Refused as refused:
            refusal = str(refused)
        finally:
            stream.abort()
        self.acknowledged += [name for name in names[:confirmed] if name not in errors]
        return refusal

    async def until(self, wanted, times):
        """Bursts until `times` in a row were answered with `wanted`. Other refusals than by the full disk end the test."""
        in_a_row, end = 0, time.monotonic() + SECONDS_MAX
        while in_a_row < times:
            refusal = await self.burst()
            if refusal not in (None, FULL):
                raise RuntimeError(f"refused, but as: {refusal}")
            in_a_row = in_a_row + 1 if refusal == wanted else 0
            if time.monotonic() > end:
                raise RuntimeError(f"{SECONDS_MAX} s, and still no answer of: {wanted or 'accepted'}")


async def archive_of(server, user):
    stream = Stream("127.0.0.1", server.plain_port)
    await stream.connect_and_bind(user, "secret", "archive")
    results = await stream.archive()
    await stream.close()
    return [result.find(f"{FORWARD}forwarded/{CLIENT}message/{CLIENT}body").text for result in results]


async def run(server):
    sender = Sender(server)
    reader = Stream("127.0.0.1", server.plain_port)  # was there before, and can go on reading
    await reader.connect_and_bind("romeo", "secret", "reader")

    async def still_serves():
        assert server.is_alive()
        await reader.request("get", "localhost", "<ping xmlns='urn:xmpp:ping'/>")
        assert await reader.archive(), "the archive is empty"

    await sender.until(None, 5)
    for free_bytes, what in ((BELOW_THE_RESERVE, "nearly full"), (0, "full")):
        under_way = asyncio.create_task(sender.until(FULL, 5))
        await asyncio.to_thread(server.fill, free_bytes)
        await under_way
        before = len(sender.acknowledged)
        await sender.until(FULL, 5)
        assert len(sender.acknowledged) == before, "acknowledged on a full disk"
        await still_serves()
        print(f"the disk is {what}: refused as {FULL}; alive, and the archive can be read", flush=True)
        server.make_room()
        await sender.until(None, 5)
        print("room again: accepted again", flush=True)
    reader.abort()
    server.kill()
    server.up()
    for user in ("juliet", "romeo"):
        archive = await archive_of(server, user)
        found = [body for body in archive if body in set(sender.acknowledged)]
        if found != sender.acknowledged:
            missing = [name for name in sender.acknowledged if name not in archive]
            raise RuntimeError(f"{user}'s archive: of {len(sender.acknowledged)} acknowledged messages {len(missing)} are "
                               f"missing ({missing[:3]}), or the order is not theirs, or one is there twice")
    print(f"{len(sender.acknowledged)} acknowledged messages, all in both archives, once, in order")


def main():
    with SmallDisk("--allow-plaintext", "--no-limits") as server:
        server.add_account("juliet", "secret")
        server.add_account("romeo", "secret")
        asyncio.run(run(server))


if __name__ == "__main__":
    sys.exit(main())
