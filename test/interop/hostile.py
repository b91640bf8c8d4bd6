"""A stranger's bytes, and those of a user gone bad.

Each case wants the stream error of RFC 6120 §4.9 that is due, and a server that goes on serving others.

`--negotiation-seconds` is the server's limit for a login (auth.negotiation_timeout); the cases about slowness wait for
it, and a few seconds more.
"""
import argparse
import asyncio
import os
import pathlib
import resource
import ssl
import struct
import sys
import time
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
from cases import Cases, Failed  # noqa: E402
from server import Server  # noqa: E402
from xmpp_client import CLIENT, SASL, STANZA_ERROR, Refused, Stream, StreamClosed, condition_of  # noqa: E402

PASSWORD = "secret"
OPEN = ("<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>")
FEW_FILES = 1024  # that a server may open: the least that its configuration takes
MESSAGES = 20
HALF_OPEN = 10_000  # connections that say nothing, or half a word
ANSWER_SECONDS = 20


class World:
    """What the cases share. A `stranger` is a connection that said nothing, a `user` one that is bound."""

    def __init__(self, server, negotiation_seconds):
        self.server, self.negotiation_seconds = server, negotiation_seconds

    def stream(self, security="plain"):
        port = self.server.tls_port if security == "tls" else self.server.plain_port
        return Stream("127.0.0.1", port, security=security, ca=self.server.certificate)

    async def stranger(self):
        stream = self.stream()
        await stream.connect_only()
        return stream

    async def user(self):
        stream = self.stream()
        await stream.connect_and_bind("mallory", PASSWORD, "den")
        return stream

    async def still_serves(self):
        """Somebody else logs in and gets an answer."""
        stream = self.stream("starttls")
        await stream.connect_and_bind("alice", PASSWORD, "home")
        await stream.request("get", "localhost", "<ping xmlns='urn:xmpp:ping'/>")
        await stream.close()

    async def end_of(self, stream, seconds=ANSWER_SECONDS):
        """The condition with which the server ends this stream; None if it just closes the connection."""
        try:
            async with asyncio.timeout(seconds):
                if stream._parser is None:
                    # What a stranger gets back is a stream of its own: a header, and in it the error.
                    stream.begin_parsing()
                while True:
                    await stream.read(seconds)
        except StreamClosed as end:
            return end.condition
        except ConnectionError:
            return None
        except TimeoutError:
            raise Failed(f"the server did not end the stream within {seconds} s") from None
        finally:
            stream.abort()

    async def gets(self, stream, data, *conditions):
        """Writes data, and wants the stream to end with one of the conditions (None: closed without a word)."""
        try:
            stream.write_bytes(data if isinstance(data, bytes) else data.encode())
            await stream.drain()
        except ConnectionError:
            pass  # closed while we still wrote; what it said can be read all the same
        got = await self.end_of(stream)
        if got not in conditions:
            raise Failed(f"the stream ended with {got}, not with {' or '.join(map(str, conditions))}")


def stanza(payload):
    return f"<message to='alice@localhost' type='chat'>{payload}</message>"


MANY_NAMES = (f"<x xmlns:p='{'n' * 500}'>"
              + ("<x " + " ".join(f"p:a{number}=''" for number in range(60)) + "/>") * 100 + "</x>")

