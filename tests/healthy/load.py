#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Requests beside the plain load: bodies that are read late, and idle connections.

    load.py PORT SECONDS IDLE

Ends after SECONDS of requests and IDLE seconds in which its connections are only open.
"""
import http.client
import socket
import sys
import threading
import time

PORT, SECONDS, IDLE = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
END = time.monotonic() + SECONDS
BODY = b"x" * 3_000_000
done = {}


def client(path, body):
    while time.monotonic() < END:
        c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        try:
            c.request("POST" if body else "GET", path, body)
            c.getresponse().read()
            done[path] = done.get(path, 0) + 1
        except (OSError, http.client.HTTPException):
            done[path + " failed"] = done.get(path + " failed", 0) + 1
            time.sleep(0.1)
        c.close()


threads = [threading.Thread(target=client, args=a, daemon=True) for a in
           [("/sleep", BODY), ("/sleep", BODY[:1000]), ("/chan", BODY), ("/chan", BODY[:70000]),
            ("/self", None)]]
for t in threads:
    t.start()
for t in threads:
    t.join()
idle = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(7)]
for s in idle[:4]:
    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    s.recv(4096)
time.sleep(IDLE)
print(" ".join(f"{k}:{v}" for k, v in sorted(done.items())))
