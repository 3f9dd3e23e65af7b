#!/usr/bin/env python3
"""Count the test points of a Meson run: count_tests.py TESTLOG.json LOG prints "PASSED FAILED"; names of failures go to LOG.

A TAP program counts once for each point, any other test once; a program that died counts as one failure more.
"""

import json
import re
import sys

POINT = re.compile(r"^\s*(not )?ok\b(?!.*#\s*skip)", re.IGNORECASE | re.MULTILINE)


def main():
    passed = failed = 0
    with open(sys.argv[1], encoding="utf-8") as lines, open(sys.argv[2], "a", encoding="utf-8") as log:
        for line in lines:
            test = json.loads(line)
            points = [bool(match[1]) for match in POINT.finditer(test.get("stdout") or "")]
            bad = sum(points)
            good = len(points) - bad
            if test["result"] not in ("OK", "EXPECTEDFAIL", "SKIP") and bad == 0:
                bad = 1
            if not points and test["result"] == "OK":
                good = 1
            if test["result"] == "SKIP" and not points:
                bad += 1  # a test that cannot run fails; tests/may_skip is read by the test itself
            if bad:
                log.write(f"FAIL {test['name']}: {test['result']}, {bad} of {bad + good} points\n")
            passed += good
            failed += bad
    print(passed, failed)


main()
