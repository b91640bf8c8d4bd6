#!/usr/bin/env python3
"""Tests ./dev itself in a copy of it: help, the runner of steps, and up and down with a stand-in for irisd."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Takes irisd's command line, answers /readyz, and ends on SIGTERM. Fails at once on the domain "broken".
IRISD = r'''#!/usr/bin/env python3
import http.server, os, sys
arguments = sys.argv[1:]
if arguments[0] == "init":
    value = lambda name: arguments[arguments.index(name) + 1]
    os.makedirs(value("--data"), exist_ok=True)
    metrics = int(value("--base-port")) + 3
    open(value("--data") + "/iris.toml", "w").write(f'metrics = ["127.0.0.1:{metrics}"]\n# ' + " ".join(arguments))
else:
    path = arguments[arguments.index("--config") + 1]
    made_with = open(path).read().split()
    if "broken" in made_with:
        sys.exit("no such domain")
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/readyz" else 404)
            self.end_headers()
    port = int(made_with[made_with.index("--base-port") + 1]) + 3
    server = http.server.HTTPServer(("127.0.0.1", port), Answer)
    open(os.path.dirname(path) + "/irisd.pid", "w").write(str(os.getpid()))
    server.serve_forever()
'''


def free_base_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return min(probe.getsockname()[1], 65000)


class DevTest(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="dev_test_")
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copy(f"{ROOT}/dev", self.root)
        shutil.copytree(f"{ROOT}/tools/dev", f"{self.root}/tools/dev")
        os.makedirs(f"{self.root}/build/release")
        os.makedirs(f"{self.root}/build/web")
        os.makedirs(f"{self.root}/web")
        self.write("build/web/index.html", "")
        self.write("web/build.sh", "#!/bin/sh\n")
        self.write("build/release/irisd", IRISD)

    def write(self, path, text):
        os.makedirs(os.path.dirname(f"{self.root}/{path}"), exist_ok=True)
        with open(f"{self.root}/{path}", "w") as file:
            file.write(text)
        os.chmod(f"{self.root}/{path}", 0o755)

    def dev(self, *arguments, cwd=None, **environment):
        done = subprocess.run([f"{self.root}/dev", *arguments], cwd=cwd or self.root, capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL, env={**os.environ, **environment})
        return done.returncode, done.stdout, done.stderr

    def pid(self, folder):
        with open(f"{self.root}/{folder}/irisd.pid") as file:
            return int(file.read())

    def lives(self, pid):
        # A process that has ended may stay a while as a zombie, without a command line.
        try:
            with open(f"/proc/{pid}/cmdline") as file:
                return file.read() != ""
        except FileNotFoundError:
            return False

    # --- help

    def test_every_command_has_a_summary_and_a_page(self):
        code, overview, _ = self.dev("help")
        self.assertEqual(code, 0)
        for file in os.listdir(f"{self.root}/tools/dev/commands"):
            name = file.removesuffix(".sh")
            code, page, _ = self.dev("help", name)
            self.assertEqual(code, 0)
            self.assertIn(f"usage: ./dev {name}", page)
            self.assertEqual(page, self.dev(name, "--help")[1])
            if name != "help":
                self.assertIn(f"   {name} ", overview)

    def test_unknown_command_suggests(self):
        code, _, error = self.dev("tset")
        self.assertEqual(code, 2)
        self.assertIn("./dev test", error)

    def test_unknown_option_is_refused(self):
        for command in ("build", "up", "down", "test", "check", "run", "setup", "format", "docs"):
            code, _, error = self.dev(command, "--nonsense")
            self.assertEqual(code, 2, command)
            self.assertIn(f"./dev help {command}", error)

    # --- up and down

    def test_up_then_down(self):
        port = str(free_base_port())
        code, out, error = self.dev("up", "state", port, "--no-limits", "--registration")
        self.assertEqual(code, 0, error)
        self.assertIn(f"STARTTLS {port}", out)
        with open(f"{self.root}/state/iris.toml") as file:
            made_with = file.read()
        self.assertIn("--no-limits --registration loopback --web", made_with)
        pid = self.pid("state")
        code, _, error = self.dev("up", "state", port)
        self.assertEqual(code, 1)
        self.assertIn("already runs", error)
        self.assertEqual(self.dev("down", "state")[0], 0)
        self.assertFalse(self.lives(pid))
        code, out, _ = self.dev("down", "state")
        self.assertEqual((code, "no server runs" in out), (0, True))

    def test_up_again_after_a_kill_uses_what_is_there(self):
        port = str(free_base_port())
        self.assertEqual(self.dev("up", "state", port)[0], 0)
        os.kill(self.pid("state"), signal.SIGKILL)
        self.assertEqual(self.dev("up", "state", port)[0], 0)
        self.assertEqual(self.dev("down", "state")[0], 0)

    def test_up_refuses_another_port_than_the_one_configured(self):
        port = free_base_port()
        self.assertEqual(self.dev("up", "state", str(port))[0], 0)
        self.assertEqual(self.dev("down", "state")[0], 0)
        code, _, error = self.dev("up", "state", str(port + 1))
        self.assertEqual(code, 1)
        self.assertIn(f"base port {port}", error)

    def test_run_serves_until_it_is_told_to_stop(self):
        self.without_packages()
        port = free_base_port()
        for tool in ("cmake", "ninja"):
            self.write(f"bin/{tool}", "#!/bin/sh\n")
        run = subprocess.Popen([f"{self.root}/dev", "run", "--base-port", str(port)], cwd=self.root, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env={**os.environ, "IRIS_SKIP_PACKAGES": "1", "PATH": f"{self.root}/bin:{os.environ['PATH']}"})
        self.addCleanup(run.stdout.close)
        for line in run.stdout:
            if f"http://localhost:{port + 2}/" in line:
                break
        else:
            self.fail("no address was printed")
        server = self.pid("data")
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=60), 0)
        self.assertFalse(self.lives(server))

    def test_folder_is_relative_to_the_caller(self):
        os.makedirs(f"{self.root}/elsewhere")
        self.assertEqual(self.dev("up", "state", str(free_base_port()), cwd=f"{self.root}/elsewhere")[0], 0)
        self.assertEqual(self.dev("down", f"{self.root}/elsewhere/state")[0], 0)

    def test_down_spares_a_process_that_took_over_the_number(self):
        os.makedirs(f"{self.root}/state")
        other = subprocess.Popen(["sleep", "60"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        self.write("state/irisd.pid", str(other.pid))
        code, out, _ = self.dev("down", "state")
        self.assertEqual((code, "no server runs" in out), (0, True))
        self.assertIsNone(other.poll())

    def test_up_shows_the_log_of_a_server_that_ends(self):
        code, _, error = self.dev("up", "state", str(free_base_port()), "--domain", "broken")
        self.assertEqual(code, 1)
        self.assertIn("no such domain", error)

    def test_bad_port_is_refused(self):
        for port in ("0", "65532", "http", "-1"):
            self.assertEqual(self.dev("up", "state", port)[0], 2)

    # --- steps

    def without_packages(self):
        for name in ("build", "rust", "node", "test"):
            self.write(f"tools/packages-{name}.txt", "")
        for inputs, outcome in (("test/requirements.txt", ".deps/venv"), ("test/interop/smack/pom.xml", ".deps/smack")):
            self.write(inputs, "")
            stamp = subprocess.run(["sha256sum", inputs], cwd=self.root, capture_output=True, text=True)
            self.write(f"{outcome}/.iris-stamp", stamp.stdout)

    def run_steps(self, table, *arguments):
        self.without_packages()
        self.write("tools/steps.txt", table)
        code, out, _ = self.dev("test", *arguments, IRIS_SKIP_PACKAGES="1")
        return code, out.strip().split("\n")

    def test_steps_go_on_after_a_failure_and_are_counted(self):
        code, lines = self.run_steps("one | always | 9 | true\ntwo | always | 9 | echo seen; exit 3\n"
                                     "gone | always | 9 | test/nowhere/run.sh\nlong | full | 9 | true\n"
                                     "last | always | 9 | echo a | grep -q a\n")
        self.assertEqual(code, 1)
        self.assertEqual(lines[-1], "3 passed, 2 failed")
        self.assertTrue(any("seen" in line for line in lines))

    def test_full_adds_steps(self):
        table = "one | always | 9 | test $IRIS_FULL = 1\nlong | full | 9 | true\n"
        code, lines = self.run_steps(table, "--full")
        self.assertEqual((code, lines[-1]), (0, "3 passed, 0 failed"))
        self.assertEqual(self.run_steps(table)[0], 1)

    def test_a_step_over_its_limit_fails_with_all_it_started(self):
        code, lines = self.run_steps("slow | always | 1 | (sleep 61.25; true)\n")
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed"))
        self.assertTrue(any("over its limit" in line for line in lines))
        running = subprocess.run(["pgrep", "-f", "^sleep 61.25"], capture_output=True, text=True).stdout
        self.assertEqual(running, "")

    def test_an_interrupt_ends_the_step_too(self):
        self.without_packages()
        self.write("tools/steps.txt", "long | always | 99 | touch begun; sleep 62.75\n")
        test = subprocess.Popen([f"{self.root}/dev", "test"], cwd=self.root, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, env={**os.environ, "IRIS_SKIP_PACKAGES": "1"})
        while not os.path.exists(f"{self.root}/begun"):
            self.assertIsNone(test.poll())
        test.send_signal(signal.SIGTERM)
        self.assertEqual(test.wait(timeout=60), 130)
        while subprocess.run(["pgrep", "-f", "^sleep 62.75"], capture_output=True).returncode == 0:
            pass  # ends, or the step's limit ends this test

    def test_only(self):
        table = "one | always | 9 | true\ntwo | always | 9 | false\n"
        self.assertEqual(self.run_steps(table, "--only", "one")[1][-1], "2 passed, 0 failed")
        self.assertEqual(self.run_steps(table, "--only", "three")[0], 2)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
