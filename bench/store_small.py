#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""60,000 image files of 784 bytes: `gyre` beside `git` and `dvc`, interleaved, on the file system of
out/bench (ext4 where the limits hold).

Usage: store_small.py [--rounds N] [--files N] [--without-dvc]

Steps, each in every program in turn: add (durable in gyre; git writes a loose object a file, DVC a
copy in its cache), status with nothing changed, checkout where nothing is there. Wall seconds
(minimum, median), CPU seconds of the program and its children, peak RSS, bytes stored. Nothing is
deleted between timed steps: ext4 creates slower for a while after a mass delete. DVC is installed by
pip into .venv-dvc if it is not there. Images: Fashion-MNIST (Debian's
dataset-fashion-mnist); without it, pictures of noise in a frame.
"""

import argparse
import filecmp
import gzip
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
WORK = SOURCE / "out/bench/store_small"
IMAGES = pathlib.Path("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")
SIDE_BYTES = 784
# (step, peer, how many times faster gyre must be; below 1: how much slower it may be)
LIMITS = [("add", "git", 5.0), ("add", "dvc", 10.0), ("status", "git", 1 / 1.2),
          ("checkout", "dvc", 3.0)]


def install_dvc():
    dvc = PEERS / "bin/dvc"
    if not dvc.exists():
        subprocess.run([SOURCE / "tools" / "setup", "peers"], check=True)
    return dvc


def pictures(count):
    """count pictures of 784 bytes."""
    if IMAGES.exists():
        pixels = gzip.decompress(IMAGES.read_bytes())[16:]
        return [pixels[i:i + SIDE_BYTES] for i in range(0, count * SIDE_BYTES, SIDE_BYTES)]
    draw = random.Random(7)
    return [bytes(112) + draw.randbytes(448) + bytes(224) for _ in range(count)]


def write_data(folder, count):
    for i, picture in enumerate(pictures(count)):
        path = folder / str(i % 10) / f"{i:05d}.raw"
        if i < 10:
            path.parent.mkdir(parents=True)
        path.write_bytes(picture)


class Program:
    """One program in one folder of its own, with its measurements."""

    def __init__(self, name, executable, steps, prepare):
        self.name, self.executable = name, executable
        self.steps, self.prepare = steps, prepare
        self.walls, self.cpu, self.rss = {}, {}, {}

    def environment(self, folder):
        return dict(os.environ, HOME=str(folder), GIT_CONFIG_NOSYSTEM="1", DVC_NO_ANALYTICS="1",
                    GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.org", GIT_COMMITTER_NAME="a",
                    GIT_COMMITTER_EMAIL="a@example.org")

    def run(self, folder, command):
        subprocess.run([str(part) for part in command], cwd=folder, check=True,
                       env=self.environment(folder), stdout=subprocess.DEVNULL)

    def timed(self, step, folder, command):
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        child = subprocess.Popen([str(part) for part in command], cwd=folder,
                                 env=self.environment(folder), stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status
        if status != 0:
            raise RuntimeError(f"{self.name} {step} fails")
        self.walls.setdefault(step, []).append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu.setdefault(step, []).append(after.ru_utime + after.ru_stime - before.ru_utime
                                             - before.ru_stime)
        self.rss.setdefault(step, []).append(used.ru_maxrss / 1024)


def stored_bytes(folder, name):
    place = {"gyre": ".gyre/packs", "git": ".git/objects", "dvc": ".dvc/cache"}[name]
    return sum(path.stat().st_blocks * 512 for path in (folder / place).rglob("*")
               if path.is_file())


def make_programs(gyre, dvc):
    git_start = [["git", "init", "-q", "."], ["git", "config", "gc.auto", "0"]]
    programs = [
        Program("gyre", gyre, {"add": [gyre, "add", "images"], "status": [gyre, "status"],
                               "checkout": [gyre, "checkout"]},
                [["git", "init", "-q", "."], [gyre, "init"]]),
        Program("git", "git", {"add": ["git", "add", "images"], "status": ["git", "status", "-s"],
                               "checkout": ["git", "checkout", "-q", "-f", "."]}, git_start),
    ]
    if dvc:
        programs.append(
            Program("dvc", dvc, {"add": [dvc, "add", "-q", "images"], "status": [dvc, "status", "-q"],
                                 "checkout": [dvc, "checkout", "-q"]},
                    [["git", "init", "-q", "."], [dvc, "init", "-q"],
                     [dvc, "config", "core.site_cache_dir", ".dvc/site"]]))
    return programs


def one_round(number, programs, data):
    """All steps of one round; each program's folder stays, so that nothing is deleted."""
    folders = {}
    for program in programs:
        folder = folders[program.name] = WORK / f"{program.name}-{number}"
        folder.mkdir(parents=True)
        for command in program.prepare:
            program.run(folder, command)
        shutil.copytree(data, folder / "images")
    subprocess.run(["sync", "-f", WORK], check=True)
    for step in ("add", "status", "checkout"):
        time.sleep(1)
        for program in programs:
            folder = folders[program.name]
            if step == "checkout":
                (folder / "images").rename(folder / "images.before")
            for _ in range(5 if step == "status" else 1):
                program.timed(step, folder, program.steps[step])
    for program in programs:
        folder = folders[program.name]
        same = filecmp.dircmp(folder / "images", folder / "images.before")
        if any(below.left_only or below.right_only or below.diff_files
               for below in same.subdirs.values()):
            raise RuntimeError(f"{program.name}: checkout made other files")
    return {program.name: stored_bytes(folders[program.name], program.name)
            for program in programs}


def report(programs, stored, files):
    print(f"{files} files of {SIDE_BYTES} bytes")
    print(f"{'':10}{'':10}{'min s':>9}{'median s':>10}{'CPU s':>8}{'RSS MiB':>9}")
    for step in ("add", "status", "checkout"):
        for program in programs:
            walls = program.walls[step]
            print(f"{step:10}{program.name:10}{min(walls):9.3f}{statistics.median(walls):10.3f}"
                  f"{statistics.median(program.cpu[step]):8.2f}{max(program.rss[step]):9.0f}")
    print("stored: " + ", ".join(f"{name} {size / 2 ** 20:.1f} MiB" for name, size in stored.items()))
    by_name = {program.name: program for program in programs}
    reached = True
    for step, peer, limit in LIMITS:
        if peer not in by_name:
            continue
        ratio = (statistics.median(by_name[peer].walls[step])
                 / statistics.median(by_name["gyre"].walls[step]))
        reached &= ratio >= limit
        print(f"{step}: gyre is {ratio:.2f} x as fast as {peer}, asked for {limit:.2f}: "
              f"{'reached' if ratio >= limit else 'NOT reached'}")
    return reached


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=60000)
    parser.add_argument("--without-dvc", action="store_true")
    parser.add_argument("--write", type=pathlib.Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.write:
        write_data(chosen.write, chosen.files)
        return
    build = pathlib.Path(os.environ.get("GYRE_BUILD", SOURCE / "build"))
    programs = make_programs(build / "src/cli/gyre", None if chosen.without_dvc else install_dvc())
    shutil.rmtree(WORK, ignore_errors=True)
    data = WORK / "data"
    data.mkdir(parents=True)
    # In a process of its own: the peak RSS of a child counts what its parent held when it forked.
    subprocess.run([sys.executable, __file__, "--write", data, "--files", str(chosen.files)],
                   check=True)
    stored = {}
    for number in range(chosen.rounds):
        stored = one_round(number, programs, data)
    reached = report(programs, stored, chosen.files)
    shutil.rmtree(WORK)
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
