#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A name means one thing: no two rooms define the same type, macro or constant in their headers.
The compiler does not see it as long as nobody includes both."""

import collections
import pathlib
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests/support"), str(SOURCE / "tests/house")]
from tap import Tap  # noqa: E402
from test_circles import code_of, defined_in_header, project_files  # noqa: E402


def room_of(path):
    """The room of a header: src/ROOM/..., include/gyre/ROOM.h; None: kernels, of which a program
    has one set."""
    parts = path.split("/")
    if path.startswith("include/"):
        return pathlib.Path(path).stem
    return None if "kernels" in parts or parts[0] != "src" else parts[1]


def shared(files):
    """Names that more than one room defines, each with its headers."""
    homes = collections.defaultdict(dict)
    for path, text in files.items():
        if path.endswith(".h") and room_of(path):
            for name in defined_in_header(code_of(text)):
                if name.startswith(("gy_", "GY_")):
                    homes[name].setdefault(room_of(path), path)
    return [f"{name}: {', '.join(sorted(rooms.values()))}"
            for name, rooms in sorted(homes.items()) if len(rooms) > 1]


def main():
    tap = Tap("house")
    sample = {"src/a/x.h": "typedef struct gy_x {\n    int y;\n} gy_x;\n",
              "src/b/y.h": "typedef enum gy_x {\n    GY_ONE\n} gy_x;\n",
              "include/gyre/b.h": "typedef struct gy_y gy_y;\n",
              "src/b/z.h": "struct gy_y {\n    int z;\n};\n"}
    tap.check(shared(sample) == ["gy_x: src/a/x.h, src/b/y.h"], "a name of two rooms is found",
              shared(sample))
    files = project_files()
    rows = shared(files)
    tap.check(len(files) > 300 and not rows, "no two rooms define one name", rows)
    tap.done()


if __name__ == "__main__":
    main()
