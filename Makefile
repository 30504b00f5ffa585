# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
#   make              build epolltrace and et-echo
#   make deps         install what building and testing need (apt)
#   make demo         trace a real server for some seconds
#   make test         run all tests; live ones need root
#   make test-distros the same on other releases of Debian, each in a fresh system; as root
#   make check        formatting, headers, layers, manuals, scripts, static analysis
#   make test-kernels  boot Debian's kernels in QEMU and trace there: KERNELS="5.10 6.1 ..."
#   make fuzz         fuzz the reader of recordings and the decoder, FUZZ_TIME seconds each (60)
#   make bench        measure the cost, against strace, perf and bpftrace
#   make install      DESTDIR, PREFIX
#
# Variables: V=1 shows commands, STATIC=1 links statically, SANITIZE=address,undefined,
# DEVELOPER=1 makes warnings errors, CC, CLANG, BPFTOOL, CFLAGS, LDFLAGS.

PACKAGES_APT := gcc libc6-dev pkg-config clang bpftool libbpf-dev libelf-dev zlib1g-dev \
	bats strace mandoc shellcheck clang-format cppcheck procps python3 python3-jsonschema jq zsh \
	protobuf-compiler python3-protobuf
PACKAGES_DNF := gcc pkgconf clang bpftool libbpf-devel elfutils-libelf-devel zlib-devel \
	bats strace mandoc ShellCheck clang-tools-extra cppcheck procps-ng python3 python3-jsonschema jq zsh \
	protobuf-compiler python3-protobuf
PACKAGES_PACMAN := gcc pkgconf clang bpf libbpf libelf zlib \
	bats strace mandoc shellcheck cppcheck procps-ng python python-jsonschema jq zsh \
	protobuf python-protobuf

ifneq ($(filter deps,$(MAKECMDGOALS)),)

# A stage of its own: the other goals are a second make, which reads pkg-config's answers only when
# the packages are there. One goal follows the other, and each is made with as many jobs as there are
# processors, unless -j says otherwise.
REST := $(filter-out deps,$(MAKECMDGOALS))
JOBS_DEFAULT = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: deps after-deps $(REST)

deps:
	@PACKAGES="$(PACKAGES_APT)" DNF="$(PACKAGES_DNF)" PACMAN="$(PACKAGES_PACMAN)" \
		sh tests/lib/deps.sh

ifneq ($(REST),)
after-deps: deps
	+@set -e; for goal in $(REST); do $(MAKE) --no-print-directory $(JOBS_DEFAULT) $$goal; done

$(REST): after-deps ;
endif

else

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
BASH_COMPLETIONS := $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS := $(PREFIX)/share/zsh/site-functions
B ?= build
CC ?= cc
CLANG ?= clang
BPFTOOL ?= $(shell command -v bpftool || echo /usr/sbin/bpftool)
PKG_CONFIG ?= pkg-config
Q := $(if $(V),,@)
comma := ,
say = $(if $(V),@:,@printf '  %-7s %s\n' $(1) $(patsubst $(CURDIR)/%,%,$@))

LIBS := libbpf libelf zlib
LIB_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBS))
# Static: zlib first, because libelf.a of elfutils 0.196 has a crc32, too, and one of them is enough;
# last what libelf.a of 0.192 lacks.
LIBELF_REST := $(if $(STATIC),$(B)/libelf_rest.a)
LIB_LDLIBS := $(if $(STATIC),-lz) $(shell $(PKG_CONFIG) --libs $(if $(STATIC),--static) $(LIBS)) \
	$(LIBELF_REST)
MULTIARCH := $(shell $(CC) -print-multiarch)
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
BPF_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(MACHINE)))

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wformat=2 -Wundef -Wswitch-enum $(if $(DEVELOPER),-Werror)
CFLAGS ?= -O2 -g
ALL_CPPFLAGS := -D_GNU_SOURCE -DET_VERSION='"$(VERSION)"' -DET_ECHO_VERSION='"$(VERSION)"' \
	-Isrc -I$(B) $(LIB_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS := -std=gnu11 -pthread $(WARNINGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE) \
	-fno-sanitize-recover=all -fno-omit-frame-pointer) $(CFLAGS)
