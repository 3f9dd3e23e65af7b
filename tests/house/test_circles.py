#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No circle between files: of two files, one at most needs what the other defines, also by a chain
of others. NAME.h is one with NAME.c unless it declares what several files define. Where a circle is
found, what two of them share goes into a file of its own."""

import collections
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

FOLDERS = ("src", "include", "python")
IGNORED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
WORD = re.compile(r"[A-Za-z_]\w*")
FUNCTION = re.compile(r"^(?!static\b)[A-Za-z][^;{}=#]*?\b(\w+)\([^;{}]*\)[^;{}()]*\n\{", re.M)
DATA = re.compile(r"^(?!static\b|extern\b|typedef\b)[A-Za-z][\w *]*?\b(\w+)(?:\[\w*\])* = ", re.M)
# What a header defines: macros, types, constants, functions with a body.
MACRO = re.compile(r"^\s*#\s*define\s+(\w+)", re.M)
INLINE = re.compile(r"^static\b[^;{}=#]*?\b(\w+)\([^;{}]*\)[^;{}()]*\n\{", re.M)
TYPE = re.compile(r"^\} (\w+);|^typedef [^;{}]*?(\w+);"
                  r"|^(?:typedef )?(?:struct|union|enum) (\w+) \{", re.M)
PROTOTYPE = re.compile(r"^[A-Za-z][^;{}=#()]*?\b(\w+)\([^;{}]*\)[^;{}()]*;", re.M)
POINTED = re.compile(r"\bstruct \w+ \*")  # needs no definition
ENUM = re.compile(r"\benum\b[\w\s]*\{([^}]*)\}")


def code_of(text):
    """A file's text without comments, strings and includes."""
    return re.sub(r"^\s*#\s*include[^\n]*", "", IGNORED.sub(" ", text), flags=re.M)


def defined_in_source(code):
    return set(FUNCTION.findall(code)) | set(DATA.findall(code))


def defined_in_header(code):
    names = set(MACRO.findall(code)) | set(INLINE.findall(code))
    names |= {name for groups in TYPE.findall(code) for name in groups if name}
    for body in ENUM.findall(code):
        names |= set(re.findall(r"(?:^|,)\s*(\w+)", body))
    return {name for name in names if not name.endswith("_H")}


def unit_of(path, code, of_sources):
    """The name of the file that a source or a header belongs to."""
    stem = path[:-2]
    if path.endswith(".c"):
        return stem
    declared = PROTOTYPE.findall(code[path])
    alone = any(of_sources.get(name, {stem}) != {stem} for name in declared)
    return path if alone or stem + ".c" not in code else stem


def arrows(files):
    """{unit: {unit that it needs: names}} of {path: text}."""
    code = {path: code_of(text) for path, text in files.items()}
    of_headers, of_sources = collections.defaultdict(set), collections.defaultdict(set)
    for path, text in code.items():
        if path.endswith(".c"):
            for name in defined_in_source(text):
                of_sources[name].add(path[:-2])
    units = {path: unit_of(path, code, of_sources) for path in code}
    for path, text in code.items():
        if path.endswith(".h"):
            for name in defined_in_header(text):
                of_headers[name].add(units[path])
    needs = collections.defaultdict(lambda: collections.defaultdict(set))
    for path, text in code.items():
        for name in set(WORD.findall(POINTED.sub(" ", text))):
            if path.startswith(("src/", "include/")) and not name.startswith(("gy_", "GY_")):
                continue  # of one file, or a member
            homes = set(of_headers.get(name, ()))
            if path.endswith(".c"):  # a header declares what others define
                homes |= of_sources.get(name, set())
            if len(homes) == 1 and units[path] not in homes:
                needs[units[path]][homes.pop()].add(name)
    return needs


def reached(needs, start):
    """All units that one needs, by any chain."""
    seen, left = set(), [start]
    while left:
        for other in needs.get(left.pop(), ()):
            if other not in seen:
                seen.add(other)
                left.append(other)
    return seen


def circles(files):
    """Rows that say which files of a circle need what of each other."""
    needs = arrows(files)
    reach = {unit: reached(needs, unit) for unit in list(needs)}
    rows = []
    for unit in sorted(reach):
        for other in sorted(needs[unit]):
            if unit in reach.get(other, ()):
                names = ", ".join(sorted(needs[unit][other])[:5])
                rows.append(f"{unit} needs {other} and is needed by it: {names}")
    return rows


def project_files():
    return {path.relative_to(SOURCE).as_posix(): path.read_text()
            for folder in FOLDERS for path in sorted((SOURCE / folder).rglob("*.[ch]"))
            if ".venv" not in str(path) and "build" not in path.relative_to(SOURCE).parts}


# What must be found, and what must not.
SAMPLE = {
    "a/x.h": "typedef struct gy_x {\n    int y;\n} gy_x;\nint gy_x_do(const gy_x *x);\n",
    "a/x.c": "int gy_x_do(const gy_x *x)\n{\n    return gy_y_do(x->y);\n}\n",
    "a/y.c": "int gy_y_do(int y)\n{\n    return y; // not gy_x_do(), \"gy_x\"\n}\n",
}


def main():
    tap = Tap("house")
    tap.check(not circles(SAMPLE), "one that needs another is no circle", circles(SAMPLE))
    calls = dict(SAMPLE, **{"a/y.c": SAMPLE["a/y.c"].replace("return y;", "return gy_x_do(0);")})
    tap.check(len(circles(calls)) == 2, "a call back is found", circles(calls))
    types = dict(SAMPLE, **{"a/y.c": SAMPLE["a/y.c"].replace("int y)", "gy_x *y)")})
    tap.check(len(circles(types)) == 2, "so is a type", circles(types))
    chain = dict(SAMPLE, **{
        "a/y.c": SAMPLE["a/y.c"].replace("return y;", "return gy_table[0];"),
        "a/z.c": "const int gy_table[] = {\n    GY_Z,\n};\n",
        "a/z.h": "enum { GY_Z = sizeof(gy_x) };\n"})
    tap.check(len(circles(chain)) == 3, "and a chain of three", circles(chain))
    found = project_files()
    rows = circles(found)
    tap.check(len(found) > 300 and not rows, f"no circle between {len(found)} files", rows)
    tap.done()


if __name__ == "__main__":
    main()
