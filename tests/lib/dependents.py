#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""dependents.py HEADER: the sources below src/ that include it, themselves or through others.

Read from the #include lines alone, so that it does not depend on what the compiler wrote for make.
"""
import functools
import glob
import os
import re
import sys

INCLUDE = re.compile(r'^#include "(.+)"', re.MULTILINE)


def find(name, folder):
    for place in folder, "src", "build":
        path = os.path.normpath(os.path.join(place, name))
        if os.path.exists(path):
            return path
    sys.exit(f"{name}, which a file of {folder} includes, is nowhere")


@functools.cache
def includes(path):
    """All that a file includes, with what those include."""
    with open(path, encoding="utf-8") as file:
        names = INCLUDE.findall(file.read())
    direct = {find(name, os.path.dirname(path)) for name in names}
    return direct.union(*(includes(other) for other in direct))


header = os.path.normpath(sys.argv[1])
for source in sorted(glob.glob("src/**/*.c", recursive=True)):
    if header in includes(source):
        print(source)