ALL_LDFLAGS := -pthread $(if $(STATIC),-static) $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(LDFLAGS)
BPF_CFLAGS := -g -O2 -target bpf -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Wextra -Wno-unused-parameter \
	$(if $(DEVELOPER),-Werror) $(if $(MULTIARCH),-isystem /usr/include/$(MULTIARCH)) \
	$(LIB_CFLAGS)

# server.c is included by mistakes.c; alone it is a program of its own.
ECHO_OBJ := $(addprefix $(B)/src/et-echo/,main.o mistakes.o)
TOOL_SRC := $(filter-out src/et-echo/% src/capture/libelf_rest.c,$(wildcard src/*.c src/*/*.c src/*/*/*.c))
TOOL_OBJ := $(TOOL_SRC:%.c=$(B)/%.o)
# Everything that a unit test may link with: all but main and what needs the kernel.
PURE_OBJ := $(filter-out $(addprefix $(B)/src/,main.o trace.o playback.o signals.o capture/%),$(TOOL_OBJ))
# The BPF objects, which are loaded at once by a thread each, and the files that each is linked from.
# maps is the first, because libbpf 1.1 loses the offset of a map that is used before it is defined.
BPF_OBJECTS := maps calls scans uring
BPF_maps := maps
BPF_calls := maps describe calls life io
BPF_scans := maps describe scan_tasks scan_files
BPF_uring := maps describe uring
SKELETONS := $(BPF_OBJECTS:%=$(B)/%.skel.h)
# A 32-bit program for x86, where this compiler makes such.
COMPAT_SRC := $(shell $(CC) -m32 -ffreestanding -fsyntax-only tests/workloads/compat.c 2>/dev/null && \
	echo tests/workloads/compat.c)
