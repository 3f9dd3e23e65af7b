#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every format that gyre reads, with a bit turned and cut short, through the commands that read it.

Usage: run.py [--build BUILD] [--seed N] [--every] [NAME]...

tests/hostile/NAME.sh defines functions of bash. `prepare` fills an empty folder, once; lines
`# file: PATH` (a pattern) name the files to damage there. `act` reads such a file, whose path is in
FILE, and prints what it makes of it. For each damage, in a copy of the folder:

- act ends, with an exit status of gyre's own: no signal, no sanitizer's report;
- a failure says something, on stderr, that has one of the words of `# names: WORD...` in it (if given);
- where the script has a line `# finds`, act fails for every damage;
- where it defines `same`, and act succeeds, `same` prints what it printed before the damage.

One bit of every byte, drawn from a printed seed, and a cut at every length; of files with more than
some hundred bytes only as many, evenly. With --every: all, but for the inside of runs of one byte (the empty
part of a database's page), of which one place in 32 is taken.
"""

import argparse
import concurrent.futures
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

FLIPS, CUTS, ROWS_MAX, RUN_STEP = 60, 24, 9, 32
OWN_STATUS = range(0, 9)
SANITIZER = re.compile("AddressSanitizer|runtime error:|LeakSanitizer")


class Target:
    """One NAME.sh and its prepared folder."""

    def __init__(self, path, top, build):
        self.path, self.top, self.build = path, top, build
        self.template = top / "template"
        self.template.mkdir()
        (top / "home").mkdir()
        (top / "no_hooks").mkdir()
        text = path.read_text()
        self.patterns = re.findall("^# file: (.*)$", text, re.M)
        self.names = " ".join(re.findall("^# names: (.*)$", text, re.M)).split()
        self.finds = re.search("^# finds$", text, re.M) is not None
        self.compares = re.search("^same\\(\\)", text, re.M) is not None
        done = self.call("prepare", self.template, "")
        if done.returncode != 0:
            raise RuntimeError(f"prepare of {path.name} fails: {done.stdout}{done.stderr}")
        self.files = sorted(found.relative_to(self.template) for pattern in self.patterns
                            for found in self.template.glob(pattern) if found.is_file())

    def call(self, function, folder, file):
        """Run one of the script's functions in a folder."""
        scratch = self.top / f"tmp-{folder.name}"
        scratch.mkdir(exist_ok=True)
        given = environment(self.top / "home", scratch, self.build)
        given |= {"FILE": str(file), "GIT_TEMPLATE_DIR": str(self.top / "no_hooks")}
        given.setdefault("ASAN_OPTIONS", "detect_leaks=0")
        command = f'. "${{0%/*}}/../fault/prelude.sh"; . "$0"; {function}'
        done = subprocess.run(["bash", "-eu", "-c", command, self.path], cwd=folder, env=given,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=120, check=False)
        shutil.rmtree(scratch)
        return done

    def damaged(self, number, file, data):
        """A copy of the folder with other bytes in one of its files."""
        folder = self.top / str(number)
        shutil.copytree(self.template, folder, symlinks=True)
        place = folder / file
        stat = place.stat()
        place.chmod(0o644)
        place.write_bytes(data)
        os.utime(place, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        return folder

    def judge(self, number, file, what, data, wanted):
        """What is wrong after this damage, as lines."""
        folder = self.damaged(number, file, data)
        done = self.call("act", folder, file)
        rows = []
        if done.returncode not in OWN_STATUS or SANITIZER.search(done.stderr):
            rows.append(f"ended with {done.returncode}: {done.stderr.strip()[-600:]}")
        elif done.returncode >= 2 and not done.stderr.strip():
            rows.append(f"status {done.returncode} without a message")
        elif done.returncode >= 2 and self.names and not any(n in done.stderr for n in self.names):
            rows.append(f"it does not say where: {done.stderr.strip()[:300]}")
        if self.finds and done.returncode == 0:
            rows.append("it is not found")
        if self.compares and done.returncode == 0 and not rows:
            same = self.call("same", folder, file)
            if same.stdout != wanted:
                rows.append(f"not found, and not the same: {same.stdout[:300]!r}")
        shutil.rmtree(folder)
        return [f"{file} {what}: {row}" for row in rows]


def spread(data, most, every):
    """Places in these bytes: all that tell something, or at most so many, evenly."""
    count = len(data)
    if every:
        return [at for at in range(count) if at % RUN_STEP == 0 or not data[at] == data[at - 1] == data[(at + 1) % count]]
    return range(count) if count <= most else sorted({i * count // most for i in range(most)})


def run(tap, pool, path, chosen):
    """All damages of one target."""
    with tempfile.TemporaryDirectory(prefix="gyre-hostile-") as top:
        target = Target(path, pathlib.Path(top).resolve(), pathlib.Path(chosen.build).resolve())
        draw = random.Random(chosen.seed)
        jobs = []
        for file in target.files:
            data = (target.template / file).read_bytes()
            whole = target.call("act", target.damaged("whole", file, data), file)
            wanted = target.call("same", top_of(target, "whole"), file).stdout if target.compares else ""
            shutil.rmtree(target.top / "whole")
            if whole.returncode not in (0, 1):
                tap.check(False, f"{path.stem}: act on the whole {file}", whole.stdout + whole.stderr)
                continue
            share = max(1, len(target.files))
            for at in spread(data, max(4, FLIPS // share), chosen.every):
                bit = 1 << draw.randrange(8)
                bytes_now = data[:at] + bytes([data[at] ^ bit]) + data[at + 1:]
                jobs.append((file, f"byte {at} ^ {bit}", bytes_now, wanted))
            for size in spread(data, max(4, CUTS // share), chosen.every):
                jobs.append((file, f"cut to {size}", data[:size], wanted))
        found = [row for rows in pool.map(lambda job: target.judge(job[0], *job[1]), enumerate(jobs))
                 for row in rows]
        tap.check(jobs and not found, f"{path.stem}: {len(jobs)} damages of {len(target.files)} files",
                  found[:ROWS_MAX])


def top_of(target, name):
    """A folder of the target's by name."""
    return target.top / name


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    options.add_argument("--build", default=str(SOURCE / "build"))
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options.add_argument("--every", action="store_true")
    options.add_argument("names", nargs="*")
    chosen = options.parse_args()
    folder = SOURCE / "tests/hostile"
    names = chosen.names or sorted(path.stem for path in folder.glob("*.sh"))
    tap = Tap("hostile")
    print(f"# seed {chosen.seed}")
    with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count())) as pool:
        for name in names:
            run(tap, pool, folder / f"{name}.sh", chosen)
    tap.done()


if __name__ == "__main__":
    main()
