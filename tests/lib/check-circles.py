#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""check-circles.py BUILD: files of src/ that call each other in a circle, and files that nothing of their
own folder has to do with, by the symbols of the objects in BUILD/src. Each is an error."""
import collections
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1], "src")
objects = sorted(str(p) for p in root.rglob("*.o")
                 if pathlib.Path("src", p.relative_to(root)).with_suffix(".c").exists())
name = {o: str(pathlib.Path(o).relative_to(root))[:-2] for o in objects}
defines, needs = {}, collections.defaultdict(set)
for line in subprocess.check_output(["nm", "-A", *objects], text=True).splitlines():
    where, _, rest = line.partition(":")
    kind, symbol = rest.split()[-2:]
    if kind == "U":
        needs[name[where]].add(symbol)
    elif kind.isupper():
        defines[symbol] = name[where]
uses = {f: {defines[s] for s in needs[f] if s in defines} - {f} for f in name.values()}


def circles():
    """Strongly connected files, by Tarjan's algorithm."""
    index, low, stack, found = {}, {}, [], []

    def visit(f):
        index[f] = low[f] = len(index)
        stack.append(f)
        for g in uses[f]:
            if g not in index:
                visit(g)
                low[f] = min(low[f], low[g])
            elif g in stack:
                low[f] = min(low[f], index[g])
        if low[f] == index[f]:
            at = stack.index(f)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for f in uses:
        if f not in index:
            visit(f)
    return found


def strangers():
    """Files that neither use nor are used by their folder, and that serve one other folder alone. What
    base/ has is for all, and what main and the pipeline use is where it belongs."""
    for f in uses:
        folder = f.rpartition("/")[0]
        users = {g.rpartition("/")[0] for g in uses if f in uses[g]}
        own = any(g.rpartition("/")[0] == folder for g in uses[f])
        with open(f"src/{f}.c") as source:
            included = re.findall(rf'#include "{folder}/(\w+)\.h"', source.read())
        if folder in ("", "base") or own or len(users) != 1 or users & {folder, ""}:
            continue
        if not set(included) - {f.rpartition("/")[2]}:
            yield f, users.pop()


bad = False
for circle in circles():
    print("a circle of calls:", " ".join(circle))
    for f in circle:
        for g in sorted(uses[f] & set(circle)):
            print(f"    {f} calls {g}:", " ".join(sorted(s for s in needs[f] if defines.get(s) == g)))
    bad = True
for f, folder in strangers():
    print(f"{f} has nothing to do with its folder, and serves {folder} alone")
    bad = True
sys.exit(bad)
