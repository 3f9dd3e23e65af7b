#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ARCHITECTURE.md draws the tree that is there: every room, and no file that is not."""

import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

ROOM = re.compile(r" {4}src/(\w+)/ +(.*)")
MORE = re.compile(r" {20}(\S.*)")


def drawn(text):
    """{room: [name of a file or a pattern]} of the drawing."""
    rooms, room = {}, None
    for line in text.splitlines():
        match, more = ROOM.fullmatch(line), MORE.fullmatch(line)
        if match:
            room = match[1]
            rooms[room] = []
        elif not more:
            room = None
        if room:
            names = re.sub(r"\([^)]*\)", "", match[2] if match else more[1])
            rooms[room] += names.split()
    return rooms


def missing(rooms, source):
    """What is drawn and not there, and rooms that are there and not drawn."""
    rows = [f"src/{path.name} is not drawn" for path in sorted((source / "src").iterdir())
            if path.is_dir() and path.name not in rooms]
    for room, names in rooms.items():
        for name in names:
            base = name.rstrip("/")
            forms = (base,) if "." in base else (base, base + ".c")
            if not any(any((source / "src" / room).glob(form)) for form in forms):
                rows.append(f"src/{room}/{name} is drawn and not there")
    return rows


def main():
    tap = Tap("house")
    sample = ("    src/rt/     math.h (fma, exp) nonesuch\n                    sha256 x_*\n"
              "\ntext sha256\n")
    tap.check(drawn(sample) == {"rt": ["math.h", "nonesuch", "sha256", "x_*"]}, "a drawing is read",
              str(drawn(sample)))
    rows = missing(drawn(sample), SOURCE)
    wanted = {"src/rt/nonesuch is drawn and not there", "src/rt/x_* is drawn and not there",
              "src/base is not drawn"}
    tap.check(wanted <= set(rows) and not any("sha256" in row for row in rows),
              "what is missing is found", rows)
    rooms = drawn((SOURCE / "ARCHITECTURE.md").read_text())
    rows = missing(rooms, SOURCE)
    tap.check(sum(map(len, rooms.values())) > 100 and not rows, "ARCHITECTURE.md is the tree", rows)
    tap.done()


if __name__ == "__main__":
    main()