WORKLOAD_SRC := $(filter-out tests/workloads/compat.c,$(wildcard tests/workloads/*.c)) $(COMPAT_SRC)
WORKLOADS := $(WORKLOAD_SRC:tests/workloads/%.c=$(B)/workloads/%)
UNITS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))
FUZZ_NAMES := fuzz-decode fuzz-replay
FUZZ_TIME ?= 60

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all demo test test-distros test-kernels check bench fuzz healthy install uninstall clean \
	workloads units fuzz-files fuzzers FORCE

COMPLETIONS := $(B)/completions/epolltrace.bash $(B)/completions/_epolltrace

all: $(B)/epolltrace $(B)/et-echo $(COMPLETIONS)

# Hold the flags of the steps: what was built with others is built again. Other libraries, as with
# STATIC, are no reason to compile again; and nothing that is for programs changes what runs in the
# kernel.
FLAGS_bpf := $(CLANG) $(BPF_CFLAGS)
FLAGS_cc := $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
FLAGS_link := $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LIB_LDLIBS)
define hold_flags
ifneq ($$(strip $$(FLAGS_$(1))),$$(strip $$(file <$(B)/flags.$(1))))
$(B)/flags.$(1): FORCE
endif
$(B)/flags.$(1):
	@mkdir -p $(B)
	@printf '%s\n' '$$(subst ','\'',$$(FLAGS_$(1)))' > $$@
endef
$(foreach step,bpf cc link,$(eval $(call hold_flags,$(step))))

$(B)/bpf/%.bpf.o: bpf/%.bpf.c $(B)/flags.bpf
	$(call say,CLANG)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(B)/bpf/$*.d -MT $@ -c $< -o $@

# Linking leaves the debug information out, also where there is only one file.
define link_bpf
$(B)/bpf/$(1).o: $(BPF_$(1):%=$(B)/bpf/%.bpf.o)
	$$(call say,BPF)
	$$(Q)$$(BPFTOOL) gen object $$@ $$^
endef
$(foreach object,$(BPF_OBJECTS),$(eval $(call link_bpf,$(object))))

$(B)/%.skel.h: $(B)/bpf/%.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

# Numbers and names of this architecture's system calls, from the C library's own header.
$(B)/syscall_names.inc: $(B)/flags.cc
	$(call say,GEN)
	$(Q)printf '#include <asm/unistd.h>\n' | $(CC) -E -dM - | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9][0-9]*\)$$/[\2] = "\1",/p' > $@
	$(Q)test -s $@

$(filter $(B)/src/capture/%,$(TOOL_OBJ)): | $(SKELETONS)
$(B)/src/base/syscalls.o: | $(B)/syscall_names.inc

$(B)/src/%.o: src/%.c $(B)/flags.cc
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(B)/libelf_rest.a: $(B)/src/capture/libelf_rest.o
	$(call say,AR)
	$(Q)ar rcs $@ $^

$(B)/epolltrace $(UNITS) $(B)/fuzz/seeds $(FUZZ_NAMES:fuzz-%=$(B)/fuzz/files-%): | $(LIBELF_REST)

$(B)/epolltrace: $(TOOL_OBJ) $(B)/flags.link
	$(call say,LINK)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(filter %.o,$^) $(LIB_LDLIBS) -o $@

# The tool prints them itself, from its table of options.
$(COMPLETIONS): $(B)/epolltrace
	$(call say,GEN)
	@mkdir -p $(@D)
	$(Q)$(abspath $<) --completion $(if $(filter %.bash,$@),bash,zsh) > $@

# Static: the linker warns of getaddrinfo, which only loads libraries for names; these are numbers.
$(B)/et-echo: $(ECHO_OBJ) $(B)/flags.link
	$(call say,LINK)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(if $(STATIC),-Wl$(comma)--no-warnings) $(filter %.o,$^) -o $@

$(B)/workloads/%: tests/workloads/%.c $(B)/flags.cc $(B)/flags.link
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP $< -o $@

# No C library for the other word size is needed: it makes its system calls itself.
$(B)/workloads/compat: tests/workloads/compat.c $(B)/flags.cc
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -O2 -ffreestanding -fno-stack-protector -fno-pie -no-pie -nostdlib -static \
		$< -o $@

$(B)/unit/%: tests/unit/%.c $(PURE_OBJ) $(B)/flags.cc $(B)/flags.link
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests/unit $(ALL_CFLAGS) $(ALL_LDFLAGS) $(UNIT_LDFLAGS) -MMD -MP $< \
		$(PURE_OBJ) $(LIB_LDLIBS) -o $@

# It lets allocations fail.
$(B)/unit/memory: UNIT_LDFLAGS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

# Fuzz targets twice: with a main that runs files, for every compiler, and with libFuzzer.
FUZZ_CPPFLAGS := -Itests/unit -Itests/fuzz

$(B)/fuzz/%.o: tests/fuzz/%.c $(B)/flags.cc
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(FUZZ_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(B)/fuzz/seeds: $(B)/fuzz/seeds.o $(PURE_OBJ) $(B)/flags.link
	$(call say,LINK)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(filter %.o,$^) $(LIB_LDLIBS) -o $@

$(B)/fuzz/files-%: $(B)/fuzz/fuzz-%.o $(B)/fuzz/corpus.o $(PURE_OBJ) $(B)/flags.link
	$(call say,LINK)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(filter %.o,$^) $(LIB_LDLIBS) -o $@

$(B)/fuzz/fuzz-%: $(B)/fuzz/fuzz-%.o $(PURE_OBJ) $(B)/flags.link
	$(call say,LINK)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer $(filter %.o,$^) $(LIB_LDLIBS) -o $@

workloads: $(WORKLOADS)
units: $(UNITS)
fuzz-files: $(B)/fuzz/seeds $(FUZZ_NAMES:fuzz-%=$(B)/fuzz/files-%)
fuzzers: $(B)/fuzz/seeds $(FUZZ_NAMES:%=$(B)/fuzz/%)

# In a directory of its own, because everything is built by clang, and so that fuzz can be told how.
fuzz:
	$(Q)B=$(B).fuzz CLANG="$(CLANG)" FUZZ_TIME=$(FUZZ_TIME) MAKE="$(MAKE)" bash tests/lib/fuzz.sh

# Neither in test nor in CI: it needs QEMU and some minutes.
test-kernels:
	+$(Q)$(MAKE) --no-print-directory STATIC=1 B=$(B).kernels $(B).kernels/epolltrace \
		$(B).kernels/workloads/guide $(B).kernels/workloads/misuse $(B).kernels/workloads/waitloop
	$(Q)B=$(B).kernels $(if $(KERNELS),KERNELS="$(KERNELS)") bash tests/lib/kernels.sh

demo: all $(B)/workloads/echo-load $(B)/workloads/misuse
	$(Q)B=$(B) bash tests/lib/demo.sh

test: all workloads units fuzz-files
	$(Q)B=$(B) bash tests/lib/run-tests.sh

test-distros:
	$(Q)DISTROS="$(DISTROS)" REDUCED="$(REDUCED)" bash tests/lib/distros.sh

check: $(SKELETONS) $(B)/syscall_names.inc $(TOOL_OBJ)
	$(Q)B=$(B) CC="$(CC)" CPPFLAGS='$(subst ','\'',$(ALL_CPPFLAGS))' bash tests/lib/check.sh

bench: all workloads
ifneq ($(AGAINST),)
	$(Q)B=$(B) AGAINST=$(AGAINST) bash tests/lib/bench-against.sh
else
	$(Q)B=$(B) bash tests/lib/bench.sh
	$(Q)B=$(B) bash tests/lib/bench-floor.sh
	$(Q)B=$(B) bash tests/lib/bench-state.sh
	$(Q)B=$(B) bash tests/lib/bench-diagnose.sh
	$(Q)B=$(B) bash tests/lib/bench-replay.sh
endif

healthy: all
	$(Q)B=$(B) bash tests/lib/healthy.sh $(SERVERS)

install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin \
		$(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(BASH_COMPLETIONS) $(DESTDIR)$(ZSH_COMPLETIONS)
	install -m 755 $(B)/epolltrace $(DESTDIR)$(PREFIX)/sbin/epolltrace
	install -m 755 $(B)/et-echo $(DESTDIR)$(PREFIX)/bin/et-echo
	install -m 644 man/epolltrace.8 $(DESTDIR)$(PREFIX)/share/man/man8/epolltrace.8
	install -m 644 man/et-echo.1 $(DESTDIR)$(PREFIX)/share/man/man1/et-echo.1
	install -m 644 $(B)/completions/epolltrace.bash $(DESTDIR)$(BASH_COMPLETIONS)/epolltrace
	install -m 644 $(B)/completions/_epolltrace $(DESTDIR)$(ZSH_COMPLETIONS)/_epolltrace

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/epolltrace $(DESTDIR)$(PREFIX)/bin/et-echo \
		$(DESTDIR)$(PREFIX)/share/man/man8/epolltrace.8 \
		$(DESTDIR)$(PREFIX)/share/man/man1/et-echo.1 \
		$(DESTDIR)$(BASH_COMPLETIONS)/epolltrace $(DESTDIR)$(ZSH_COMPLETIONS)/_epolltrace

clean:
	rm -rf $(B) $(B).fuzz

-include $(wildcard $(B)/bpf/*.d) $(TOOL_OBJ:.o=.d) $(ECHO_OBJ:.o=.d) $(WORKLOADS:=.d) $(UNITS:=.d) $(wildcard $(B)/fuzz/*.d)

endif
