#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libgyre.so exports what the public headers declare, no less and no more, and is linked with
nothing that a door should open."""

import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

# The C library and the loader; sanitizer builds add their own.
NEEDED = re.compile(r"lib(c|m|dl|pthread)\.so\.\d+|ld-linux.*|libgyre\.so\.0|lib(asan|ubsan|tsan)\..*"
                    r"|libgcc_s\.so\.1|libgcov.*")
DECLARATION = re.compile(r"GY_API\b[^;{]*?\b(\w+)\s*(?:\(|\[|;)", re.S)


def declared(text):
    """Names that a header declares with GY_API."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    text = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.M)
    return DECLARATION.findall(text)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    build = pathlib.Path(sys.argv[1])
    tap = Tap("house")
    sample = ('#define GY_API x\n// GY_API int gy_not(void);\nGY_API int gy_a(int (*f)(int), '
              'size_t\n n) GY_CHECKED;\nGY_API const char *gy_b(void);\nint gy_c(void);\n')
    tap.check(declared(sample) == ["gy_a", "gy_b"], "declarations are read", declared(sample))

    wanted = set()
    for header in sorted((SOURCE / "include/gyre").glob("*.h")):
        wanted |= set(declared(header.read_text()))
    library = build / "libgyre.so"
    exported = {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}
    exported = {name for name in exported if not name.startswith(("__asan", "__ubsan", "__gcov"))}
    missing = sorted(wanted - exported)
    tap.check(len(wanted) > 20 and not missing, "every declared function is exported", missing)
    tap.check(not exported - wanted, "nothing else is exported", sorted(exported - wanted))
    tap.check(all(name.startswith("gy_") for name in wanted), "all names start with gy_",
              sorted(name for name in wanted if not name.startswith("gy_")))
    for file in (library, build / "src/cli/gyre"):
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", file))
        extra = [name for name in needed if not NEEDED.fullmatch(name)]
        tap.check(needed and not extra, f"{file.name} is linked with libc and its kin alone", extra)
    tap.done()


if __name__ == "__main__":
    main()
