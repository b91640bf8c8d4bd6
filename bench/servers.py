"""The servers that are measured: each started on a fresh folder, with accounts u0, u1, … that share one password and one
salt, so that neither the import nor the generator derives keys a hundred thousand times."""
import base64
import hashlib
import hmac
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSWORD, SALT, ITERATIONS = "pw", b"iris-bench-salt!", 4096


def scram_keys():
    salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT, ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(client).digest(), hmac.digest(salted, b"Server Key", "sha256")


def wait_for_port(port, process, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode} before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nobody listens on port {port} after {seconds} s")


def free_base_port(first=24100):
    """The first of five ports that nobody uses, below those that connections are given."""
    for base in range(first, 30000, 10):
        try:
            for port in range(base, base + 5):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
    raise RuntimeError("no free ports from 24100 to 30000")


def end(process, seconds=60):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def certificate(folder):
    (folder / "tls").mkdir(parents=True, exist_ok=True)
    key, cert = folder / "tls/key.pem", folder / "tls/cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    return key, cert


def debian_version(package):
    found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return found.stdout or "?"


def raise_file_limit():
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (400000, 400000))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Server:
    """A server on `folder`, which is emptied, and on the ports from `base`: tcp and starttls on the first, tls on the next,
    WebSocket on the third."""
    package = None
    websocket_path = "/ws"

    def __init__(self, folder, base):
        self.folder, self.base, self.process = pathlib.Path(folder), base, None

    def port(self, transport):
        return self.base + {"tcp": 0, "starttls": 0, "tls": 1, "ws": 2, "wss": 4}[transport]

    def version(self):
        return debian_version(self.package)

    def start(self, accounts):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        self.launch(accounts)

    def stop(self):
        if self.process:
            end(self.process)

    def pids(self):
        return [self.process.pid]

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def spawn(self, command, **options):
        log = open(self.folder / "server.log", "ab")
        return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                                preexec_fn=raise_file_limit, **options)


class Iris(Server):
    name, title = "iris", "Iris"
    settings = "archive and log in one RocksDB, synced to disk before a message is acknowledged"

    def version(self):
        found = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
        return found.stdout.strip() or "?"

    def launch(self, accounts):
        binaries = pathlib.Path(os.environ.get("IRIS_BINARIES", ROOT / "build/release"))
        subprocess.run([binaries / "irisd", "init", "--data", self.folder, "--base-port", str(self.base), "--no-limits",
                        "--allow-plaintext"], check=True, capture_output=True)
        self.binaries = binaries
        self.boot()
        stored, server = scram_keys()
        keys = ",".join(base64.b64encode(part).decode() for part in (SALT, stored, server))
        table = self.folder / "accounts.csv"
        with table.open("w") as out:
            for i in range(accounts):
                out.write(f"u{i}@localhost,SCRAM-SHA-256,{ITERATIONS},{keys}\n")
        subprocess.run([binaries / "irisctl", "--data", self.folder, "account", "import", table], check=True,
                       capture_output=True)
        # Memory that the import has left free must not hide what sessions need.
        self.restart()

    def boot(self):
        self.process = self.spawn([self.binaries / "irisd", "--config", self.folder / "iris.toml"])
        wait_for_port(self.base, self.process, 60)

    def restart(self):
        """Seconds from the start until it serves everybody."""
        end(self.process)
        began = time.monotonic()
        self.boot()
        while time.monotonic() < began + 120:
            try:
                if urllib.request.urlopen(f"http://127.0.0.1:{self.base + 3}/readyz", timeout=5).status == 200:
                    return time.monotonic() - began
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("not ready 120 s after a restart")


class Prosody(Server):
    name, title, package = "prosody", "Prosody", "prosody"
    settings = "internal storage, which does not sync; epoll backend"
    websocket_path = "/xmpp-websocket"

    def launch(self, accounts):
        key, cert = certificate(self.folder)
        data = self.folder / "data/localhost/accounts"
        data.mkdir(parents=True)
        stored, server = scram_keys()
        account = (f'return {{\n\t["iteration_count"] = {ITERATIONS};\n\t["salt"] = "{SALT.decode()}";\n'
                   f'\t["stored_key"] = "{stored.hex()}";\n\t["server_key"] = "{server.hex()}";\n}};\n')
        for i in range(accounts):
            (data / f"u{i}.dat").write_text(account)
        (self.folder / "prosody.cfg.lua").write_text(PROSODY.format(
            folder=self.folder, tcp=self.base, tls=self.base + 1, http=self.base + 2, https=self.base + 4, key=key, cert=cert))
        self.process = self.spawn(["prosody", "-F", "--config", self.folder / "prosody.cfg.lua"])
        wait_for_port(self.base, self.process, 60)


