#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast the program starts: `gyre --version` beside `git --version`, and `gyre status` beside
`git status` in a small project with nothing changed, interleaved. Limit: twice git's median."""

import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
ROUNDS, FILES, TIMES_MAX = 200, 50, 2.0


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(commands, folder, environment):
    """{name: (minimum ms, median ms, CPU ms)} of commands, each round all of them in turn."""
    walls = {name: [] for name in commands}
    used = dict.fromkeys(commands, 0.0)
    for _ in range(ROUNDS):
        for name, command in commands.items():
            before, began = children_seconds(), time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment, check=True,
                           stdout=subprocess.DEVNULL)
            walls[name].append(1000 * (time.perf_counter() - began))
            used[name] += children_seconds() - before
    return {name: (min(times), statistics.median(times), 1000 * used[name] / ROUNDS)
            for name, times in walls.items()}


def make_project(folder, gyre, environment):
    (folder / "data").mkdir()
    for i in range(FILES):
        (folder / "data" / f"{i}.txt").write_text(f"{i}\n" * 100)
    for command in (["git", "init", "-q"], [gyre, "init", "--quiet"], [gyre, "add", "data"],
                    ["git", "add", "-A"], ["git", "commit", "-qm", "one"]):
        subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def main():
    build = os.environ.get("GYRE_BUILD", SOURCE / "build")
    gyre = str(pathlib.Path(build) / "src/cli/gyre")
    late = False
    with tempfile.TemporaryDirectory() as top:
        folder = pathlib.Path(top)
        environment = {"PATH": os.environ["PATH"], "HOME": top, "GIT_AUTHOR_NAME": "A",
                       "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
                       "GIT_COMMITTER_EMAIL": "a@example.org"}
        make_project(folder, gyre, environment)
        print(f"{'':14} {'min ms':>8} {'median':>8} {'CPU ms':>8}")
        for verb in ("--version", "status"):
            rows = measure({"gyre": [gyre, verb], "git": ["git", verb]}, folder, environment)
            for name, row in rows.items():
                print(f"{name + ' ' + verb:14} {row[0]:8.2f} {row[1]:8.2f} {row[2]:8.2f}")
            times = rows["gyre"][1] / rows["git"][1]
            late |= times > TIMES_MAX
            print(f"{'ratio':14} {rows['gyre'][0] / rows['git'][0]:8.2f} {times:8.2f} "
                  f"{rows['gyre'][2] / rows['git'][2]:8.2f}   at most {TIMES_MAX} (median)")
    sys.exit(late)


if __name__ == "__main__":
    main()
