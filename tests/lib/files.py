#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""files.py EPOLLTRACE: every class of file that can be watched, in states whose figures are known.

All are in one interest list. A snapshot of this process is taken, and what it says of each file is
compared with what the file then gives: all of it is read, or accepted, and counted. Prints a row a
file, and exits with 1 where one differs."""

import ctypes
import errno
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

MPTCP = 262
ETH_P_OURS = 0x88B5  # for local experiments: nobody else sends it
# Of x86-64; elsewhere what needs these numbers is left out.
X86_64 = os.uname().machine == "x86_64"
SYS_BPF, SYS_PERF_EVENT_OPEN, SYS_IO_URING_SETUP = (321, 298, 425) if X86_64 else (0, 0, 0)
SIOCOUTQ, FIONREAD = 0x5411, 0x541B
libc = ctypes.CDLL(None, use_errno=True)
MASK = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP
keep = []  # what must stay open
cases = []  # (name, fd, what is expected)


def case(name, fd, **want):
    fd = fd if isinstance(fd, int) else (keep.append(fd), fd.fileno())[1]
    os.set_blocking(fd, False)
    cases.append((name, fd, want))


def pair(family, kind, protocol=0, address=("127.0.0.1", 0), client_protocol=None):
    """A listener, a client and what the listener accepted."""
    listener = socket.socket(family, kind, protocol)
    listener.bind(address)
    listener.listen(9)
    client = socket.socket(family, kind, protocol if client_protocol is None else client_protocol)
    client.connect(listener.getsockname())
    server = listener.accept()[0]
    keep.extend((listener, client, server))
    return listener, client, server


def settle(fd, count):
    """Until so many bytes can be read: what is sent on loopback has come by then."""
    for _ in range(2000):
        word = fcntl.ioctl(fd, FIONREAD, struct.pack("i", 0))
        if struct.unpack("i", word)[0] >= count:
            return
        select.select([], [], [], 0.001)
    sys.exit("files.py: %d bytes did not come" % count)


def readable(fd):
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLPRI | select.POLLRDHUP)
    if not poll.poll(2000):
        sys.exit("files.py: nothing came")


def streams():
    for name, protocol in (("TCP", 0), ("MPTCP", MPTCP)):
        for what in ("data", "partly read", "eof", "data and eof", "nothing", "unsent"):
            _, client, server = pair(socket.AF_INET, socket.SOCK_STREAM, protocol)
            want = {}
            if what in ("data", "partly read", "data and eof"):
                client.sendall(b"x" * 3001)
                readable(server)
                settle(server, 3001)
            if what == "partly read":
                server.recv(1007)
            if "eof" in what:
                client.shutdown(socket.SHUT_WR)
                readable(server)
                eof_of(server, 3001 if "data" in what else 0)
            if what == "unsent":
                server.setblocking(False)
                while True:
                    try:
                        server.send(b"y" * 65536)
                    except BlockingIOError:
                        break
                want["unsent"] = True
            case("%s: %s" % (name, what), server, **want)
    listeners()
    urgent()
    resets()


def eof_of(server, data):
    """Until the end has come: poll says RDHUP, whatever lies before it."""
    poll = select.poll()
    poll.register(server, select.POLLRDHUP)
    if not poll.poll(2000):
        sys.exit("files.py: no end of file came")


def listeners():
    for name, protocol, client_protocol in (
        ("TCP", 0, 0),
        ("MPTCP, plain clients", MPTCP, 0),
        ("MPTCP", MPTCP, MPTCP),
    ):
        listener, _, _ = pair(socket.AF_INET, socket.SOCK_STREAM, protocol)
        for _ in range(3):
            client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, client_protocol)
            client.connect(listener.getsockname())
            keep.append(client)
        readable(listener)
        case("listener of %s" % name, listener, connections=3)
    listener, _, _ = pair(socket.AF_INET, socket.SOCK_STREAM)
    listener.shutdown(socket.SHUT_RDWR)
    case("a listener that is shut down", listener, unsent=None, connections=None)


def urgent():
    for what in ("alone", "with more behind it", "taken", "taken, with more behind it", "inline"):
        _, client, server = pair(socket.AF_INET, socket.SOCK_STREAM)
        if what == "inline":
            server.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        client.send(b"!", socket.MSG_OOB)
        readable(server)
        if "taken" in what:
            server.recv(1, socket.MSG_OOB)
        if "more" in what:
            client.sendall(b"z" * 503)
            poll = select.poll()
            poll.register(server, select.POLLIN)
            poll.poll(2000)
        case("TCP urgent byte: " + what, server)


def resets():
    _, client, server = pair(socket.AF_INET, socket.SOCK_STREAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    readable(server)
    case("TCP: reset", server, error=True, unsent=None)


def unix():
    for kind, name in ((socket.SOCK_STREAM, "stream"), (socket.SOCK_SEQPACKET, "seqpacket")):
        for what in ("data", "closed", "data, closed", "shut down", "nothing"):
            a, b = socket.socketpair(socket.AF_UNIX, kind)
            keep.append(b)
            if "data" in what:
                b.send(b"x" * 701)
            if "closed" in what:
                b.close()
            if what == "shut down":
                b.shutdown(socket.SHUT_WR)
            case("UNIX %s: %s" % (name, what), a)
        path = "\0epolltrace-files-%s-%d" % (name, os.getpid())
        listener, _, _ = pair(socket.AF_UNIX, kind, 0, path)
        for _ in range(3):
            client = socket.socket(socket.AF_UNIX, kind)
            client.connect(path)
            keep.append(client)
        case("UNIX %s: listener" % name, listener, connections=3, named="UNIX-" + name.upper())
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    keep.append(b)
    b.send(b"abc")
    b.send(b"")
    case("UNIX dgram: two messages, one of no bytes", a, named="UNIX-DGRAM")


def datagrams():
    for what in ("two", "one of no bytes"):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        for data in (b"ab", b"cde") if what == "two" else (b"",):
            s.sendto(data, s.getsockname())
        readable(s)
        case("UDP: " + what, s)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_IP, 11, 1)  # IP_RECVERR
    closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    closed.bind(("127.0.0.1", 0))
    s.connect(closed.getsockname())
    closed.close()
    s.send(b"x")
    poll = select.poll()
    poll.register(s, 0)
    poll.poll(2000)
    case("UDP: refused, in the error queue", s, error_queue=True, error=True)
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    s.bind((0, 0))
    case("netlink", s, named="NETLINK:[ROUTE:")


def anonymous():
    case("eventfd", os.eventfd(3) if hasattr(os, "eventfd") else libc.eventfd(3, 0))
    timer = libc.timerfd_create(1, 0)
    libc.timerfd_settime(timer, 0, struct.pack("qqqq", 0, 1000000, 0, 1), None)
    readable(timer)
    case("timerfd", timer, at_least=1)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    mask = struct.pack("Q", 1 << signal.SIGUSR2 - 1) + bytes(120)
    sfd = libc.signalfd(-1, mask, 0)
    os.kill(os.getpid(), signal.SIGUSR2)
    case("signalfd", sfd)
    folder = tempfile.mkdtemp()
    inotify = libc.inotify_init1(0)
    libc.inotify_add_watch(inotify, folder.encode(), 0x100)  # IN_CREATE
    for name in "abc":
        open(os.path.join(folder, name), "w").close()
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)
    case("inotify", inotify)
    inner = select.epoll()
    inner.register(cases[0][1], select.EPOLLOUT)
    case("an instance", inner)


def pipes():
    r, w = os.pipe()
    os.write(w, b"p" * 1009)
    case("pipe", r)
    case("pipe: its write end", w, unsent=True)
    r, w = os.pipe()
    os.close(w)
    case("pipe: no writer", r)
    master, slave = os.openpty()
    keep.append(slave)
    os.write(slave, b"text")
    case("pty", master)


def processes():
    child = subprocess.Popen(["sleep", "60"])
    keep.append(child)
    case("pidfd", os.pidfd_open(child.pid), named="pid:%d" % child.pid)
    gone = subprocess.Popen(["true"])
    fd = os.pidfd_open(gone.pid)
    gone.wait()
    case("pidfd: reaped", fd, named="pid:-1")


def queues():
    name = ("/epolltrace-%d" % os.getpid()).encode()
    attr = struct.pack("qqqq", 0, 5, 64, 0) + bytes(32)
    rt = ctypes.CDLL("librt.so.1", use_errno=True)
    q = rt.mq_open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600, attr)
    if q < 0:
        return  # a kernel without them
    rt.mq_unlink(name)
    rt.mq_send(q, b"one", 3, 0)
    rt.mq_send(q, b"three", 5, 0)
    case("mqueue", q, pending=2, unread=8, named="mqueue:")


def syscall(number, *arguments):
    return libc.syscall(number, *arguments)


def of_unknown_input():
    """Files of which nobody but the program knows whether there is input: no figure, rather than 0."""
    unknown = {"unread": None, "pending": None, "unknown": True}
    if os.path.exists("/proc/pressure/cpu"):  # else it is switched off
        psi = os.open("/proc/pressure/cpu", os.O_RDWR)
        os.write(psi, b"some 500000 2000000\0")  # a window that anybody may have
        case("PSI", psi, named="/proc/pressure/cpu", **unknown)
    if SYS_BPF:
        # BPF_MAP_CREATE of a BPF_MAP_TYPE_RINGBUF with a page.
        attributes = ctypes.create_string_buffer(struct.pack("IIII", 27, 0, 0, 4096), 128)
        ring = syscall(SYS_BPF, 0, attributes, 128)
        case("a BPF ring buffer", ring, named="bpf-map", **unknown)
        # A software clock: struct perf_event_attr, type and size first.
        attributes = ctypes.create_string_buffer(struct.pack("II", 1, 128), 128)
        perf = syscall(SYS_PERF_EVENT_OPEN, attributes, 0, -1, -1, 0)
        if perf >= 0:
            case("a perf event", perf, named="[perf_event]", **unknown)
        ring = syscall(SYS_IO_URING_SETUP, 4, ctypes.create_string_buffer(120))
        if ring >= 0:
            case("io_uring", ring, named="[io_uring]", **unknown)
    fan = libc.fanotify_init(0, 0)
    if fan >= 0:
        case("fanotify", fan, named="[fanotify]", **unknown)
    case("mounts", os.open("/proc/self/mounts", os.O_RDONLY), named="/mounts", **unknown)
    packets()


def packets():
    """Of a packet socket what comes, but not in a ring that the program has mapped."""
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    for name in ("packets", "packets in a ring"):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        want = {"named": "PACKET"}
        if "ring" in name:
            s.setsockopt(263, 5, struct.pack("IIII", 4096, 1, 2048, 2))  # PACKET_RX_RING
            want.update(unread=None, pending=None, unknown=True)
        s.bind(("lo", ETH_P_OURS))
        sender.sendto(b"frame", ("lo", ETH_P_OURS))
        readable(s)
        case(name, s, **want)


def low_water():
    """Less than SO_RCVLOWAT: TCP's poll heeds it, that of Unix streams does not."""
    for name in ("TCP", "UNIX"):
        if name == "TCP":
            _, client, server = pair(socket.AF_INET, socket.SOCK_STREAM)
        else:
            server, client = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            keep.append(client)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 211)
        client.sendall(b"w" * 101)
        settle(server, 101)
        case("%s: below SO_RCVLOWAT" % name, server, ready=name == "UNIX")