# Name: (who: stranger or user, bytes, the conditions that are right)
WRITE_AND_END = {
    # RFC 6120 §11.1: what a stream must not contain
    "DTD before the stream": ("stranger", f"<!DOCTYPE x [<!ENTITY a 'b'>]>{OPEN}", ("restricted-xml",)),
    "external DTD before the stream": ("stranger", f"<!DOCTYPE x SYSTEM 'file:///etc/passwd'>{OPEN}",
                                       ("restricted-xml",)),
    "DTD after login": ("user", "<!DOCTYPE x>", ("restricted-xml", "not-well-formed")),
    "processing instruction": ("user", "<?php evil?>", ("restricted-xml",)),
    "comment": ("user", "<!-- hello -->", ("restricted-xml",)),
    "comment in a stanza": ("user", stanza("<body>a<!-- b -->c</body>"), ("restricted-xml",)),
    "entity reference": ("user", stanza("<body>&evil;</body>"), ("restricted-xml", "not-well-formed")),
    "comment before the stream": ("stranger", f"<!-- -->{OPEN}", ("restricted-xml",)),
    # RFC 6120 §11.3, §11.6, §4.9.3.13
    "invalid UTF-8 in a body": ("user", b"<message to='alice@localhost'><body>\xff\xfe</body></message>",
                                ("not-well-formed", "unsupported-encoding", "bad-format")),
    "overlong UTF-8": ("user", b"<message to='alice@localhost'><body>\xc0\xbc</body></message>",
                       ("not-well-formed", "unsupported-encoding")),
    "UTF-16": ("stranger", OPEN.encode("utf-16"), ("unsupported-encoding", "not-well-formed", None)),
    "NUL in a body": ("user", b"<message to='alice@localhost'><body>a\0b</body></message>", ("not-well-formed",)),
    "control character by number": ("user", stanza("<body>&#1;</body>"), ("not-well-formed",)),
    "unclosed element": ("user", "<message><body></message>", ("not-well-formed",)),
    "prefix without namespace": ("user", "<evil:message/>", ("not-well-formed", "bad-namespace-prefix")),
    "attribute twice": ("user", "<message id='1' id='2'/>", ("not-well-formed",)),
    # RFC 6120 §4.8, §4.9
    "wrong namespace of the stream": ("stranger", "<stream to='localhost' version='1.0' xmlns='urn:x'>",
                                      ("invalid-namespace",)),
    "wrong root": ("stranger", "<html xmlns='http://www.w3.org/1999/xhtml'>", ("invalid-namespace", "bad-format")),
    "wrong content namespace": ("stranger", OPEN.replace("jabber:client", "jabber:server"), ("invalid-namespace",)),
    "wrong domain": ("stranger", OPEN.replace("localhost", "example.org"), ("host-unknown",)),
    "stanza before login": ("stranger", OPEN + stanza("<body>a</body>"), ("not-authorized",)),
    "no stanza after login": ("user", "<evil xmlns='jabber:client'/>", ("unsupported-stanza-type", "bad-format")),
    "text between stanzas": ("user", "hello there", ("bad-format", "not-well-formed")),
    "somebody else's address": ("user", "<message from='alice@localhost/x' to='alice@localhost'/>", ("invalid-from",)),
    # Junk
    "HTTP": ("stranger", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", ("not-well-formed", "bad-format", None)),
    "TLS on the plain port": ("stranger", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200),
                              ("not-well-formed", "unsupported-encoding", "bad-format", None)),
    "random bytes": ("stranger", os.urandom(4096), ("not-well-formed", "unsupported-encoding", "bad-format", None)),
    # Limits (RFC 6120 §13.12)
    "a stanza of a megabyte": ("user", stanza(f"<body>{'x' * (1 << 20)}</body>"), ("policy-violation",)),
    "a stanza that never ends": ("user", "<message><body>" + "x" * (1 << 20), ("policy-violation",)),
    "a tag that never ends": ("user", "<message id='" + "x" * (1 << 20), ("policy-violation",)),
    "a stream header that never ends": ("stranger", "<stream:stream a='" + "x" * (1 << 20), ("policy-violation", None)),
    "10,000 elements deep": ("user", "<message>" + "<a>" * 10_000, ("policy-violation",)),
    "10,000 attributes": ("user", "<message " + " ".join(f"a{n}=''" for n in range(10_000)) + "/>",
                          ("policy-violation",)),
    "100,000 elements in one stanza": ("user", stanza("<a/>" * 100_000), ("policy-violation",)),
    # A prefix stands for its whole namespace: in memory, and in what is passed on.
    "a long namespace in each attribute": ("user", stanza(MANY_NAMES), ("policy-violation",)),
    "a long namespace in each attribute before login": ("stranger", f"{OPEN}<iq type='get' id='a'>{MANY_NAMES}</iq>",
                                                        ("policy-violation",)),
    "1,000 elements before login": ("stranger", OPEN + "<iq type='get' id='a'>" + "<a/>" * 1000, ("policy-violation",)),
    "a megabyte before login": ("stranger", OPEN + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
                                + "A" * (1 << 20), ("policy-violation",)),
    "spaces without end before login": ("stranger", OPEN + " " * (1 << 20), ("policy-violation", None)),
    "a million laughs": ("stranger", "<!DOCTYPE l [<!ENTITY a 'ha'>"
                         + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi"))
                         + f"]>{OPEN}<x>&i;</x>", ("restricted-xml",)),
}


async def long_jid(world):
    """RFC 7622 §3: parts of at most 1023 bytes. The stanza is refused, the stream lives."""
    stream = await world.user()
    for to in (f"{'a' * 1024}@localhost", f"{'a' * 1023}@{'b' * 1024}", f"alice@localhost/{'r' * 1024}", "@localhost",
               "alice@", "alice@localhost/", "a b@localhost", "alice@local host", "a@b@localhost/"):
        try:
            await stream.request("get", to, "<ping xmlns='urn:xmpp:ping'/>")
            raise Failed(f"a ping to {to[:40]}... is answered by a result")
        except Refused as refused:
            if str(refused) not in ("jid-malformed", "remote-server-not-found", "service-unavailable"):
                raise Failed(f"a ping to {to[:40]}... is answered by {refused}") from None
    await stream.request("get", "localhost", "<ping xmlns='urn:xmpp:ping'/>")
    await stream.close()


