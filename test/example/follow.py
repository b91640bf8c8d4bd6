"""Follows the worked example of CONTRIBUTING.md to the letter, in a copy of this repository under build/example.

Between its heading and the next one, a block of code is one step or more: `NAME + PATH` is a new file, `diff` a change to
one, each line of `sh` a command that must succeed. Then what the text promises is looked at. A full run does `./dev check`
as it is written; the shorter one checks the house rules alone, which saves building everything else.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build/example"
HEADING = "## Worked example"
LONG = "./dev check"
# What has been downloaded or compiled by others than g++ is not had twice.
SHARED = (".deps", "test/interop/node_modules", "web/node_modules", "build/web", "build/rust")


def steps(text):
    """(what, path, code) of each; what is new, diff or sh."""
    begin = text.index(HEADING)
    chapter = text[begin:text.index("\n## ", begin + 1)]
    for language, rest, code in re.findall(r"^```(\w+)([^\n]*)\n(.*?)^```", chapter, re.M | re.S):
        if match := re.fullmatch(r" \+ (\S+)", rest):
            yield "new", match[1], code
        elif language == "diff" and not rest:
            yield "diff", re.match(r"--- a/(.*)", code)[1], code
        elif language == "sh" and not rest:
            yield from (("sh", None, line) for line in code.splitlines())
        else:
            raise SystemExit(f"FAIL  ```{language}{rest} is no step")


def copy():
    """Every file that git knows or would know here, as one commit. What was built in it before stays, to save time."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split("\0")
    kept = COPY / "build"
    COPY.mkdir(parents=True, exist_ok=True)
    for old in COPY.iterdir():
        if old != kept:
            old.unlink() if old.is_symlink() or old.is_file() else shutil.rmtree(old)
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)
    for name in SHARED:
        place = COPY / name
        if (ROOT / name).exists() and not place.is_symlink():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(ROOT / name)
    identity = ("-c", "user.name=newcomer", "-c", "user.email=newcomer@localhost")
    for command in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-qm", "A clone")):
        subprocess.run(["git", *command], cwd=COPY, check=True)


def follow(what, path, code):
    """The output of one step, which must succeed."""
    if what == "new":
        place = COPY / path
        if place.exists():
            raise SystemExit(f"FAIL  {path} is there already: the example needs another XEP")
        place.write_text(code)
        return ""
    if what == "diff":
        command, text = ["patch", "-p1", "--no-backup-if-mismatch"], with_line_numbers(code)
    else:
        command, text = ["bash", "-euo", "pipefail", "-c", code], None
    done = subprocess.run(command, cwd=COPY, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise SystemExit(f"FAIL  {path or code}\n{done.stdout[-6000:]}")
    return done.stdout


def with_line_numbers(diff):
    """A text for people has no line numbers; `patch` wants them, and finds the place by the lines themselves."""
    head, _, body = diff.partition("@@\n")
    old = sum(line[:1] != "+" for line in body.splitlines())
    new = sum(line[:1] != "-" for line in body.splitlines())
    return f"{head}@@ -1,{old} +1,{new} @@\n{body}"


def promised(outputs, written):
    """What the text says will be seen, and what a reader takes for granted."""
    for count, program in ((4, "edge_test"), (1, "dialogue_test")):
        output = next(output for command, output in outputs.items() if f"/{program} " in command)
        yield f"{count} passed in {program}", f"[  PASSED  ] {count} test" in output
    changed = subprocess.run(["git", "status", "--porcelain", "docs", "doap.xml"], cwd=COPY, check=True,
                             capture_output=True, text=True).stdout.split()
    yield "docs/xeps.md and doap.xml change", changed == ["M", "doap.xml", "M", "docs/xeps.md"]
    yield "the code is laid out by .clang-format", all((COPY / path).read_text() == code for path, code in written)
    if LONG in outputs:
        yield "the check ends with `6 passed, 0 failed`", outputs[LONG].endswith("\n6 passed, 0 failed\n")


def main():
    full = os.environ.get("IRIS_FULL") == "1"
    copy()
    outputs, written = {}, []
    for what, path, code in steps((COPY / "CONTRIBUTING.md").read_text()):
        if code == LONG and not full:
            code = "tools/tidy"
        began = time.monotonic()
        outputs[code] = follow(what, path, code)
        if what == "new":
            written.append((path, code))
        print(f"ok    {path or code} ({time.monotonic() - began:.1f} s)", flush=True)
    failed = 0
    for promise, kept in promised(outputs, written):
        print(f"{'ok   ' if kept else 'FAIL '} {promise}")
        failed += not kept
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
