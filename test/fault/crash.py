"""People send at full speed while the server is killed with `kill -9`, again and again. Nothing acknowledged is lost.

Each person is a client as it should be: stream management (XEP-0198) on, every message with its own origin-id, unacked
messages kept and sent again, with the same origin-id, after a resumption or after `<failed h='…'/>` and a login. Now
and then a client's own connection is cut too, so that resumption meets the crashes. In the end everybody waits until
all is acknowledged and delivered, reads the whole archive, and crash_check.py compares.

The moments come from a seed, which is printed; how far the server is at such a moment is up to the machine.
"""
import argparse
import asyncio
import collections
import logging
import random
import ssl
import sys
import time

import crash_check
from crash_check import Evidence, Seen, Sent
from server import Server
from xmpp_client import CLIENT, DELAY, FORWARD, SID, SM, STANZA_ERROR, Refused, Stream, condition_of

PASSWORD = "correct horse battery staple"
WINDOW = 64        # messages of one person that may wait for their ack
ACK_EVERY = 8      # messages between two requests for an ack
SETTLE_SECONDS = 60  # in which, after the last crash, all must be acknowledged and delivered
UNREACHABLE = (ConnectionError, ssl.SSLError, asyncio.TimeoutError, asyncio.IncompleteReadError, OSError)


class Failed(AssertionError):
    """The server did not do what it must."""


