#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""dns.py PORT LOAD IDLE: asks a name server by UDP, and now and then by TCP, for LOAD seconds."""
import socket
import struct
import sys
import time


def query(number):
    return struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + b"\3www\4test\0" + struct.pack(">2H", 1, 1)


def main():
    port, load, idle = (int(a) for a in sys.argv[1:4])
    until = time.monotonic() + load
    answers = 0
    udp = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
    for s in udp:
        s.connect(("127.0.0.1", port))
        s.settimeout(5)
    while time.monotonic() < until:
        for number, s in enumerate(udp):
            s.send(query(number))
        answers += sum(len(s.recv(512)) > 12 for s in udp)
        if answers % 2000 == 0:
            with socket.create_connection(("127.0.0.1", port)) as tcp:
                tcp.sendall(struct.pack(">H", len(query(1))) + query(1))
                answers += len(tcp.recv(512)) > 12
                answers -= 1
    print(f"{answers} answers")
    time.sleep(idle)


main()
