# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Servers that need no more than a package and some lines of configuration, for tests/lib/healthy.sh,
# which sources it: start_SERVER, and load_SERVER where the plain load is not its.

start_lighttpd() {
	PORT=$(free_port)
	mkdir -p "$dir/www"
	echo hello >"$dir/www/index.html"
	printf '%s\n' "server.bind = \"127.0.0.1\"" "server.port = $PORT" \
		"server.document-root = \"$dir/www\"" 'index-file.names = ("index.html")' >"$dir/conf"
	serve lighttpd -D -f "$dir/conf"
}
load_lighttpd() { load_wrk; }

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
load_haproxy() { load_wrk; }

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
load_apache2() { load_wrk; }

start_varnish() {
	PORT=$(free_port)
	printf '%s\n' 'vcl 4.1;' 'backend none none;' 'sub vcl_recv { return (synth(200)); }' >"$dir/conf"
	serve varnishd -F -a "127.0.0.1:$PORT" -n "$dir/varnish" -f "$dir/conf"
}
load_varnish() { load_wrk; }

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
load_squid() { load_wrk /squid-internal-static/icons/SN.png; }

start_mosquitto() {
	PORT=$(free_port)
	serve mosquitto -p "$PORT"
}

load_mosquitto() {
	local end=$((SECONDS + LOAD))
	mosquitto_sub -p "$PORT" -q 1 -t 'news/#' -W $((LOAD + IDLE)) | wc -l &
	while ((SECONDS < end)); do
		seq 20000 | mosquitto_pub -p "$PORT" -q 1 -t news/all -l
		head -c 200000 /dev/zero | mosquitto_pub -p "$PORT" -t news/large -s
	done
	wait $!
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
load_unbound() { python3 tests/healthy/dns.py "$PORT" "$LOAD" "$IDLE"; }

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
load_bind() { load_unbound; }

start_knot() {
	PORT=$(free_port)
	mkdir -p "$dir/knot"
	printf '%s\n' 'server:' "  listen: 127.0.0.1@$PORT" "  rundir: $dir/knot" 'database:' \
		"  storage: $dir/knot" >"$dir/conf"
	serve knotd -c "$dir/conf"
}
load_knot() { load_unbound; }

PG=$(find /usr/lib/postgresql -name postgres -path '*/bin/*' -printf '%h\n' 2>/dev/null | tail -n 1)

start_postgres() {
	local run=(setpriv --reuid postgres --regid postgres --clear-groups)
	PORT=$(free_port)
	install -d -o postgres "$dir/data"
	"${run[@]}" "$PG/initdb" -D "$dir/data" -A trust >/dev/null &&
		serve "${run[@]}" "$PG/postgres" -D "$dir/data" -p "$PORT" -k "$dir/data" \
			-c listen_addresses=127.0.0.1
}

load_postgres() {
	local run=(setpriv --reuid postgres --regid postgres --clear-groups)
	"${run[@]}" "$PG/pgbench" -h 127.0.0.1 -p "$PORT" -i -q postgres 2>/dev/null
	"${run[@]}" "$PG/pgbench" -h 127.0.0.1 -p "$PORT" -c 10 -T "$LOAD" postgres 2>/dev/null |
		grep 'tps ='
	sleep "$IDLE"
}

start_coturn() {
	PORT=$(free_port)
	serve turnserver -n -L 127.0.0.1 -p "$PORT" --no-tls --no-dtls --no-cli --userdb "$dir/turn.db" \
		--log-file stdout --pidfile "$dir/turn.pid"
}

# A binding request of STUN.
load_coturn() { ask '\0\1\0\0\x21\x12\xa4\x42TRANSACTION.' '\1\1'; }

start_dbus() {
	PORT=$dir/bus
	serve dbus-daemon --session --nofork --address="unix:path=$PORT"
}

load_dbus() {
	dbus-monitor --address "unix:path=$PORT" >/dev/null &
	again dbus-send --bus="unix:path=$PORT" --print-reply --dest=org.freedesktop.DBus / \
		org.freedesktop.DBus.ListNames
	kill $!
}

start_transmission() {
	PORT=$(free_port)
	serve transmission-daemon -f -g "$dir/transmission" -w "$dir" -p "$PORT" -r 127.0.0.1 \
		-i 127.0.0.1 -P "$(free_port)" --no-dht --no-lpd --no-utp --no-portmap
}
load_transmission() { load_wrk /transmission/web/index.html; }

start_rsyslog() {
	PORT=$(free_port)
	cat >"$dir/conf" <<-END
		module(load="imptcp")
		input(type="imptcp" address="127.0.0.1" port="$PORT")
		action(type="omfile" file="/dev/null")
	END
	serve rsyslogd -n -f "$dir/conf" -i "$dir/rsyslog.pid"
}

log_lines() { seq 1000 | logger "$@"; }
load_rsyslog() { again log_lines -n 127.0.0.1 -P "$PORT" -T; }

start_dovecot() {
	PORT=$(free_port)
	mkdir -p "$dir/dovecot"
	chown nobody "$dir/dovecot"
	cat >"$dir/conf" <<-END
		base_dir = $dir/dovecot/run
		log_path = /dev/stderr
		protocols = imap
		ssl = no
		disable_plaintext_auth = no
		mail_location = maildir:$dir/dovecot/mail
		passdb {
		  driver = static
		  args = password=secret
		}
		userdb {
		  driver = static
		  args = uid=nobody gid=nogroup home=$dir/dovecot
		}
		service imap-login {
		  inet_listener imap {
		    address = 127.0.0.1
		    port = $PORT
		  }
		}
	END
	serve dovecot -F -c "$dir/conf"
}
load_dovecot() { ask 'a LOGIN somebody secret\r\nb SELECT INBOX\r\nc IDLE\r\n' '+ idling'; }

start_puma() {
	PORT=$(free_port)
	echo 'app { [200, {}, ["hello"]] }' >"$dir/conf"
	serve puma -C "$dir/conf" -b "tcp://127.0.0.1:$PORT"
}

PHP_FPM=$(compgen -c php-fpm | tail -n 1)

start_php_fpm() {
	PORT=$(free_port)
	cat >"$dir/conf" <<-END
		[global]
		error_log = $dir/php-fpm.err
		[www]
		user = nobody
		listen = 127.0.0.1:$PORT
		pm = ondemand
		pm.max_children = 4
		ping.path = /ping
	END
	serve "$PHP_FPM" -F -y "$dir/conf"
}

load_php_fpm() {
	again env REQUEST_METHOD=GET SCRIPT_NAME=/ping SCRIPT_FILENAME=/ping \
		cgi-fcgi -bind -connect "127.0.0.1:$PORT"
}

# The two that follow send back what they are sent.
start_ev() {
	PORT=$(free_port)
	# shellcheck disable=SC2016 # perl's
	serve perl -MEV -MIO::Socket::INET -e '
		$l = IO::Socket::INET->new(Listen => 128, LocalAddr => shift, Blocking => 0) or die;
		$w = EV::io $l, EV::READ, sub {
			my $c = $l->accept or return;
			$c->blocking(0);
			$io{$c} = EV::io $c, EV::READ, sub {
				if (sysread $c, my $text, 4096) { syswrite $c, $text } else { delete $io{$c} }
			};
		};
		EV::run' "127.0.0.1:$PORT"
}
load_ev() { ask 'hello\n' 'hello\n'; }

start_erlang() {
	PORT=$(free_port)
	serve erl -noinput -eval '
		{ok, L} = gen_tcp:listen('"$PORT"', [{ip, {127,0,0,1}}, binary, {active, true}]),
		Echo = fun Echo(S) -> receive {tcp, S, D} -> gen_tcp:send(S, D), Echo(S); _ -> ok end end,
		Accept = fun Accept() ->
			{ok, S} = gen_tcp:accept(L),
			gen_tcp:controlling_process(S, spawn(fun() -> Echo(S) end)),
			Accept()
		end,
		Accept().'
}
load_erlang() { load_ev; }

# With no network there is its control port.
start_tor() {
	PORT=$(free_port)
	printf '%s\n' 'DisableNetwork 1' 'SocksPort 0' "ControlPort 127.0.0.1:$PORT" \
		"DataDirectory $dir/tor" >"$dir/conf"
	serve tor -f "$dir/conf" --defaults-torrc "$dir/conf"
}
load_tor() { ask 'AUTHENTICATE\r\nGETINFO version config-text\r\n' '250 OK\r\n250'; }

# A journal beside the system's, with a /run and a /var/log of its own.
start_journald() {
	mkdir -p "$dir/run"
	PORT=$dir/run/systemd/journal.healthy/dev-log
	# shellcheck disable=SC2016 # the inner shell's
	serve unshare -m sh -c 'mount --bind "$1" /run && mount --bind "$1" /var/log &&
		exec /lib/systemd/systemd-journald healthy' sh "$dir/run"
}
load_journald() { again log_lines -u "$PORT"; }
