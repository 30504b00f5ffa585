#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Linux, TCP: FIONREAD says 0 while poll says POLLIN and read(2) gives 503 bytes.
#
# An urgent byte (MSG_OOB) that nobody has taken stands at the head of the stream, ordinary bytes
# behind it. FIONREAD counts up to the urgent mark only (tcp_inq() of include/net/tcp.h), which is
# right there; a read skips the urgent byte and takes what lies behind it. So a server that asks
# FIONREAD how much to read, and reads nothing where it says 0, spins under level-triggered epoll,
# and hangs under EPOLLET. Once the urgent byte was taken it is the same, until the read.
#
# Seen on Linux 6.18: "FIONREAD 0, events 3, read 503" (3: POLLIN and POLLPRI).
set -eu
seen=$(python3 - <<'PY'
import fcntl, select, socket, struct

listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
server = listener.accept()[0]
client.send(b"!", socket.MSG_OOB)
client.sendall(b"z" * 503)
poll = select.poll()
poll.register(server, select.POLLIN)
poll.poll(2000)  # what lies behind the urgent byte has come
poll.register(server, select.POLLIN | select.POLLPRI)
count = struct.unpack("i", fcntl.ioctl(server, 0x541B, struct.pack("i", 0)))[0]
print("FIONREAD %d, events %d, read %d" % (count, poll.poll(0)[0][1], len(server.recv(4096))))
PY
)
echo "Linux $(uname -r): $seen"
[ "$seen" = "FIONREAD 0, events 3, read 503" ]
