#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `make install` puts in place works there: the program, its library and headers, manual
pages, completion; and each stage of tools/setup asks for no more than it says."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

USER = r"""
#include <stdio.h>
#include <string.h>

#include "gyre/gyre.h"

int main(int argc, char **argv)
{
    gy_table table;
    gy_marks marks;
    gy_error err;
    gy_table_options options;
    gy_arena *arena = gy_arena_new(0);
    memset(&err, 0, sizeof(err));
    memset(&options, 0, sizeof(options));
    options.label = "y";
    if (argc != 2 || arena == NULL ||
        gy_table_read(&table, argv[1], &options, arena, &err) != GY_OK ||
        gy_table_marks(&marks, &table, &options, arena, &err) != GY_OK ||
        gy_table_ids(&table, &marks, arena, &err) != GY_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (size_t row = 0; row < table.rows; row++)
        puts(gy_id_text(&table.ids[row]).text);
    gy_arena_free(arena);
    return 0;
}
"""


def run(*command, env=None, cwd=None):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          env=env, cwd=cwd)


def clean_environment(home):
    """As a user has it who never built Gyre: no variable of ours, an empty HOME."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("GYRE", "LD_LIBRARY"))}
    return {**kept, "HOME": str(home)}


def write_rows(path):
    rows = [f"{i % 2 * 9 + i % 5},{i % 2 * 7 - i % 3},{'ab'[i % 2]}" for i in range(60)]
    rows[10] = rows[10][:-1] + "b"
    path.write_text("u,v,y\n" + "\n".join(rows) + "\n")


def install(tap, build, folder):
    """Install in two steps, as a packager does: into DESTDIR, then moved to where it will stand."""
    env = dict(os.environ, BUILD=str(build), DESTDIR=str(folder / "stage"), PREFIX="/opt/gyre")
    done = run(SOURCE / "tools/install", env=env)
    tap.check(done.returncode == 0, "tools/install installs", done.stderr)
    tap.check(sorted(os.listdir(folder / "stage")) == ["opt"], "nothing is outside the prefix")
    again = run(SOURCE / "tools/install", env=env)
    tap.check(again.returncode == 0, "a second time, over the first", again.stderr)
    bad = run(SOURCE / "tools/install", env=dict(env, PREFIX="here"))
    tap.check(bad.returncode == 2 and "'here'" in bad.stderr, "a relative prefix is refused")
    (folder / "stage/opt/gyre").rename(folder / "there")
    return folder / "there"


def program_works(tap, place, folder, env):
    gyre = place / "bin/gyre"
    got = run("ldd", gyre, env=env).stdout
    tap.check(re.search(r"libgyre\.so\.0 => \S*/there/\S*libgyre", got), "the library beside it is its own",
              got)
    got = run(gyre, "id", "rows.csv", env=env, cwd=folder)
    wanted = hashlib.sha256((folder / "rows.csv").read_bytes()).hexdigest()
    tap.check(wanted in got.stdout, "gyre id", got.stdout + got.stderr)
    got = run(gyre, "audit", "rows.csv", "--label", "y", "--json", env=env, cwd=folder)
    tap.check(got.returncode == 0 and '"row":11,' in got.stdout, "gyre audit finds the wrong label",
              got.stdout + got.stderr)
    got = run(gyre, "profile", "rows.csv", "--json", env=env, cwd=folder)
    tap.check(got.returncode == 0 and '"u"' in got.stdout, "DuckDB is there", got.stderr)
    return run(gyre, "id", "--rows", "rows.csv", env=env, cwd=folder).stdout


def texts_are_there(tap, place, env):
    verbs = run(place / "bin/gyre", "help", "--names", env=env).stdout.split()
    pages = {f"gyre-{verb}.1" for verb in verbs}
    found = set(os.listdir(place / "share/man/man1"))
    tap.check(len(verbs) > 20 and found == pages, "a manual page a command", sorted(found ^ pages))
    page = run("mandoc", "-Tutf8", place / "share/man/man1/gyre-audit.1", env=env).stdout
    tap.check("gyre audit" in page, "which a manual reader shows", page[:400])
    script = place / "share/bash-completion/completions/gyre"
    got = run("bash", "-c", f"source '{script}' && complete -p gyre", env=env)
    tap.check(got.returncode == 0, "bash completion", got.stderr)
    got = run("zsh", "-f", "-c", f"fpath=('{place}/share/zsh/site-functions' $fpath); autoload -Uz "
                                 "compinit && compinit -D && print ${_comps[gyre]}", env=env)
    tap.check(got.stdout == "_gyre\n", "zsh completion", got.stdout + got.stderr)


def library_works(tap, place, folder, env, ids):
    (folder / "user.c").write_text(USER)
    for compiler, suffix in (("cc", []), ("g++", ["-x", "c++"])):
        if shutil.which(compiler) is None:
            tap.check(False, f"{compiler} compiles against the headers", "it is not installed")
            continue
        built = run(compiler, *suffix, "-Wall", "-Wextra", "-Werror", "-I", place / "include",
                    "user.c", "-x", "none", "-o", "user", "-L", place / "lib", "-lgyre",
                    f"-Wl,-rpath,{place}/lib", env=env, cwd=folder)
        tap.check(built.returncode == 0, f"{compiler} compiles against the headers", built.stderr)
        got = run("./user", "rows.csv", env=env, cwd=folder)
        tap.check(got.stdout == ids and ids.count("\n") == 60, f"{compiler}: the ids that the program prints",
                  got.stdout[:200] + got.stderr)


def setup_is_in_stages(tap):
    """Every package is named once; building asks for none of those that only tests and demo need."""
    text = (SOURCE / "tools/setup").read_text()
    lists = {name: re.sub(r"#.*", "", body).replace("'", "").split()
             for name, body in re.findall(r"^(\w+)=\((.*?)\)", text, re.S | re.M)}
    stages = {name: items for name, items in lists.items() if name.startswith(("APT", "PIP"))}
    tap.check({"APT_BUILD", "PIP_BUILD", "APT_DEMO", "PIP_DEMO", "APT_TEST", "PIP_TEST"} <= set(stages),
              "there are stages", sorted(stages))
    for kind, peers in (("APT", ()), ("PIP", ("PIP_CLEANLAB", "PIP_PANDERA", "PIP_DVC", "PIP_EMX"))):
        named = [item.split("==")[0] for name, items in stages.items()
                 if name.startswith(kind) and name not in peers for item in items]
        twice = sorted({item for item in named if named.count(item) > 1})
        tap.check(len(named) > 5 and not twice, f"no package twice ({kind})", twice)
    unpinned = [item for name, items in stages.items() if name.startswith("PIP") for item in items
                if "==" not in item]
    tap.check(not unpinned, "packages of PyPI are pinned", unpinned)
    bad = run(SOURCE / "tools/setup", "everything")
    tap.check(bad.returncode == 2 and "'everything'" in bad.stderr, "an unknown stage is refused",
              bad.stderr)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    tap = Tap("house")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "home").mkdir()
        env = clean_environment(folder / "home")
        write_rows(folder / "rows.csv")
        place = install(tap, build, folder)
        ids = program_works(tap, place, folder, env)
        texts_are_there(tap, place, env)
        library_works(tap, place, folder, env, ids)
    setup_is_in_stages(tap)
    tap.done()


main()
