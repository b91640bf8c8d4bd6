#!/usr/bin/env python3
"""Writes docs/benchmarks.md and its plots from docs/benchmarks/results.jsonl.

    bench/page.py [--results FILE] [--out DIR]

FILE is copied to where the page's own results stand, so that the page can be made again.
"""
import argparse
import json
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import plots  # noqa: E402
from servers import ROOT, SERVERS  # noqa: E402

HIGH, LOW = "more is better", "less is better"
# Title, cell, where in a result, unit, what is better, whether it is on the plot.
ROWS = [
    ("Archived chat, TLS", "chat-tls", "figures.messages_per_second", "messages/s", HIGH, True),
    ("its CPU", "chat-tls", "figures.server_cpu_us_per_message", "µs/message", LOW, True),
    ("Archived chat, TCP", "chat-tcp", "figures.messages_per_second", "messages/s", HIGH, False),
    ("its CPU", "chat-tcp", "figures.server_cpu_us_per_message", "µs/message", LOW, False),
    ("Transient chat, TLS", "chat-transient-tls", "figures.messages_per_second", "messages/s", HIGH, True),
    ("its CPU", "chat-transient-tls", "figures.server_cpu_us_per_message", "µs/message", LOW, True),
    ("Transient chat, TCP", "chat-transient-tcp", "figures.messages_per_second", "messages/s", HIGH, False),
    ("its CPU", "chat-transient-tcp", "figures.server_cpu_us_per_message", "µs/message", LOW, False),
    ("Archived, at half of its own load: p50", "latency-tls", "times.delivery.p50_ms", "ms", LOW, False),
    ("p99", "latency-tls", "times.delivery.p99_ms", "ms", LOW, True),
    ("Transient, at half of its own load: p50", "latency-transient-tls", "times.delivery.p50_ms", "ms", LOW, False),
    ("p99", "latency-transient-tls", "times.delivery.p99_ms", "ms", LOW, False),
    ("Full logins, TLS", "login-tls", "figures.logins_per_second", "logins/s", HIGH, True),
    ("their CPU", "login-tls", "figures.server_cpu_us_per_login", "µs/login", LOW, True),
    ("until the first message: p50", "login-tls", "times.first_message.p50_ms", "ms", LOW, False),
    ("Logins, TLS resumed", "login-tls-resumed", "figures.logins_per_second", "logins/s", HIGH, False),
    ("their CPU", "login-tls-resumed", "figures.server_cpu_us_per_login", "µs/login", LOW, False),
    ("Logins, TCP", "login-tcp", "figures.logins_per_second", "logins/s", HIGH, False),
    ("their CPU", "login-tcp", "figures.server_cpu_us_per_login", "µs/login", LOW, False),
    ("Idle session, TCP", "idle-tcp", "figures.server_resident_kib_per_session", "KiB", LOW, True),
    ("CPU of all of them", "idle-tcp", "figures.server_core_percent", "% of a core", LOW, False),
    ("Idle session, TLS", "idle-tls", "figures.server_resident_kib_per_session", "KiB", LOW, True),
    ("CPU of all of them", "idle-tls", "figures.server_core_percent", "% of a core", LOW, False),
    ("Storm with resumption: all served", "storm-resume", "figures.back_after_seconds", "s", LOW, True),
    ("bystanders' p99", "storm-resume", "times.bystanders_in_the_storm.p99_ms", "ms", LOW, False),
    ("Storm without: all served", "storm-login", "figures.back_after_seconds", "s", LOW, False),
    ("bystanders' p99", "storm-login", "times.bystanders_in_the_storm.p99_ms", "ms", LOW, False),
    ("To people who are away", "offline", "figures.accepted_per_second", "messages/s", HIGH, True),
    ("catching up", "offline", "figures.delivered_per_second", "messages/s", HIGH, False),
    ("Archive pages, newest first", "archive", "figures.newest_first_pages_per_second", "pages/s", HIGH, True),
    ("their CPU", "archive", "figures.newest_first_server_cpu_us_per_page", "µs/page", LOW, False),
    ("Archive pages, by date", "archive", "figures.by_date_pages_per_second", "pages/s", HIGH, False),
    ("their CPU", "archive", "figures.by_date_server_cpu_us_per_page", "µs/page", LOW, False),
    ("Presence", "presence", "figures.presences_per_second", "presences/s", HIGH, True),
    ("their CPU", "presence", "figures.server_cpu_us_per_presence", "µs/presence", LOW, False),
]
CURVES = [("sessions", "sessions that are there", "while more sessions are there"),
          ("accounts", "accounts that exist", "with more accounts"),
          ("stored", "messages that are stored", "with more messages stored")]


