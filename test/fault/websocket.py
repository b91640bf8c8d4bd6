"""A WebSocket (RFC 6455) as a client of RFC 7395 needs it: text messages, and the answers to pings and closings."""
import asyncio
import base64
import os
import struct

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class WebSocket:
    def __init__(self, host, port, path="/ws"):
        self.host, self.port, self.path = host, port, path
        self.reader = self.writer = None
        self.close_code = None

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write((f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                           f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Protocol: xmpp\r\n\r\n").encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(f"no WebSocket: {head!r}")
        return self

    def send(self, text, kind=TEXT):
        data = text.encode() if isinstance(text, str) else text
        size = len(data)
        head = bytes([0x80 | kind])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 1 << 16:
            head += bytes([0x80 | 126]) + struct.pack(">H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", size)
        mask = os.urandom(4)
        self.writer.write(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    async def read(self):
        """The next text message; None when the peer has closed."""
        whole = b""
        while True:
            first, second = await self.reader.readexactly(2)
            size = second & 127
            if size == 126:
                size, = struct.unpack(">H", await self.reader.readexactly(2))
            elif size == 127:
                size, = struct.unpack(">Q", await self.reader.readexactly(8))
            data = await self.reader.readexactly(size)
            kind = first & 15
            if kind == PING:
                self.send(data, PONG)
            elif kind == CLOSE:
                self.close_code = struct.unpack(">H", data[:2])[0] if len(data) > 1 else None
                self.send(data, CLOSE)
                return None
            elif kind in (TEXT, 0):
                whole += data
                if first & 0x80:
                    return whole.decode()

    def abort(self):
        if self.writer:
            self.writer.transport.abort()


async def log_in(server, user, password, resource):
    """A bound client over WebSocket, by SASL PLAIN (the server of a test allows it)."""
    socket = await WebSocket("127.0.0.1", server.http_port).connect()

    async def exchange(text, until):
        socket.send(text)
        while True:
            answer = await socket.read()
            if answer is None or "error" in answer or "failure" in answer:
                raise ConnectionError(f"login over WebSocket: {answer}")
            if until in answer:
                return
    opening = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>"
    await exchange(opening, "features")
    token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    await exchange(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{token}</auth>", "success")
    await exchange(opening, "features")
    await exchange("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                   f"<resource>{resource}</resource></bind></iq>", "result")
    return socket
