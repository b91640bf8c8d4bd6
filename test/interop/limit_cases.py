"""The hostile cases of limits.py: each passes one limit of the configuration, and wants the error that is due.

CASES: key -> (case, limits for this case alone). A case takes a World.
"""
import asyncio
import secrets
import time

from cases import Failed, want
from xmpp_client import CLIENT, MAM, SASL, SM, STANZA_ERROR, Refused, Stream, StreamClosed, condition_of

PASSWORD = "secret"
USERS = ("mallory", "alice", "bob", "eve", "trudy", "walter")
ANSWER_SECONDS = 30
PING = "<ping xmlns='urn:xmpp:ping'/>"
ROSTER = "jabber:iq:roster"


class World:
    def __init__(self, server):
        self.server = server

    def stream(self, security="plain"):
        port = self.server.tls_port if security == "tls" else self.server.plain_port
        return Stream("127.0.0.1", port, security=security, ca=self.server.certificate)

    async def user(self, name="mallory", resource=None):
        stream = self.stream()
        await stream.connect_and_bind(name, PASSWORD, resource or secrets.token_hex(4))
        return stream

    def newcomer(self):
        """An account for whom nothing waits."""
        name = f"new{secrets.token_hex(4)}"
        self.server.add_account(name, PASSWORD)
        return name

    async def still_serves(self):
        stream = await self.user("alice")
        await stream.request("get", "localhost", PING)
        await stream.close()

    async def end_of(self, stream, seconds=ANSWER_SECONDS):
        """The stream error that ends it; None: just closed."""
        try:
            while True:
                await stream.read(seconds)
        except StreamClosed as end:
            return end.condition
        except ConnectionError:
            return None
        finally:
            stream.abort()

    async def refused(self, stream, kind, payload, to=None):
        """The condition of the error that answers this request; None if it is answered by a result."""
        try:
            await stream.request(kind, to, payload)
            return None
        except Refused as refused:
            return str(refused)

    async def http(self, request, seconds=ANSWER_SECONDS):
        """The first line of the answer; empty if the connection is closed without one."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.http_port)
        try:
            writer.write(request)
            async with asyncio.timeout(seconds):
                return (await reader.readline()).decode()
        except ConnectionError:
            return ""
        finally:
            writer.transport.abort()


# ---------------------------------------------------------------- connections

async def connections_max(world):
    """Beyond it new ones are closed at once; when some go, there is room again."""
    streams = []
    for _ in range(3):
        stream = world.stream()
        await stream.connect()
        streams.append(stream)
    fourth = world.stream()
    await fourth.connect_only()
    want(await asyncio.wait_for(fourth.reader.read(), ANSWER_SECONDS) == b"", "a connection too many is served")
    for stream in streams:
        await stream.close()


async def output_max(world):
    """A client that asks and does not read: its answers take bounded memory, and nobody waits for it."""
    warm = await world.user("eve")
    await warm.request("get", "localhost", PING)
    mute = await world.user()
    mute.writer.transport.pause_reading()
    other = await world.user("alice")
    before, slowest, written = world.server.resident_bytes(), 0.0, 0
    question = "<iq type='get' id='q' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>" * 500
    try:
        for _ in range(60):
            mute.write(question)
            written += len(question)
            began = time.monotonic()
            await other.request("get", "localhost", PING)
            slowest = max(slowest, time.monotonic() - began)
    except StreamClosed:
        pass
    grown = world.server.resident_bytes() - before
    print(f"      {written >> 10} KiB of questions, unread answers; memory grew by {grown >> 10} KiB, "
          f"the slowest ping took {slowest * 1000:.0f} ms")
    want(grown < 32 << 20, f"memory grew by {grown >> 20} MiB for one client that does not read")
    want(slowest < ANSWER_SECONDS / 3, f"another client waited {slowest:.1f} s")
    for stream in (mute, other, warm):
        stream.abort()


async def slow_receiver(world):
    """Messages to a client that never reads: what it is sent is bounded; the rest waits, and comes when it reads."""
    mute = await world.user("trudy", "deaf")
    mute.write("<enable xmlns='urn:xmpp:sm:3' resume='true'/><presence/>")
    await mute.read_until(lambda e: e.tag == SM + "enabled")
    mute.writer.transport.pause_reading()
    sender, other = await world.user("eve"), await world.user("alice")
    body, count, slowest = "x" * 8000, 3000, 0.0
    warm_up = 300
    for number in range(count):
        if number == warm_up:
            before = world.server.resident_bytes()
        sender.write(f"<message to='trudy@localhost' type='chat'><body>{number} {body}</body></message>")
        if number % 100 == 99:
            await sender.request("get", "localhost", PING)
            began = time.monotonic()
            await other.request("get", "localhost", PING)
            slowest = max(slowest, time.monotonic() - began)
    grown = world.server.resident_bytes() - before
    print(f"      {count * len(body) >> 20} MiB for a client that does not read; memory grew by {grown >> 20} MiB, "
          f"the slowest ping of another took {slowest * 1000:.0f} ms")
    # The store's own buffers are in it (storage.memtables_max, storage.tail_max), and they fill whoever reads.
    want(grown < 160 << 20, f"memory grew by {grown >> 20} MiB")
    want(slowest < ANSWER_SECONDS / 3, f"another client waited {slowest:.1f} s")
    mute.writer.transport.resume_reading()
    seen, handled = 0, 0
    while seen < count:
        element = await mute.read()
        if element.tag.startswith(CLIENT):
            handled += 1
            if element.tag == CLIENT + "message":
                text = element.findtext(CLIENT + "body") or ""
                want(text.startswith(f"{seen} "), f"message {seen} is due, and came: {text[:20]!r}")
                seen += 1
        if element.tag == SM + "r" or handled % 20 == 0:
            mute.write(f"<a xmlns='urn:xmpp:sm:3' h='{handled}'/>")
    for stream in (mute, sender, other):
        stream.abort()


async def tls_handshake_timeout(world):
    stream = Stream("127.0.0.1", world.server.tls_port)
    await stream.connect_only()
    began = time.monotonic()
    await asyncio.wait_for(stream.reader.read(), ANSWER_SECONDS)
    want(time.monotonic() - began > 0.5, "cut before its time")
    stream.abort()


async def close_timeout(world):
    """After the goodbye the server waits for the client to close, but not for ever."""
    stream = world.stream()
    await stream.connect_only()
    stream.write("<html>")
    await asyncio.wait_for(stream.reader.read(), ANSWER_SECONDS)  # up to the server's end of the connection
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:  # our half is open still; when theirs is gone, writing fails
                stream.write("x")
                await stream.drain()
                await asyncio.sleep(0.05)
    except ConnectionError:
        stream.abort()


# ---------------------------------------------------------------- http

async def header_max(world):
    answer = await world.http(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 4096 + b"\r\n\r\n")
    want(" 431 " in answer, f"a head that is too long is answered by {answer!r}")


async def body_max(world):
    answer = await world.http(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000)
    want(" 413 " in answer, f"a body that is too long is answered by {answer!r}")


async def request_timeout(world):
    answer = await world.http(b"GET / HT")
    want(" 408 " in answer, f"a request that never ends is answered by {answer!r}")


async def http_idle_timeout(world):
    answer = await world.http(b"")
    want(answer == "" or " 408 " in answer, f"silence is answered by {answer!r}")


# ---------------------------------------------------------------- strangers

async def attempts_max(world):
    stream = world.stream()
    await stream.connect()
    answer = await stream._auth("PLAIN", "\0mallory\0wrong")
    want(condition_of(answer, SASL) == "not-authorized", f"a wrong password is answered by {answer.tag}")
    try:
        await stream._auth("PLAIN", "\0mallory\0wrong")
        condition = await world.end_of(stream)
    except StreamClosed as end:
        condition = end.condition
    want(condition == "policy-violation", f"the second wrong password of two ends the stream with {condition}")


async def message_max(world):
    stream = world.stream()
    await stream.connect()
    answer = await stream._auth("PLAIN", "\0mallory\0" + "x" * 600)
    want(condition_of(answer, SASL) == "malformed-request", f"a long SASL message is answered by {answer.tag}")
    stream.abort()


async def negotiation_timeout(world):
    stream = world.stream()
    await stream.connect()
    began = time.monotonic()
    condition = await world.end_of(stream)
    want(condition == "connection-timeout", f"a login that does not come is answered by {condition}")
    want(time.monotonic() - began > 1.5, "cut before its time")


async def negotiation_max(world):
    stream = world.stream()
    await stream.connect()
    for _ in range(40):
        try:
            stream.write("<iq type='get' id='a'><query xmlns='jabber:iq:register'/></iq>" + " " * 500)
            await stream.drain()
        except ConnectionError:
            break
    condition = await world.end_of(stream)
    want(condition == "policy-violation", f"20 KB before a login are answered by {condition}")


async def registrations_per_minute(world):
    stream = world.stream()
    await stream.connect()
    answers = []
    for _ in range(6):
        answers.append(await world.refused(
            stream, "set", "<query xmlns='jabber:iq:register'>"
            f"<username>new{secrets.token_hex(6)}</username><password>x</password></query>"))
    stream.abort()
    want(answers[0] is None, f"the first registration is answered by {answers[0]}")
    want(answers[-1] == "resource-constraint", f"the last of six registrations is answered by {answers[-1]}")


# ---------------------------------------------------------------- stanzas

async def rate(world):
    """Who sends faster is read slower; nothing is lost, nobody else waits."""
    stream, other = await world.user(), await world.user("alice")
    began = time.monotonic()
    for number in range(50):  # 20 at once, then 10 a second; what one read brings is taken, and paid for after it
        stream.write(f"<iq type='get' id='{number}' to='localhost'>{PING}</iq>")
    for number in range(50):
        answer = await stream.read()
        want(answer.get("id") == str(number), f"answer {number} is due, and came: {answer.get('id')}")
    late = asyncio.create_task(stream.request("get", "localhost", PING))
    await other.request("get", "localhost", PING)
    want(not late.done(), "another client waited as long")
    await late
    took = time.monotonic() - began
    want(took > 1.5, f"51 stanzas took {took:.1f} s under a limit of 10 a second and 20 at once")
    for one in (stream, other):
        await one.close()


async def policy_violation(world, good, bad):
    stream = await world.user()
    want(await world.refused(stream, "get", good, "localhost") in (None, "service-unavailable", "bad-request"),
         "what is below the limit is refused")
    stream.write(f"<iq type='get' id='b' to='localhost'>{bad}</iq>")
    condition = await world.end_of(stream)
    want(condition == "policy-violation", f"what is beyond the limit is answered by {condition}")


async def stanza(world):
    await policy_violation(world, f"<x xmlns='urn:x'>{'x' * 9000}</x>", f"<x xmlns='urn:x'>{'x' * 10_000}</x>")


async def depth(world):
    await policy_violation(world, "<a xmlns='urn:x'>" + "<a>" * 5 + "</a>" * 6, "<a xmlns='urn:x'>" + "<a>" * 8)


async def attributes(world):
    def element(count):
        return "<a xmlns='urn:x' " + " ".join(f"a{n}=''" for n in range(count)) + "/>"
    await policy_violation(world, element(6), element(9))


async def sessions(world):
    first = await world.user()
    second = world.stream()
    features = await second.connect()
    await second.login("bob", PASSWORD, features)
    try:
        await second.bind("x")
        raise Failed("a session too many is bound")
    except Refused as refused:
        want(str(refused) == "resource-constraint", f"a session too many is answered by {refused}")
    second.abort()
    await first.close()


# ---------------------------------------------------------------- accounts

def item(jid, name="", groups=()):
    inside = "".join(f"<group>{group}</group>" for group in groups)
    return f"<query xmlns='{ROSTER}'><item jid='{jid}' name='{name}'>{inside}</item></query>"


async def roster_items_max(world):
    stream = await world.user()
    answers = [await world.refused(stream, "set", item(f"c{number}@localhost")) for number in range(12)]
    want(answers[:10] == [None] * 10, f"ten contacts are answered by {answers}")
    want(set(answers[10:]) == {"resource-constraint"}, f"those beyond the limit are answered by {answers[10:]}")
    for number in range(10):
        await stream.request("set", None, f"<query xmlns='{ROSTER}'><item jid='c{number}@localhost' "
                                          "subscription='remove'/></query>")
    await stream.close()


async def roster_name_max(world):
    stream = await world.user()
    for payload in (item("a@localhost", "n" * 65), item("a@localhost", "", ["g" * 65])):
        got = await world.refused(stream, "set", payload)
        want(got == "not-acceptable", f"a long name is answered by {got}")
    await stream.close()


async def roster_groups_max(world):
    stream = await world.user()
    got = await world.refused(stream, "set", item("a@localhost", "", ["1", "2", "3"]))
    want(got == "not-acceptable", f"three groups are answered by {got}")
    await stream.close()


async def requests_at_login(world, user):
    """Subscription requests that are shown to `user` at login, as {address: payload bytes}."""
    stream = await world.user(user)
    stream.write("<presence/>")
    found = {}
    while True:
        stream.write(f"<iq type='get' id='end' to='localhost'>{PING}</iq>")
        element = await stream.read()
        if element.tag == CLIENT + "iq" and element.get("id") == "end":
            break
        if element.get("type") == "subscribe":
            found[element.get("from")] = sum(len(child.text or "") for child in element)
    await stream.close()
    return found


async def roster_requests_max(world):
    """Strangers ask while bob is away: so many are kept, the others are dropped without a word."""
    for stranger in ("mallory", "eve", "trudy"):
        stream = await world.user(stranger)
        stream.write("<presence type='subscribe' to='bob@localhost'/>")
        await stream.request("get", "localhost", PING)
        await stream.close()
    async with asyncio.timeout(ANSWER_SECONDS):
        while len(found := await requests_at_login(world, "bob")) < 2:
            await asyncio.sleep(0.05)
    want(len(found) == 2, f"kept requests: {sorted(found)}")


async def roster_request_max(world):
    stream = await world.user()
    stream.write(f"<presence type='subscribe' to='alice@localhost'><status>{'s' * 1000}</status></presence>")
    await stream.request("get", "localhost", PING)
    await stream.close()
    async with asyncio.timeout(ANSWER_SECONDS):
        while not (found := await requests_at_login(world, "alice")):
            await asyncio.sleep(0.05)
    want(found == {"mallory@localhost": 0}, f"a long payload is kept: {found}")


def private(name, size=0):
    return f"<query xmlns='jabber:iq:private'><{name} xmlns='urn:example:limits'>{'x' * size}</{name}></query>"


async def private_elements_max(world):
    stream = await world.user()
    answers = [await world.refused(stream, "set", private(f"e{number}")) for number in range(4)]
    want(answers == [None, None, None, "resource-constraint"], f"four elements are answered by {answers}")
    await stream.close()


async def private_bytes_max(world):
    stream = await world.user("alice")
    answers = [await world.refused(stream, "set", private(name, 1500)) for name in ("a", "b", "a")]
    want(answers == [None, "resource-constraint", None], f"twice 1500 bytes are answered by {answers}")
    await stream.close()


async def vcard_bytes_max(world):
    stream = await world.user()
    cards = [f"<vCard xmlns='vcard-temp'><DESC>{'x' * size}</DESC></vCard>" for size in (500, 1500)]
    answers = [await world.refused(stream, "set", card) for card in cards]
    want(answers == [None, "policy-violation"], f"a small vCard and a big one are answered by {answers}")
    await stream.close()


async def roster_bytes_max(world):
    """Five contacts of 200 bytes, and no sixth; one with less to say is taken."""
    stream = await world.user()
    long = ["g" * 64, "h" * 64]
    answers = [await world.refused(stream, "set", item(f"c{number}@localhost", "n" * 64, long)) for number in range(7)]
    want(answers[:4] == [None] * 4 and set(answers[5:]) == {"resource-constraint"},
         f"contacts with long names are answered by {answers}")
    await stream.request("set", None, item("c0@localhost"))
    for number in range(7):
        await world.refused(stream, "set", f"<query xmlns='{ROSTER}'><item jid='c{number}@localhost' "
                                           "subscription='remove'/></query>")
    await stream.close()


async def sessions_max(world):
    """RFC 6120 §7.6.2.1: a session too many is refused, one in the place of another is not."""
    streams = []
    while True:
        stream = world.stream()
        await stream.login("eve", PASSWORD, await stream.connect())
        try:
            await stream.bind(f"r{len(streams)}")
        except Refused as refused:
            want(str(refused) == "resource-constraint", f"a session too many is answered by {refused}")
            break
        streams.append(stream)
        want(len(streams) <= 12, "there are more than twelve sessions of one account")
    await stream.bind("r0")
    for one in (*streams, stream):
        one.abort()


async def archive_queries_max(world):
    """Many queries in one breath: each is answered, those that would wait in too long a row by an error."""
    stream = await world.user()
    count = 300
    for number in range(count):
        stream.write(f"<iq type='set' id='{number}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    answers = {}
    while len(answers) < count:
        element = await stream.read()
        if element.tag == CLIENT + "iq":
            answers[element.get("id")] = element.get("type") == "error" and condition_of(
                element.find(CLIENT + "error"), STANZA_ERROR)
    want(set(answers.values()) == {False, "resource-constraint"}, f"the answers are {set(answers.values())}")
    await stream.close()


async def blocked_max(world):
    stream = await world.user()
    answers = [await world.refused(stream, "set", f"<block xmlns='urn:xmpp:blocking'><item jid='{jid}.example'/></block>")
               for jid in ("a", "b", "c", "a")]
    want(answers == [None, None, "resource-constraint", None], f"three rules are answered by {answers}")
    await stream.request("set", None, "<unblock xmlns='urn:xmpp:blocking'/>")
    await stream.close()


async def last_status_bytes_max(world):
    """Trudy leaves with few words and with many; a friend asks for them."""
    friend = await world.user("alice")
    for size, kept in ((50, 50), (200, 0)):
        stream = await world.user("trudy")
        friend.write("<presence type='subscribe' to='trudy@localhost'/>")
        stream.write("<presence/><presence type='subscribed' to='alice@localhost'/>")
        await stream.request("get", None, f"<query xmlns='{ROSTER}'/>")  # answered when the approval is applied
        stream.write(f"<presence type='unavailable'><status>{'s' * size}</status></presence>")
        await stream.close()
        async with asyncio.timeout(ANSWER_SECONDS):
            while (seen := await last_seen(friend, "trudy@localhost")) is None:
                await asyncio.sleep(0.05)
        want(len(seen) == kept, f"of a status of {size} bytes {len(seen)} are kept")
    await friend.close()


async def last_seen(stream, jid):
    """The words with which somebody left; None while there."""
    try:
        answer = await stream.request("get", jid, "<query xmlns='jabber:iq:last'/>")
    except Refused:
        return None  # the subscription is still on its way
    query = answer[0]
    return None if query.get("seconds") == "0" and not query.text else query.text or ""


async def fill_archive(stream, count, size):
    """Messages to oneself; they are archived when they have come back."""
    stream.write("<presence/>")
    for number in range(count):
        stream.write(f"<message to='{stream.jid.split('/')[0]}' type='chat'><body>{number:05}{'x' * size}</body></message>")
    last = f"{count - 1:05}x"
    await stream.read_until(lambda e: (e.findtext(CLIENT + "body") or "").startswith(last))


async def archive_page_max(world):
    stream = await world.user("eve")
    await fill_archive(stream, 8, 10)
    results, _ = await stream.archive_page(page=1000)
    want(len(results) == 5, f"a page of 1000 has {len(results)} messages, of 5 allowed")
    await stream.close()


async def archive_page_bytes_max(world):
    """With larger pages: one of 20 messages of 9 kB ends at the limit of bytes."""
    stream = await world.user("bob")
    await fill_archive(stream, 20, 9000)
    results, complete = await stream.archive_page(page=1000)
    want(0 < len(results) < 9 and not complete, f"a page has {len(results)} messages of 9 kB under a limit of 64 KiB")
    await stream.close()


async def archive_preferences_max(world):
    stream = await world.user("eve")
    jids = "".join(f"<jid>{n}@localhost</jid>" for n in range(6))
    prefs = f"<prefs xmlns='{MAM.strip('{}')}' default='always'><always/><never>{jids}</never></prefs>"
    answer = await world.refused(stream, "set", prefs)
    want(answer == "not-acceptable", f"a list of 6 addresses, 5 are allowed, is answered by {answer}")
    await stream.close()


async def offline_messages_max(world):
    """A flood for somebody who is away ends at the quota, and its sender hears of it."""
    stream = await world.user("mallory")
    stream.write("<presence/>")
    for number in range(10):
        stream.write(f"<message to='walter@localhost' type='chat' id='flood-{number}'><body>{number}</body></message>")
    refused = []
    while "flood-9" not in refused:
        error = await stream.read_until(lambda e: e.tag == CLIENT + "message" and e.get("type") == "error")
        want(condition_of(error.find(CLIENT + "error"), STANZA_ERROR) == "service-unavailable",
             f"beyond the quota the sender is told {condition_of(error.find(CLIENT + 'error'), STANZA_ERROR)}")
        refused.append(error.get("id"))
    want(len(refused) >= 7, f"{len(refused)} of 10 messages are refused under a quota of 3")
    await stream.close()


# ---------------------------------------------------------------- sessions

async def managed(world, user="mallory"):
    """With stream management, and available."""
    stream = await world.user(user)
    stream.write("<enable xmlns='urn:xmpp:sm:3' resume='true'/><presence/>")
    enabled = await stream.read_until(lambda e: e.tag == SM + "enabled")
    return stream, enabled.get("id")


async def resume_timeout(world):
    stream, token = await managed(world)
    stream.abort()
    async with asyncio.timeout(ANSWER_SECONDS):
        while "nobody resumed it" not in world.server.log():
            await asyncio.sleep(0.05)
    again = world.stream()
    await again.login("mallory", PASSWORD, await again.connect())
    again.write(f"<resume xmlns='urn:xmpp:sm:3' previd='{token}' h='0'/>")
    answer = await again.read()
    want(answer.tag == SM + "failed" and condition_of(answer, STANZA_ERROR) == "item-not-found",
         f"a resumption that comes too late is answered by {answer.tag}")
    again.abort()


async def idle(world):
    stream = await world.user()
    began = time.monotonic()
    condition = await world.end_of(stream)
    want(condition == "connection-timeout", f"a silent client is told {condition}")
    want(time.monotonic() - began > 1.5, "cut before its time")


async def inbound_max(world):
    """Beyond it reading pauses: all is taken in the end, in order, and another client is served meanwhile."""
    stream, other = await world.user(), await world.user("alice")
    for number in range(2000):
        stream.write(f"<message to='bob@localhost' type='chat'><body>{number}</body></message>")
    stream.write(f"<iq type='get' id='last' to='localhost'>{PING}</iq>")
    await other.request("get", "localhost", PING)
    await stream.read_until(lambda e: e.get("id") == "last")
    for one in (stream, other):
        await one.close()


async def unacked(world, count, size, most):
    """A client that reads and acknowledges nothing gets so much and no more; when it does, the rest."""
    user = world.newcomer()
    stream, _ = await managed(world, user)
    sender = await world.user("eve")
    for number in range(count):
        sender.write(f"<message to='{user}@localhost' type='chat'><body>{number} {'x' * size}</body></message>")
    await sender.request("get", None, f"<query xmlns='{ROSTER}'/>")
    seen = handled = 0

    async def read():
        nonlocal seen, handled
        element = await stream.read(2)
        handled += element.tag.startswith(CLIENT)
        if element.tag == CLIENT + "message":
            want((element.findtext(CLIENT + "body") or "").startswith(f"{seen} "), f"message {seen} is due")
            seen += 1
    try:
        while True:
            await read()
    except TimeoutError:
        pass
    want(0 < seen <= most, f"{seen} messages are written to a client that acknowledges nothing, of {most} allowed")
    while seen < count:
        stream.write(f"<a xmlns='urn:xmpp:sm:3' h='{handled}'/>")
        await read()
    for one in (stream, sender):
        one.abort()


async def unacked_max(world):
    await unacked(world, count=30, size=10, most=10)


async def unacked_bytes_max(world):
    await unacked(world, count=30, size=8000, most=10)


async def directed_max(world):
    """Directed presence to more addresses than are remembered: the session lives, and its end is told to some."""
    stream = await world.user()
    for number in range(50):
        stream.write(f"<presence to='nobody{number}@localhost'/>")
    await stream.request("get", "localhost", PING)
    await stream.close()


async def held(world, size):
    """An inactive client (XEP-0352) of whom more is held than there is room for: it is written after all."""
    name = world.newcomer()
    stream = await world.user(name)
    stream.write("<presence/>")
    await stream.read_until(lambda e: e.get("from") == stream.jid)
    stream.write("<inactive xmlns='urn:xmpp:csi:0'/>")
    await stream.request("get", "localhost", PING)
    others = [await world.user(name) for _ in range(4)]
    for other in others:
        other.write(f"<presence><status>{'s' * size}</status></presence>")
    want((await stream.read()).tag == CLIENT + "presence", "something else than what was held")
    for one in (stream, *others):
        await one.close()


CASES = {
    "listen.connections_max": (connections_max, {"listen.connections_max": "3"}),
    "listen.connections_per_ip_max": (connections_max, {"listen.connections_per_ip_max": "3"}),
    "listen.output_max": (output_max, {"limits.rates": "false"}),
    "listen.output_high_water": (output_max, {"limits.rates": "false"}),
    "listen.tls_handshake_timeout": (tls_handshake_timeout, {}),
    "listen.close_timeout": (close_timeout, {}),
    "http.header_max": (header_max, {}),
    "http.body_max": (body_max, {}),
    "http.request_timeout": (request_timeout, {}),
    "http.idle_timeout": (http_idle_timeout, {}),
    "auth.attempts_max": (attempts_max, {}),
    "auth.message_max": (message_max, {}),
    "auth.negotiation_timeout": (negotiation_timeout, {}),
    "auth.negotiation_max": (negotiation_max, {}),
    "limits.registrations_per_minute": (registrations_per_minute, {}),
    "limits.stanzas_per_second": (rate, {"limits.stanzas_per_second": "10", "limits.stanzas_burst": "20"}),
    "limits.stanzas_burst": (rate, {"limits.stanzas_per_second": "10", "limits.stanzas_burst": "20"}),
    "limits.stanza": (stanza, {}),
    "limits.depth": (depth, {}),
    "limits.attributes": (attributes, {}),
    "limits.sessions": (sessions, {"limits.sessions": "1"}),
    "account.roster_items_max": (roster_items_max, {}),
    "account.roster_requests_max": (roster_requests_max, {}),
    "account.roster_request_max": (roster_request_max, {}),
    "account.roster_name_max": (roster_name_max, {}),
    "account.roster_groups_max": (roster_groups_max, {}),
    "account.roster_bytes_max": (roster_bytes_max, {}),
    "account.private_elements_max": (private_elements_max, {}),
    "account.private_bytes_max": (private_bytes_max, {}),
    "account.vcard_bytes_max": (vcard_bytes_max, {}),
    "account.sessions_max": (sessions_max, {}),
    "account.blocked_max": (blocked_max, {}),
    "account.last_status_bytes_max": (last_status_bytes_max, {}),
    "account.archive_queries_max": (archive_queries_max, {"account.archive_queries_max": "2"}),
    "account.archive_page_max": (archive_page_max, {}),
    "account.archive_page_bytes_max": (archive_page_bytes_max, {"account.archive_page_max": "1000"}),
    "account.archive_preferences_max": (archive_preferences_max, {}),
    "account.offline_messages_max": (offline_messages_max, {}),
    "session.resume_timeout": (resume_timeout, {}),
    "session.idle_ping": (idle, {"session.idle_ping": '"1s"', "session.idle_timeout": '"1s"'}),
    "session.idle_timeout": (idle, {"session.idle_ping": '"1s"', "session.idle_timeout": '"1s"'}),
    "session.inbound_max": (inbound_max, {"session.inbound_max": "1", "limits.rates": "false"}),
    "session.unacked_max": (unacked_max, {"session.unacked_max": "10"}),
    "session.unacked_bytes_max": (unacked_bytes_max, {"session.unacked_bytes_max": '"64KiB"'}),
    "session.output_max": (slow_receiver, {"session.output_max": '"64KiB"', "limits.rates": "false",
                                           "storage.memtables_max": '"16MiB"'}),
    "session.held_max": (lambda world: held(world, 10), {"session.held_max": "3"}),
    "session.held_bytes_max": (lambda world: held(world, 1500), {"session.held_bytes_max": '"2KiB"'}),
    "session.directed_max": (directed_max, {"session.directed_max": "5"}),
}
