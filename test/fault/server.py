"""A server of its own for a test: `./dev up` on free ports and a new folder, `./dev down` at the end."""
import contextlib
import os
import pathlib
import random
import select
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Another program with the same commands may stand in, to try a test on another server.
DEV = os.environ.get("IRIS_DEV", str(ROOT / "dev"))
CTL = os.environ.get("IRIS_CTL", str(ROOT / "build/release/irisctl"))


def free_port_base(count=5):
    """A port with `count` free ones from it on. Below the range from which the kernel takes ports of connections."""
    for _ in range(1000):
        base = random.SystemRandom().randrange(20000, 32000 - count)
        with contextlib.ExitStack() as stack:
            try:
                for port in range(base, base + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return base
    raise RuntimeError("no free ports")


class Server:
    """Runs one server. Use it in a `with` statement: the server is stopped at the end, and its folder removed
    unless the test failed."""

    def __init__(self, *options, within=()):
        self.options, self.within = options, within  # `within`: a command that runs what follows it
        self.kept = False
        self.base = free_port_base()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="iris-test-"))
        self.data = self.folder / "server"

    plain_port = property(lambda self: self.base)
    tls_port = property(lambda self: self.base + 1)
    http_port = property(lambda self: self.base + 2)
    health_port = property(lambda self: self.base + 3)
    https_port = property(lambda self: self.base + 4)
    certificate = property(lambda self: str(self.data / "tls/cert.pem"))

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, kind, error, trace):
        try:
            subprocess.run([DEV, "down", str(self.data)], check=kind is None, stdout=subprocess.DEVNULL)
        finally:
            if kind is not None or self.kept:
                print(f"the server's folder is kept: {self.folder}", flush=True)
            else:
                subprocess.run(["rm", "-rf", str(self.folder)], check=True)

    def keep(self):
        """The test failed: the server's folder shall stay, to look into."""
        self.kept = True

    def up(self, seconds_max=120):
        again = (self.data / "iris.toml").exists()
        options = () if again else self.options
        # Its output goes to a file: a pipe would stay open as long as the server that was started.
        with open(self.folder / "up.log", "ab") as log:
            command = [*self.within, DEV, "up", str(self.data), str(self.base), *options]
            starting = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            code = starting.wait(seconds_max)
        except subprocess.TimeoutExpired:
            os.killpg(starting.pid, signal.SIGKILL)
            code = starting.wait()
        if code != 0:
            raise RuntimeError("the server did not start:\n" + (self.folder / "up.log").read_text()[-4000:])

    def pid(self):
        return int((self.data / "irisd.pid").read_text())

    def kill(self, seconds_max=30):
        """`kill -9`, and waits until the process is gone: only then are its locks and ports free."""
        self.end(signal.SIGKILL, seconds_max)

    def stop(self, seconds_max=60, impatient=False):
        """SIGTERM, and waits; impatient: again and again. Returns the seconds that it took."""
        began = time.monotonic()
        self.end(signal.SIGTERM, seconds_max, impatient)
        return time.monotonic() - began

    def end(self, number, seconds_max, impatient=False):
        process = os.pidfd_open(self.pid())
        try:
            signal.pidfd_send_signal(process, number)
            for _ in range(100 if impatient else 0):
                if select.select([process], [], [], 0.01)[0]:
                    return
                signal.pidfd_send_signal(process, number)
            ended, _, _ = select.select([process], [], [], seconds_max)
            if not ended:
                raise RuntimeError(f"the server survives {signal.Signals(number).name} for {seconds_max} s")
        finally:
            os.close(process)

    def log(self):
        return (self.data / "irisd.log").read_text(errors="replace")

    def configure(self, table, text):
        """Puts lines into a table of its configuration, which need not be there, and starts it again."""
        file = self.data / "iris.toml"
        before, heading, after = file.read_text().partition(f"[{table}]\n")
        new = f"\n[{table}]\n"
        file.write_text(f"{before}{heading or new}{text}\n{after}")
        subprocess.run([DEV, "down", str(self.data)], check=True, stdout=subprocess.DEVNULL)
        self.up()

    def add_account(self, user, password):
        subprocess.run([CTL, "--data", str(self.data), "account", "add", f"{user}@localhost", "--password", password],
                       check=True, stdout=subprocess.DEVNULL)