class Ejabberd(Server):
    name, title, package = "ejabberd", "ejabberd", "ejabberd"
    settings = "Mnesia, also for the archive; it does not sync"
    mam = ""

    def launch(self, accounts):
        key, cert = certificate(self.folder)
        (self.folder / "tls/both.pem").write_text(key.read_text() + cert.read_text())
        (self.folder / "log").mkdir()
        (self.folder / "ejabberd.yml").write_text(EJABBERD.format(
            folder=self.folder, tcp=self.base, tls=self.base + 1, http=self.base + 2, mam=self.mam.format(folder=self.folder)))
        (self.folder / "ejabberdctl.cfg").write_text(
            'ERL_OPTIONS="-env ERL_CRASH_DUMP_BYTES 0"\nINET_DIST_INTERFACE=127.0.0.1\nERL_EPMD_ADDRESS=127.0.0.1\n'
            f"ERL_MAX_PORTS=250000\nERL_PROCESSES=2000000\nEJABBERD_PID_PATH={self.folder}/ejabberd.pid\n"
            f"EJABBERD_CONFIG_PATH={self.folder}/ejabberd.yml\nERLANG_NODE=irisbench@localhost\n")
        # It takes ten milliseconds for each account that it imports: what it has made of them is kept, and copied.
        accounts = next((size for size in (2500, 10500, 20500) if size >= accounts), accounts)
        made = self.folder.parent / f"ejabberd-{accounts}-accounts"
        if made.exists():
            shutil.copytree(made, self.folder / "spool")
            self.run()
            return
        (self.folder / "spool").mkdir()
        self.run()
        self.register(accounts)
        self.stop()
        shutil.copytree(self.folder / "spool", made)
        self.run()

    def run(self):
        subprocess.run(["chown", "-R", "ejabberd:ejabberd", self.folder], check=True)
        self.process = self.spawn(self.command("foreground"))
        wait_for_port(self.base, self.process, 120)

    def command(self, *words):
        inner = (f"cd {self.folder}/spool; ulimit -n $(ulimit -Hn); HOME={self.folder}/spool exec ejabberdctl "
                 f"--config-dir {self.folder} --spool {self.folder}/spool --logs {self.folder}/log \"$@\"")
        return ["su", "ejabberd", "-s", "/bin/bash", "-c", inner, "--", "x", *map(str, words)]

    def register(self, accounts):
        table = self.folder / "accounts.xml"
        with table.open("w") as out:
            out.write("<?xml version='1.0' encoding='UTF-8'?>\n<server-data xmlns='urn:xmpp:pie:0'><host jid='localhost'>\n")
            for i in range(accounts):
                out.write(f"<user name='u{i}' password='{PASSWORD}'/>\n")
            out.write("</host></server-data>\n")
        subprocess.run(self.command("--no-timeout", "import_piefxis", table), check=True, capture_output=True)

    def pids(self):
        # The process is `su`; what it started counts with it, and epmd, which is no part of the server, costs nothing.
        return [self.process.pid]

    def stop(self):
        if self.process and self.process.poll() is None:
            subprocess.run(self.command("stop"), capture_output=True)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                pass
        super().stop()


class EjabberdSql(Ejabberd):
    name, title = "ejabberd-sql", "ejabberd with its archive on SQLite"
    settings = "Mnesia, the archive on SQLite"
    mam = "db_type: sql"


SERVERS = {server.name: server for server in (Iris, Ejabberd, EjabberdSql, Prosody)}

PROSODY = """
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
run_as_root = true
plugin_paths = {{}}
network_backend = "epoll"
network_settings = {{ tcp_backlog = 4096 }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {tcp} }}; c2s_direct_tls_ports = {{ {tls} }}; s2s_ports = {{}}; s2s_direct_tls_ports = {{}}
http_ports = {{ {http} }}; https_ports = {{ {https} }}
modules_enabled = {{
 "roster", "saslauth", "tls", "disco", "carbons", "pep", "private", "blocklist", "vcard4", "vcard_legacy", "version",
 "uptime", "time", "ping", "mam", "csi", "csi_simple", "smacks", "offline", "lastactivity", "websocket", "posix",
}}
modules_disabled = {{ "s2s" }}
allow_registration = false
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_hashed"
password_hash = "SHA-256"
storage = "internal"
archive_expires_after = "never"
default_archive_policy = true
max_archive_query_results = 250
-- A queue of this size is laid out for each session, so not larger than needed.
smacks_max_queue_size = 2500
smacks_hibernation_time = 600
consider_websocket_secure = true
certificates = "{folder}/tls"
ssl = {{ key = "{key}"; certificate = "{cert}" }}
log = {{ warn = "{folder}/prosody.log" }}
VirtualHost "localhost"
"""

EJABBERD = """
loglevel: warning
log_rotate_count: 0
hosts: [localhost]
certfiles: ["{folder}/tls/both.pem"]
listen:
  - {{port: {tcp}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, access: c2s, starttls: true, backlog: 4096}}
  - {{port: {tls}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, access: c2s, tls: true, backlog: 4096}}
  - {{port: {http}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/ws: ejabberd_http_ws}}}}
auth_password_format: scram
auth_scram_hash: sha256
acl: {{local: {{user_regexp: ""}}}}
access_rules: {{local: {{allow: local}}, c2s: {{allow: all}}}}
api_permissions: {{"console commands": {{from: [ejabberd_ctl], who: all, what: "*"}}}}
shaper_rules: {{max_user_sessions: 1000, max_user_offline_messages: 10000000}}
max_fsm_queue: 1000000
sql_type: sqlite
modules:
  mod_blocking: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_client_state: {{}}
  mod_disco: {{}}
  mod_last: {{}}
  mod_mam: {{default: always, assume_mam_usage: true, {mam}}}
  mod_offline: {{access_max_user_messages: max_user_offline_messages}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  mod_pubsub: {{plugins: [flat, pep]}}
  mod_roster: {{versioning: true}}
  mod_stream_mgmt: {{resend_on_timeout: if_offline, max_ack_queue: 1000000, resume_timeout: 600, max_resume_timeout: 600}}
  mod_vcard: {{search: false}}
  mod_version: {{}}
"""
