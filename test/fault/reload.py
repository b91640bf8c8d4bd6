"""SIGHUP while people send at full speed: nobody is cut, nothing is lost, and what comes new sees what is new.

Each round puts a new certificate in place, or a new limit, or a file that is wrong. A good one is taken: new TLS
handshakes (STARTTLS, direct TLS, HTTPS) show the new certificate, new streams the new limit. A wrong one is refused
whole, with file and line in the log, and what was there stays in use.
"""
import asyncio
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile

import crash
from crash import PASSWORD, Failed
from graceful_stop import Person
from server import CTL
from xmpp_client import Stream, StreamClosed

ANSWER_SECONDS = 30
IRISD = pathlib.Path(CTL).with_name("irisd")
TAKEN, REFUSED = "configuration and certificate read again", "configuration not taken"


class Reloads:
    def __init__(self, server, rng):
        self.server, self.rng = server, rng
        self.file = server.data / "iris.toml"
        self.good = self.file.read_text()
        self.certificate = self.own_certificate()
        self.stanza_max = 262144

    def own_certificate(self):
        return ssl.PEM_cert_to_DER_cert((self.server.data / "tls/cert.pem").read_text())

    async def hup(self, wanted):
        """Sends SIGHUP and waits for the line in the log that says how it went; returns the lines since."""
        before = len(self.server.log())
        os.kill(self.server.pid(), signal.SIGHUP)
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                lines = self.server.log()[before:]
                if TAKEN in lines or REFUSED in lines:
                    break
                await asyncio.sleep(0.02)
        if wanted not in lines:
            raise Failed(f"not '{wanted}' but: {lines[-600:]}")
        return lines

    def new_certificate(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([IRISD, "init", "--data", folder, "--base-port", "20000"], check=True,
                           stdout=subprocess.DEVNULL)
            for name in ("key.pem", "cert.pem"):
                os.replace(pathlib.Path(folder) / "tls" / name, self.server.data / "tls" / name)
        if self.own_certificate() == self.certificate:
            raise Failed("the new certificate is the old one")
        self.certificate = self.own_certificate()

    async def shown(self):
        """The certificate on each address with TLS."""
        blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
        seen = {}
        for name, port in (("direct TLS", self.server.tls_port), ("HTTPS", self.server.base + 4)):
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=blind)
            seen[name] = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.transport.abort()
        stream = Stream("127.0.0.1", self.server.plain_port)
        await stream.connect()
        stream.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        await stream.read()
        await stream.writer.start_tls(blind)
        seen["STARTTLS"] = stream.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        stream.abort()
        return seen

    async def expect_certificate(self):
        for name, certificate in (await self.shown()).items():
            if certificate != self.certificate:
                raise Failed(f"{name} does not show the certificate that is due")

    async def expect_limit(self):
        """A new stream takes a stanza just below the limit, and none above."""
        for size, taken in ((self.stanza_max - 1000, True), (self.stanza_max + 1000, False)):
            stream = Stream("127.0.0.1", self.server.plain_port)
            await stream.connect_and_bind("judge", PASSWORD, "bench")
            stream.write(f"<iq type='get' id='big' to='localhost'><ping xmlns='urn:xmpp:ping'/><x>{'x' * size}</x></iq>")
            try:
                await stream.read_until(lambda e: e.get("id") == "big")
                got = True
            except StreamClosed as end:
                if end.condition != "policy-violation":
                    raise Failed(f"a large stanza ends the stream with {end.condition}") from None
                got = False
            stream.abort()
            if got != taken:
                raise Failed(f"a stanza of {size} bytes is {'taken' if got else 'refused'} under {self.stanza_max}")

    # --- the kinds of rounds

    async def certificate_changes(self):
        self.new_certificate()
        await self.hup(TAKEN)

    async def limit_changes(self):
        self.stanza_max = self.rng.randrange(20_000, 60_000)
        self.good = "".join(line for line in self.good.splitlines(True) if not line.startswith("stanza = "))
        self.good = self.good.replace("[limits]\n", f'[limits]\nstanza = "{self.stanza_max}B"\n')
        self.file.write_text(self.good)
        lines = await self.hup(TAKEN)
        if "limits.stanza" not in lines:
            raise Failed(f"the log does not name the key that changed: {lines}")

    async def what_waits_is_named(self):
        with_more = self.good.replace("[server]\n", "[server]\nloops = 1\n")
        self.file.write_text(with_more)
        lines = await self.hup(TAKEN)
        self.file.write_text(self.good)
        if "keys wait for a restart" not in lines or "server.loops" not in lines:
            raise Failed(f"the log does not name the key that waits: {lines}")

    async def bad_value(self):
        bad = self.good.replace("[limits]\n", '[limits]\ndepth = "much"\n')
        self.file.write_text(bad)
        lines = await self.hup(REFUSED)
        self.file.write_text(self.good)
        place = f"iris.toml:{bad[:bad.index('depth = ')].count(chr(10)) + 1}:"
        if place not in lines or "limits.depth must be" not in lines:
            raise Failed(f"the log does not say {place} {lines}")

    async def no_toml(self):
        self.file.write_text(self.good + "\n[limits\n")
        lines = await self.hup(REFUSED)
        self.file.write_text(self.good)
        if "iris.toml:" not in lines:
            raise Failed(f"the log does not say where: {lines}")

    async def bad_certificate(self):
        place = self.server.data / "tls/cert.pem"
        text = place.read_text()
        place.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n")
        lines = await self.hup(REFUSED)
        place.write_text(text)
        if "cert.pem" not in lines:
            raise Failed(f"the log does not name the file: {lines}")

    KINDS = (certificate_changes, limit_changes, bad_value, certificate_changes, bad_certificate, what_waits_is_named,
             no_toml, limit_changes)


async def rounds(server, people, count, rng):
    tasks = [asyncio.create_task(person.live()) for person in people]
    reloads, problems = Reloads(server, rng), []
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            while not all(person.reading for person in people):
                await asyncio.sleep(0.02)
        for number in range(count):
            kind = reloads.KINDS[number % len(reloads.KINDS)]
            before = sum(sent.acked for person in people for sent in person.evidence.sent)
            await kind(reloads)
            await reloads.expect_certificate()
            await reloads.expect_limit()
            acked = sum(sent.acked for person in people for sent in person.evidence.sent) - before
            print(f"round {number + 1:2}: {kind.__name__}, {acked} acknowledged meanwhile", flush=True)
        await crash.settle(people)
        for person in people:
            problems += [f"{person.jid}'s connection ended: {why}" for why in person.told]
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return problems


if __name__ == "__main__":
    sys.exit(crash.command(__doc__, "reload", rounds, "reloads", 16, kind=Person, others=("judge",)))
