#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What no tracked file may say, and that every list of the tree names what is there."""

import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

FORBIDDEN = {
    "a path of somebody's machine": re.compile(
        rb"(?<![\w.$}])/(?:root|home|work|workspace|Users)/[\w.-]+|/tmp/[a-z]/"),
    "the host of a package registry": re.compile(
        rb"pypi\.(?:org|python)|pythonhosted|registry\.npmjs|deb\.debian|debian\.org/debian"
        rb"|proxy\.golang|--(?:extra-)?index-url|static\.crates"),
}
ALLOWED = {"tests/house/test_text.py"}  # it spells out what it looks for


def tracked():
    """Files that git knows, or all of them where there is no git."""
    done = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z"], capture_output=True, check=False)
    names = done.stdout.decode().split("\0") if done.returncode == 0 else []
    return [name for name in names if name and (SOURCE / name).is_file()]


def forbidden(name, contents):
    """What a file says that it must not."""
    rows = []
    for what, pattern in FORBIDDEN.items():
        match = pattern.search(contents)
        if match and name not in ALLOWED:
            line = contents.count(b"\n", 0, match.start()) + 1
            rows.append(f"{name}:{line}: {what}: {match[0].decode('utf-8', 'replace')}")
    return rows


def rows_of(file, macro):
    """The rows MACRO(name, ...) of a .def file; none if there is no such file yet."""
    path = SOURCE / file
    text = path.read_text() if path.exists() else ""
    return re.findall(rf"^{macro}\((\w+)", text, re.M)


def check_commands(tap, names):
    """Every command has its file and its tests, and stands in order."""
    commands = rows_of("src/cli/commands.def", "COMMAND")
    tap.check(len(commands) > 3 and commands == sorted(commands), "commands.def is sorted", commands)
    lost = [name for name in commands if f"src/cli/cmd_{name.replace('-', '_')}.c" not in names]
    tap.check(not lost, "every command has its file", lost)
    files = [name for name in names if re.match(r"src/cli/cmd_\w+\.c", name)]
    lost = [name for name in files if pathlib.Path(name).stem[4:] not in commands]
    tap.check(not lost, "every cmd_*.c has its row", lost)
    scripts = "\n".join((SOURCE / name).read_text() for name in names
                        if re.match(r"tests/cli/.*\.sh", name))
    lost = [name for name in commands
            if not re.search(rf"\bgyre (?:-C \S+ )?{name}\b", scripts)]
    tap.check(not lost, "every command is run by a script of tests/cli", lost)


def check_lists(tap, names):
    """Every list names what is there, and all of it."""
    operators = rows_of("src/model/ops.def", "OP")
    lost = [name for name in operators if not any(
        file.startswith("src/model/ops/") and re.search(rf"\bgy_op_{name}\b",
                                                        (SOURCE / file).read_text())
        for file in names)]
    tap.check(not lost, f"each of {len(operators)} operators has its file", lost)
    lost = []
    for name in names:
        match = re.match(r"tests/(unit/\w+)/test_(\w+)\.c$", name)
        if match:
            build = SOURCE / "tests" / match[1] / "meson.build"
            listed = build.exists() and f"'{match[2]}'" in build.read_text()
            if not listed and f"'{name[6:]}'" not in (SOURCE / "tests/meson.build").read_text():
                lost.append(name)
        match = re.match(r"src/(?:\w+/)+\w+\.c$", name)
        if match:
            builds = [folder / "meson.build" for folder in (SOURCE / name).parents]
            if not any(build.exists() and f"{pathlib.Path(name).name}'" in build.read_text()
                       for build in builds):
                lost.append(name)
    tap.check(not lost, "every C file and every unit test is built", lost)


def check_licences(tap, names):
    """The first line of a C file names its licence: 0BSD for what ships in firmware."""
    rows = []
    for name in names:
        if re.match(r"(?:src|include|tests)/.*\.[ch]$", name) and "/data/" not in name:
            licence = "0BSD" if name.startswith(("src/rt/", "src/compile/device/")) else "Apache-2.0"
            first = (SOURCE / name).read_text().split("\n", 1)[0]
            if first != f"// SPDX-License-Identifier: {licence}":
                rows.append(f"{name}: {first}")
    tap.check(not rows, "every C file names its licence", rows)


def main():
    tap = Tap("house")
    tap.check(len(forbidden("x", b"in " + b"/root" + b"/x")) == 1, "a path is found")
    tap.check(not forbidden("x", b"$HOME/work/x, ../home/x, a/work/b"), "others pass")
    names = tracked()
    if not names:
        tap.skip("tracked_files", "this is no git work tree")
        tap.done()
    rows = [row for name in names for row in forbidden(name, (SOURCE / name).read_bytes())]
    tap.check(not rows, f"{len(names)} files name no machine and no registry", rows)
    check_commands(tap, set(names))
    check_lists(tap, set(names))
    check_licences(tap, names)
    tap.done()


if __name__ == "__main__":
    main()
