"""Starts a server for browser.mjs, and ends with what that found."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "fault"))
from server import ROOT, Server  # noqa: E402


def main():
    with Server("--no-limits", "--registration") as server:
        page = f"http://127.0.0.1:{server.http_port}/"
        code = subprocess.run(["node", str(HERE / "browser.mjs"), page, str(ROOT / "build/test-artifacts")]).returncode
        if code:
            server.keep()
    return code


if __name__ == "__main__":
    sys.exit(main())
