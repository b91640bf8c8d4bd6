#!/usr/bin/env python3
"""Runs iris-bench against Iris and its peers, cell by cell; see `./dev help bench`."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cells as cell_lists  # noqa: E402
from servers import ROOT, SERVERS, free_base_port  # noqa: E402


def load(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()] if path.exists() else []


def of(results, server, name):
    return [result for result in results if result["server_name"] == server and result["cell"] == name]


def half_rate(results, server, name):
    rates = [result["figures"]["messages_per_second"] for result in of(results, server, name) if result["good"]]
    return statistics.median(rates) / 2 if rates else None


def generate(server, cell, size, rate, folder, binaries):
    """One run of the generator: its JSON, or what went wrong."""
    out = folder / "result.json"
    out.unlink(missing_ok=True)
    command = [binaries / "iris-bench", cell.workload, "--transport", cell.transport, "--port", str(server.port(cell.transport)),
               "--path", server.websocket_path,
               "--keys", folder / "keys", "--json", out]
    for pid in server.pids():
        command += ["--server-pid", str(pid)]
    command += [word.format(size=size) for word in cell.arguments]
    if rate:
        command += ["--rate", f"{rate:.0f}"]
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=cell.seconds_max)
    except subprocess.TimeoutExpired:
        return {"good": False, "faults": [f"not done after {cell.seconds_max} s"], "figures": {}, "times": {}}
    if out.exists():
        return json.loads(out.read_text())
    return {"good": False, "faults": [done.stderr.strip()[-500:]], "figures": {}, "times": {}}


def run_cell(kind, cell, size, rate, options):
    folder = pathlib.Path(options.folder)
    server = kind(folder / kind.name, free_base_port())
    accounts = cell.accounts or size + 200
    try:
        began = time.monotonic()
        server.start(accounts)
        started = time.monotonic() - began
        result = generate(server, cell, size, rate, folder, options.binaries)
        result["start_seconds"] = started
        if cell.restart and hasattr(server, "restart"):
            result["figures"].update(restart_seconds=server.restart(), restart_resident_mib=server.resident_mib())
    except (RuntimeError, subprocess.CalledProcessError) as error:
        result = {"good": False, "faults": [f"the server could not be started: {error}"], "figures": {}, "times": {}}
    finally:
        server.stop()
    return result


def describe(result):
    figures = result["figures"]
    keys = ("messages_per_second", "logins_per_second", "server_resident_kib_per_session", "back_after_seconds",
            "delivered_per_second", "newest_first_pages_per_second")
    text = ", ".join(f"{figures[key]:.1f} {key.replace('_', ' ')}" for key in keys if key in figures)
    cost = next((f"{value:.1f} {key[len('server_cpu_'):].replace('_', ' ')}" for key, value in figures.items()
                 if key.startswith("server_cpu_us_per_")), "")
    return "; ".join(filter(None, [text, cost, *result["faults"]]))


def measure(options, cells, results_path):
    results = load(results_path)
    failed = 0
    for number in range(options.rounds):
        for cell in cells:
            for name in options.servers:
                if number >= cell.rounds_max or (cell.servers and name not in cell.servers):
                    continue
                if any(result["round"] == number for result in of(results, name, cell.name)):
                    continue
                rate = half_rate(results, name, cell.half_of) if cell.half_of else None
                if cell.half_of and not rate:
                    continue
                kind = SERVERS[name]
                for size in cell.sizes_for(name):
                    began = time.monotonic()
                    result = run_cell(kind, cell, size, rate, options)
                    result.update(server_name=name, cell=cell.name, round=number, size=size,
                                  version=kind(options.folder, 0).version(), wall_seconds=time.monotonic() - began)
                    print(f"{'ok  ' if result['good'] else 'FAIL'} {cell.name:24} {name:13} {size or '':>7} "
                          f"{result['wall_seconds']:6.1f} s   {describe(result)}", flush=True)
                    if result["good"]:
                        break
                failed += not result["good"]
                results.append(result)
                with results_path.open("a") as out:
                    out.write(json.dumps(result) + "\n")
    return failed


def check_quick(results):
    """What a run of the generator must have found, whatever the machine was busy with."""
    wrong = []
    for result in results:
        figures, times = result["figures"], result["times"]
        where = f"{result['cell']}: "
        if not result["good"]:
            continue
        if figures.get("server_resident_mib", 0) <= 0:
            wrong.append(where + "no memory of the server was read")
        if result["cell"].startswith("chat") and (figures["messages_per_second"] <= 0 or "delivery" not in times):
            wrong.append(where + "no messages")
        if result["cell"] == "login-tls-resumed" and figures["tls_resumed_percent"] < 90:
            wrong.append(where + "TLS sessions were not resumed")
        if result["cell"] == "storm-resume" and figures["resumed_percent"] < 100:
            wrong.append(where + "sessions were not resumed")
        if result["cell"] == "storm-login" and figures["resumed_percent"] > 0:
            wrong.append(where + "sessions were resumed")
        if result["cell"] == "archive" and "restart_seconds" not in figures:
            wrong.append(where + "no restart was seen")
        if result["cell"].startswith("archive") and figures["newest_first_pages_per_second"] <= 0:
            wrong.append(where + "no pages")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--servers", default="")
    parser.add_argument("--cells", default="")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", default=str(ROOT / "build/bench"))
    parser.add_argument("--out", default=str(ROOT / "docs"))
    parser.add_argument("--folder", default="/var/tmp/iris-bench")
    options = parser.parse_args()
    options.binaries = pathlib.Path(os.environ.get("IRIS_BINARIES", ROOT / "build/release"))
    options.servers = options.servers.split(",") if options.servers else ["iris"] if options.quick else list(SERVERS)
    cells = cell_lists.QUICK if options.quick else cell_lists.FULL
    if options.cells:
        wanted = options.cells.split(",")
        cells = [cell for cell in cells if any(cell.name.startswith(word) for word in wanted)]
    unknown = [name for name in options.servers if name not in SERVERS]
    if unknown or not cells:
        sys.exit(f"run.py: no such server {unknown} or no such cell {options.cells}")
    results = pathlib.Path(options.results)
    results.mkdir(parents=True, exist_ok=True)
    pathlib.Path(options.folder).mkdir(parents=True, exist_ok=True)
    path = results / ("quick.jsonl" if options.quick else "results.jsonl")
    if options.quick:
        path.unlink(missing_ok=True)
        options.rounds = 1
    failed = measure(options, cells, path)
    wrong = check_quick(load(path)) if options.quick else []
    for text in wrong:
        print("WRONG " + text)
    print(f"{len(load(path))} cells in {path}, {failed} of this run failed")
    if not options.quick:
        subprocess.run([sys.executable, ROOT / "bench/page.py", "--results", path, "--out", options.out], check=True)
    return 1 if failed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