class Person:
    """One account with one client. Lives through all crashes; `evidence` is what it knows in the end."""

    CUTS = 0.6  # of its connections, that it cuts itself

    def __init__(self, name, server, rng, security):
        self.name, self.server, self.rng, self.security = name, server, rng, security
        self.jid = f"{name}@localhost"
        self.evidence = Evidence()
        self.others = []
        self.sending = True
        self.refused = []
        self.cuts = self.resumptions = self.failed_resumptions = self.went_back = self.logins = 0
        self._queue = collections.deque()  # sent since <enable/> and not acked: a Sent, or None for anything else
        self._acked = self._handled = 0    # XEP-0198 counters, of what we sent and of what we received
        self._token = None                 # with which the session can be resumed
        self._stream = None
        self._room = asyncio.Event()       # there is room in the window

    # --- one connection after the other

    async def live(self):
        while True:
            try:
                await self._connection()
            except UNREACHABLE:
                # The server is down, or comes up: this is how often a client knocks, nothing waits for it.
                await asyncio.sleep(0.05)
            finally:
                if self._stream:
                    self._stream.abort()

    async def _connection(self):
        port = self.server.tls_port if self.security == "tls" else self.server.plain_port
        stream = self._stream = Stream("127.0.0.1", port, security=self.security, ca=self.server.certificate)
        features = await stream.connect()
        await stream.login(self.name, PASSWORD, features)
        if not await self._resume():
            await self._begin()
        self._room.set()
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        try:
            done, _ = await asyncio.wait((reading, writing), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _resume(self):
        if not self._token:
            return False
        self._stream.write(f"<resume xmlns='urn:xmpp:sm:3' previd='{self._token}' h='{self._handled}'/>")
        answer = await self._stream.read()
        h = answer.get("h")
        if answer.tag == SM + "resumed":
            self.resumptions += 1
            self._take_ack(int(h))
            for sent in self._queue:
                self._write_stanza(sent)
            return True
        if answer.tag != SM + "failed":
            raise Refused(f"an answer to <resume/>: {answer.tag}")
        self.failed_resumptions += 1
        self._token = None
        # What a server remembers through a crash may end before the presence that it acknowledged last. Less than what
        # is known is no news then; it must not be more.
        if h is not None and (int(h) - self._acked) % 2**32 >= 2**31:
            self.went_back += 1
        elif h is not None:
            self._take_ack(int(h))
        return False

    async def _begin(self):
        """A new session: what was not acknowledged in the last one is sent again, in order."""
        again = [sent for sent in self._queue if sent]
        await self._stream.bind("home")
        self._stream.write("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
        answer = await self._stream.read_until(lambda e: e.tag in (SM + "enabled", SM + "failed"))
        if answer.tag != SM + "enabled":
            raise Refused("stream management is not to be had")
        self.logins += 1
        self._token = answer.get("id")
        self._acked = self._handled = 0
        self._queue = collections.deque([None, *again])
        self.evidence.sessions.append([])
        for sent in self._queue:
            self._write_stanza(sent)

    def _write_stanza(self, sent):
        if sent is None:
            self._stream.write("<presence/>")
        else:
            self._stream.write(f"<message to='{sent.to}' type='chat' id='m{sent.number}'><body>{sent.text}</body>"
                               f"<origin-id xmlns='urn:xmpp:sid:0' id='{self.name}-{sent.number}'/></message>")

    # --- sending

    async def _write(self):
        cut_after = self.rng.randrange(50, 1500) if self.rng.random() < self.CUTS else None
        written = 0
        while True:
            self._stream.write("<r xmlns='urn:xmpp:sm:3'/>")
            await self._stream.drain()
            while self.sending and len(self._queue) < WINDOW:
                self._write_stanza(self._new_message())
                written += 1
                if written % ACK_EVERY == 0:
                    self._stream.write("<r xmlns='urn:xmpp:sm:3'/>")
                    await self._stream.drain()
                if written == cut_after:
                    self.cuts += 1
                    self._stream.abort()
            self._room.clear()
            await self._room.wait()

    def _new_message(self):
        number = len(self.evidence.sent)
        sent = Sent(number, self.rng.choice(self.others), f"{self.name} {number}")
        self.evidence.sent.append(sent)
        self._queue.append(sent)
        return sent

    def _take_ack(self, h):
        count = (h - self._acked) % 2**32
        if count > len(self._queue):
            raise Refused(f"{self.jid}: h={h} acknowledges {count} stanzas, but only {len(self._queue)} wait for it")
        for _ in range(count):
            sent = self._queue.popleft()
            if sent:
                sent.acked = True
        self._acked = h
        self._room.set()

    # --- receiving

    async def _read(self):
        while True:
            # Silence is no fault here: in the end nobody sends.
            element = await self._stream.read(seconds=None)
            if element.tag == SM + "a":
                self._take_ack(int(element.get("h")))
            elif element.tag == SM + "r":
                self._stream.write(f"<a xmlns='urn:xmpp:sm:3' h='{self._handled}'/>")
            elif element.tag.startswith(CLIENT):
                self._handled = (self._handled + 1) % 2**32
                self._take_stanza(element)

    def _take_stanza(self, element):
        if element.tag != CLIENT + "message":
            return
        if element.get("type") == "error":
            condition = condition_of(element.find(CLIENT + "error"), STANZA_ERROR)
            self.refused.append(f"REFUSED: message {element.get('id')} came back to {self.jid}: {condition}")
        elif element.find(CLIENT + "body") is not None:
            self.evidence.sessions[-1].append(seen(element, stanza_id(element, self.jid)))

    def all_acked(self):
        return not any(self._queue)

    async def read_archive(self):
        stream = Stream("127.0.0.1", self.server.plain_port, security="starttls", ca=self.server.certificate)
        await stream.connect_and_bind(self.name, PASSWORD, "reader")
        for result in await stream.archive():
            message = result.find(f"{FORWARD}forwarded/{CLIENT}message")
            if result.find(f"{FORWARD}forwarded/{DELAY}delay") is None:
                raise Refused("an archived message without its time")
            self.evidence.archive.append(seen(message, result.get("id")))
        await stream.close()


def stanza_id(message, by):
    """The stanza-id (XEP-0359) that the own account gave; '' if there is none."""
    return next((item.get("id") for item in message.findall(SID + "stanza-id") if item.get("by") == by), "")


def seen(message, id_):
    bare = [(message.get(name) or "").split("/", 1)[0] for name in ("from", "to")]
    return Seen(id_, *bare, message.findtext(CLIENT + "body"))


async def settle(people):
    """Nobody sends any more; waits until all is acknowledged and delivered, as far as that ever comes."""
    for person in people:
        person.sending = False
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        arrived = {entry.text for person in people for session in person.evidence.sessions for entry in session}
        wanted = sum(len(person.evidence.sent) for person in people)
        if all(person.all_acked() for person in people) and len(arrived) >= wanted:
            return
        for person in people:
            person._room.set()  # each turn asks for one more ack
        await asyncio.sleep(0.2)


async def rounds(server, people, count, rng):
    tasks = [asyncio.create_task(person.live()) for person in people]
    try:
        for number in range(count):
            before = sum(sent.acked for person in people for sent in person.evidence.sent)
            began = time.monotonic()
            # Every fourth time while the clients are still on their way in. The tasks are watched meanwhile: one that
            # ends has met an answer that a server must not give.
            seconds = rng.uniform(0, 0.15) if number % 4 == 3 else rng.uniform(0.3, 2.5)
            done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            alive = time.monotonic() - began
            await asyncio.to_thread(server.kill)
            acked = sum(sent.acked for person in people for sent in person.evidence.sent) - before
            began = time.monotonic()
            await asyncio.to_thread(server.up)
            print(f"round {number + 1:2}: {acked:6} acknowledged, killed after {alive:.2f} s, "
                  f"up again in {time.monotonic() - began:.2f} s", flush=True)
        await settle(people)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run(arguments, server, rng, play, kind, others):
    people = [kind(f"person{index}", server, random.Random(rng.random()), ("plain", "starttls", "tls")[index % 3])
              for index in range(arguments.people)]
    for name in [person.name for person in people] + list(others):
        server.add_account(name, PASSWORD)
    for person in people:
        person.others = [other.jid for other in people if other is not person]
    problems = await play(server, people, arguments.rounds, rng)
    for person in people:
        await person.read_archive()
    return people, problems or []


def report(people, count, what="crashes"):
    problems = crash_check.check({person.jid: person.evidence for person in people})
    problems += [line for person in people for line in person.refused]
    for person in people:
        if not person.all_acked():
            problems.append(f"{person.jid}: not all is acknowledged {SETTLE_SECONDS} s after the last crash")
    sent = sum(len(person.evidence.sent) for person in people)
    acked = sum(entry.acked for person in people for entry in person.evidence.sent)
    print(f"{count} {what}: {sent} messages, {acked} acknowledged, "
          f"{sum(len(person.evidence.archive) for person in people)} entries in {len(people)} archives; "
          f"{sum(person.logins for person in people)} logins, {sum(person.cuts for person in people)} cuts, "
          f"{sum(person.resumptions for person in people)} resumptions, "
          f"{sum(person.failed_resumptions for person in people)} refused ones, "
          f"{sum(person.went_back for person in people)} with an older h")
    if acked < 100 * count:
        problems.append(f"only {acked} messages were acknowledged: too few to prove anything")
    kinds = collections.Counter(problem.split(" ", 1)[0] for problem in problems)
    for problem in problems[:40]:
        print("FAIL ", problem)
    if len(problems) > 40:
        print(f"FAIL  and {len(problems) - 40} more; of all, by their first word: {dict(kinds)}")
    return not problems


def command(description, title, play, what, count, kind=Person, others=()):
    """The command line of a test in which people talk at full speed while `play` does something to their server, `count`
    times unless told otherwise. It may return problems, or fail. The exit code."""
    parser = argparse.ArgumentParser(description=description.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=count)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    arguments = parser.parse_args()
    # asyncio warns of writes into connections that are gone: here that is the point.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    print(f"{title}: {arguments.rounds} rounds, {arguments.people} people, seed {arguments.seed}", flush=True)
    if not crash_check.self_test():
        return 1
    with Server("--no-limits", "--allow-plaintext") as server:
        try:
            people, problems = asyncio.run(run(arguments, server, random.Random(arguments.seed), play, kind, others))
            for problem in problems:
                print("FAIL ", problem)
            good = report(people, arguments.rounds, what) and not problems
        except (Failed, *UNREACHABLE) as error:
            print(f"FAIL  {type(error).__name__}: {error}")
            good = False
        if not good:
            server.keep()
    print(f"{int(good)} passed, {int(not good)} failed")
    return int(not good)


if __name__ == "__main__":
    sys.exit(command(__doc__, "crash test", rounds, "crashes", 20))
