#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Linux: SO_RCVLOWAT holds poll and epoll back for a TCP socket, and does not for a Unix stream.
#
# Both sockets take the option, and give it back. With 100 asked for and 1 byte there, TCP is not
# readable (tcp_poll() asks sock_rcvlowat()), a Unix stream is (unix_poll() asks only whether the
# queue is empty). A program that waits for a whole message this way sleeps with one and spins with
# the other, if it leaves the input until it is complete.
#
# Seen on Linux 6.18: "lowat 100: TCP not readable, UNIX readable".
set -eu
seen=$(python3 - <<'PY'
import select, socket

listener = socket.create_server(("127.0.0.1", 0))
tcp = socket.create_connection(listener.getsockname())
tcp_end = listener.accept()[0]
unix, unix_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
words = []
for name, s, peer in (("TCP", tcp_end, tcp), ("UNIX", unix, unix_end)):
    peer.send(b"x")
    ep = select.epoll()
    ep.register(s, select.EPOLLIN)
    assert ep.poll(2)  # the byte has come
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 100)
    lowat = s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT)
    words.append("%s %sreadable" % (name, "" if ep.poll(0) else "not "))
print("lowat %d: %s" % (lowat, ", ".join(words)))
PY
)
echo "Linux $(uname -r): $seen"
[ "$seen" = "lowat 100: TCP not readable, UNIX readable" ]
