#!/usr/bin/env python3
"""The page of benchmarks, from results that are made up."""
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cells  # noqa: E402
import page  # noqa: E402
import run  # noqa: E402


def result(server, cell, number=0, good=True, size=0, figures=None, times=None, faults=()):
    return {"server_name": server, "cell": cell, "round": number, "good": good, "size": size, "figures": figures or {},
            "times": times or {}, "faults": list(faults), "version": "1.2", "began": "2024-01-02T00:00:00Z",
            "machine": "2 x Abacus", "kernel": "Linux 6"}


def chat(server, rates, cost):
    return [result(server, "chat-tls", number, figures={"messages_per_second": rate, "server_cpu_us_per_message": cost})
            for number, rate in enumerate(rates)]


class PageTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())

    def page(self, lines):
        return "\n".join(page.page(page.Results(lines), self.folder))

    def test_medians_spread_and_ratio_to_the_best_other(self):
        text = self.page(chat("iris", [2000, 1000, 3000], 20) + chat("prosody", [100], 400) + chat("ejabberd", [50], 100))
        self.assertIn("| Archived chat, TLS | messages/s | 2000 (1000–3000) | 50.0 | 100 | 20.0 × |", text)
        self.assertIn("| its CPU | µs/message | 20.0 (20.0–20.0) | 100 | 400 | 5.0 × |", text)
        self.assertIn("In none of the rows above.", text)
        xml.etree.ElementTree.parse(self.folder / "comparison.svg")

    def test_it_says_where_a_peer_wins(self):
        text = self.page(chat("iris", [100], 20) + chat("prosody", [300], 400))
        self.assertIn("- chat-tls, Archived chat, TLS (messages/s): Prosody is 3.0 times better.", text)

    def test_a_run_that_failed_is_told_and_not_counted(self):
        lost = result("iris", "chat-tls", 1, good=False, figures={"messages_per_second": 9e9}, faults=["7 messages were lost"])
        text = self.page(chat("iris", [100], 20) + [lost])
        self.assertIn("| Archived chat, TLS | messages/s | 100 |", text)
        self.assertIn("- Iris, chat-tls, round 2: 7 messages were lost", text)

    def test_sizes_that_a_server_could_hold(self):
        lines = [result("iris", "idle-tls", size=100000, figures={"server_resident_kib_per_session": 20}),
                 result("prosody", "idle-tls", size=5000, figures={"server_resident_kib_per_session": 60})]
        self.assertIn("| idle sessions, TLS | 100,000 | 5,000 |", self.page(lines))

    def test_what_is_to_be_reached(self):
        lines = chat("iris", [2000], 20) + chat("prosody", [101], 400)
        lines += [result("iris", f"growth-stored-{n}", figures={"server_cpu_us_per_message": cost})
                  for n, cost in ((10000, 20), (10000000, 23))]
        text = self.page(lines)
        self.assertIn("| Archived messages per second: 20 times the best other | 19.8 times | **no** |", text)
        self.assertIn("| CPU of an archived message: at most 30 µs | 20.0 µs | yes |", text)
        self.assertIn("10,000,000 stored messages: within 20 % | 1.15 times | yes |", text)
        self.assertIn("| Idle session, TLS: at most 20 KiB | not measured | – |", text)

    def test_growth_that_could_not_be_taken_to_its_end(self):
        lines = [result("iris", f"growth-sessions-{n}", figures={"server_cpu_us_per_message": cost})
                 for n, cost in ((100, 20), (1000, 30), (19000, 22))]
        self.assertIn("| Growth from 100 to 50,000 sessions: within 20 % | 1.10 times at 19,000 | **no** |", self.page(lines))

    def test_every_aim_reads_what_is_measured(self):
        measured = []

        class Spy(page.Results):
            def median(self, server, cell, path):
                measured.append(cell)
                return super().median(server, cell, path)

        page.aims(Spy([]))
        self.assertEqual(set(measured) - {cell.name for cell in cells.FULL}, set())

    def test_curves(self):
        lines = [result("iris", f"growth-stored-{n}", figures={"server_cpu_us_per_message": 25}) for n in (10, 100)]
        self.assertIn("benchmarks/growth-stored.svg", self.page(lines))
        xml.etree.ElementTree.parse(self.folder / "growth-stored.svg")

    def test_every_row_and_curve_has_cells(self):
        names = {cell.name for cell in cells.FULL}
        self.assertEqual({row[1] for row in page.ROWS} - names, set())
        for curve, _, _ in page.CURVES:
            self.assertTrue(any(name.startswith(f"growth-{curve}-") for name in names), curve)
        self.assertEqual(len(names), len(cells.FULL), "names are unique")

    def test_half_of_what_was_reached(self):
        self.assertEqual(run.half_rate(chat("iris", [100, 300, 200], 1), "iris", "chat-tls"), 100)
        self.assertIsNone(run.half_rate([], "iris", "chat-tls"))


if __name__ == "__main__":
    unittest.main()
