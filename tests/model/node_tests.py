#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The official node tests of the onnx package: read, run by the reference, emitted, compiled, run.

usage: node_tests.py --build BUILD [--accept]

- No test may come out wrong: what is not supported is refused as such.
- Those of node_tests_pass.txt must still pass, by the reference and as compiled C to the bit; what
  passes besides is printed, and written there with --accept.
- Models written back as ONNX must be accepted by onnx.checker and run as before.
"""
import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, "node_tests_pass.txt")
SOURCE = os.path.dirname(os.path.dirname(HERE))
STRICT = "-std=c11 -O1 -ffp-contract=off -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror"
CHUNK = 250  # tests a program, so that the compiler's memory stays small


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"{command[0]} failed with {result.returncode}")
    return result.stdout.splitlines()


def by_verdict(lines):
    verdicts = {}
    for line in lines:
        verdict, name = line.split(" ", 1)
        verdicts.setdefault(verdict, {})[name.split(":")[0]] = line
    return verdicts


def compiled(build, folders, scratch):
    """The names of tests whose emitted C, compiled without a warning, has the reference's bits."""
    same, lines = set(), []
    for first in range(0, len(folders), CHUNK):
        base = os.path.join(scratch, f"emitted_{first}")
        emit = os.path.join(build, "tests/model/emit_node_tests")
        run(emit, base + ".c", base + ".bin", *folders[first : first + CHUNK])
        run(os.environ.get("CC", "cc"), *STRICT.split(), "-I", os.path.join(SOURCE, "src"), base + ".c", "-o", base)
        lines += run(base, base + ".bin")
    verdicts = by_verdict(lines)
    return set(verdicts.get("same", {})), sorted(verdicts.get("differ", {}))


def check_written(build, folders, scratch):
    """Rewrite every model, run the copies, and let onnx.checker judge them."""
    out = os.path.join(scratch, "written")
    os.makedirs(out)
    verdicts = by_verdict(run(os.path.join(build, "tests/model/run_node_tests"), "--rewrite", out, *folders))
    bad = [line for verdict in verdicts if verdict not in ("pass", "fixed") for line in verdicts[verdict].values()]
    import onnx

    for path in sorted(glob.glob(os.path.join(out, "*.onnx"))):
        try:
            onnx.checker.check_model(path, full_check=True)
        except Exception as reason:  # what the checker raises is not one class
            bad.append(f"{os.path.basename(path)}: {str(reason)[:200]}")
    return bad


def report(name, problems):
    print(f"{'not ok' if problems else 'ok'} - {name}")
    for problem in problems[:20]:
        print(f"# {problem}")
    return bool(problems)


def find_onnx():
    """Go on in a Python that has the onnx package: this one, $PYTHON, or the project's own."""
    try:
        import onnx  # noqa: F401

        return
    except ImportError:
        pass
    for python in (os.environ.get("PYTHON"), os.path.join(SOURCE, ".venv/bin/python")):
        if python and os.path.exists(python) and os.environ.get("GYRE_NODE_TESTS") is None:
            os.environ["GYRE_NODE_TESTS"] = "1"
            os.execv(python, [python, *sys.argv])
    print("1..0 # skip the onnx package is not installed (tools/setup does it)")
    sys.exit(0)


def main():
    find_onnx()
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--accept", action="store_true")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    scratch = tempfile.mkdtemp(prefix="gyre-node-tests-")
    try:
        failed = check(build, scratch, options.accept)
    finally:
        shutil.rmtree(scratch)
    sys.exit(failed)


def check(build, scratch, accept):
    tests = os.path.join(scratch, "node")
    writer = [sys.executable, os.path.join(HERE, "write_node_tests.py"), tests]
    subprocess.run(writer, check=True, stdout=subprocess.DEVNULL)
    folders = sorted(glob.glob(os.path.join(tests, "*")))
    verdicts = by_verdict(run(os.path.join(build, "tests/model/run_node_tests"), *folders))
    passed = sorted([*verdicts.get("pass", {}), *verdicts.get("fixed", {})])
    same, differ = compiled(build, [os.path.join(tests, name) for name in passed], scratch)
    wanted = [line.split()[0] for line in open(LIST) if not line.startswith("#")] if os.path.exists(LIST) else []
    if accept:
        with open(LIST, "w") as file:
            file.write("# Official node tests (onnx 1.23.2) that pass; written by node_tests.py --accept.\n")
            file.write("# compiled: the emitted C has the reference's bits; reference: it alone runs it.\n")
            for name in passed:
                file.write(f"{name} {'compiled' if name in same else 'reference'}\n")
        wanted = passed
    accepted = [line.split() for line in open(LIST) if not line.startswith("#")] if os.path.exists(LIST) else []
    lost = [f"{name} is lost" for name, kind in accepted if name not in passed or (kind == "compiled" and name not in same)]
    print("1..5")
    failed = report("none is silently wrong", list(verdicts.get("wrong", {}).values()))
    failed |= report("what is refused is refused as unsupported", list(verdicts.get("broken", {}).values()))
    failed |= report("emitted C has the reference's bits", differ)
    failed |= report("none of the list is lost", lost if accepted else ["the list is empty"])
    failed |= report(
        "models written back are valid and run",
        check_written(build, [os.path.join(tests, name) for name in passed], scratch),
    )
    new = sorted(set(passed) - set(wanted))
    print(f"# {len(passed)} of {len(folders)} pass, {len(same)} compiled, {len(new)} not in the list")
    return failed


if __name__ == "__main__":
    main()