# What Iris is meant to reach: a title, and what was found with whether that is enough; nothing if it was not measured.
GROWTH_MAX = 1.2


def growth(results, server, curve):
    """CPU of a message by size, where it was measured, the smallest size first."""
    cells = {line["cell"] for line in results.lines if line["cell"].startswith(f"growth-{curve}-")}
    points = [(int(cell.rsplit("-", 1)[1]), results.median(server, cell, "figures.server_cpu_us_per_message"))
              for cell in cells]
    return sorted(point for point in points if point[1])


def aims(results):
    def best(cell, path, better, names=None):
        values = [results.median(name, cell, path) for name in results.servers if name != "iris" and (not names or name in names)]
        values = [value for value in values if value]
        return (max if better == HIGH else min)(values) if values else None

    def mine(cell, path):
        return results.median("iris", cell, path)

    def at_most(cell, path, limit, unit):
        value = mine(cell, path)
        return None if value is None else (f"{plots.short(value)} {unit}", value <= limit)

    def times_better(cell, path, better, times, names=None):
        value, other = mine(cell, path), best(cell, path, better, names)
        if value is None or other is None:
            return None
        found = value / other if better == HIGH else other / value
        return f"{found:.1f} times", found >= times

    def grown(curve, low, high):
        points = [point for point in growth(results, "iris", curve) if low <= point[0] <= high]
        if len(points) < 2 or points[0][0] != low:
            return None
        (_, first), (largest, last) = points[0], points[-1]
        ratio = last / first
        return f"{ratio:.2f} times" + (f" at {largest:,}" if largest < high else ""), largest == high and ratio <= GROWTH_MAX

    def size(cell, wanted):
        value = results.size("iris", cell)
        return None if value is None else (f"{value:,}", value >= wanted)

    cpu, rate = "figures.server_cpu_us_per_message", "figures.messages_per_second"
    resident = "figures.server_resident_kib_per_session"
    return [
        ("Archived messages per second: 20 times the best other", times_better("chat-tls", rate, HIGH, 20)),
        ("CPU of an archived message: at most 1/30 of the best other", times_better("chat-tls", cpu, LOW, 30)),
        ("CPU of an archived message: at most 30 µs", at_most("chat-tls", cpu, 30, "µs")),
        ("CPU of a transient message: at most 1/6 of ejabberd", times_better("chat-transient-tls", cpu, LOW, 6, ("ejabberd",))),
        ("CPU of a transient message: at most 15 µs", at_most("chat-transient-tls", cpu, 15, "µs")),
        ("Idle session, TCP: at most 6 KiB", at_most("idle-tcp", resident, 6, "KiB")),
        ("Idle session, TLS: at most 20 KiB", at_most("idle-tls", resident, 20, "KiB")),
        ("Idle TLS sessions held: 100,000", size("idle-tls", 100000)),
        ("Login over TLS: at most 1.5 ms of CPU", at_most("login-tls", "figures.server_cpu_us_per_login", 1500, "µs")),
        ("Logins per second: 5 times the best other", times_better("login-tls", "figures.logins_per_second", HIGH, 5)),
        ("Storm of 20,000 sessions", size("storm-resume", 20000)),
        ("Storm: all served within 15 s", at_most("storm-resume", "figures.back_after_seconds", 15, "s")),
        ("Storm: bystanders' p99 under 250 ms", at_most("storm-resume", "times.bystanders_in_the_storm.p99_ms", 250, "ms")),
        ("Latency at half load, archived: p50 under 5 ms", at_most("latency-tls", "times.delivery.p50_ms", 5, "ms")),
        ("Latency at half load, archived: p99 under 25 ms", at_most("latency-tls", "times.delivery.p99_ms", 25, "ms")),
        ("Growth from 100 to 50,000 sessions: within 20 %", grown("sessions", 100, 50000)),
        ("Growth from 1,000 to 1,000,000 accounts: within 20 %", grown("accounts", 1000, 1000000)),
        ("Growth from 10,000 to 10,000,000 stored messages: within 20 %", grown("stored", 10000, 10000000)),
        ("Start with 1,000,000 accounts, 10,000,000 messages: under 3 s", at_most("start", "figures.restart_seconds", 3, "s")),
        ("Memory after it: under 300 MB", at_most("start", "figures.restart_resident_mib", 300e6 / 2**20, "MiB")),
    ]


