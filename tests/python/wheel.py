#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal: the wheel works alone. Method: build it, install it with nothing but numpy beside it into a fresh venv with an empty HOME,
and look at what a process that imports it has loaded: wheel.py BUILD."""

import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from tap import Tap  # noqa: E402

VENV = SOURCE / ".venv" / "bin" / "python"
USE = """
import gyre, sys
rows = {"u": [i % 2 * 9 + i % 5 for i in range(60)], "y": ["ab"[i % 2] for i in range(60)]}
rows["y"][10] = "b"
print(gyre.__version__, [f["row"] for f in gyre.audit(rows, label="y") if f["kind"] == "label"])
print(len(gyre.Dataset(sys.argv[1], label="label")))
print(*sorted({line.split()[-1] for line in open("/proc/self/maps") if "libgyre" in line or "libduckdb" in line}), sep="\\n")
"""


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)


def build_wheel(tap, folder, build):
    """From a copy of the sources: pip builds in place, and two runs must not share a build folder."""
    source = folder / "tree"
    (source / "python").mkdir(parents=True)
    for name in ("include", ".deps", "tools"):
        (source / name).symlink_to(SOURCE / name)
    subprocess.run(f"cd '{SOURCE}/python' && tar cf - --exclude=build --exclude='*.egg-info' . | tar xf - -C '{source}/python'", shell=True, check=True)
    env = {**os.environ, "GYRE_LIBGYRE": str(build / "libgyre.so.0"), "PATH": f"{build}:{os.environ['PATH']}"}
    done = run(VENV if VENV.exists() else sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder / "dist", source / "python", env=env)
    wheels = list((folder / "dist").glob("*.whl"))
    tap.check(len(wheels) == 1 and "-cp311-abi3-" in wheels[0].name, "one wheel, for every Python from 3.11 on", done.stdout + done.stderr)
    return wheels[0]


def main():
    build, tap = pathlib.Path(sys.argv[1]).resolve(), Tap("python/wheel")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wheel = build_wheel(tap, folder, build)
        inside = zipfile.ZipFile(wheel).namelist()
        tap.check({"gyre/libgyre.so.0", "gyre/libduckdb.so", "gyre/_gyre.abi3.so", "gyre/__init__.py"} <= set(inside), "libgyre and DuckDB are inside", str(inside))
        (folder / "home").mkdir()
        env = {"HOME": str(folder / "home"), "PATH": "/usr/bin:/bin", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        python = VENV if VENV.exists() else sys.executable
        numpy = pathlib.Path(run(python, "-c", "import numpy; print(numpy.__path__[0])").stdout.strip())
        made = run(python, "-m", "venv", folder / "fresh", env=env)
        fresh = folder / "fresh/bin/python"
        done = run(fresh, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, env=env)
        tap.check(made.returncode == 0 and done.returncode == 0, "pip installs it into a fresh venv", made.stderr + done.stderr)
        (folder / "beside").mkdir()
        for part in (numpy, numpy.with_name("numpy.libs")):
            if part.exists():
                (folder / "beside" / part.name).symlink_to(part)
        next((folder / "fresh/lib").glob("python3*/site-packages")).joinpath("numpy.pth").write_text(f"{folder / 'beside'}\n")
        (folder / "tree").rename(folder / "gone")
        got = run(fresh, "-c", USE, SOURCE / "tests/data/table/rows.parquet", env=env, cwd="/")
        lines = got.stdout.splitlines()
        tap.check(lines[:1] == ["0.1.0 [10]"], "it audits", got.stdout + got.stderr)
        tap.check(len(lines) > 1 and lines[1].isdigit(), "it reads Parquet", got.stdout + got.stderr)
        own = [line.startswith(str(folder / "fresh")) for line in lines[2:]]
        tap.check(len(own) == 2 and all(own), "libgyre and DuckDB are its own", got.stdout)
        tap.check(not any((folder / "home").rglob("*.so*")), "nothing is left in HOME")
    tap.done()


main()
