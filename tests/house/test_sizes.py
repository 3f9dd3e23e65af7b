#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No function over 60 lines, no file over 600 (a public header: 400), C and Python alike."""

import ast
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

FUNCTION_LINES_MAX, FILE_LINES_MAX, HEADER_LINES_MAX = 60, 600, 400
HEAD = re.compile(r"(\w+)\s*\([^;]*$")


def c_functions(lines):
    """(name, first line, lines) of each function. The code is formatted: a body opens with a '{' in
    the first column, and ends with the next '}' there."""
    head = None
    body = None
    for number, line in enumerate(lines, 1):
        if body is None:
            match = HEAD.search(line)
            if line.startswith("{") and head:
                body = head
            elif match and line[0] not in " \t#/*}{":
                head = match[1], number
            elif line.rstrip().endswith(";") or not line.strip():
                head = None
        elif line.startswith("}"):
            yield *body, number - body[1] + 1
            head = body = None


def python_functions(text):
    """The same of Python; a function's lines hold those of functions within it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def faults(name, text):
    """What is too long in a file."""
    lines = text.splitlines()
    rows = []
    lines_max = HEADER_LINES_MAX if name.startswith("include/") else FILE_LINES_MAX
    if len(lines) > lines_max:
        rows.append(f"{name}: {len(lines)} lines, over {lines_max}")
    functions = python_functions(text) if name.endswith(".py") else c_functions(lines)
    rows += [f"{name}:{first}: {function} has {size} lines, over {FUNCTION_LINES_MAX}"
             for function, first, size in functions if size > FUNCTION_LINES_MAX]
    return rows


def files():
    """C and Python of every part of the tree; what is generated is not here."""
    for folder in ("src", "include", "tests", "bench", "python", "tools", "examples"):
        for suffix in ("*.c", "*.h", "*.py"):
            for path in sorted((SOURCE / folder).rglob(suffix)):
                parts = path.relative_to(SOURCE).parts
                if "data" not in parts and "build" not in parts and ".venv" not in str(path):
                    yield path


def main():
    tap = Tap("house")
    body = "    x();\n" * 58
    at_bound = f"static int\nf(int a,\n  int b)\n{{\n{body[:-9 * 3]}}}\n"
    sound = f"int f(void)\n{{\n{body[9:]}}}\n"
    tap.check(not faults("x.c", sound), "a function of 60 lines passes", faults("x.c", sound))
    tap.check(not faults("x.c", at_bound), "one with a long head too", faults("x.c", at_bound))
    over = sound.replace("{\n", "{\n    x();\n", 1)
    tap.check(len(faults("x.c", over)) == 1, "one of 61 is found")
    tap.check(len(faults("x.c", "static const int a[] = {\n    0,\n};\n" + over)) == 1,
              "also behind a table")
    tap.check(len(faults("x.c", "\n" * 601)) == 1, "a file of 601 lines is found")
    tap.check(len(faults("include/gyre/x.h", "\n" * 401)) == 1 and not faults("src/x/x.h", "\n" * 401),
              "a public header of 401 too")
    tap.check(len(faults("x.py", "def f():\n" + "    x()\n" * 60)) == 1, "in Python too")
    found = list(files())
    rows = [row for path in found
            for row in faults(path.relative_to(SOURCE).as_posix(), path.read_text())]
    tap.check(len(found) > 30 and not rows, f"nothing is too long in {len(found)} files", rows)
    tap.done()


if __name__ == "__main__":
    main()
