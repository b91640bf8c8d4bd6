"""Starts a server for xmppjs.mjs, and ends with what that found."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "fault"))
from server import Server  # noqa: E402

PASSWORD = "Pferd, Batterie = Heftklammer"


def main():
    with Server("--no-limits") as server:
        for name in ("ann", "ben"):
            server.add_account(name, PASSWORD)
        environment = os.environ | {"NODE_EXTRA_CA_CERTS": server.certificate, "NODE_NO_WARNINGS": "1"}
        command = ["node", "--dns-result-order=ipv4first", HERE / "xmppjs.mjs", str(server.https_port), PASSWORD]
        code = subprocess.run(command, env=environment).returncode
        if code:
            server.keep()
    return code


if __name__ == "__main__":
    sys.exit(main())
