#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""ask.py PORT LOAD IDLE QUESTION ANSWER: connects by TCP, sends the question and reads until the answer
has come, for LOAD seconds; the last connection stays open for IDLE seconds. Both may have escapes (\\0)."""
import select
import socket
import sys
import time


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


def ask(port, question, answer):
    s = socket.create_connection(("127.0.0.1", port), timeout=5)
    s.sendall(question)
    got = b""
    while answer not in got:
        data = s.recv(4096)
        if not data:
            sys.exit(f"closed after {got!r}")
        got += data
    return s


def main():
    port, load, idle = (int(a) for a in sys.argv[1:4])
    question, answer = (unescape(a) for a in sys.argv[4:6])
    until = time.monotonic() + load
    answers = 0
    while time.monotonic() < until:
        last = ask(port, question, answer)
        answers += 1
    print(f"{answers} answers")
    select.select([], [], [], idle)
    last.close()


main()
