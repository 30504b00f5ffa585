#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""check-marks.py FINDINGS SNAPSHOT...: each mark of the snapshots is of a rule that also found something
in that process. All are JSON lines of one trace. Prints how many marks there were."""
import json
import sys

found, marks, bad = set(), 0, 0
for line in open(sys.argv[1]):
    row = json.loads(line)
    if row["type"] == "finding":
        found.add((row["pid"], row["rule"]))
for name in sys.argv[2:]:
    for line in open(name):
        row = json.loads(line)
        for entry in row.get("entries", []) if row["type"] == "instance" else []:
            if "mark" not in entry:
                continue
            marks += 1
            if (row["pid"], entry["rule"]) not in found:
                print(f"{name}: {entry['rule']} of descriptor {entry['fd']} in {row['pid']}")
                bad += 1
print(marks)
sys.exit(bad != 0)
