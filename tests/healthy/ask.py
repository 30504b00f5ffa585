#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""ask.py PORT LOAD IDLE HEX: for LOAD seconds connects by TCP, sends those bytes and reads the answer."""
import select
import socket
import sys
import time


def main():
    port, load, idle = (int(a) for a in sys.argv[1:4])
    question = bytes.fromhex(sys.argv[4])
    until = time.monotonic() + load
    answers = 0
    while time.monotonic() < until:
        with socket.create_connection(("127.0.0.1", port)) as s:
            s.settimeout(5)
            s.sendall(question)
            answers += bool(s.recv(512))
    print(f"{answers} answers")
    select.select([], [], [], idle)


main()
