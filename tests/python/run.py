#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Install the wheel into a temporary folder and run the checks of a script beside this one against it: run.py BUILD SCRIPT."""

import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
VENV = SOURCE / ".venv" / "bin" / "python"


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    python = str(VENV) if VENV.exists() else sys.executable
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "GYRE_LIBGYRE": str(build / "libgyre.so.0"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        env["PATH"] = f"{build}:{build / 'src' / 'cli'}:{env['PATH']}"
        # A copy of the sources: pip builds in place, and two runs must not share a build folder.
        source = pathlib.Path(folder) / "tree"
        (source / "python").mkdir(parents=True)
        for name in ("include", ".deps", "tools"):
            (source / name).symlink_to(SOURCE / name)
        subprocess.run(f"cd '{SOURCE}/python' && tar cf - --exclude=build --exclude='*.egg-info' . | tar xf - -C '{source}/python'", shell=True, check=True)
        installed = pathlib.Path(folder) / "site"
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(installed), str(source / "python")],
                              env=env, capture_output=True, text=True)
        if done.returncode != 0:
            print("1..1\nnot ok 1 - the wheel builds\n" + "".join(f"# {line}\n" for line in (done.stdout + done.stderr).splitlines()[-30:]))
            sys.exit(1)
        env["GYRE_SOURCE"] = str(SOURCE)
        env["PYTHONPATH"] = f"{installed}:{SOURCE / 'tests' / 'support'}"
        sys.exit(subprocess.run([python, str(pathlib.Path(__file__).with_name(sys.argv[2]))], env=env, cwd=folder).returncode)


main()
