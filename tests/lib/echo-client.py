#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Brings a broken et-echo into the state that its mistake leads to.

    echo-client.py KIND PORT PID

What has to be there at once is sent while the server is stopped. Then holds its connections until
stdin is closed.
"""
import os
import select
import signal
import socket
import sys

KIND, PORT, PID = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def connect():
    return socket.create_connection(("127.0.0.1", PORT))


def echoed(s, data):
    s.sendall(data)
    got = b""
    while len(got) < len(data):
        got += s.recv(65536)
    assert got == data


def stopped():
    with open(f"/proc/{PID}/stat") as f:
        return f.read().rsplit(")", 1)[1].split()[0] == "T"


def at_once(action):
    os.kill(PID, signal.SIGSTOP)
    while not stopped():
        pass
    action()
    os.kill(PID, signal.SIGCONT)


def fill(s):
    """Sends until the server, whose echo nobody reads, has taken no more for a second: for so long
    that what it has left unread is a suspect as well."""
    s.setblocking(False)
    while select.select([], [s], [], 1)[1]:
        try:
            s.send(b"x" * 65536)
        except BlockingIOError:
            pass


def drain(s):
    while select.select([s], [], [], 0.5)[0]:
        s.recv(1 << 20)


def lost_edge():
    s = connect()
    s.sendall(b"x" * 2000)
    return [s]


def lost_eof():
    s = connect()
    at_once(lambda: (s.sendall(b"x" * 500), s.shutdown(socket.SHUT_WR)))
    return [s]


def lost_accept():
    conns = []
    at_once(lambda: conns.extend(connect() for _ in range(3)))
    return conns


def lost_write():
    s = connect()
    fill(s)
    drain(s)
    return [s]


def blocking_fd():
    s = connect()
    at_once(lambda: s.sendall(b"x" * 65536))
    return [s]


def phantom():
    s = connect()
    echoed(s, b"seven")
    s.close()
    return []


def oneshot_not_rearmed():
    s = connect()
    echoed(s, b"seven")
    s.sendall(b"eleven")
    return [s]


def stale_batch():
    conns = [connect(), connect()]
    for s in conns:
        echoed(s, b"seven")
    at_once(lambda: (conns.append(connect()), conns[0].sendall(b"eleven")))
    return conns


def write_spin():
    s = connect()
    echoed(s, b"seven")
    return [s]


def hangup_spin():
    s = connect()
    echoed(s, b"seven")
    s.close()
    return []


def accept_emfile():
    """More than there are descriptors for; the rest waits in the backlog."""
    return [connect() for _ in range(67)]


def ready_ignored():
    s = connect()
    try:
        fill(s)
    except ConnectionError:
        pass  # it was found before all was full, which ended the server
    return [s]


def notifier_undrained():
    s = connect()
    echoed(s, b"seven")
    return [s]


held = globals()[KIND.replace("-", "_")]()
print("done", flush=True)
sys.stdin.read()