def aims_table(results):
    for title, found in aims(results):
        text, met = found or ("not measured", False)
        yield f"| {title} | {text} | {'yes' if met else '–' if not found else '**no**'} |"


class Results:
    def __init__(self, lines):
        self.lines = lines
        self.servers = [name for name in SERVERS if any(line["server_name"] == name for line in lines)]

    def good(self, server, cell):
        return [line for line in self.lines if line["server_name"] == server and line["cell"] == cell and line["good"]]

    def values(self, server, cell, path):
        out = []
        for line in self.good(server, cell):
            value = line
            for key in split_path(path):
                value = value.get(key) if isinstance(value, dict) else None
            if value is not None:
                out.append(value)
        return out

    def median(self, server, cell, path):
        values = self.values(server, cell, path)
        return statistics.median(values) if values else None

    def size(self, server, cell):
        sizes = {line["size"] for line in self.good(server, cell)} - {0}
        return min(sizes) if sizes else None


def split_path(path):
    """Below the first word a name may have a point in it: p99.9_ms."""
    first, _, rest = path.partition(".")
    return [first, *rest.split(".", 1)]


def shown(results, server, cell, path):
    values = results.values(server, cell, path)
    if not values:
        return "–"
    text = plots.short(statistics.median(values))
    if len(values) > 1:
        text += f" ({plots.short(min(values))}–{plots.short(max(values))})"
    return text


def ratio(results, cell, path, better):
    """How many times better Iris is than the best of its peers, and which that is."""
    ours = results.median("iris", cell, path)
    peers = {name: results.median(name, cell, path) for name in results.servers if name != "iris"}
    peers = {name: value for name, value in peers.items() if value}
    if not ours or not peers:
        return None
    best = (max if better == HIGH else min)(peers, key=peers.get)
    return (ours / peers[best] if better == HIGH else peers[best] / ours), best


def table(results):
    yield "| | | " + " | ".join(SERVERS[name].title for name in results.servers) + " | Iris to the best other |"
    yield "|---|---|" + "---|" * (len(results.servers) + 1)
    for title, cell, path, unit, better, _ in ROWS:
        if not any(results.values(name, cell, path) for name in results.servers):
            continue
        found = ratio(results, cell, path, better)
        cells = [shown(results, name, cell, path) for name in results.servers]
        yield f"| {title} | {unit} | " + " | ".join(cells) + f" | {f'{found[0]:.1f} ×' if found else ''} |"


def sizes(results):
    for cell, what in (("idle-tcp", "idle sessions, TCP"), ("idle-tls", "idle sessions, TLS"),
                       ("storm-resume", "storm with resumption, sessions"), ("storm-login", "storm without, sessions"),
                       ("offline", "offline, messages for each of 1,000"), ("archive", "archive, messages in each of 10"),
                       ("presence", "presence, contacts in a roster")):
        found = {name: results.size(name, cell) for name in results.servers}
        if any(found.values()):
            yield f"| {what} | " + " | ".join(f"{size:,}" if size else "–" for size in found.values()) + " |"


def where_peers_win(results):
    for title, cell, path, unit, better, _ in ROWS:
        found = ratio(results, cell, path, better)
        if found and found[0] < 0.97:
            yield f"- {cell}, {title} ({unit}): {SERVERS[found[1]].title} is {1 / found[0]:.1f} times better."


def what_failed(results):
    for line in results.lines:
        if not line["good"]:
            faults = "; ".join(line["faults"]).replace("\n", " ").replace("|", "\\|")
            yield f"- {SERVERS[line['server_name']].title}, {line['cell']}, round {line['round'] + 1}: {faults[:300]}"


