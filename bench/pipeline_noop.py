#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ten stages, nothing to do: `gyre run` beside `dvc repro` and `make`, interleaved. Then DVC as the
oracle: after each of several changes both must run the same stages.

Usage: pipeline_noop.py [--rounds N] [--without-dvc]
DVC is installed by pip into .venv-dvc if it is not there.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
PEERS = SOURCE / ".venv-dvc"
STAGES = 10
LIMIT_MS = 10.0


def install_dvc():
    dvc = PEERS / "bin/dvc"
    if not dvc.exists():
        subprocess.run([SOURCE / "tools" / "setup", "peers"], check=True)
    return dvc


def stages_yaml():
    """A chain with side branches and parameters, as both programs read it. Without DVC's cache,
    so that what a stage made is no input of the comparison; gyre has small outputs of its store back all the same."""
    lines = ["stages:"]
    for i in range(1, STAGES + 1):
        needs = [f"s{i - 1}"] + ([f"s{i - 3}"] if i % 3 == 0 else [])
        lines += [f"  st{i}:", f"    cmd: cat {' '.join(needs)} > s{i}; echo st{i} >> ran",
                  f"    deps: [{', '.join(needs)}]", f"    outs: [s{i}: {{cache: false}}]"]
        if i % 4 == 0:
            lines.append(f"    params: [p{i}]")
    return "\n".join(lines) + "\n"


def make_folders(top, dvc, environment):
    folders = {}
    for name in ("gyre", "dvc", "make"):
        folder = folders[name] = top / name
        folder.mkdir()
        (folder / "s0").write_text("1\n")
        (folder / "params.yaml").write_text("p4: 1\np8: 1\n")
        subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True, env=environment)
    (folders["gyre"] / "gyre.yaml").write_text(stages_yaml())
    subprocess.run(["gyre", "init"], cwd=folders["gyre"], check=True, stdout=subprocess.DEVNULL)
    (folders["dvc"] / "dvc.yaml").write_text(stages_yaml())
    rules = ["all: s10"] + [f"s{i}: s{i - 1}\n\tcp s{i - 1} s{i}" for i in range(1, STAGES + 1)]
    (folders["make"] / "Makefile").write_text("\n".join(rules) + "\n")
    if dvc:
        for command in (["init", "-q"], ["config", "core.analytics", "false"],
                        ["config", "core.site_cache_dir", str(top / "site")]):
            subprocess.run([dvc, *command], cwd=folders["dvc"], check=True, env=environment)
    return folders


def measure(command, folder, environment):
    """(wall ms, CPU ms, peak RSS MiB) of one command. A child begins with the pages of this
    program: under its 15 MiB the RSS is not told."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command}: status {process.returncode}")
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss / 1024


def stages_ran(command, folder, environment):
    ran = folder / "ran"
    ran.unlink(missing_ok=True)
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return ran.read_text().split() if ran.exists() else []


def compare_with_dvc(commands, folders, environment):
    """After each change, both run the same stages; the number of changes that agree."""
    def edit(name, text):
        return lambda folder: (folder / name).write_text(text)

    changes = {
        "the first input": edit("s0", "2\n"),
        "a parameter of stage 4": edit("params.yaml", "p4: 2\np8: 1\n"),
        "only the spelling of a parameter": edit("params.yaml", "p8: 1 # eight\np4: 2\n"),
        "an output edited": edit("s5", "edited\n"),
        "an output removed": lambda folder: (folder / "s9").unlink(),
        "the last parameter": edit("params.yaml", "p4: 2\np8: 9\n"),
        "nothing": lambda folder: None,
    }
    agreed = 0
    for what, change in changes.items():
        ran = {}
        for name in ("gyre", "dvc"):
            change(folders[name])
            ran[name] = stages_ran(commands[name], folders[name], environment)
        same = ran["gyre"] == ran["dvc"]
        agreed += same
        print(f"  {what}: {' '.join(ran['gyre']) or 'none'}{'' if same else '; dvc: ' + (' '.join(ran['dvc']) or 'none')}")
    print(f"  same stages as dvc repro after {agreed} of {len(changes)} changes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--without-dvc", action="store_true")
    options = parser.parse_args()
    dvc = None if options.without_dvc else install_dvc()
    with tempfile.TemporaryDirectory() as top:
        top = pathlib.Path(top)
        environment = os.environ | {"HOME": str(top), "DVC_NO_ANALYTICS": "1",
                                    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
                                    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org"}
        folders = make_folders(top, dvc, environment)
        commands = {"gyre": ["gyre", "run", "-q"], "make": ["make", "-s"]}
        if dvc:
            commands["dvc"] = [str(dvc), "repro", "-q", "--no-run-cache"]
        for name, command in commands.items():
            stages_ran(command, folders[name], environment)
            stages_ran(command, folders[name], environment)
        figures = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                figures[name].append(measure(command, folders[name], environment))
        print(f"{STAGES} stages, nothing to do, {options.rounds} rounds interleaved")
        print(f"  {'':6}{'wall min':>10}{'median':>10}{'CPU min':>10}{'median':>10}{'RSS up to':>12}")
        for name, rows in figures.items():
            wall, cpu, rss = zip(*rows)
            print(f"  {name:6}{min(wall):7.1f} ms{statistics.median(wall):7.1f} ms{min(cpu):7.1f} ms"
                  f"{statistics.median(cpu):7.1f} ms{max(rss):8.1f} MiB")
        median = statistics.median(row[0] for row in figures["gyre"])
        if dvc:
            peer = statistics.median(row[0] for row in figures["dvc"])
            print(f"  dvc repro takes {peer / median:.0f} x as long")
            compare_with_dvc(commands, folders, environment)
        print(f"  {median:.1f} ms, to be reached: {LIMIT_MS:.0f} ms")
        return median > LIMIT_MS


if __name__ == "__main__":
    sys.exit(main())
