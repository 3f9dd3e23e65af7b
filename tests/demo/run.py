#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal: the tutorial runs as it is written, and finds what was planted. Method: `tools/demo` with few images, its report against bounds.

The bounds are wide: they say that the loop works, not how well; `make demo` and `make bench` measure that. run.py BUILD
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from tap import Tap  # noqa: E402


def main():
    tap = Tap("demo/small")
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "ROWS": "2000", "SEED": "3", "OUT": folder, "BUILD": sys.argv[1]}
        done = subprocess.run([SOURCE / "tools" / "demo"], env=env, capture_output=True, text=True)
        tap.check(done.returncode == 0, "the tutorial runs to its end", (done.stdout + done.stderr).splitlines()[-30:])
        if done.returncode != 0:
            tap.done()
        report = json.loads((pathlib.Path(folder) / "report.json").read_text())
        page = (pathlib.Path(folder) / "report.html").read_text()
        tap.check(report["rows_found"] == report["rows_broken"] > 0 and report["rows_found_falsely"] == 0, "every broken row is found, and no other", report)
        tap.check(report["accuracy_spoilt"] < report["accuracy_cleaned"] <= report["accuracy_truth"] + 0.02, "cleaning pays", report)
        tap.check(report["label_precision"] > 0.7 and report["label_recall"] > 0.5, "wrong labels are found", report)
        tap.check(report["duplicate_precision"] > 0.8 and report["duplicate_recall"] > 0.8, "copies are found", report)
        tap.check(set(report["devices"]) == {"model", "model.int8"} and report["device_host_mismatches"] == 0, "the device's bytes are the host's", report)
        tap.check(all(device["images"] >= 500 for device in report["devices"].values()), "500 images ran on the device")
        tap.check("<script" not in page and "http://" not in page.replace("http://www.w3.org", ""), "the page loads nothing")
    tap.done()


main()
