"""A TCP relay on loopback between a client and its server: for a client that cannot be told a port, and to cut the
connections of one that lives."""
import asyncio
import socket
import struct
import threading

# SO_LINGER with no time: closing sends a reset, and nothing of what was written is waited for.
RESET = struct.pack("ii", 1, 0)


class Relay:
    """Relays `host`:`port` to 127.0.0.1:`server_port` while it is open (use it in a `with` statement). It lives on a
    thread of its own; cut() and mend() are for any other one."""

    def __init__(self, server_port, host="127.0.0.1", port=0):
        self.server_port, self.host, self.port = server_port, host, port
        self.open = True
        self._pairs = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._in_loop(self._open())
        return self

    def __exit__(self, kind, error, trace):
        self._in_loop(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def cut(self):
        """Every connection is reset, on both sides, and nobody gets through until mend(). Returns how many there were."""
        self.open = False
        return self._in_loop(self._cut())

    def mend(self):
        self.open = True

    def _in_loop(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _open(self):
        self._server = await asyncio.start_server(self._relay, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self):
        self._server.close()
        await self._cut()

    async def _cut(self):
        pairs, self._pairs = self._pairs, set()
        for writers in pairs:
            for writer in writers:
                self._reset(writer)
        return len(pairs)

    @staticmethod
    def _reset(writer):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()

    async def _relay(self, client_reader, client):
        if not self.open:
            self._reset(client)
            return
        try:
            server_reader, server = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            client.transport.abort()
            return
        pair = (client, server)
        self._pairs.add(pair)
        await asyncio.gather(self._pipe(client_reader, server), self._pipe(server_reader, client))
        self._pairs.discard(pair)

    @staticmethod
    async def _pipe(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()
