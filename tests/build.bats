#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The Makefile: what is rebuilt when, static and unprivileged builds, install, the deps stage.

load helper

# Makes here are not parts of the make that runs the tests: neither its flags nor its build folder.
# They build what is not to be run for long: unoptimised, in half the time.
alone() {
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES DEVELOPER SANITIZE LDFLAGS
	export -n B
	export CFLAGS=-O0
}

# without_rights COMMAND...: as nobody in this folder, where the kernel's BTF is not to be had.
without_rights() {
	[ "$(id -u)" -eq 0 ] || {
		"$@"
		return
	}
	chown -R 65534:65534 .
	chmod 755 . .. "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/file" "$BATS_RUN_TMPDIR"/..
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m bash -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' bash \
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# A clean tree is built once, with no rights; the tests go on from there.
setup_file() {
	alone
	mkdir "$BATS_FILE_TMPDIR/built"
	cd "$BATS_FILE_TMPDIR/built" || return
	copy_tree
	without_rights make -j2 V=1 >log 2>&1 || {
		tail -n 50 log
		return 1
	}
	sources_in log >first
}

setup() {
	alone
	cd "$BATS_TEST_TMPDIR" || return
}

copy_tree() {
	cp -r "$HERE"/{Makefile,src,bpf,tests,man} .
}

copy_built() {
	cp -a "$BATS_FILE_TMPDIR/built/." .
}

# What a log of make V=1 compiles.
sources_in() {
	grep -oE -- '-c [^ ]+\.c' "$1" | sed 's/^-c //' | sort
}

# Makes, or with -n would make, and prints the sources that are compiled.
compiled() {
	make -j2 V=1 "$@" >log 2>&1
	sources_in log
}

@test "editing a header rebuilds exactly its dependents" {
	copy_built
	[ "$(wc -l <first)" -ge 30 ]
	[ -z "$(compiled)" ]
	for header in src/sinks/output.h src/base/histogram.h bpf/wire.h bpf/control.h src/model/model.h; do
		cp -p "$header" unedited
		touch "$header"
		compiled -n | grep -v '^bpf/' >rebuilt
		"$PYTHON" tests/lib/dependents.py "$header" | sort >dependents
		[ -s dependents ]
		diff dependents rebuilt
		cp -p unedited "$header"
	done
	[ -z "$(compiled -n)" ]
	touch bpf/task.bpf.h src/base/heap.h
	compiled >rebuilt
	[ "$(grep '^bpf/' rebuilt | sort | xargs)" = "bpf/scan_files.bpf.c bpf/scan_tasks.bpf.c" ]
	grep -qx src/base/heap.c rebuilt
	[ -z "$(compiled)" ]
	# Other flags are another build, but not of what runs in the kernel.
	compiled -n CFLAGS="-O0 -g" >rebuilt
	[ "$(wc -l <rebuilt)" -ge 30 ]
	[ "$(grep -c '^bpf/' rebuilt)" -eq 0 ]
}

@test "a clean tree is built without root and without the kernel's BTF, and runs" {
	copy_built
	[ "$(grep -c '^bpf/' first)" -ge 6 ]
	build/epolltrace --version
	require_live
	build/epolltrace -o trace -- "$WORKLOADS/guide" create >oracle
	grep -q 'epoll_create1' trace
}

@test "STATIC=1 compiles nothing again: one binary that needs no library; it runs" {
	copy_built
	[ "$(compiled STATIC=1)" = src/capture/libelf_rest.c ]
	run ldd build/epolltrace
	[[ $output == *"not a dynamic executable"* ]]
	build/epolltrace --version
	require_live
	build/epolltrace -o trace -- "$WORKLOADS/guide" create >oracle
	grep -q 'epoll_create1' trace
	build/epolltrace -u nobody -o trace -- id -un >name
	[ "$(cat name)" = nobody ]
}

@test "install and uninstall, with DESTDIR and PREFIX" {
	copy_built
	make -j2 DESTDIR="$PWD/dest" PREFIX=/usr install >log 2>&1
	(cd dest && find . -type f | sort) >files
	diff - files <<-END
		./usr/bin/et-echo
		./usr/sbin/epolltrace
		./usr/share/bash-completion/completions/epolltrace
		./usr/share/man/man1/et-echo.1
		./usr/share/man/man8/epolltrace.8
		./usr/share/zsh/site-functions/_epolltrace
	END
	diff dest/usr/share/bash-completion/completions/epolltrace <(build/epolltrace --completion bash)
	diff dest/usr/share/zsh/site-functions/_epolltrace <(build/epolltrace --completion zsh)
	make DESTDIR="$PWD/dest" PREFIX=/usr uninstall >log 2>&1
	[ -z "$(find dest -type f)" ]
}

@test "deps without apt names the packages and stops; nothing else is begun, also under -j" {
	copy_tree
	mkdir bin
	for tool in sh make; do
		ln -s "$(type -P $tool)" bin/
	done
	run -2 env PATH="$PWD/bin" make -j4 deps all
	[[ $output == *"dnf install "*libbpf-devel* ]]
	[[ $output == *"pacman -S "*libbpf* ]]
	[ ! -e build ]
}

@test "deps is over before pkg-config is asked" {
	copy_tree
	mkdir bin
	# Without the packages pkg-config knows nothing; the stage before makes it know.
	cat >bin/pkg-config <<-'END'
		#!/bin/sh
		[ -e installed ] || exit 1
		echo "$@" >>asked
	END
	printf '#!/bin/sh\ntouch installed\n' >tests/lib/deps.sh
	chmod +x bin/pkg-config
	PATH=$PWD/bin:$PATH make -j4 deps uninstall DESTDIR="$PWD/none" >log 2>&1
	[ -s asked ]
}

@test "V=1 shows the commands" {
	make -C "$HERE" -n V=1 B="$PWD/b" all >log
	grep -q -- '-o .*epolltrace' log
}

@test "a circle of calls is found, and a file in the wrong folder" {
	mkdir -p src/{low,high} build/src/{low,high}
	echo 'void b(void); void a(void); void a(void) { b(); }' >src/high/a.c
	echo 'void a(void); void c(void); void b(void); void b(void) { a(); c(); }' >src/high/b.c
	echo 'void c(void); void c(void) { }' >src/low/c.c
	for file in high/a high/b low/c; do
		gcc -c "src/$file.c" -o "build/src/$file.o"
	done
	run -1 "$PYTHON" "$HERE/tests/lib/check-circles.py" build
	[ "${lines[0]}" = "a circle of calls: high/a high/b" ]
	[ "${lines[-1]}" = "low/c has nothing to do with its folder, and serves high alone" ]
	echo 'void b(void); void b(void) { }' >src/high/b.c
	gcc -c src/high/b.c -o build/src/high/b.o
	rm src/low/c.c
	"$PYTHON" "$HERE/tests/lib/check-circles.py" build
}
