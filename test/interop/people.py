"""A person at a client for the conversation tests: slixmpp, with what has arrived kept in the order of arrival."""
import asyncio
import os
import pathlib
import sys

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from cases import Failed, want

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
from server import Server  # noqa: E402

PASSWORD = "Pa55 wörd, with = signs"
# An answer that takes longer than this is none. Generous: the machine may be busy compiling.
ANSWER_SECONDS = int(os.environ.get("IRIS_ANSWER_SECONDS", "30"))
PLUGINS = ("xep_0030", "xep_0059", "xep_0077", "xep_0198", "xep_0199", "xep_0203", "xep_0280", "xep_0313",
           "xep_0334", "xep_0359")


def play(converse):
    """Runs converse(server) with a server of its own, whose folder is kept if that fails. The exit code."""
    with Server("--no-limits") as server:
        try:
            asyncio.run(converse(server))
        except Failed as error:
            print(f"FAIL  {error}")
            server.keep()
            return 1
    return 0


class Person(slixmpp.ClientXMPP):
    """One client of `user`. `security` is starttls or tls; the server's certificate is verified against its own."""

    def __init__(self, server, security, user, resource="desk", password=PASSWORD, mechanism=None):
        super().__init__(f"{user}@localhost/{resource}", password, sasl_mech=mechanism)
        self.home, self.security = server, security
        self.ca_certs = pathlib.Path(server.certificate)
        self.enable_starttls = security == "starttls"
        self.enable_direct_tls = security == "tls"
        self.enable_plaintext = False
        self.auto_authorize = self.auto_subscribe = None  # people decide themselves
        for plugin in PLUGINS:
            self.register_plugin(plugin)
        self.plugin["xep_0199"].keepalive = False
        self.messages, self.presences, self.happened, self.acked = [], [], [], []
        self.copies = []  # (received or sent, the message) as slixmpp's own plugin tells of them
        self._bodies = []  # of self.messages; slixmpp takes its time to find one
        self.times = {}  # of archived messages, by archive id
        self._news = asyncio.Event()
        for event in ("session_start", "failed_auth", "disconnected", "session_resumed", "sm_enabled", "sm_failed",
                      "no_auth", "ssl_invalid_chain", "connection_failed", "roster_update"):
            self.add_event_handler(event, lambda _, name=event: self._note(self.happened, name))
        self.add_event_handler("stanza_acked", lambda stanza: self._note(self.acked, stanza["id"]))
        for kind in ("received", "sent"):
            self.add_event_handler(f"carbon_{kind}", lambda copy, kind=kind:
                                   self._note(self.copies, (kind, copy[f"carbon_{kind}"])))
        self.register_handler(Callback("kept message", MatchXPath("{jabber:client}message"), self._keep_message))
        self.register_handler(Callback("kept presence", MatchXPath("{jabber:client}presence"),
                                       lambda stanza: self._note(self.presences, stanza)))

    def _note(self, heap, what):
        heap.append(what)
        self._news.set()

    def _keep_message(self, message):
        self._bodies.append(message["body"])
        self._note(self.messages, message)

    def forget(self):
        """Nothing has arrived yet."""
        for heap in (self.messages, self._bodies, self.presences, self.copies):
            heap.clear()

    # --- connection

    def dial(self):
        self.connect("127.0.0.1", self.home.tls_port if self.security == "tls" else self.home.plain_port)

    async def log_in(self, presence=True):
        self.dial()
        await self.wait(lambda: "session_start" in self.happened, "login",
                        unless=lambda: {"failed_auth", "no_auth", "ssl_invalid_chain"} & set(self.happened))
        if presence:
            await self.appear()
        return self

    async def appear(self):
        """Asks for the roster, so that pushes come (RFC 6121 §2.2), and sends initial presence; done when the server
        reflects it (§4.2.2)."""
        await self.get_roster(timeout=ANSWER_SECONDS)
        self.send_presence()
        await self.wait(lambda: any(p["from"] == self.boundjid and p["type"] == "available" for p in self.presences),
                        "the own presence")

    async def log_out(self):
        if not self.is_connected():
            return
        self.happened.clear()
        # Without a last ack the server has to keep for later what it cannot know to have arrived (XEP-0198 §4).
        self.plugin["xep_0198"].send_ack()
        self.disconnect()
        await self.wait(lambda: "disconnected" in self.happened, "the end of the stream")

    async def cut(self):
        """The connection is gone, without a word to the server."""
        self.happened.clear()
        self.transport.abort()
        await self.wait(lambda: "disconnected" in self.happened, "the connection to be gone")

    async def come_back(self):
        self.dial()
        await self.wait(lambda: "session_resumed" in self.happened, "resumption",
                        unless=lambda: {"sm_failed", "session_start"} & set(self.happened))

    # --- waiting

    async def wait(self, met, what, unless=lambda: False):
        """Until met() is true. Looked at again whenever something arrives."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while not met():
                    want(not unless(), f"{self.jid_text()}: waited for {what}, and saw {self.happened}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise Failed(f"{self.jid_text()}: {what} did not come in {ANSWER_SECONDS} s") from None

    def jid_text(self):
        return str(self.boundjid)

    async def wait_text(self, text):
        """The message with this body, which must arrive."""
        await self.wait(lambda: self.count(text) > 0, f"message '{text}'")
        return next(message for message in self.messages if message["body"] == text)

    async def wait_copy(self, text):
        """The carbon copy (XEP-0280) of the message with this body: received or sent, and the message."""
        def found():
            return [(kind, message) for kind, message in self.copies if message["body"] == text]
        await self.wait(found, f"a copy of '{text}'")
        return found()[0]

    def count(self, text):
        return self._bodies.count(text)

    def texts(self):
        return [body for body in self._bodies if body]

    async def wait_presence(self, sender, kind):
        await self.wait(lambda: any(p["from"].bare == sender and p["type"] == kind for p in self.presences),
                        f"presence '{kind}' from {sender}")
        return next(p for p in self.presences if p["from"].bare == sender and p["type"] == kind)

    async def wait_item(self, jid, subscription):
        """Until the roster, as pushed by the server, shows this state."""
        def state():
            item = self.client_roster[jid]
            known = {(True, True): "both", (True, False): "to", (False, True): "from"}
            return known.get((item["to"], item["from"]), "none")
        await self.wait(lambda: state() == subscription, f"roster item {jid} as '{subscription}'")

    # --- speaking

    def say(self, to, text, hints=()):
        """Sends a chat message with an origin-id (XEP-0359), and returns it."""
        message = self.make_message(mto=to, mbody=text, mtype="chat")
        message["origin_id"]["id"] = message["id"]
        for hint in hints:
            message.enable(hint)
        message.send()
        return message

    async def ask(self, iq):
        """The answer to an IQ, an error being one."""
        try:
            return await iq.send(timeout=ANSWER_SECONDS)
        except slixmpp.exceptions.IqError as error:
            return error.iq
        except slixmpp.exceptions.IqTimeout:
            raise Failed(f"no answer to {iq}") from None

    async def archive(self, form=None, **rsm):
        """One page of the own archive: a list of (id, message), and the <fin/>. `before=True` is the newest page."""
        iq = self.make_iq_set()
        iq["mam"]["queryid"] = iq["id"]
        for name, value in (form or {}).items():
            iq["mam"][name] = value
        for name, value in rsm.items():
            iq["mam"]["rsm"][name] = str(value) if isinstance(value, int) and value is not True else value
        before = len(self.messages)  # slixmpp takes its time to look into each
        answer = await self.ask(iq)
        want(answer["type"] == "result", f"an archive query is answered by {answer}")
        results = [m["mam_result"] for m in self.messages[before:] if m["mam_result"]["queryid"] == iq["id"]]
        for result in results:
            want(result["forwarded"]["delay"]["stamp"], "an archived message without its time")
            self.times[result["id"]] = result["forwarded"]["delay"]["stamp"]
        return [(result["id"], result["forwarded"]["stanza"]) for result in results], answer["mam_fin"]


def stanza_id(message, by):
    """The stanza-id that `by` gave the message (XEP-0359); '' if there is none."""
    found = [item.get("id") for item in message.xml.findall("{urn:xmpp:sid:0}stanza-id") if item.get("by") == str(by)]
    want(len(found) <= 1, f"{len(found)} stanza-ids by {by}")
    return found[0] if found else ""
