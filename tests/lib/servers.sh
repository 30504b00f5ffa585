# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Starts servers for those who measure or diagnose them; sourced. Sets PID and PORT; $dir is for their
# files. Who sources it calls its functions by names put together.
dir=$(mktemp -d)
chmod 755 "$dir"
pids=()
finish() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
	rm -rf "$dir"
}
trap finish EXIT

await() { # SECONDS COMMAND...
	local until=$((SECONDS + $1))
	shift
	until "$@" 2>/dev/null; do
		((SECONDS <= until)) || return 1
		read -rt 0.05 <> <(:) || true # a pause without a process
	done
}

# answers PORT|PATH: somebody listens there, at a port of TCP or a unix socket.
answers() {
	case $1 in
	/*) [ -S "$1" ] ;;
	*) (exec 3<>"/dev/tcp/127.0.0.1/$1") ;;
	esac
}

free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# attached TOOL: its programs are.
attached() { [ "$(find "/proc/$1/fd" -lname 'anon_inode:bpf_link' | wc -l)" -ge 4 ]; }

# serve COMMAND...: starts a server that listens on $PORT (or a unix socket), or prints its port first.
serve() {
	rm -f "$dir/port"
	"$@" >"$dir/port" 2>"$dir/server.err" &
	PID=$!
	pids+=("$PID")
	[ -n "${PORT:-}" ] || { await 20 test -s "$dir/port" && PORT=$(head -n 1 "$dir/port"); }
	await 20 answers "$PORT"
}

stop() {
	kill "$PID"
	wait "$PID" 2>/dev/null
	pids=()
}

start_nginx() {
	PORT=$(free_port)
	mkdir -p "$dir/www"
	head -c 1000000 /dev/zero >"$dir/www/big"
	echo hello >"$dir/www/index.html"
	chmod -R a+rX "$dir/www"
	sed -e "s#@DIR@#$dir#g; s/@PORT@/$PORT/g" tests/healthy/nginx.conf >"$dir/nginx.conf"
	serve nginx -e "$dir/nginx.err" -c "$dir/nginx.conf"
}

start_redis() {
	PORT=$(free_port)
	serve redis-server --port "$PORT" --bind 127.0.0.1 --save '' --dir "$dir"
}
