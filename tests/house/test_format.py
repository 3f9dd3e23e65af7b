#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file is as clang-format leaves it: of one stated version, since each version differs."""

import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

VERSION = "version 19.1.7"


def find_tool():
    """clang-format of the stated version, or None."""
    for place in (shutil.which("clang-format"), SOURCE / ".venv/bin/clang-format"):
        if place and pathlib.Path(place).exists():
            done = subprocess.run([place, "--version"], capture_output=True, text=True, check=False)
            if VERSION in done.stdout:
                return place
    return None


def main():
    tap = Tap("house")
    tool = find_tool()
    if tool is None:
        tap.skip("format", f"clang-format {VERSION} is not there")
        tap.done()
    sample = subprocess.run([tool, "--style=file", "--assume-filename=src/x.c", "--dry-run",
                             "-Werror"], input="int  x;\n", text=True, cwd=SOURCE,
                            capture_output=True, check=False)
    tap.check(sample.returncode != 0, "what is not formatted is found")
    done = subprocess.run(["git", "-C", SOURCE, "ls-files", "*.c", "*.h"], capture_output=True,
                          text=True, check=False)
    names = [name for name in done.stdout.splitlines()
             if "/data/" not in name and (SOURCE / name).exists()]
    bad = subprocess.run([tool, "--dry-run", "-Werror", *names], cwd=SOURCE, capture_output=True,
                         text=True, check=False)
    lines = [line for line in bad.stderr.splitlines() if "error:" in line]
    tap.check(names and bad.returncode == 0, f"{len(names)} files are formatted", lines[:20])
    tap.done()


if __name__ == "__main__":
    main()
