"""Plays cases in order, one line for each, and `N passed, N failed` at the end; cases.mjs does it for JavaScript."""
import logging
import time


class Failed(AssertionError):
    """The server did not do what the specification wants."""


def want(condition, what):
    if not condition:
        raise Failed(what)


class Cases:
    """Counts what passed and failed. `only`: the cases with this in their name; several with commas between."""

    def __init__(self, only=None):
        self.only = only.split(",") if only else [""]
        self.passed = self.failed = 0

    async def play(self, name, case, *arguments):
        """Awaits case(*arguments), if it is one of those that are wanted."""
        if not any(part in name for part in self.only):
            return
        began = time.monotonic()
        try:
            await case(*arguments)
            self.passed += 1
            print(f"ok    {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:  # a case that stumbles has failed, over whatever it was
            self.failed += 1
            print(f"FAIL  {name}: {type(error).__name__}: {error}", flush=True)
            logging.getLogger("case").debug("failed", exc_info=True)

    def end(self):
        """The last line; the exit code."""
        print(f"{self.passed} passed, {self.failed} failed")
        return int(self.failed > 0 or self.passed == 0)
