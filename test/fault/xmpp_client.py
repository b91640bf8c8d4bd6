"""A small XMPP client on asyncio, for tests that must see and decide every byte: crashes, cuts, hostile input.

One Stream is one connection: it opens, secures, logs in, binds, enables or resumes stream management, and then hands
out what arrives, one element after the other. It answers nothing by itself and remembers nothing across connections:
whoever uses it keeps the counters of XEP-0198. For conversations as people have them, use a real client library.
"""
import asyncio
import base64
import collections
import hashlib
import hmac
import secrets
import ssl
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

CLIENT = "{jabber:client}"
STREAM = "{http://etherx.jabber.org/streams}"
STREAM_ERROR = "{urn:ietf:params:xml:ns:xmpp-streams}"
STANZA_ERROR = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
BIND = "{urn:ietf:params:xml:ns:xmpp-bind}"
SM = "{urn:xmpp:sm:3}"
MAM = "{urn:xmpp:mam:2}"
RSM = "{http://jabber.org/protocol/rsm}"
FORWARD = "{urn:xmpp:forward:0}"
DELAY = "{urn:xmpp:delay}"
SID = "{urn:xmpp:sid:0}"

# An answer that takes longer than this is none. Generous: the machine may be busy compiling.
ANSWER_SECONDS = 30


class StreamClosed(ConnectionError):
    """The peer ended the stream or the connection. `condition` names its stream error, if it sent one."""

    def __init__(self, why, condition=None):
        super().__init__(why)
        self.condition = condition


class Refused(Exception):
    """The server said no: to a login, a bind, a request."""


def condition_of(error, namespace):
    """The name of the defined condition in an error element."""
    return next((child.tag[len(namespace):] for child in error if child.tag.startswith(namespace)
                 and not child.tag.endswith("}text")), None)