async def more_to_pass_on_than_was_sent(world):
    """Escaping makes five bytes of one: what is passed on keeps the limit, or nobody gets it. The stream lives."""
    stream = await world.user()
    stream.write(f"<message to='alice@localhost' type='chat' id='m'><body><![CDATA[{'&' * 200_000}]]></body></message>")
    answer = await stream.read_until(lambda e: e.get("id") == "m")
    got = condition_of(answer.find(CLIENT + "error"), STANZA_ERROR) if answer.get("type") == "error" else None
    if got != "policy-violation":
        raise Failed(f"it is answered by {got}")
    await stream.request("get", "localhost", "<ping xmlns='urn:xmpp:ping'/>")
    await stream.close()


async def bad_base64_and_no_mechanism(world):
    """RFC 6120 §6.5: failures of SASL have names, and the client may try again."""
    stream = world.stream()
    await stream.connect()
    for mechanism, text, wanted in (("PLAIN", "!!!", ("incorrect-encoding",)), ("NONE", "", ("invalid-mechanism",)),
                                    ("PLAIN", "AAAA", ("malformed-request", "not-authorized"))):
        stream.write(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{text}</auth>")
        answer = await stream.read()
        got = condition_of(answer, SASL)
        if got not in wanted:
            raise Failed(f"{mechanism} '{text}' is answered by {answer.tag} {got}")
    stream.abort()


async def guessing_passwords_ends(world):
    """RFC 6120 §6.4.5: a limited number of tries on one stream."""
    stream = world.stream()
    await stream.connect()
    for _ in range(20):
        try:
            answer = await stream._auth("PLAIN", "\0mallory\0wrong")
        except ConnectionError:
            return
        if condition_of(answer, SASL) != "not-authorized":
            raise Failed(f"a wrong password is answered by {answer.tag}")
    raise Failed("20 wrong passwords on one stream")


async def slow_login_is_cut(world):
    """A byte a second is a connection held for nothing: the whole of a login has its time."""
    stream = await world.stranger()
    began = time.monotonic()
    ending = asyncio.create_task(world.end_of(stream, world.negotiation_seconds + ANSWER_SECONDS))
    for byte in OPEN + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + "A" * 1000:
        done, _ = await asyncio.wait((ending,), timeout=0.2)
        if done:
            break
        try:
            stream.write(byte)
        except ConnectionError:
            pass
    condition = await ending
    took = time.monotonic() - began
    if condition not in ("connection-timeout", "policy-violation", "not-authorized", None):
        raise Failed(f"a slow login ends with {condition}")
    if took < world.negotiation_seconds * 0.5:
        raise Failed(f"cut after {took:.1f} s, of {world.negotiation_seconds} s allowed")


async def silent_tls_is_cut(world):
    """Direct TLS, and no handshake follows."""
    stream = Stream("127.0.0.1", world.server.tls_port)
    await stream.connect_only()
    await world.end_of(stream, world.negotiation_seconds + ANSWER_SECONDS)


async def half_open_connections(world):
    """Many connections that say nothing or half a word: others are served, and all are closed in the end."""
    connections, slowest, began = [], 0.0, time.monotonic()
    for number in range(HALF_OPEN):
        if number % 1000 == 999:
            asked = time.monotonic()
            await world.still_serves()
            slowest = max(slowest, time.monotonic() - asked)
        stream = Stream("127.0.0.1", world.server.tls_port if number % 2 else world.server.plain_port)
        await stream.connect_only()
        if number % 4 == 0:
            stream.write("<stream:stre")
        elif number % 4 == 1:
            stream.write_bytes(b"\x16\x03\x01")
        connections.append(stream)
    await world.still_serves()
    opened = time.monotonic() - began
    async with asyncio.timeout(world.negotiation_seconds + 2 * ANSWER_SECONDS):
        for stream in connections:
            try:
                while await stream.reader.read(4096):
                    pass
            except ConnectionError:
                pass
    for stream in connections:
        stream.abort()
    print(f"      {HALF_OPEN} connections in {opened:.1f} s, the slowest login meanwhile took {slowest:.2f} s; all were "
          f"closed {time.monotonic() - began:.1f} s after the first", flush=True)
    if slowest > ANSWER_SECONDS:
        raise Failed(f"a login took {slowest:.1f} s meanwhile")


async def old_tls_is_refused(world):
    """TLS 1.2 and 1.3 only."""
    for version, good in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
                          (ssl.TLSVersion.TLSv1_3, True)):
        context = ssl.create_default_context(cafile=world.server.certificate)
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", world.server.tls_port, ssl=context,
                                                      server_hostname="localhost")
            writer.transport.abort()
            if not good:
                raise Failed(f"{version.name} is accepted")
        except (ssl.SSLError, ConnectionError) as error:
            if good:
                raise Failed(f"{version.name}: {error}") from None


