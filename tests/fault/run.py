#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole commands with the n-th allocation or I/O call failing, and killed at it, for every n.

Usage: run.py [--build BUILD] [--seed N] [--sample N] [NAME]...

tests/fault/NAME.sh defines functions of bash; prelude.sh is read before it. `prepare` fills an empty
folder, once. `act` is the command under fault, in a copy of that folder. The runner then holds:

- a failure has a message and an exit status of its kind, and no call crashes;
- each file (but what is below .git and .gyre) is as it was or as an undisturbed `act` makes it, and
  there is no other; status 0 means that all are as that makes them, and that it says the same;
- `act`, simply run again, succeeds, says the same and leaves the same bytes.

`verify`, if there, looks at what is left, with the exit status of `act` in STATUS. A script whose
act cannot be judged by its files alone defines OWN=1: then `verify` alone judges, and repeats the act.
A script with lines `# act: WORDS` is run for each of them, with the words in ACT.

Every n to 300, then 50 more from a printed seed; with --sample N: about N, evenly. Kinds: memory (one
allocation fails), io (one call fails with EIO), io+ (it and all after it), nospace (ENOSPC), kill
(SIGKILL in place of the call).
"""

import argparse
import collections
import concurrent.futures
import hashlib
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests/support"), str(SOURCE / "tests/cli")]
from run import environment  # noqa: E402
from tap import Tap  # noqa: E402

EVERY_MAX, DRAWN, ROWS_MAX = 300, 50, 9
KINDS = {"memory": "memory", "io": "io", "io+": "io", "nospace": "io", "kill": "io"}
FAULT_STATUS = {7, 8}  # input/output error; out of memory
KILLED = -9


def contents(folder):
    """{path: digest} of a folder's files, but for what is git's and the store's own."""
    found = {}
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", ".gyre")]
        for name in names:
            path = os.path.join(at, name)
            data = os.readlink(path).encode() if os.path.islink(path) else pathlib.Path(path).read_bytes()
            found[os.path.relpath(path, folder)] = hashlib.sha256(data).hexdigest()
    return found


def changes(wanted, got):
    """What is different, as lines."""
    return [f"{path}: {'missing' if path not in got else 'left over' if path not in wanted else 'other bytes'}"
            for path in sorted(wanted.keys() | got.keys()) if wanted.get(path) != got.get(path)]