class Stream:
    """One connection to the server at `host`:`port`. `security` is plain, starttls or tls; `ca` a PEM file to trust."""

    def __init__(self, host, port, domain="localhost", security="plain", ca=None):
        self.host, self.port, self.domain, self.security, self.ca = host, port, domain, security, ca
        self.reader = self.writer = self.jid = None
        self._elements = collections.deque()
        self._root = self._parser = None

    # --- connection and bytes

    async def connect(self):
        """Connects, secures and opens the stream. Returns the features that count."""
        await self.connect_only()
        features = await self.open()
        if self.security == "starttls":
            self.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            self._expect(await self.read(), TLS + "proceed")
            await self.writer.start_tls(self._context(), server_hostname=self.domain)
            features = await self.open()
        return features

    async def connect_only(self):
        """The connection (with its TLS handshake under direct TLS) and nothing more."""
        context = self._context() if self.security == "tls" else None
        name = self.domain if context else None
        async with asyncio.timeout(ANSWER_SECONDS):
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port, ssl=context,
                                                                     server_hostname=name)

    def _context(self):
        context = ssl.create_default_context(cafile=self.ca)
        context.set_alpn_protocols(["xmpp-client"])
        return context

    async def open(self):
        """Opens a stream (again, after TLS and SASL) and reads the server's features."""
        self.begin_parsing()
        self.write(f"<?xml version='1.0'?><stream:stream to={quoteattr(self.domain)} version='1.0' "
                   "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
        features = await self.read()
        self._expect(features, STREAM + "features")
        return features

    def begin_parsing(self):
        """What comes from now on is a new XML document."""
        self._parser = ET.XMLPullParser(("start", "end"))
        self._root = None
        self._elements.clear()

    def write(self, text):
        self.write_bytes(text.encode())

    def write_bytes(self, data):
        if self.writer.is_closing():
            raise StreamClosed("the connection is closed")
        self.writer.write(data)

    async def drain(self):
        await self.writer.drain()

    def abort(self):
        """Cuts the connection as a dead network would: nothing is said, nothing is flushed."""
        if self.writer:
            self.writer.transport.abort()

    async def close(self):
        """Ends the stream as RFC 6120 §4.4 wants it."""
        try:
            self.write("</stream:stream>")
            while True:
                await self.read()
        except (ConnectionError, asyncio.TimeoutError, ssl.SSLError):
            pass
        self.abort()

    # --- elements

    async def read(self, seconds=ANSWER_SECONDS):
        """The next element at the top level of the stream. `seconds` None: however long that takes."""
        # Not wait_for: in Python 3.11 it may swallow a cancellation.
        async with asyncio.timeout(None if self._elements else seconds):
            while not self._elements:
                data = await self.reader.read(1 << 16)
                if not data:
                    raise StreamClosed("the server closed the connection")
                self._feed(data)
        return self._elements.popleft()

    def _feed(self, data):
        self._parser.feed(data)
        for event, element in self._parser.read_events():
            if event == "start":
                if self._root is None:
                    self._root, self._depth = element, 0
                else:
                    self._depth += 1
                continue
            if element is self._root:
                raise StreamClosed("the server ended the stream")
            self._depth -= 1
            if self._depth == 0:
                self._root.remove(element)
                if element.tag == STREAM + "error":
                    condition = condition_of(element, STREAM_ERROR)
                    raise StreamClosed(f"stream error: {condition}", condition)
                self._elements.append(element)

    @staticmethod
    def _expect(element, *tags):
        if element.tag not in tags:
            raise Refused(f"{' or '.join(tags)} was expected, and came: {ET.tostring(element, 'unicode')[:400]}")

    async def read_until(self, wanted):
        """Reads on to the first element for which wanted(element) is true; what comes before it is dropped."""
        while True:
            element = await self.read()
            if wanted(element):
                return element

    # --- login

    async def login(self, user, password, features, mechanism=None):
        """SASL, then the stream opened again. Returns the features after login."""
        offered = [item.text for item in features.iter(SASL + "mechanism")]
        choice = mechanism or next((m for m in ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN") if m in offered), None)
        if choice not in offered:
            raise Refused(f"mechanism {choice} is not offered; there are: {offered}")
        if choice == "PLAIN":
            answer = await self._auth(choice, f"\0{user}\0{password}")
        else:
            answer = await self._scram(choice, user, password)
        self._expect(answer, SASL + "success")
        return await self.open()

    async def _auth(self, mechanism, text):
        self.write(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>"
                   f"{base64.b64encode(text.encode()).decode()}</auth>")
        return await self.read()

    async def _scram(self, mechanism, user, password):
        """RFC 5802 without channel binding. The server's proof is checked too."""
        name = mechanism.removeprefix("SCRAM-").replace("-", "").lower()
        nonce = secrets.token_urlsafe(18)
        client_first = f"n={user.replace('=', '=3D').replace(',', '=2C')},r={nonce}"
        challenge = await self._auth(mechanism, "n,," + client_first)
        self._expect(challenge, SASL + "challenge")
        server_first = base64.b64decode(challenge.text).decode()
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        if not fields["r"].startswith(nonce) or fields["r"] == nonce:
            raise Refused("the server's nonce does not extend ours")
        salted = hashlib.pbkdf2_hmac(name, password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        client_key = hmac.digest(salted, b"Client Key", name)
        without_proof = f"c=biws,r={fields['r']}"
        signed = f"{client_first},{server_first},{without_proof}".encode()
        signature = hmac.digest(hashlib.new(name, client_key).digest(), signed, name)
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature))).decode()
        final = base64.b64encode(f"{without_proof},p={proof}".encode()).decode()
        self.write(f"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{final}</response>")
        answer = await self.read()
        if answer.tag == SASL + "success":
            server_signature = hmac.digest(hmac.digest(salted, b"Server Key", name), signed, name)
            if base64.b64decode(answer.text or "") != b"v=" + base64.b64encode(server_signature):
                raise Refused("the server did not prove that it knows the password")
        return answer

    async def bind(self, resource):
        answer = await self.request("set", None, f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                                                 f"<resource>{escape(resource)}</resource></bind>")
        self.jid = answer.find(f"{BIND}bind/{BIND}jid").text
        return self.jid

    async def connect_and_bind(self, user, password, resource, mechanism=None):
        """All of it, in one go: connected, logged in, bound. No presence, no stream management."""
        features = await self.connect()
        await self.login(user, password, features, mechanism)
        return await self.bind(resource)

    # --- requests; other elements that arrive in between are dropped, so for streams that have nothing else going on

    async def request(self, kind, to, payload):
        """Sends an IQ and waits for its answer. An error answer raises Refused."""
        name = secrets.token_hex(6)
        address = f" to={quoteattr(to)}" if to else ""
        self.write(f"<iq type='{kind}' id='{name}'{address}>{payload}</iq>")
        answer = await self.read_until(lambda e: e.tag == CLIENT + "iq" and e.get("id") == name)
        if answer.get("type") == "error":
            raise Refused(condition_of(answer.find(CLIENT + "error"), STANZA_ERROR))
        return answer

    async def archive_page(self, after=None, page=200):
        """One page of the own archive (XEP-0313): its <result/> elements, and whether it is the last one."""
        name = secrets.token_hex(6)
        position = f"<after>{escape(after)}</after>" if after else ""
        self.write(f"<iq type='set' id='{name}'><query xmlns='urn:xmpp:mam:2' queryid='{name}'>"
                   f"<set xmlns='http://jabber.org/protocol/rsm'><max>{page}</max>{position}</set></query></iq>")
        results = []
        while True:
            element = await self.read()
            result = element.find(MAM + "result")
            if result is not None and result.get("queryid") == name:
                results.append(result)
            elif element.tag == CLIENT + "iq" and element.get("id") == name:
                break
        if element.get("type") != "result":
            raise Refused(f"archive: {condition_of(element.find(CLIENT + 'error'), STANZA_ERROR)}")
        return results, element.find(MAM + "fin").get("complete") == "true"

    async def archive(self, page=200):
        """The whole archive, oldest first."""
        everything, after, complete = [], None, False
        while not complete:
            results, complete = await self.archive_page(after, page)
            if not results and not complete:
                raise Refused("an empty page that is not the last one")
            everything += results
            after = results[-1].get("id") if results else None
        return everything
