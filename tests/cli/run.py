#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the command line, as files.

Usage: run.py [--accept] [--build BUILD] [FOLDER | SCRIPT.sh]...

tests/cli/**/NAME.sh is run by `bash -eu` in an empty folder, with an empty HOME, `gyre` on PATH and
GYRE_SOURCE naming the source tree; prelude.sh beside it, if there is one, is read first. Beside it:

  NAME.out   what it writes on stdout; not checked if the file is missing
  NAME.err   what it writes on stderr; likewise
  NAME.exit  its exit status; 0 if the file is missing

A line `...` stands for any lines, `<HEX>` for 64 hex digits, `<ANY>` for anything within a line; the
script's folder is written `<DIR>`. A script that ends with status 77 could not run, and says why on
stderr: that fails unless tests/may_skip names it. --accept writes down what scripts say now; a
person reads the diff. Output is TAP.
"""

import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

CLI = SOURCE / "tests/cli"
SECONDS_MAX = 300
WILD = {"<HEX>": "[0-9a-f]{64}", "<ANY>": ".*"}


def environment(home, scratch, build):
    """Nothing of the caller's settings reaches a script but PATH and the tool chain."""
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "CC", "GYRE_CPU",
                                             "GYRE_THREADS", "ASAN_OPTIONS", "UBSAN_OPTIONS")
            if key in os.environ}
    return kept | {
        "PATH": f"{build / 'src/cli'}:{kept.get('PATH', '/usr/bin:/bin')}",
        "HOME": str(home), "TMPDIR": str(scratch), "GYRE_SOURCE": str(SOURCE),
        "GYRE_BUILD": str(build), "LC_ALL": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run_script(script, build):
    """(stdout, stderr, exit status) of a script in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="gyre-cli-") as top:
        top = pathlib.Path(top).resolve()
        work, home, scratch = top / "work", top / "home", top / "tmp"
        for folder in (work, home, scratch):
            folder.mkdir()
        (home / ".gitconfig").write_text("[init]\n\tdefaultBranch = main\n"
                                         "[advice]\n\tdetachedHead = false\n")
        prelude = script.with_name("prelude.sh")
        files = [str(path) for path in (prelude, script) if path.exists()]
        # The script is $0, so that bash names it in its own messages.
        command = ["bash", "-eu", "-c", 'for file; do . "$file"; done', str(script), *files]
        try:
            done = subprocess.run(command, cwd=work, env=environment(home, scratch, build),
                                  stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=SECONDS_MAX)
            out, err, status = done.stdout, done.stderr, done.returncode
        except subprocess.TimeoutExpired as late:
            out, err, status = late.stdout or b"", late.stderr or b"", 124
        texts = [text.decode("utf-8", "replace").replace(str(work), "<DIR>") for text in (out, err)]
        return *texts, 128 - status if status < 0 else status


def line_matches(wanted, line):
    """Whether a line is as wanted, wild cards read."""
    if not any(wild in wanted for wild in WILD):
        return wanted == line
    pattern = re.escape(wanted)
    for wild, meaning in WILD.items():
        pattern = pattern.replace(re.escape(wild), meaning)
    return re.fullmatch(pattern, line) is not None


def text_matches(wanted, text):
    """Whether a text is as wanted: blocks of lines in order, `...` between them."""
    blocks, lines = [[]], text.splitlines()
    for line in wanted.splitlines():
        if line == "...":
            blocks.append([])
        else:
            blocks[-1].append(line)

    def at(block, start):
        return len(lines) - start >= len(block) >= 0 and all(
            line_matches(want, lines[start + i]) for i, want in enumerate(block))

    if not at(blocks[0], 0):
        return False
    if len(blocks) == 1:
        return len(lines) == len(blocks[0])
    place, last = len(blocks[0]), len(lines) - len(blocks[-1])
    for block in blocks[1:-1]:
        while place <= last and not at(block, place):
            place += 1
        place += len(block)
    return place <= last and at(blocks[-1], last)


def differences(script, got):
    """What differs from the files beside the script, as lines."""
    rows = []
    for suffix, text in zip((".out", ".err"), got):
        wanted = script.with_suffix(suffix)
        if wanted.exists() and not text_matches(wanted.read_text(), text):
            rows += difflib.unified_diff(wanted.read_text().splitlines(), text.splitlines(),
                                         f"{script.stem}{suffix}", "got", lineterm="")
    exit_file = script.with_suffix(".exit")
    status = int(exit_file.read_text()) if exit_file.exists() else 0
    if got[2] != status:
        rows.append(f"exit status {got[2]}, not {status}")
        rows += [f"stderr: {line}" for line in got[1].splitlines()[-20:]]
    return rows


def accept(script, got):
    """Write down what a script said, where it said anything or a file is there to say otherwise."""
    for suffix, text in zip((".out", ".err"), got):
        file = script.with_suffix(suffix)
        if file.exists() and text_matches(file.read_text(), text):
            continue  # wild cards stay
        if file.exists() or text:
            file.write_text(text)
    exit_file = script.with_suffix(".exit")
    exit_file.unlink(missing_ok=True)
    if got[2] != 0:
        exit_file.write_text(f"{got[2]}\n")


def find(places):
    """The scripts at these places, sorted."""
    scripts = set()
    for place in places:
        path = pathlib.Path(place)
        path = path if path.exists() else CLI / place
        scripts |= set(path.rglob("*.sh")) if path.is_dir() else {path.with_suffix(".sh")}
    return sorted(script.resolve() for script in scripts if script.name != "prelude.sh")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--accept", action="store_true")
    options.add_argument("--build", default=os.environ.get("GYRE_BUILD", str(SOURCE / "build")))
    options.add_argument("places", nargs="*", default=[str(CLI)])
    chosen = options.parse_args()
    build = pathlib.Path(chosen.build).resolve()
    tap = Tap("cli")
    for script in find(chosen.places):
        name = script.relative_to(CLI).with_suffix("").as_posix()
        got = run_script(script, build)
        if got[2] == 77:
            tap.skip(name, got[1].strip().splitlines()[-1] if got[1].strip() else "status 77")
            continue
        if chosen.accept:
            accept(script, got)
        rows = differences(script, got)
        tap.check(not rows, name, rows)
    tap.done()


if __name__ == "__main__":
    main()
