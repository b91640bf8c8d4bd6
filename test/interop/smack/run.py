"""Smack's integration tests against a server of its own, over STARTTLS, with accounts registered in-band.

A test is red when it failed in each of three runs: the second and third run only what was not green before. Impossible,
never started, and lost in an abort of the framework count as failed. --whole runs all that Smack has, three times, and
prints what a README can show; it judges nothing.
"""
import argparse
import collections
import pathlib
import random
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "fault")]
from relay import Relay  # noqa: E402
from server import ROOT, Server  # noqa: E402

DEPENDENCIES = ROOT / ".deps/smack"
ARTIFACTS = ROOT / "build/test-artifacts"
RUNS = 3
# One run; what it takes here is under a minute. An answer later than REPLY_MS is none.
RUN_SECONDS_MAX = 400
REPLY_MS = 10_000
STORE_PASSWORD = "changeit"  # of a file that holds no secret

# The classes that must be green, and how many tests each has on a TCP connection, so that none can go unnoticed. Smack
# has no tests of blocking, vCards, private data, and of what is said to somebody who is cut off or away; the last four
# are ours, in its framework and with its client.
CLASSES = {
    "LoginIntegrationTest": 1, "XmppConnectionIntegrationTest": 1, "SimpleXmppConnectionIntegrationTest": 1,
    "ModularXmppClientToServerConnectionLowLevelIntegrationTest": 2, "WaitForClosingStreamElementTest": 1,
    "StreamManagementTest": 1,
    "RosterIntegrationTest": 7, "LowLevelRosterIntegrationTest": 1,
    "ChatTest": 2, "IncomingMessageListenerIntegrationTest": 1, "OutgoingMessageListenerIntegrationTest": 1,
    "ChatStateIntegrationTest": 1, "MamIntegrationTest": 2,
    "EntityCapsTest": 4, "SoftwareInfoIntegrationTest": 1, "VersionIntegrationTest": 1, "PingIntegrationTest": 2,
    "AdHocCommandIntegrationTest": 4, "FormTest": 1, "IoTControlIntegrationTest": 1, "IoTDataIntegrationTest": 1,
    "BlockingTest": 4, "VCardTest": 4, "PrivateDataTest": 1, "CatchUpTest": 2,
}

SMACK_PACKAGES = "org.jivesoftware.smackx,org.jivesoftware.smack"

LINE = re.compile(r"^(?:INFO|WARNING|SEVERE): (\w+)\.(\w+) \([^)]*\) (Start|Success|Failed|is not possible)$")
IMPOSSIBLE_CLASS = re.compile(r"^INFO: Could not run (?:\w+\.)*(\w+) because: (.*)$")


class Run:
    """What one run of the framework says in its log."""

    def __init__(self, log):
        self.verdicts = {}  # of Class.test
        self.causes = {}
        self.impossible_classes = {}
        self.finished = False
        last = None
        for line in log.splitlines():
            if match := LINE.match(line):
                last = f"{match[1]}.{match[2]}"
                self.verdicts[last] = {"Start": "lost", "Success": "passed", "Failed": "failed",
                                       "is not possible": "impossible"}[match[3]]
            elif match := IMPOSSIBLE_CLASS.match(line):
                self.impossible_classes[match[1]] = match[2]
            elif line.startswith("Caused by: ") and last:
                self.causes.setdefault(last, line[11:])
            elif " finished: " in line:
                self.finished = True
            elif "Unexpected abort" in line:
                self.causes.setdefault(last, "aborted the run")

    def passed(self):
        return {test for test, verdict in self.verdicts.items() if verdict == "passed"}

    def counts(self):
        count = collections.Counter(self.verdicts.values())
        return count["passed"], count["failed"] + count["lost"], count["impossible"]


