#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The kernel's count of read calls (syscr in /proc/PID/io) goes by the name of the call, not by the file.
#
# The same bytes from the same socket count if they are taken by read(2), and do not if they are taken
# by recv(2) or recvmsg(2): the count is made in vfs_read() and its like (fs/read_write.c), which the
# calls of sockets do not pass. A read that fails with EAGAIN counts as one that takes something does.
# So a server that uses recv and send seems to do no input or output at all, however busy it is, while
# an event loop that reads an eventfd once a turn shows a call for each. The other way round, the
# count is what tells an eventfd that is read from one that is not: the kernel keeps no other trace.
#
# Seen with python3 on Linux 6.18. No root, no packages but python3.
set -eu
python3 - <<'END' | tee /dev/stderr | diff - <(printf '%s\n' \
	'100 times read of a socket: 100' '100 times recv of it: 0' '100 times recvmsg of it: 0' \
	'100 times read with EAGAIN: 100' '100 times write to a socket: 100' '100 times send to it: 0' \
	'100 times read of an eventfd: 100')
import os
import socket

a, b = socket.socketpair()
a.setblocking(False)
event = os.eventfd(100, os.EFD_SEMAPHORE)


def count(which):
    with open("/proc/self/io") as f:
        return int(dict(line.split(": ") for line in f)[which])


def refused():
    try:
        os.read(a.fileno(), 1)
    except BlockingIOError:
        pass


def measure(what, which, call):
    """The reads of /proc/self/io itself are taken off: two counts with nothing in between differ by them."""
    own = -count(which) + count(which)
    before = count(which)
    for _ in range(100):
        call()
    print(f"100 times {what}: {count(which) - before - own}")


def fed(take):
    def call():
        b.send(b"x")
        take()
    return call


measure("read of a socket", "syscr", fed(lambda: os.read(a.fileno(), 1)))
measure("recv of it", "syscr", fed(lambda: a.recv(1)))
measure("recvmsg of it", "syscr", fed(lambda: a.recvmsg(1)))
measure("read with EAGAIN", "syscr", refused)
measure("write to a socket", "syscw", lambda: os.write(b.fileno(), b"x"))
measure("send to it", "syscw", lambda: b.send(b"x"))
measure("read of an eventfd", "syscr", lambda: os.read(event, 8))
END
