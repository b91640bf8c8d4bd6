"""Gajim, on a screen that nobody sees, talks with somebody at slixmpp: login, both ways, a cut connection, history from
the archive on another device. It is driven over D-Bus, and what it has is read from its own history; what it shows is
kept as screenshots in build/test-artifacts, for people to look at.
"""
import asyncio
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from cases import Failed, want
from people import ANSWER_SECONDS, PASSWORD, Person, play
from relay import Relay

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
from server import ROOT  # noqa: E402

ARTIFACTS = ROOT / "build/test-artifacts"
# Gajim refuses to run as root.
NOBODY = 65534


class Desktop:
    """Ann at Gajim, on a device of its own: a screen, a session bus, a home folder. The certificate of her server is the
    only one of its own that it trusts."""

    def __init__(self, server, port, name):
        self.name, self.stack = name, contextlib.ExitStack()
        self.home = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="iris-gajim-")))
        for folder in ("data/gajim/cert_store", "config/gajim", "cache", "run"):
            (self.home / folder).mkdir(mode=0o700, parents=True)
        shutil.copy(server.certificate, self.home / "data/gajim/cert_store/server")
        self._write_settings(self.home / "config/gajim/settings.sqlite", port)
        self.environment = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.home), "NO_AT_BRIDGE": "1",
            "XDG_DATA_HOME": str(self.home / "data"), "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_CACHE_HOME": str(self.home / "cache"), "XDG_RUNTIME_DIR": str(self.home / "run"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.home}/bus"}

    @staticmethod
    def _write_settings(file, port):
        account = {"name": "ann", "hostname": "localhost", "password": PASSWORD, "savepass": True, "resource": "gajim",
                   "use_custom_host": True, "custom_host": "127.0.0.1", "custom_port": port, "custom_type": "START TLS",
                   "account_label": "ann", "active": True, "autoconnect": True}
        app = {"remote_control": True, "use_keyring": False, "check_for_update": False, "ask_online_status": False,
               "plugins_update_check": False, "is_window_visible": True}
        with contextlib.closing(sqlite3.connect(file)) as database:
            database.executescript("CREATE TABLE settings (name TEXT UNIQUE, settings TEXT);"
                                   "CREATE TABLE account_settings (account TEXT UNIQUE, settings TEXT);"
                                   "PRAGMA user_version=5;")
            for name in ("soundevents", "status_presets", "proxies", "plugins"):
                database.execute("INSERT INTO settings VALUES (?, '{}')", (name,))
            database.execute("INSERT INTO settings VALUES ('app', ?)", (json.dumps(app),))
            chats = [{"account": "ann", "jid": "ben@localhost", "type": "contact", "pinned": False, "position": -1}]
            workspaces = {"one": {"name": "One", "color": "", "avatar_sha": "", "chats": chats}}
            database.execute("INSERT INTO settings VALUES ('workspaces', ?)", (json.dumps(workspaces),))
            database.execute("INSERT INTO account_settings VALUES ('ann', ?)",
                             (json.dumps({"account": account, "contact": {}, "group_chat": {}}),))
            database.commit()

    def __enter__(self):
        reading, writing = os.pipe()
        self._start("Xvfb", "-displayfd", str(writing), "-screen", "0", "1200x800x24", "-nolisten", "tcp", "-noreset",
                    pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as said:
            self.environment["DISPLAY"] = f":{said.readline().strip()}"
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", str(NOBODY), self.home], check=True)
        self._start(*self._as_nobody(), "dbus-daemon", "--session", "--nofork", "--nopidfile",
                    f"--address={self.environment['DBUS_SESSION_BUS_ADDRESS']}")
        while not (self.home / "bus").exists():
            time.sleep(0.01)
        self.log = open(ARTIFACTS / f"gajim-{self.name}.log", "wb")
        self._start(*self._as_nobody(), "gajim", "-v", stdout=self.log, stderr=self.log)
        return self

    def __exit__(self, kind, error, trace):
        self.screenshot("end")
        self.stack.close()
        self.log.close()

    @staticmethod
    def _as_nobody():
        return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups") if os.getuid() == 0 else ()

    def _start(self, *command, **more):
        process = subprocess.Popen(command, env=self.environment, **({"stderr": subprocess.DEVNULL} | more))
        self.stack.callback(process.wait)
        self.stack.callback(process.terminate)

    def screenshot(self, moment):
        subprocess.run(["import", "-window", "root", ARTIFACTS / f"gajim-{self.name}-{moment}.png"], env=self.environment)

    def open_chat(self):
        """A click on the only line of its list of chats."""
        subprocess.run(["xdotool", "mousemove", "235", "172", "click", "1"], env=self.environment, check=True)

    def call(self, method, *arguments):
        """Its remote control's answer; '' if it does not answer."""
        command = [*self._as_nobody(), "dbus-send", "--session", "--print-reply=literal", "--dest=org.gajim.Gajim",
                   "/org/gajim/dbus/RemoteObject", f"org.gajim.dbus.RemoteInterface.{method}",
                   *(f"string:{argument}" for argument in arguments)]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True).stdout.strip()

    def say(self, to, text):
        want("true" in self.call("send_chat_message", to, text, "ann"), "Gajim does not send")

    def history(self):
        """Texts of all messages that it has, in its own order."""
        files = list((self.home / "data").rglob("logs.db"))
        if not files:
            return []
        with contextlib.closing(sqlite3.connect(f"file:{files[0]}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT message FROM logs WHERE message IS NOT NULL ORDER BY time, log_line_id")
            return [row[0] for row in rows]

    async def until(self, met, what):
        """It tells nobody that something has changed, so it is looked at."""
        over = time.monotonic() + ANSWER_SECONDS
        while not met():
            if time.monotonic() > over:
                self.screenshot("failed")
                raise Failed(f"not so: {what}; history: {self.history()}")
            await asyncio.sleep(0.2)

    async def online(self):
        await self.until(lambda: "online" in self.call("get_status", "ann"), "Gajim is online")


async def converse(server):
    server.add_account("ann", PASSWORD)
    server.add_account("ben", PASSWORD)
    ben = await Person(server, "starttls", "ben").log_in()
    with Relay(server.plain_port) as relay:
        with Desktop(server, relay.port, "first") as ann:
            await ann.online()
            ann.open_chat()
            said = ["Hello from Gajim"]
            ann.say("ben@localhost", said[0])
            await ben.wait_text(said[0])
            said.append("Hello Gajim – 🐎 & <b>")
            ben.say("ann@localhost", said[1])
            await ann.until(lambda: ann.history() == said, "both messages are in its history")
            ann.screenshot("talk")
            print("ok    log in, send, receive", flush=True)

            want(relay.cut() >= 1, "Gajim has no connection")
            said.append("Said into a gap")
            ben.say("ann@localhost", said[2])
            await ann.until(lambda: "online" not in ann.call("get_status", "ann"), "it notices the cut")
            ann.screenshot("cut")
            relay.mend()
            await ann.until(lambda: said[2] in ann.history(), "what was said into the gap comes")
            said.append("Back again")
            await ann.online()
            ann.say("ben@localhost", said[3])
            await ben.wait_text(said[3])
            await ann.until(lambda: ann.history() == said, "its history is whole, without doubles")
            ann.screenshot("back")
            print("ok    a cut connection, nothing lost, nothing twice", flush=True)
            ann.call("change_status", "offline", "", "ann")
            await ann.until(lambda: "offline" in ann.call("get_status", "ann"), "it logs out")
        said.append("Said while you were away")
        ben.say("ann@localhost", said[4])
        with Desktop(server, relay.port, "second") as ann:
            await ann.online()
            await ann.until(lambda: ann.history() == said, "the whole history comes from the archive")
            ann.open_chat()
            ann.screenshot("history")
            print("ok    a new device has the history from the archive", flush=True)
            ann.call("change_status", "offline", "", "ann")
    await ben.log_out()
    want(ben.texts() == [said[0], said[3]], f"arrived at the other side: {ben.texts()}")


if __name__ == "__main__":
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    sys.exit(play(converse))