async def starttls_swallows_what_was_injected(world):
    """Bytes behind <starttls/> came in the clear and must not count as said inside TLS (RFC 6120 §5.4.3.3)."""
    stream = world.stream()
    await stream.connect()
    stream.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + OPEN
                 + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AG1hbGxvcnkAc2VjcmV0</auth>")
    answer = await stream.read()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await stream.writer.start_tls(stream._context(), server_hostname="localhost")
            stream.begin_parsing()
            stream.write(OPEN)
            await stream.read()  # features, if the injected bytes were dropped
            extra = await stream.read(1)
    except (ssl.SSLError, ConnectionError, TimeoutError):
        return  # closed, or nothing came of what was injected
    finally:
        stream.abort()
    raise Failed(f"after {answer.tag}, what was injected is answered by {extra.tag}")


async def reset_in_the_middle(world):
    """The connection is reset while the server writes: nothing but that session is hurt."""
    for _ in range(50):
        stream = await world.user()
        stream.write("<iq type='get' id='a'><query xmlns='jabber:iq:roster'/></iq>" * 200)
        stream.writer.get_extra_info("socket").setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0: RST
        stream.abort()
    await world.still_serves()


async def connections_take_nothing_of_the_store(world):
    """Strangers take every connection that there is: who is logged in is served, and the disk does not seem to fail."""
    user = await world.user()
    strangers = [await world.stranger() for _ in range(FEW_FILES)]
    for number in range(MESSAGES):
        user.write(f"<message to='alice@localhost' type='chat' id='m{number}'><body>{'x' * 200_000}</body></message>")
        await user.request("get", "localhost", "<ping xmlns='urn:xmpp:ping'/>")
    if len(await user.archive(page=5)) != MESSAGES:
        raise Failed("not all messages were taken")
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.health_port)
    writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(ANSWER_SECONDS):
        answer = await reader.read()
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise Failed(f"who watches is answered {answer[:80]}")
    for trouble in ("the disk fails", "Too many open files"):
        if trouble in world.server.log():
            raise Failed(f"the server's log says: {trouble}")
    if "all connections are taken" not in world.server.log():
        raise Failed("there was room for all of them")
    for stream in [user, *strangers]:
        stream.abort()


CASES = [long_jid, more_to_pass_on_than_was_sent, bad_base64_and_no_mechanism, guessing_passwords_ends, old_tls_is_refused,
         starttls_swallows_what_was_injected, reset_in_the_middle, slow_login_is_cut, silent_tls_is_cut,
         half_open_connections]


async def attack(world, played):
    async def write_and_end(who, data, conditions):
        stream = await (world.user() if who == "user" else world.stranger())
        await world.gets(stream, data, *conditions)

    async def and_still_serves(case, *arguments):
        await case(*arguments)
        await world.still_serves()

    for name, row in WRITE_AND_END.items():
        await played.play(name, and_still_serves, write_and_end, *row)
    for case in CASES:
        await played.play(case.__name__, and_still_serves, case, world)


async def with_few_files(world, played):
    async def and_still_serves():
        await connections_take_nothing_of_the_store(world)
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:  # until the server has seen them leave
                try:
                    return await world.still_serves()
                except (StreamClosed, ConnectionError):
                    await asyncio.sleep(0.1)

    await played.play("connections_take_nothing_of_the_store", and_still_serves)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", help="the cases with this in their name")
    parser.add_argument("--negotiation-seconds", type=float, default=30)
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < HALF_OPEN + 200:
        print(f"FAIL  {HALF_OPEN} connections need as many open files; the limit here is {hard} (ulimit -Hn)")
        return 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (HALF_OPEN + 200, hard))
    with Server("--no-limits", "--allow-plaintext") as server:
        for user in ("mallory", "alice"):
            server.add_account(user, PASSWORD)
        played = Cases(arguments.only)
        asyncio.run(attack(World(server, arguments.negotiation_seconds), played))
        if played.failed:
            server.keep()
    with Server("--no-limits", "--allow-plaintext", within=("prlimit", f"--nofile={FEW_FILES}:{FEW_FILES}")) as server:
        server.configure("server", f"open_files = {FEW_FILES}")
        for user in ("mallory", "alice"):
            server.add_account(user, PASSWORD)
        asyncio.run(with_few_files(World(server, arguments.negotiation_seconds), played))
        if played.failed:
            server.keep()
    return played.end()


if __name__ == "__main__":
    sys.exit(main())
