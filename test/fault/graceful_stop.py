"""SIGTERM while people send at full speed: clients are told, the stop is quick, and nothing acknowledged is lost.

Each round stops the server and starts it again. Among the clients are some that make a stop hard: one over WebSocket,
one that never reads, one that never closes its side, strangers in the middle of a login. Everybody who reads must see
the stream error system-shutdown; the stop must be in order and within its limit, however the clients behave.
"""
import asyncio
import socket
import sys

import crash
import websocket
from crash import PASSWORD, UNREACHABLE
from xmpp_client import Stream, StreamClosed

# server.goodbye_timeout, and what a busy machine needs to write the rest. What it takes is printed.
STOP_SECONDS_MAX = 10
SHUTDOWN = "system-shutdown"


class Person(crash.Person):
    CUTS = 0

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.reading = False
        self.told = []  # how each connection that was up has ended

    async def _read(self):
        self.reading = True
        try:
            await super()._read()
        except StreamClosed as end:
            self.told.append(end.condition)
            raise
        except UNREACHABLE as end:
            self.told.append(type(end).__name__)
            raise
        finally:
            self.reading = False


class Difficult:
    """Connections that make a stop hard. Opened before each one."""

    def __init__(self, server):
        self.server = server
        self.web = self.mute = self.stays = None
        self.strangers = []

    async def arrive(self):
        self.web = await websocket.log_in(self.server, "webster", PASSWORD, "tab")
        self.mute = Stream("127.0.0.1", self.server.plain_port)
        await self.mute.connect_and_bind("mute", PASSWORD, "deaf")
        self.mute.write("<presence/>")
        # It asks for much and reads nothing.
        self.mute.writer.transport.pause_reading()
        self.mute.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.mute.write("<iq type='get' id='x' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
                        * 2000)
        self.stays = Stream("127.0.0.1", self.server.tls_port, security="tls", ca=self.server.certificate)
        await self.stays.connect_and_bind("stays", PASSWORD, "seat")
        for port in (self.server.plain_port, self.server.tls_port, self.server.http_port):
            stranger = Stream("127.0.0.1", port)
            await stranger.connect_only()
            self.strangers.append(stranger)

    async def told(self):
        """How each that reads was told."""
        problems = []
        text = ""
        try:
            while (message := await self.web.read()) is not None:
                text += message
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        if SHUTDOWN not in text:
            problems.append(f"the client over WebSocket was not told: {text[-300:]!r}")
        try:
            while True:
                await self.stays.read()
        except StreamClosed as end:
            if end.condition != SHUTDOWN:
                problems.append(f"the client that stays was told {end.condition}")
        return problems

    def leave(self):
        """Only now: a client that stays must not hold up the stop."""
        for stream in (self.web, self.mute, self.stays, *self.strangers):
            stream.abort()
        self.strangers.clear()


async def rounds(server, people, count, rng):
    problems = []
    tasks = [asyncio.create_task(person.live()) for person in people]
    difficult = Difficult(server)
    try:
        for number in range(count):
            await difficult.arrive()
            done, _ = await asyncio.wait(tasks, timeout=rng.uniform(0.5, 2.5), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            up = [(person, len(person.told)) for person in people if person.reading]
            lines = server.log().count("stopped in order")
            # Whoever is impatient gets no other stop: it takes as long as it may, and not longer.
            stopping = asyncio.create_task(asyncio.to_thread(server.stop, impatient=number % 2 == 1))
            problems += await difficult.told()
            seconds = await stopping
            difficult.leave()
            if server.log().count("stopped in order") != lines + 1:
                problems.append(f"round {number + 1}: the stop was not in order")
            if seconds > STOP_SECONDS_MAX:
                problems.append(f"round {number + 1}: the stop took {seconds:.1f} s")
            for person, before in up:
                if SHUTDOWN not in person.told[before:]:
                    problems.append(f"round {number + 1}: {person.jid} was told {person.told[before:]}")
            await asyncio.to_thread(server.up)
            print(f"round {number + 1:2}: {len(up)} of {len(people)} people were told, stopped in {seconds:.2f} s",
                  flush=True)
        await crash.settle(people)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return problems


if __name__ == "__main__":
    sys.exit(crash.command(__doc__, "graceful stop", rounds, "stops", 5, kind=Person, others=("webster", "mute", "stays")))
