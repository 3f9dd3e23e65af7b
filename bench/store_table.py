#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A large CSV, then its next version: 38 bytes in front, 1 % of the rows changed one by one. What the
store grows by beside `zstd --patch-from --long=27` of the whole old file, and beside `dvc add`.

Usage: store_table.py [--rows N] [--rounds N] [--without-dvc]

Wall seconds (minimum, median), CPU seconds, peak RSS. Limit: at most twice zstd's patch. After each
round both versions are checked out and compared byte by byte.
"""

import argparse
import os
import pathlib
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
PEERS = SOURCE / ".venv-dvc"
WORK = SOURCE / "out/bench/store_table"
TIMES_MAX = 2.0
WORDS = ["alpha", "bravo", "car", "delta", "echo", "fox", "green", "hotel"]


def write_versions(folder, rows):
    """old.csv and new.csv: ids, times, users, prices, four features, a country, three words."""
    draw = random.Random(11)
    when = 1_700_000_000
    head = "id,ts,user,price,qty,f0,f1,f2,f3,country,text\n"
    with open(folder / "old.csv", "w") as old, open(folder / "new.csv", "w") as new:
        old.write(head)
        new.write("# a comment line of 37 bytes in front\n" + head)
        for i in range(rows):
            when += draw.randrange(3)
            start = f"{i},{when},{draw.randrange(5_000_000)},{draw.expovariate(.05):.2f},"
            end = ",".join(f"{draw.gauss(0, 1):.6f}" for _ in range(4))
            end += f",{draw.choice(('DE', 'FR', 'US'))},{' '.join(draw.choices(WORDS, k=3))}\n"
            quantity = draw.randrange(1, 9)
            old.write(f"{start}{quantity},{end}")
            new.write(f"{start}{9 if draw.randrange(100) == 0 else quantity},{end}")


class Timer:
    """What commands take, by name."""

    def __init__(self):
        self.rows = {}

    def run(self, name, folder, *command):
        environment = dict(os.environ, HOME=str(folder), GIT_CONFIG_NOSYSTEM="1",
                           DVC_NO_ANALYTICS="1")
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        child = subprocess.Popen([str(part) for part in command], cwd=folder, env=environment,
                                 stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status
        if status != 0:
            raise RuntimeError(f"{name} fails")
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.rows.setdefault(name, []).append((wall, cpu, used.ru_maxrss / 1024))

    def report(self):
        print(f"{'':24}{'min s':>9}{'median s':>10}{'CPU s':>8}{'RSS MiB':>9}")
        for name, rows in self.rows.items():
            walls = [row[0] for row in rows]
            print(f"{name:24}{min(walls):9.3f}{statistics.median(walls):10.3f}"
                  f"{statistics.median(row[1] for row in rows):8.2f}{max(row[2] for row in rows):9.0f}")


def bytes_in(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def same(left, right):
    return subprocess.run(["cmp", "-s", left, right], check=False).returncode == 0


def gyre_round(timer, gyre, folder):
    """The bytes of the first version in the store, and what the second adds."""
    timer.run("(start)", folder, "git", "init", "-q", ".")
    timer.run("(start)", folder, gyre, "init")
    shutil.copy(WORK / "old.csv", folder / "t.csv")
    timer.run("gyre add, old", folder, gyre, "add", "t.csv")
    first = bytes_in(folder / ".gyre/packs")
    old_pointer = (folder / "t.csv.gyre").read_bytes()
    shutil.copy(WORK / "new.csv", folder / "t.csv")
    timer.run("gyre add, new", folder, gyre, "add", "t.csv")
    grown = bytes_in(folder / ".gyre/packs") - first
    (folder / "t.csv").unlink()
    timer.run("gyre checkout, new", folder, gyre, "checkout")
    if not same(folder / "t.csv", WORK / "new.csv"):
        raise RuntimeError("checkout made other bytes")
    (folder / "t.csv.gyre").write_bytes(old_pointer)
    timer.run("gyre checkout, old", folder, gyre, "checkout")
    if not same(folder / "t.csv", WORK / "old.csv"):
        raise RuntimeError("checkout made other bytes")
    return first, grown


def dvc_round(timer, dvc, folder):
    timer.run("(start)", folder, "git", "init", "-q", ".")
    timer.run("(start)", folder, dvc, "init", "-q")
    shutil.copy(WORK / "old.csv", folder / "t.csv")
    timer.run("dvc add, old", folder, dvc, "add", "-q", "t.csv")
    first = bytes_in(folder / ".dvc/cache")
    shutil.copy(WORK / "new.csv", folder / "t.csv")
    timer.run("dvc add, new", folder, dvc, "add", "-q", "t.csv")
    return first, bytes_in(folder / ".dvc/cache") - first


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-dvc", action="store_true")
    chosen = parser.parse_args()
    gyre = pathlib.Path(os.environ.get("GYRE_BUILD", SOURCE / "build")) / "src/cli/gyre"
    dvc = PEERS / "bin/dvc"
    if not chosen.without_dvc and not dvc.exists():
        subprocess.run([SOURCE / "tools" / "setup", "peers"], check=True)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    write_versions(WORK, chosen.rows)
    timer, sizes = Timer(), {}
    for number in range(chosen.rounds):
        for name, program, work in (("gyre", gyre, gyre_round), ("dvc", dvc, dvc_round)):
            folder = WORK / f"{name}-{number}"
            if name == "dvc" and chosen.without_dvc:
                continue
            folder.mkdir()
            sizes[name] = work(timer, program, folder)
        timer.run("zstd --patch-from, new", WORK, "zstd", "-q", "-f", "--patch-from", "old.csv",
                  "--long=27", "new.csv", "-o", "patch")
    timer.rows.pop("(start)")
    timer.report()
    raw, patch = (WORK / "new.csv").stat().st_size, (WORK / "patch").stat().st_size
    for name, (first, grown) in sizes.items():
        print(f"{name}: first version {100 * first / raw:.1f} % of {raw} bytes, the second "
              f"{grown} bytes more, {100 * grown / raw:.3f} %")
    times = sizes["gyre"][1] / patch
    print(f"zstd's patch: {patch} bytes; gyre grows by {times:.2f} x that, at most {TIMES_MAX}: "
          f"{'reached' if times <= TIMES_MAX else 'NOT reached'}")
    shutil.rmtree(WORK)
    sys.exit(times > TIMES_MAX)


if __name__ == "__main__":
    main()
