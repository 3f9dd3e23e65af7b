# SPDX-License-Identifier: Apache-2.0
"""What the quality benchmarks share: the peers' venv, the table, timed runs of whole processes."""

import os
import pathlib
import statistics
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
GYRE = SOURCE / "build/gyre" if (SOURCE / "build/gyre").exists() else SOURCE / "build/src/cli/gyre"


def python(name):
    """The Python of a peers' venv, which tools/setup makes."""
    found = pathlib.Path(os.environ.get("GYRE_PEER_PYTHON", SOURCE / f".venv-{name}" / "bin/python"))
    if not found.exists():
        sys.exit(f"no {found}: run `tools/setup peers` first")
    return found


def table(rows):
    """The table of that many rows, made once."""
    path = SOURCE / f"out/bench/quality/{rows}.parquet"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        subprocess.run([python("pandera"), SOURCE / "bench/_quality_data.py", draft, str(rows)], check=True)
        draft.rename(path)
    return path


class Runs:
    """CPU seconds, seconds by the clock and peak RSS by name."""

    def __init__(self):
        self.rows, self.good = {}, True

    def run(self, name, command, may_fail=False, **environment):
        start = time.monotonic()
        child = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 env=os.environ | environment)
        _, status, used = os.wait4(child.pid, 0)
        if status != 0 and not (may_fail and os.waitstatus_to_exitcode(status) == 1):
            sys.exit(f"{name} ended with status {os.waitstatus_to_exitcode(status)}")
        self.rows.setdefault(name, []).append((used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, time.monotonic() - start))

    def show(self):
        print(f"{'':24} {'CPU s min':>10} {'median':>8} {'clock s':>8} {'RSS MB':>8}")
        for name, found in self.rows.items():
            cpu, rss, clock = zip(*found)
            print(f"{name:24} {min(cpu):10.2f} {statistics.median(cpu):8.2f} {min(clock):8.2f} {max(rss):8.0f}")

    def limit(self, name, peer, cpu, rss_mb):
        ours, theirs = (min(seconds for seconds, _, _ in self.rows[key]) for key in (name, peer))
        rss = max(found for _, found, _ in self.rows[name])
        self.good = self.good and ours <= cpu * theirs and rss <= rss_mb
        print(f"{name} / {peer}: {ours / theirs:.2f} of the CPU time (limit {cpu}), {rss:.0f} MB (limit {rss_mb})")

    def verdict(self):
        print("within the limits" if self.good else "over a limit")
        return 0 if self.good else 1
