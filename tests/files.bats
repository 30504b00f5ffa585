#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What waits in a file, of every class that can be watched, beside what the file then gives.

load helper

setup() {
	require_live
	cd "$BATS_TEST_TMPDIR" || return
}

@test "unread, unsent, end of file, errors and connections are those of the file" {
	"$PYTHON" "$HERE/tests/lib/files.py" "$ET"
}

@test "a connection that was reset keeps its local port" {
	"$ET" --rules=none -o trace -- "$PYTHON" -c '
import select, socket, struct
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
server = listener.accept()[0]
ep = select.epoll()
ep.register(server, select.EPOLLIN)
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
client.close()
print(listener.getsockname()[1], ep.poll()[0][1] & select.EPOLLHUP)
ep.unregister(server)' >out
	cat out trace
	read -r port hup <out
	[ "$hup" -ne 0 ]
	grep -q "EPOLL_CTL_DEL, [0-9]*<TCP:\[127\.0\.0\.1:$port" trace
	run ! grep -q '127\.0\.0\.1:0' trace
}

@test "input that only the program sees is not said to be checked" {
	"$ET" --diagnose --stall 100ms -o report -- "$PYTHON" -c '
import select
ep = select.epoll()
edge, level = open("/proc/self/mounts"), open("/proc/self/mounts")
ep.register(edge, select.EPOLLIN | select.EPOLLET)
ep.register(level, select.EPOLLPRI)
[ep.poll(0.4) for _ in range(4)]'
	cat report
	grep -Eqx 'not checked: input of 1 edge-triggered or one-shot entry: what waits there is not known \([0-9]+</proc/[0-9]+/mounts>\)' report
}