def write_plots(results, folder):
    panels = []
    for title, cell, path, unit, better, plotted in ROWS:
        rows = [(name, SERVERS[name].title, results.median(name, cell, path)) for name in results.servers]
        rows = [row for row in rows if row[2] is not None]
        if plotted and rows:
            name = title if title[0].isupper() else f"{cell}: {title}"
            panels.append((f"{name}, {unit}", better, rows))
    if panels:
        (folder / "comparison.svg").write_text(plots.bars(panels))
    for curve, x_title, title in CURVES:
        lines = []
        for name in results.servers:
            points = growth(results, name, curve)
            if points:
                lines.append((name, SERVERS[name].title, points))
        if lines:
            (folder / f"growth-{curve}.svg").write_text(
                plots.curves(f"CPU of an archived message {title}", x_title, "µs of CPU", lines))
            yield f"![CPU of a message {title}](benchmarks/growth-{curve}.svg)\n"


def page(results, folder):
    first, last = min(line.get("began", "9") for line in results.lines), max(line.get("began", "") for line in results.lines)
    machine = next((f"{line['machine']}, {line['kernel']}" for line in results.lines if "machine" in line), "?")
    rounds = max(line["round"] for line in results.lines) + 1
    curves = list(write_plots(results, folder))
    yield "# Benchmarks\n"
    yield "Made by `./dev bench`, which anybody can run; `./dev help bench` says how. Not edited by hand.\n"
    yield (f"Machine: {machine}, shared by server and generator. {first[:10]} to {last[:10]}, {rounds} round{'s' if rounds > 1 else ''}; shown is the "
           "median, and in brackets the least and the most. Each workload ran against a freshly started server with empty "
           "data, the servers one after the other within each workload. SCRAM-SHA-256 at 4096 iterations, keys stored; "
           "the same accounts; archive on.\n")
    yield "| server | version | settings |\n|---|---|---|"
    for name in results.servers:
        versions = dict.fromkeys(line["version"] for line in results.lines if line["server_name"] == name)
        yield f"| {SERVERS[name].title} | {', '.join(versions)} | {SERVERS[name].settings} |"
    yield "\n![Comparison](benchmarks/comparison.svg)\n"
    yield "\n".join(table(results))
    yield ("\nThe rates are those at saturation, in a closed loop; the latencies are from an open loop at half of that, "
           "from the moment at which a message was due until its recipient had it. CPU is the server's, of all its "
           "processes. A message counts when it was acknowledged and delivered; a run in which one was lost, doubled or "
           "overtaken has failed.\n")
    yield "## What Iris is meant to reach\n"
    yield "| | found | reached |\n|---|---|---|"
    yield "\n".join(aims_table(results)) + "\n"
    held = list(sizes(results))
    if held:
        yield "## Sizes\n"
        yield "Where a server could not hold what the workload asks for, it was taken to what it could.\n"
        yield "| | " + " | ".join(SERVERS[name].title for name in results.servers) + " |\n|---|" + "---|" * len(results.servers)
        yield "\n".join(held) + "\n"
    if curves:
        yield "## Growth\n"
        yield "\n".join(curves)
    wins = list(where_peers_win(results))
    yield "## Where another server is better\n"
    yield ("\n".join(wins) if wins else "In none of the rows above.") + "\n"
    budget = folder / "budget.md"
    if budget.exists():
        yield "## Where the CPU of an archived message goes\n\n" + budget.read_text()
    floors = folder / "floors.md"
    if floors.exists():
        yield "## What keeps Iris from the rest\n\n" + floors.read_text()
    failures = list(what_failed(results))
    if failures:
        yield "## What did not go well\n"
        yield "\n".join(failures) + "\n"
    yield "The raw results are in [results.jsonl](benchmarks/results.jsonl), a line for each run.\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--results")
    parser.add_argument("--out", default=str(ROOT / "docs"))
    options = parser.parse_args()
    out = pathlib.Path(options.out)
    folder = out / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    if options.results:
        (folder / "results.jsonl").write_text(pathlib.Path(options.results).read_text())
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    if not lines:
        sys.exit("page.py: no results")
    (out / "benchmarks.md").write_text("\n".join(page(Results(lines), folder)).rstrip() + "\n")
    print(f"wrote {out / 'benchmarks.md'}")


if __name__ == "__main__":
    main()
