#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold every include against the floors: a room includes itself and rooms on floors below."""

import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

# From the ground up. Rooms of one floor do not know each other.
FLOORS = (
    ("rt",),
    ("base",),
    ("table",),
    ("store", "model", "ledger"),
    ("quality", "value", "compress", "compile", "serve", "monitor", "pipeline"),
    ("cli",),
)
FLOOR = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}

# rt runs without an operating system; string.h gives it memcpy and its kin alone.
RT_HEADERS = {"float.h", "limits.h", "stdbool.h", "stddef.h", "stdint.h", "string.h",
              "arm_acle.h", "arm_neon.h"}
INTRINSICS = re.compile(r"[a-z]*mmintrin\.h")

# A foreign library has one door: the file (or files, one a subject) that may name its header.
DOORS = {
    "duckdb.h": r"table/duckdb\.c",
    "zstd.h": r"store/zstd\.c",
    "xxhash.h": r"store/\w+\.c",
    "sqlite3.h": r"ledger/sqlite\.c",
    "libpq-fe.h": r"ledger/postgres\.c",
    "cblas.h": r"value/\w+\.c",
    "spng.h": r"table/\w*(png|image|spng)\w*\.c",
    "jpeglib.h": r"table/\w*(jpeg|image)\w*\.c",
    "turbojpeg.h": r"table/\w*(jpeg|image)\w*\.c",
    "jansson.h": r"base/json\.c",
    "yaml.h": r"base/yaml\.c",
    "curl/curl.h": r"store/remote\.c",
    "microhttpd.h": r"base/http\.c",
    "openssl/": r"base/sign\.c",
    "dlfcn.h": r"base/library\.c|model/engine\.c",
}
# Public headers that a room has beside the one of its name.
BESIDE = {"arrow": "table", "image": "table"}
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def door_fault(file, name):
    """What is wrong with a foreign header in this file; None: it is no foreign header."""
    for header, door in DOORS.items():
        if name == header or (header.endswith("/") and name.startswith(header)):
            return "" if re.fullmatch(door, file) else f"<{name}> may be named in {door} alone"
    return None


def include_fault(room, file, bracket, name):
    """The rule that an include breaks, or ""."""
    fault = door_fault(file, name)
    if fault is not None:
        return fault
    if bracket == "<":
        sound = room != "rt" or name in RT_HEADERS or INTRINSICS.fullmatch(name)
        return "" if sound else f"rt may not use <{name}>"
    if "/" not in name:
        return f"write the room: '{name}' is neither ROOM/file.h nor gyre/ROOM.h"
    first, rest = name.split("/", 1)
    if room == "cli":
        return "" if first in ("cli", "gyre") else f"cli uses gyre/*.h alone, not {name}"
    other = rest.removesuffix(".h") if first == "gyre" else first
    other = BESIDE.get(other, other) if first == "gyre" else other
    if other not in FLOOR:
        return f"'{name}': '{other}' is no room"
    if other == room or FLOOR[other] < FLOOR[room]:
        return ""
    return f"{other} stands {'beside' if FLOOR[other] == FLOOR[room] else 'above'} {room}"


def faults(file, text):
    """Faults of one file, named as ROOM/file, as (line number, rule)."""
    room = file.split("/")[0]
    if room not in FLOOR:
        return [(1, f"'{room}' is no room")]
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        fault = include_fault(room, file, match[1], match[2]) if match else ""
        if fault:
            rows.append((number, fault))
    return rows


def project_files():
    """(name as ROOM/file, path) of every C file of the library and the program."""
    for path in sorted((SOURCE / "src").rglob("*.[ch]")):
        yield path.relative_to(SOURCE / "src").as_posix(), path
    for path in sorted((SOURCE / "include/gyre").glob("*.h")):
        if path.stem != "gyre":  # it includes all of them
            yield f"{BESIDE.get(path.stem, path.stem)}/{path.name}", path


# What must be found, so that a rule that no longer bites is seen.
BROKEN = (
    ("rt/x.c", "#include <stdio.h>", "rt may not use"),
    ("rt/x.c", '#include "base/file.h"', "base stands above rt"),
    ("store/x.c", '#include "model/graph.h"', "model stands beside store"),
    ("value/x.c", '#include "quality/schema.h"', "quality stands beside value"),
    ("base/x.c", '  #  include "gyre/table.h"', "table stands above base"),
    ("base/x.c", '#include "gyre/arrow.h"', "table stands above base"),
    ("cli/x.c", '#include "base/file.h"', "cli uses gyre/*.h alone"),
    ("table/x.c", "#include <duckdb.h>", "may be named in"),
    ("store/x.c", "#include <openssl/evp.h>", "may be named in"),
    ("table/x.c", "#include <dlfcn.h>", "may be named in"),
    ("table/x.c", '#include "x.h"', "write the room"),
    ("table/x.c", '#include "gyre/nonesuch.h"', "is no room"),
    ("util/x.c", "", "is no room"),
)
SOUND = (
    ("rt/x.c", "#include <string.h>\n#include <immintrin.h>"),
    ("table/duckdb.c", "#include <duckdb.h>"),
    ("value/x.c", '#include "store/pack.h"\n#include "gyre/base.h"\n#include <math.h>'),
    ("cli/x.c", '#include "gyre/gyre.h"\n#include "cli/command.h"'),
)


def main():
    tap = Tap("house")
    for file, text, rule in BROKEN:
        found = faults(file, text)
        tap.check(len(found) == 1 and rule in found[0][1], f"{file}: {rule} is found", repr(found))
    for file, text in SOUND:
        tap.check(not faults(file, text), f"{file} is let pass", repr(faults(file, text)))
    files = list(project_files())
    rows = [f"{path.relative_to(SOURCE)}:{line}: {rule}" for file, path in files
            for line, rule in faults(file, path.read_text())]
    tap.check(len(files) > 30 and not rows, f"the floors hold in {len(files)} files", rows)
    tap.done()


if __name__ == "__main__":
    main()
