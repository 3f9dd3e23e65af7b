#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/formats/operators.md says what the table of operators says. --accept rewrites it."""
import os
import subprocess
import sys

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/formats/operators.md")

made = subprocess.run([sys.argv[1]], stdout=subprocess.PIPE, check=True, text=True).stdout
if "--accept" in sys.argv:
    with open(PAGE, "w") as file:
        file.write(made)
same = os.path.exists(PAGE) and open(PAGE).read() == made
print(f"1..1\n{'ok' if same else 'not ok'} 1 - the page of operators is that of the table")
sys.exit(not same)
