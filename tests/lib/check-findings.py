#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Compares findings with the truth that tests/workloads/misuse prints.

    check-findings.py TRUTH JSON EXPECTED

EXPECTED has a line a scene, NAME SEVERITY: the gravest that its rule is to be found with, or - where
the scene is to have no finding of any kind, or "note" for a sound scene that may have notes. Notes on
what a scene is made of (MADE_OF) are compared only if the scene is about them.
Prints what differs, and how many scenes were compared.
"""
import json
import sys


MADE_OF = ("nested",)


def findings(path):
    """By process: rule and descriptor of each finding, with the severities it was raised with."""
    found = {}
    for line in open(path):
        o = json.loads(line)
        if o["type"] == "finding" and o["state"] == "raised":
            subject = (o["rule"], o.get("fd", -1))
            found.setdefault(o["pid"], {}).setdefault(subject, []).append(o["severity"])
    return found


def check(name, rule, fd, have, want):
    have = {s: v for s, v in have.items() if s[0] not in MADE_OF or rule in MADE_OF}
    if rule == "none":
        grave = [s for severities in have.values() for s in severities if s != "note"]
        if grave or (have and want == "-"):
            return f"{name}: false alarm: {have}"
        return None
    if want == "-":
        return f"{name}: found though it cannot be: {have}" if have else None
    if list(have) != [(rule, fd)]:
        return f"{name}: want {rule} of {fd} alone, have {have}"
    if have[(rule, fd)][-1] != want:
        return f"{name}: want {want}, have {have[(rule, fd)]}"
    if len(set(have[(rule, fd)])) != len(have[(rule, fd)]):
        return f"{name}: raised twice: {have[(rule, fd)]}"
    return None


def main():
    truth = [line.split() for line in open(sys.argv[1])]
    found = findings(sys.argv[2])
    want = dict(line.split() for line in open(sys.argv[3]) if line.strip())
    bad = []
    for name, pid, rule, fd in truth:
        bad.append(check(name, rule, int(fd), found.pop(int(pid), {}), want.pop(name)))
    bad += [f"process {pid} is of no scene: {what}" for pid, what in found.items()]
    bad += [f"{name} was not played" for name in want]
    bad = [b for b in bad if b]
    print("\n".join(bad), end="\n" if bad else "")
    print(f"{len(truth)} scenes compared")
    return bool(bad)


sys.exit(main())
