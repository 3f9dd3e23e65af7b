"""Build the wheel: libgyre by Meson from the tree around this folder, DuckDB beside it, one abi3 module on top."""

import os
import pathlib
import shutil
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent


def build_library(folder):
    """libgyre.so.0: the one that GYRE_LIBGYRE names, else built here, with the release options."""
    if "GYRE_LIBGYRE" in os.environ:
        return pathlib.Path(os.environ["GYRE_LIBGYRE"])
    # Meson comes with the build's requirements; without isolation, from wherever Python finds it.
    meson = [sys.executable, "-m", "mesonbuild.mesonmain"]
    if not (folder / "build.ninja").exists():
        subprocess.run(meson + ["setup", str(folder), str(TREE)], check=True)
    subprocess.run(meson + ["compile", "-C", str(folder), "gyre:shared_library"], check=True)
    return folder / "libgyre.so.0"


class BuildWithLibrary(build_ext):
    def build_extension(self, extension):
        work = pathlib.Path(self.build_temp).resolve()
        work.mkdir(parents=True, exist_ok=True)
        library = build_library(work / "libgyre")
        duckdb = TREE / ".deps" / "duckdb" / "libduckdb.so"
        if not duckdb.exists():
            subprocess.run([str(TREE / "tools" / "setup"), "duckdb"], check=True)
        extension.include_dirs.append(str(TREE / "include"))
        extension.extra_objects.append(str(library))
        super().build_extension(extension)
        package = pathlib.Path(self.get_ext_fullpath(extension.name)).parent
        for source in (library, duckdb):
            shutil.copy(source.resolve(), package / source.name)


class Abi3Wheel(bdist_wheel):
    def get_tag(self):
        return "cp311", "abi3", super().get_tag()[2]


setup(
    ext_modules=[Extension("gyre._gyre", ["arrow.c", "audit.c", "error.c", "model.c", "module.c", "project.c", "table.c"], py_limited_api=True,
                           define_macros=[("Py_LIMITED_API", "0x030b0000")],
                           extra_compile_args=["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"],
                           extra_link_args=["-Wl,-rpath,$ORIGIN"])],
    cmdclass={"build_ext": BuildWithLibrary, "bdist_wheel": Abi3Wheel},
)
