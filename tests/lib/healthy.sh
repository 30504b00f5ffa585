#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make healthy [SERVERS="nginx go"]`: servers that are right, under load for a while and then idle,
# each diagnosed. An error or a warning is a false alarm, and a failure; notes are shown, to be read.
# What is not installed is skipped. Wants, on Debian: nginx-light redis-server redis-tools nodejs
# python3 golang-go memcached default-jdk-headless wrk lighttpd haproxy apache2 varnish mosquitto
# mosquitto-clients unbound postgresql bind9 knot squid python3-uvloop
# coturn. Root only.
set -u
cd "$(dirname "$0")/../.." || exit
B=${B:-build}
LOAD=${LOAD:-30} # seconds
IDLE=${IDLE:-10}
OPTIONS=${OPTIONS:---diagnose}
failed=0
. tests/lib/servers.sh

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

load_wrk() {
	wrk -t1 -c50 -d"$LOAD" "http://127.0.0.1:$PORT/" | grep -E 'Requests/sec|Non-2xx|errors'
	sleep "$IDLE"
}
load_lighttpd() { load_wrk; }
load_haproxy() { load_wrk; }
load_apache2() { load_wrk; }
load_varnish() { load_wrk; }

load_mosquitto() {
	local end=$((SECONDS + LOAD))
	mosquitto_sub -p "$PORT" -q 1 -t 'news/#' -W $((LOAD + IDLE)) | wc -l &
	while ((SECONDS < end)); do
		seq 20000 | mosquitto_pub -p "$PORT" -q 1 -t news/all -l
		head -c 200000 /dev/zero | mosquitto_pub -p "$PORT" -t news/large -s
	done
	wait $!
}

load_bind() { load_unbound; }

# A binding request of STUN has an answer.
load_coturn() {
	python3 tests/healthy/ask.py "$PORT" "$LOAD" "$IDLE" 000100002112a442000102030405060708090a0b
}
load_knot() { load_unbound; }
load_squid() {
	wrk -t1 -c50 -d"$LOAD" "http://127.0.0.1:$PORT/squid-internal-static/icons/SN.png" |
		grep -E 'Requests/sec|errors'
	sleep "$IDLE"
}
load_unbound() { python3 tests/healthy/dns.py "$PORT" "$LOAD" "$IDLE"; }

load_postgres() {
	local run=(setpriv --reuid postgres --regid postgres --clear-groups)
	"${run[@]}" "$PG/pgbench" -h 127.0.0.1 -p "$PORT" -i -q postgres 2>/dev/null
	"${run[@]}" "$PG/pgbench" -h 127.0.0.1 -p "$PORT" -c 10 -T "$LOAD" postgres 2>/dev/null |
		grep 'tps ='
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

# Servers that need no more than a line or some of configuration.

start_lighttpd() {
	PORT=$(free_port)
	mkdir -p "$dir/www"
	echo hello >"$dir/www/index.html"
	printf '%s\n' "server.bind = \"127.0.0.1\"" "server.port = $PORT" \
		"server.document-root = \"$dir/www\"" 'index-file.names = ("index.html")' >"$dir/conf"
	serve lighttpd -D -f "$dir/conf"
}

start_haproxy() {
	PORT=$(free_port)
	cat >"$dir/conf" <<-END
		defaults
		  mode http
		  timeout client 5s
		  timeout server 5s
		  timeout connect 5s
		frontend all
		  bind 127.0.0.1:$PORT
		  http-request return status 200 content-type text/plain string hello
	END
	serve haproxy -db -f "$dir/conf"
}

start_apache2() {
	PORT=$(free_port)
	mkdir -p "$dir/www"
	echo hello >"$dir/www/index.html"
	chmod -R a+rX "$dir/www"
	cat >"$dir/conf" <<-END
		LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
		LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
		LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
		DirectoryIndex index.html
		ServerName localhost
		Listen 127.0.0.1:$PORT
		PidFile $dir/apache2.pid
		ErrorLog $dir/apache2.err
		DocumentRoot $dir/www
		User nobody
	END
	serve apache2 -DFOREGROUND -d "$dir" -f "$dir/conf"
}

start_varnish() {
	PORT=$(free_port)
	printf '%s\n' 'vcl 4.1;' 'backend none none;' 'sub vcl_recv { return (synth(200)); }' >"$dir/conf"
	serve varnishd -F -a "127.0.0.1:$PORT" -n "$dir/varnish" -f "$dir/conf"
}

start_mosquitto() {
	PORT=$(free_port)
	serve mosquitto -p "$PORT"
}

start_unbound() {
	PORT=$(free_port)
	cat >"$dir/conf" <<-END
		server:
		  interface: 127.0.0.1
		  port: $PORT
		  do-daemonize: no
		  use-syslog: no
		  chroot: ""
		  username: ""
		  pidfile: "$dir/unbound.pid"
		  num-threads: 2
		  local-zone: "test." redirect
		  local-data: "test. A 192.0.2.1"
	END
	serve unbound -d -c "$dir/conf"
}

start_bind() {
	PORT=$(free_port)
	mkdir -p "$dir/bind"
	cat >"$dir/conf" <<-END
		options {
		  directory "$dir/bind";
		  listen-on port $PORT { 127.0.0.1; };
		  listen-on-v6 { none; };
		  pid-file none;
		  recursion no;
		};
		controls { };
	END
	serve named -g -n 2 -c "$dir/conf"
}

start_coturn() {
	PORT=$(free_port)
	serve turnserver -n -L 127.0.0.1 -p "$PORT" --no-tls --no-dtls --no-cli --userdb "$dir/turn.db" \
		--log-file stdout --pidfile "$dir/turn.pid"
}

start_knot() {
	PORT=$(free_port)
	mkdir -p "$dir/knot"
	printf '%s\n' 'server:' "  listen: 127.0.0.1@$PORT" "  rundir: $dir/knot" 'database:' \
		"  storage: $dir/knot" >"$dir/conf"
	serve knotd -c "$dir/conf"
}

start_squid() {
	PORT=$(free_port)
	install -d -o proxy "$dir/squid"
	cat >"$dir/conf" <<-END
		http_port 127.0.0.1:$PORT
		visible_hostname localhost
		http_access allow all
		pid_filename $dir/squid/pid
		cache_log $dir/squid/log
		access_log none
		coredump_dir $dir/squid
		pinger_enable off
	END
	serve squid -N -f "$dir/conf"
}

start_postgres() {
	local run=(setpriv --reuid postgres --regid postgres --clear-groups)
	PORT=$(free_port)
	install -d -o postgres "$dir/data"
	"${run[@]}" "$PG/initdb" -D "$dir/data" -A trust >/dev/null &&
		serve "${run[@]}" "$PG/postgres" -D "$dir/data" -p "$PORT" -k "$dir/data" \
			-c listen_addresses=127.0.0.1
}

PG=$(find /usr/lib/postgresql -name postgres -path '*/bin/*' -printf '%h\n' 2>/dev/null | tail -n 1)

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
	node_cluster uvloop lighttpd haproxy apache2 varnish squid mosquitto unbound bind knot postgres coturn
for server in "$@"; do
	try "$server"
done
exit $failed
