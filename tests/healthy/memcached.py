#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Sets and gets of memcached by several clients.

    memcached.py PORT SECONDS IDLE
"""
import socket
import sys
import threading
import time

PORT, SECONDS, IDLE = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
END = time.monotonic() + SECONDS
counts = []


def client(number):
    s = socket.create_connection(("127.0.0.1", PORT))
    f = s.makefile("rb")
    value = b"v" * (10 if number % 2 else 200_000)
    n = 0
    while time.monotonic() < END:
        s.sendall(b"set k%d 0 0 %d\r\n%s\r\n" % (number, len(value), value))
        assert f.readline() == b"STORED\r\n"
        s.sendall(b"get k%d\r\n" % number)
        f.readline()
        assert f.read(len(value) + 2)[:-2] == value
        assert f.readline() == b"END\r\n"
        n += 1
    counts.append(n)
    time.sleep(IDLE)


threads = [threading.Thread(target=client, args=(i,)) for i in range(23)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sum(counts), "sets and gets")
