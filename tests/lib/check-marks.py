#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""check-marks.py TRUTH FINDINGS SNAPSHOT...: each mark of the snapshots is of a rule that also found something
in that process, and there are many of them. TRUTH has lines SCENE PID ..., the others are JSON lines of
one trace."""
import json
import sys

MANY = 30

scenes = {}
for line in open(sys.argv[1]):
    words = line.split()
    if len(words) > 1:
        scenes[words[1]] = words[0]
found, marks, bad = set(), 0, 0
for line in open(sys.argv[2]):
    row = json.loads(line)
    if row["type"] == "finding":
        found.add((row["pid"], row["rule"]))
for name in sys.argv[3:]:
    for line in open(name):
        row = json.loads(line)
        for entry in row.get("entries", []) if row["type"] == "instance" else []:
            if "mark" not in entry:
                continue
            marks += 1
            if (row["pid"], entry["rule"]) not in found:
                scene = scenes.get(str(row["pid"]), "?")
                print(f"{name}: {entry['rule']} of {entry['fd']} in {scene}")
                bad += 1
print(f"{marks} marks")
sys.exit(bad or marks < MANY)