class Scenario:
    """One NAME.sh, its prepared folder, and what the present act does when nothing fails."""

    def __init__(self, path, top, build):
        self.path, self.top, self.build = path, top, build
        self.template = top / "template"
        self.act = ""
        self.template.mkdir()
        (top / "home").mkdir()
        (top / "no_hooks").mkdir()
        self.call("prepare", self.template, {}, check=True)
        text = path.read_text()
        self.acts = re.findall("^# act: (.*)$", text, re.M) or [""]
        self.own, self.verifies = "\nOWN=1" in text, "\nverify()" in text
        self.before = contents(self.template)

    def call(self, function, folder, more, check=False):
        """Run one of the script's functions in a folder."""
        scratch = self.top / f"tmp-{folder.name}"
        scratch.mkdir(exist_ok=True)
        given = environment(self.top / "home", scratch, self.build) | {"ACT": self.act} | more
        given["GIT_TEMPLATE_DIR"] = str(self.top / "no_hooks")
        command = f'. "${{0%/*}}/prelude.sh"; . "$0"; {function}'
        done = subprocess.run(["bash", "-eu", "-c", command, self.path], cwd=folder,
                              env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=300, check=False)
        done.stdout = done.stdout.replace(str(folder), "<DIR>")
        shutil.rmtree(scratch)
        if check and done.returncode != 0:
            raise RuntimeError(f"{function} of {self.path.name} fails: {done.stdout}{done.stderr}")
        return done

    def choose_act(self, act):
        """See what an act does undisturbed, and count the calls of each sort there are to fail."""
        self.act, self.counts = act, collections.Counter()
        folder, file = self.top / "count", self.top / "counts"
        file.unlink(missing_ok=True)
        shutil.copytree(self.template, folder, symlinks=True)
        done = self.call("act", folder, {"GYRE_FAULT": "memory:0", "GYRE_FAULT_COUNT": str(file)})
        if done.returncode not in (0, 1):
            raise RuntimeError(f"act of {self.path.name} fails by itself: {done.stdout}{done.stderr}")
        for line in file.read_text().splitlines():
            sort, number = line.split()
            self.counts[sort] = max(self.counts[sort], int(number))
        self.clean, self.after = done, contents(folder)
        shutil.rmtree(folder)

    def judge_files(self, folder, acted, killed):
        """What a fault left, and whether the act can be repeated."""
        got = contents(folder)
        rows = []
        if not killed and acted.returncode == self.clean.returncode:
            rows += [f"done, but {row}" for row in changes(self.after, got)]
            if acted.stdout != self.clean.stdout:
                rows.append(f"done, but it says {acted.stdout[:300]!r}")
        for path, digest in got.items():
            # A killed process cannot clear its draft away: the next run does.
            draft = killed and ".gyre-draft" in path
            if not draft and digest not in (self.before.get(path), self.after.get(path)):
                rows.append(f"{path} is neither as it was nor as it should be")
        rows += [f"{path} is gone" for path in self.before if path in self.after and path not in got]
        again = self.call("act", folder, {})
        if (again.returncode, again.stdout) != (self.clean.returncode, self.clean.stdout):
            rows.append(f"again: status {again.returncode}: {again.stdout[:300]!r} {again.stderr.strip()[-300:]}")
        return rows + [f"again: {row}" for row in changes(self.after, contents(folder))]

    def fault(self, kind, number):
        """What is wrong after this fault, as lines; none: all is as promised."""
        folder = self.top / f"{kind}-{number}"
        shutil.copytree(self.template, folder, symlinks=True)
        name = f"{kind.rstrip('+')}:{number}{'+' if kind.endswith('+') else ''}"
        acted = self.call("act", folder, {"GYRE_FAULT": name})
        rows = []
        status = acted.returncode
        # bash tells of a child that was killed as 128 + 9.
        killed = kind == "kill" and status in (KILLED, 137)
        if not killed and status not in FAULT_STATUS | {self.clean.returncode}:
            rows.append(f"exit status {status}: {acted.stderr.strip()[-300:]}")
        if not killed and status in FAULT_STATUS and not acted.stderr.strip():
            rows.append(f"exit status {status} without a message")
        if not self.own:
            rows += self.judge_files(folder, acted, killed)
        if self.verifies:
            verified = self.call("verify", folder, {"STATUS": str(status)})
            if verified.returncode != 0:
                rows += [f"verify after status {status}: {verified.stdout.strip()[-300:]}",
                         f"  {verified.stderr.strip()[-300:]}"]
        if rows:
            rows.append(f"  act said: {acted.stderr.strip()[-300:]}")
        shutil.rmtree(folder)
        return [f"{name}: {row}" for row in rows]


def choose(most, sample, draw):
    """Which calls are to fail, of so many."""
    if sample and most > sample:
        return sorted({1 + i * most // sample for i in range(sample - sample // 5)} |
                      set(draw.sample(range(1, most + 1), sample // 5)) | {most})
    numbers = list(range(1, min(most, EVERY_MAX) + 1))
    rest = range(EVERY_MAX + 1, most + 1)
    return numbers + sorted(draw.sample(rest, min(DRAWN, len(rest))))


def run(tap, pool, path, chosen, draw):
    """All kinds of faults of one scenario."""
    with tempfile.TemporaryDirectory(prefix="gyre-fault-") as top:
        scenario = Scenario(path, pathlib.Path(top).resolve(), pathlib.Path(chosen.build).resolve())
        for act in scenario.acts:
            scenario.choose_act(act)
            for kind, sort in KINDS.items():
                most = scenario.counts[sort]
                numbers = choose(most, chosen.sample, draw)
                found = [row for rows in pool.map(lambda n, k=kind: scenario.fault(k, n), numbers)
                         for row in rows]
                name = f"{path.stem} {act}".strip()
                tap.check(numbers and not found, f"{name}: {kind}, {len(numbers)} of {most} calls",
                          found[:ROWS_MAX])


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    options.add_argument("--build", default=str(SOURCE / "build"))
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options.add_argument("--sample", type=int, default=0)
    options.add_argument("names", nargs="*")
    chosen = options.parse_args()
    folder = SOURCE / "tests/fault"
    names = chosen.names or sorted(path.stem for path in folder.glob("*.sh") if path.stem != "prelude")
    tap = Tap("fault")
    print(f"# seed {chosen.seed}")
    with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count())) as pool:
        for name in names:
            run(tap, pool, folder / f"{name}.sh", chosen, random.Random(chosen.seed))
    tap.done()


if __name__ == "__main__":
    main()
