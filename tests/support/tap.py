# SPDX-License-Identifier: Apache-2.0
"""TAP output for tests in Python, and the one rule of skipping.

A test that cannot run here (a tool is missing, say) fails, unless tests/may_skip names it with a
reason: a machine that lacks something must not turn a red suite green.
"""

import pathlib
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def may_skip():
    """Names that may be skipped, each with its reason."""
    rows = {}
    for line in (SOURCE / "tests/may_skip").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.partition(": ")
            if not reason.strip():
                raise ValueError(f"tests/may_skip: '{name}' has no reason")
            rows[name] = reason.strip()
    return rows


class Tap:
    """Counts checks, prints them, and ends the program with their verdict."""

    def __init__(self, suite):
        self.suite = suite
        self.count = 0
        self.failed = 0

    def check(self, good, name, detail=""):
        """One check; detail (lines) is shown when it fails."""
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        if not good:
            lines = detail if isinstance(detail, list) else str(detail).splitlines()
            for line in lines:
                print(f"# {line}")
        sys.stdout.flush()
        return good

    def skip(self, name, reason):
        """The check cannot run here: a failure unless tests/may_skip lists SUITE/NAME."""
        if f"{self.suite}/{name}" not in may_skip():
            self.check(False, name, f"cannot run: {reason}; to allow that, add "
                                    f"'{self.suite}/{name}: REASON' to tests/may_skip")
            return
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}", flush=True)

    def done(self):
        """Print the plan and end. No check at all is a failure."""
        print(f"1..{self.count}")
        sys.exit(self.failed > 0 or self.count == 0)
