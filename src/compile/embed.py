#!/usr/bin/env python3
"""Turn text files into one C file of byte arrays, so that the compiler can write them out.

Usage: embed.py OUT.c FILE...   FILE.h becomes gy_source_FILE, without its includes of other rooms.
"""

import pathlib
import re
import sys

# What our own includes are called beside an emitted program.
EMITTED = {"compile/device/device.h": "device.h", "rt/abi.h": "gyre_abi.h"}
OWN = re.compile(r'^\s*#\s*include\s+"(rt|compile)/.*\n', re.M)


def main():
    out, files = sys.argv[1], sys.argv[2:]
    lines = ["// made by embed.py", '#include "compile/texts.h"']
    for file in map(pathlib.Path, files):
        name = re.sub(r"\W", "_", file.stem if file.suffix == ".h" else file.name)
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".h":
            text = OWN.sub("", text)
        for path, emitted in EMITTED.items():
            text = text.replace(f'"{path}"', f'"{emitted}"')
        data = text.encode() + b"\0"
        body = "\n".join(",".join(str(b - 256 if b > 127 else b) for b in data[i:i + 24]) + "," for i in range(0, len(data), 24))
        lines.append(f"const char gy_source_{name}[{len(data)}] = {{\n{body}\n}};")
    pathlib.Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