def drain(fd, name):
    """What the file gives: bytes, pieces, connections, whether it ends."""
    got = {"unread": 0, "pending": 0, "connections": 0, "inotify": 0, "eof": False}
    if "listener" in name:
        s = socket.socket(fileno=os.dup(fd))
        while True:
            try:
                s.accept()
            except OSError:
                return got
            got["connections"] += 1
    while True:
        try:
            if is_socket(fd):
                s = socket.socket(fileno=os.dup(fd))
                data = s.recv(1 << 20, socket.MSG_DONTWAIT)
                packets = s.type & 0xF != socket.SOCK_STREAM
            else:
                data = os.read(fd, 1 << 16)
                packets = False
        except OSError as e:
            return got
        if not data and not (packets and s.type & 0xF == socket.SOCK_DGRAM):
            got["eof"] = True
            return got
        got["unread"] += len(data)
        got["pending"] += 1
        while name == "inotify" and data:  # struct inotify_event, followed by its name
            got["inotify"] += 1
            data = data[16 + struct.unpack_from("I", data, 12)[0] :]


def is_socket(fd):
    try:
        return os.readlink("/proc/self/fd/%d" % fd).startswith("socket:")
    except OSError:
        return False


def snapshot(tool):
    out = subprocess.run(
        [tool, "--snapshot", "--format", "json", "-p", str(os.getpid())],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    entries = {}
    for line in out.splitlines():
        row = json.loads(line)
        if row["type"] == "instance" and len(row["entries"]) > len(entries):
            entries = {e["fd"]: e for e in row["entries"]}  # of the list that has all
    return entries


def unsent(fd):
    return struct.unpack("i", fcntl.ioctl(fd, SIOCOUTQ, struct.pack("i", 0)))[0]


def check(name, fd, want, e):
    """What differs: a list of texts."""
    bad = []

    def same(what, have, expected):
        if have != expected:
            bad.append("%s is %s, not %s" % (what, have, expected))

    if "named" in want and want["named"] not in e.get("file", ""):
        bad.append("it is called %s" % e.get("file"))
    if "unsent" in want:
        if want["unsent"] is None:
            same("unsent", e.get("unsent_bytes"), None)
        elif is_socket(fd):
            # What is under way may be acknowledged meanwhile.
            if not unsent(fd) <= e.get("unsent_bytes", -1) <= want["unsent before"]:
                same("unsent", e.get("unsent_bytes"), unsent(fd))
    if "error" in want:
        same("error", e.get("socket_error", False), want["error"])
    if "error_queue" in want:
        same("error queue", e.get("error_queue", False), want["error_queue"])
    if "connections" in want:
        same("connections", e.get("pending_connections"), want["connections"])
    if "at_least" in want and e.get("pending", 0) < want["at_least"]:
        bad.append("pending is %s" % e.get("pending"))
    if "ready" in want:
        same("ready", e.get("ready_events", []) != [] and "EPOLLIN" in e["ready_events"], want["ready"])
    for figure in ("pending", "unread"):
        if figure in want:
            key = "unread_bytes" if figure == "unread" else figure
            same(figure, e.get(key), want[figure])
    return bad + compare_ready(name, fd, e) + compare_drained(name, fd, want, e)


def compare_ready(name, fd, e):
    """What READY says, by poll(2): no more than that, and no input left out; of a reset ERR alone."""
    names = {"EPOLLIN": 1, "EPOLLOUT": 4, "EPOLLERR": 8, "EPOLLHUP": 16, "EPOLLRDHUP": 0x2000}
    said = sum(names[n] for n in e.get("ready_events", []))
    poll = select.poll()
    poll.register(fd, MASK)
    is_so = dict(poll.poll(0)).get(fd, 0)
    if said & ~is_so:
        return ["READY is %s, poll says %#x" % (e["ready_events"], is_so)]
    if e.get("ready") and said and (said ^ is_so) & 1 and name != "TCP: reset":
        return ["READY is %s without input, poll says %#x" % (e["ready_events"], is_so)]
    return []


def compare_drained(name, fd, want, e):
    bad = []
    if any(name.startswith(k) for k in ("mqueue", "timerfd", "an instance", "pty", "netlink")):
        return bad
    if "pidfd" in name or "write end" in name or "reset" in name or want.get("error_queue"):
        return bad
    if want.get("unknown"):
        return bad
    got = drain(fd, name)
    if "listener" in name:
        if want.get("connections") is not None and got["connections"] != want["connections"]:
            bad.append("files.py: %d connections" % got["connections"])
        return bad
    if name in ("signalfd", "inotify"):
        if name == "signalfd" and e.get("pending") != got["unread"] // 128:
            bad.append("pending is %s, not %d" % (e.get("pending"), got["unread"] // 128))
        if name == "inotify" and e.get("pending") != got["inotify"]:
            bad.append("pending is %s, not %d" % (e.get("pending"), got["inotify"]))
        return bad
    if e.get("unread_bytes") != got["unread"]:
        bad.append("unread is %s, not %d" % (e.get("unread_bytes"), got["unread"]))
    if e.get("peer_closed", False) != got["eof"]:
        bad.append("eof is %s, not %s" % (e.get("peer_closed", False), got["eof"]))
    if "pending" in e and "eventfd" not in name and e["pending"] != got["pending"]:
        bad.append("pending is %s, not %d" % (e["pending"], got["pending"]))
    return bad


def main():
    for make in (
        streams,
        low_water,
        unix,
        datagrams,
        anonymous,
        pipes,
        processes,
        queues,
        of_unknown_input,
    ):
        make()
    ep = select.epoll()
    for _, fd, _ in cases:
        ep.register(fd, MASK | select.EPOLLET)
    for _, fd, want in cases:
        if want.get("unsent") is not None and is_socket(fd):
            want["unsent before"] = unsent(fd)
    entries = snapshot(sys.argv[1])
    failed = 0
    for name, fd, want in cases:
        e = entries.get(fd)
        bad = check(name, fd, want, e) if e else ["it is not in the snapshot"]
        print("%-4s %s%s" % ("FAIL" if bad else "ok", name, ": " + "; ".join(bad) if bad else ""))
        failed += bool(bad)
    for child in (k for k in keep if isinstance(k, subprocess.Popen)):
        child.kill()
        child.wait()
    sys.exit(bool(failed))


main()
