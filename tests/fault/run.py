#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole commands with the n-th allocation or I/O call failing, and killed at it, for every n.

Usage: run.py [--build BUILD] [--seed N] [NAME]...

tests/fault/NAME.sh defines three functions of bash. `prepare` fills an empty folder, once. `act` is
the command under fault, in a copy of that folder. `verify`, without a fault, looks at what is left,
with the exit status of `act` in STATUS: after 0 the deed is done; after anything else the old state
stands and the command can simply be run again. The runner holds the rest: a failure has a message, and
no call crashes.

Every n to 300, then 50 more from a printed seed. Kinds: memory (one allocation fails), io (one call
fails with EIO), io+ (it and all after it), nospace (ENOSPC), kill (SIGKILL in place of the call).
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
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
CLEAN_STATUS = {0, 7, 8}  # done; input/output error; out of memory
KILLED = -9


class Scenario:
    """One NAME.sh and its prepared folder."""

    def __init__(self, path, top, build):
        self.path, self.top, self.build = path, top, build
        self.template = top / "template"
        self.template.mkdir()
        (top / "home").mkdir()
        self.call("prepare", self.template, {}, check=True)

    def call(self, function, folder, more, check=False):
        """Run one of the script's functions in a folder."""
        scratch = self.top / f"tmp-{folder.name}"
        scratch.mkdir(exist_ok=True)
        given = environment(self.top / "home", scratch, self.build) | more
        done = subprocess.run(["bash", "-eu", "-c", f'. "$0"; {function}', self.path], cwd=folder,
                              env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=120, check=False)
        shutil.rmtree(scratch)
        if check and done.returncode != 0:
            raise RuntimeError(f"{function} of {self.path.name} fails: {done.stderr}")
        return done

    def counts(self):
        """How many calls of each sort there are to fail."""
        folder, file = self.top / "count", self.top / "counts"
        shutil.copytree(self.template, folder, symlinks=True)
        self.call("act", folder, {"GYRE_FAULT": "memory:0", "GYRE_FAULT_COUNT": str(file)}, check=True)
        most = collections.Counter()
        for line in file.read_text().splitlines():
            sort, number = line.split()
            most[sort] = max(most[sort], int(number))
        shutil.rmtree(folder)
        return most

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
        if not killed and status not in CLEAN_STATUS:
            rows.append(f"exit status {status}: {acted.stderr.strip()[-300:]}")
        if not killed and status != 0 and not acted.stderr.strip():
            rows.append(f"exit status {status} without a message")
        verified = self.call("verify", folder, {"STATUS": str(status)})
        if verified.returncode != 0:
            rows += [f"verify after status {status}: {verified.stdout.strip()[-300:]}",
                     f"  {verified.stderr.strip()[-300:]}", f"  act said: {acted.stderr.strip()[-300:]}"]
        shutil.rmtree(folder)
        return [f"{name}: {row}" for row in rows]


def run(tap, pool, path, build, draw):
    """All kinds of faults of one scenario."""
    with tempfile.TemporaryDirectory(prefix="gyre-fault-") as top:
        scenario = Scenario(path, pathlib.Path(top).resolve(), build)
        counts = scenario.counts()
        for kind, sort in KINDS.items():
            most = counts[sort]
            numbers = list(range(1, min(most, EVERY_MAX) + 1))
            if most > EVERY_MAX:
                rest = range(EVERY_MAX + 1, most + 1)
                numbers += sorted(draw.sample(rest, min(DRAWN, len(rest))))
            found = [row for rows in pool.map(lambda n, k=kind: scenario.fault(k, n), numbers)
                     for row in rows]
            tap.check(numbers and not found,
                      f"{path.stem}: {kind}, {len(numbers)} of {most} calls", found[:ROWS_MAX])


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    options.add_argument("--build", default=str(SOURCE / "build"))
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options.add_argument("names", nargs="*")
    chosen = options.parse_args()
    folder = SOURCE / "tests/fault"
    names = chosen.names or sorted(path.stem for path in folder.glob("*.sh"))
    tap = Tap("fault")
    print(f"# seed {chosen.seed}")
    with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count())) as pool:
        for name in names:
            run(tap, pool, folder / f"{name}.sh", pathlib.Path(chosen.build).resolve(),
                random.Random(chosen.seed))
    tap.done()


if __name__ == "__main__":
    main()