class Smack:
    """Runs the framework against a server, and keeps its logs."""

    def __init__(self, host, folder):
        self.host, self.folder = host, folder
        self.runs = 0

    def run(self, tests):
        """Runs these, each a class or Class.test; all that Smack has if `tests` is empty."""
        self.runs += 1
        log = ARTIFACTS / f"smack-{self.runs}.log"
        settings = {
            "service": "localhost", "host": self.host, "securityMode": "required", "replyTimeout": REPLY_MS,
            "enabledConnections": "tcp", "debugger": "none", "dnsResolver": "javax",
            "testPackages": f"{SMACK_PACKAGES},iris.interop" if tests else SMACK_PACKAGES,
        }
        if tests:
            settings["enabledTests"] = ",".join(sorted(tests))
        class_path = f"{self.folder}/classes:{(DEPENDENCIES / 'classpath').read_text().strip()}"
        command = ["java", "-Xmx1g", "-Duser.language=en", f"-Djavax.net.ssl.trustStore={self.folder}/trust.p12",
                   f"-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}", "-cp", class_path,
                   *(f"-Dsinttest.{name}={value}" for name, value in settings.items()),
                   "org.igniterealtime.smack.inttest.SmackIntegrationTestFramework"]
        with open(log, "wb") as out:
            try:
                subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=RUN_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                out.write(b"\nover the time limit\n")
        run = Run(log.read_text(errors="replace"))
        end = "" if run.finished else f", and did not finish: see {log}"
        print("run %d: %d passed, %d failed, %d impossible" % (self.runs, *run.counts()) + end, flush=True)
        return run


def judge(smack):
    """Three runs at most; returns how many passed and how many are red."""
    green, causes, again = set(), {}, set(CLASSES)
    for _ in range(RUNS):
        run = smack.run(again)
        green |= run.passed()
        causes |= {test: f"{verdict}: {run.causes.get(test, '')}" for test, verdict in run.verdicts.items()}
        causes |= run.impossible_classes
        # Of a class that was whole in a run, what failed; of the others the whole class.
        again = set()
        for name, count in CLASSES.items():
            mine = {test for test in green if test.startswith(name + ".")}
            if len(mine) < count:
                failed = {test for test in run.verdicts if test.startswith(name + ".")} - green
                again |= failed if len(mine) + len(failed) == count else {name}
        if not again:
            break
    for test in sorted(again):
        print(f"RED   {test}: {causes.get(test, 'it was never started')}")
    return len(green), sum(1 if "." in test else CLASSES[test] for test in again)


def show_whole(smack):
    for _ in range(RUNS):
        run = smack.run(())
        for test, verdict in sorted(run.verdicts.items()):
            if verdict != "passed":
                print(f"      {verdict} {test}: {run.causes.get(test, '')[:200]}")
        for name, why in sorted(run.impossible_classes.items()):
            print(f"      impossible {name} (all of it): {why[:200]}")


def prepare(folder, server):
    """Our own classes, and a store with the server's certificate: that one and no other is trusted."""
    class_path = (DEPENDENCIES / "classpath").read_text().strip()
    subprocess.run(["javac", "-Xlint:all,-classfile,-processing", "-Werror", "-d", f"{folder}/classes", "-cp", class_path,
                    *map(str, HERE.glob("java/**/*.java"))], check=True)
    subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "server", "-file", server.certificate, "-keystore",
                    f"{folder}/trust.p12", "-storetype", "PKCS12", "-storepass", STORE_PASSWORD],
                   check=True, stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--whole", action="store_true", help="everything that Smack has, three times, judging nothing")
    arguments = parser.parse_args()
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    # Smack has no setting for the port. It wants 5222; so it gets that on an address of loopback which is its own.
    host = f"127.{random.randrange(1, 250)}.{random.randrange(1, 250)}.{random.randrange(1, 250)}"
    with tempfile.TemporaryDirectory() as folder, Server("--no-limits", "--registration") as server, \
            Relay(server.plain_port, host, 5222):
        prepare(folder, server)
        # One connection registers all accounts, from the first to the last, and never logs in.
        server.configure("auth", 'negotiation_timeout = "10m"\nnegotiation_max = "1MiB"')
        smack = Smack(host, folder)
        if arguments.whole:
            show_whole(smack)
            return 0
        passed, red = judge(smack)
        if red:
            server.keep()
    print(f"{passed} passed, {red} failed")
    return int(red > 0 or passed != sum(CLASSES.values()))


if __name__ == "__main__":
    sys.exit(main())
