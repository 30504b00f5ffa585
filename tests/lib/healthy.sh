#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make healthy [SERVERS="nginx go"]`: servers that are right, under load for a while and then idle,
# each diagnosed. An error or a warning is a false alarm, and a failure; notes are shown, to be read.
# What is not installed is skipped. Wants, on Debian: nginx-light redis-server redis-tools nodejs
# python3 golang-go memcached default-jdk-headless wrk lighttpd haproxy apache2 varnish mosquitto
# mosquitto-clients unbound postgresql bind9 knot squid python3-uvloop coturn dbus transmission-daemon
# rsyslog dovecot-imapd puma php-fpm libfcgi-bin libev-perl erlang-base tor systemd. Root only.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
LOAD=${LOAD:-30} # seconds
IDLE=${IDLE:-10}
OPTIONS=${OPTIONS:---diagnose}
failed=0
. tests/lib/servers.sh
. tests/healthy/servers.sh

# The plain load, and beside it what is read late; then idle.
load_http() {
	python3 tests/healthy/load.py "$PORT" "$LOAD" "$IDLE" &
	wrk -t1 -c50 -d"$LOAD" "http://127.0.0.1:$PORT/" | grep -E 'Requests/sec|Non-2xx|errors'
	wait $!
}

load_nginx() {
	local path
	python3 tests/healthy/load.py "$PORT" "$LOAD" "$IDLE" &
	for path in / /big /proxy/big / /big /proxy/big / /big /proxy/big; do
		wrk -t1 -c50 -d$((LOAD / 9 + 1)) "http://127.0.0.1:$PORT$path" |
			grep -E 'Requests/sec|errors'
	done
	wait $!
}

load_redis() {
	local end=$((SECONDS + LOAD))
	redis-cli -p "$PORT" subscribe news < <(sleep $((LOAD + IDLE))) >/dev/null &
	while ((SECONDS < end)); do
		redis-benchmark -p "$PORT" -q -t get,set,lrange_300 -n 100000 -c 100 -P 8 >/dev/null
		redis-benchmark -p "$PORT" -q -t set -d 500000 -n 300 -c 20 >/dev/null
	done
	redis-cli -p "$PORT" info stats | grep total_commands
	sleep "$IDLE"
}

load_memcached() { python3 tests/healthy/memcached.py "$PORT" "$LOAD" "$IDLE"; }

# Loads that servers share.

load_wrk() { # [PATH]
	wrk -t1 -c50 -d"$LOAD" "http://127.0.0.1:$PORT${1:-/}" |
		grep -E 'Requests/sec|Non-2xx|errors'
	sleep "$IDLE"
}

# A question by TCP, again and again; the last connection stays open.
ask() { # QUESTION ANSWER
	python3 tests/healthy/ask.py "$PORT" "$LOAD" "$IDLE" "$@"
}

again() { # COMMAND...
	local end=$((SECONDS + LOAD)) good=0 bad=0
	while ((SECONDS < end)); do
		if "$@" >/dev/null; then ((++good)); else ((++bad)); fi
	done
	echo "$good times, $bad failed"
	sleep "$IDLE"
}

start_memcached() {
	PORT=$(free_port)
	serve memcached -u nobody -l 127.0.0.1 -p "$PORT" -t 4
}
start_node() { serve node tests/healthy/server.js; }
start_node_uring() { UV_USE_IO_URING=1 serve node tests/healthy/server.js; }
start_node_cluster() { WORKERS=3 serve node tests/healthy/server.js; }
start_python() { serve python3 tests/healthy/server.py; }
start_uvloop() { /usr/bin/python3 -c 'import uvloop' && UVLOOP=1 serve /usr/bin/python3 tests/healthy/server.py; }
start_go() {
	(cd tests/healthy && GOCACHE=$dir/go GO111MODULE=off go build -o "$dir/server" server.go) &&
		serve "$dir/server"
}
start_java() { javac -d "$dir" tests/healthy/Server.java && serve java -cp "$dir" Server; }

program_of() {
	case $1 in
	redis) echo redis-server ;;
	node_uring) echo node ;;
	python | uvloop) echo python3 ;;
	node_cluster) echo node ;;
	bind) echo named ;;
	coturn) echo turnserver ;;
	knot) echo knotd ;;
	varnish) echo varnishd ;;
	dbus) echo dbus-daemon ;;
	transmission) echo transmission-daemon ;;
	rsyslog) echo rsyslogd ;;
	php_fpm) echo "${PHP_FPM:-none}" ;;
	ev) echo perl ;;
	erlang) echo erl ;;
	journald) echo /lib/systemd/systemd-journald ;;
	postgres) echo "${PG:-none}/postgres" ;;
	*) echo "$1" ;;
	esac
}

try() { # SERVER
	local status=0 load=load_http tool
	unset PORT
	echo "== $1"
	command -v "$(program_of "$1")" >/dev/null || { echo "   skipped: not installed"; return; }
	declare -F "load_$1" >/dev/null && load=load_$1
	"start_$1" || { echo "   does not start"; cat "$dir/server.err"; failed=1; return; }
	# shellcheck disable=SC2086 # words
	"$B/epolltrace" $OPTIONS --tree --fail-on warning -o "$dir/report" -p "$PID" &
	tool=$!
	await 10 attached $tool
	$load | sed 's/^/   /'
	kill -INT $tool
	wait $tool || status=$?
	sed 's/^/   /' "$dir/report"
	stop
	[ $status -eq 0 ] || { echo "   FALSE ALARM, status $status"; failed=1; }
}

[ $# -ne 0 ] || set -- nginx redis memcached node node_uring python go java \
	node_cluster uvloop lighttpd haproxy apache2 varnish squid mosquitto unbound bind knot postgres coturn \
	dbus transmission rsyslog dovecot puma php_fpm ev erlang tor journald
for server in "$@"; do
	try "$server"
done
exit $failed
