#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reads timelines by means that are not epolltrace's, and checks what is in them.

  timeline.py PFTRACE JSON [LINES SUMMARY]

PFTRACE is read with the protobuf library and the classes that protoc has made of
perfetto-subset.proto, which must be on PYTHONPATH; JSON with json. LINES is --format json of the same
recording, SUMMARY the tables of -c with --limit 0. Prints what was counted; status 1: something is
wrong.
"""
import json
import re
import sys
from collections import Counter, defaultdict
from decimal import Decimal

CLEARED, NEEDS_STATE = 1, 2
REALTIME, MONOTONIC, BOOTTIME = 1, 3, 6
failed = False


def check(right, what):
    global failed
    if not right:
        print("wrong:", what)
        failed = True


class Timeline:
    """tracks: {key: name}; events: (track, time_ns, phase B E i C, name, category, args, value)."""

    def __init__(self):
        self.tracks, self.events, self.realtime_ns = {}, [], None

    def add(self, track, *event):
        self.events.append((track,) + event)

    def of(self, kind):
        return [e for e in self.events if e[0][0] == kind]


# --- Perfetto ---


def plain(annotation, names, texts):
    """The value of an annotation as JSON would have it."""
    a = annotation
    if a.array_values:
        return [plain(x, names, texts) for x in a.array_values]
    if a.dict_entries:
        return {names[x.name_iid]: plain(x, names, texts) for x in a.dict_entries}
    for field in ("bool_value", "uint_value", "int_value", "string_value"):
        if a.HasField(field):
            return getattr(a, field)
    if a.HasField("pointer_value"):
        return hex(a.pointer_value)
    if a.HasField("string_value_iid"):
        return texts[a.string_value_iid]
    return []


class Sequence:
    """What a reader knows of a sequence of packets: texts by number, and the clock."""

    def __init__(self):
        self.clear()
        self.known, self.clock = False, None

    def clear(self):
        self.known = True
        self.categories, self.names, self.arg_names, self.texts = {}, {}, {}, {}

    def take(self, packet):
        if packet.sequence_flags & CLEARED:
            self.clear()
            self.clock = None
        if packet.HasField("trace_packet_defaults"):
            self.clock = packet.trace_packet_defaults.timestamp_clock_id
        if packet.sequence_flags & NEEDS_STATE:
            check(self.known, "a packet needs texts that were never sent")
        for kind, into, field in (
            ("event_categories", "categories", "name"),
            ("event_names", "names", "name"),
            ("debug_annotation_names", "arg_names", "name"),
            ("debug_annotation_string_values", "texts", "str"),
        ):
            for word in getattr(packet.interned_data, kind):
                text = getattr(word, field)
                check(word.iid and word.iid not in getattr(self, into), "a number twice")
                getattr(self, into)[word.iid] = text.decode() if field == "str" else text


def track_of(d, tracks):
    """The key that the same track has in the JSON, and its name."""
    parent = tracks.get(d.parent_uuid)
    if d.HasField("process"):
        return ("process", d.process.pid), d.process.process_name
    if d.HasField("thread"):
        return ("thread", d.thread.pid, d.thread.tid), d.thread.thread_name
    if d.HasField("counter"):
        return ("counter", parent, d.name), d.name
    if d.name.startswith("fd "):
        return ("entry", parent[1], d.uuid // 4), d.name  # the number of the entry
    if d.name == "losses":
        return ("losses",), d.name
    return ("instance", int(re.match(r"eventpoll#(\d+)", d.name)[1])), d.name


def read_perfetto(path):
    import perfetto_subset_pb2 as pb

    trace, t = pb.Trace(), Timeline()
    with open(path, "rb") as f:
        data = f.read()
    trace.ParseFromString(data)
    size = trace.ByteSize()
    trace.DiscardUnknownFields()
    check(size == len(data) and trace.ByteSize() == size, "fields that the format does not have")
    clocks = {c.clock_id: c.timestamp for c in trace.packet[0].clock_snapshot.clocks}
    check(set(clocks) == {REALTIME, MONOTONIC, BOOTTIME}, "the first packet has the clocks")
    check(trace.packet[0].clock_snapshot.primary_trace_clock == MONOTONIC, "the trace's clock")
    t.realtime_ns = clocks[REALTIME] - clocks[MONOTONIC]
    sequences, tracks = defaultdict(Sequence), {}
    phases = {1: "B", 2: "E", 3: "i", 4: "C"}
    for p in trace.packet[1:]:
        s = sequences[p.trusted_packet_sequence_id]
        s.take(p)
        if p.HasField("track_descriptor"):
            d = p.track_descriptor
            check(not d.parent_uuid or d.parent_uuid in tracks, "a parent that was not announced")
            tracks[d.uuid], name = track_of(d, tracks)
            t.tracks[tracks[d.uuid]] = name
            continue
        e = p.track_event
        check((p.timestamp_clock_id or s.clock) == MONOTONIC, "a time of another clock")
        check(e.track_uuid in tracks, "an event on a track that was not announced")
        name = e.name or (s.names[e.name_iid] if e.name_iid else None)
        category = [s.categories[i] for i in e.category_iids] + list(e.categories)
        args = {}
        for a in e.debug_annotations:
            args[a.name or s.arg_names[a.name_iid]] = plain(a, s.arg_names, s.texts)
        t.add(tracks[e.track_uuid], p.timestamp, phases[e.type], name,
              category[0] if category else None, args, e.counter_value)
    return t


# --- Trace Event JSON ---

INSTANCES, LOSSES = 100000000, 99999999


def json_track(e):
    if e["pid"] == LOSSES:
        return ("losses",)
    if e["pid"] < INSTANCES:
        return ("thread", e["pid"], e["tid"])
    return ("entry", e["pid"] - INSTANCES, e["tid"])


def read_json(path):
    with open(path, encoding="ascii") as f:
        data = json.load(f, parse_float=Decimal)
    check(data["displayTimeUnit"] == "ns", "displayTimeUnit")
    zero = int(data["otherData"]["zero_monotonic_ns"])
    t = Timeline()
    t.realtime_ns = int(data["otherData"]["zero_realtime_ns"]) - zero
    for e in data["traceEvents"]:
        if e["ph"] == "M":
            if e["name"] == "thread_name":
                t.tracks[json_track(e)] = e["args"]["name"]
            continue
        check(re.fullmatch(r"-?\d+\.\d{3}", str(e["ts"])), f"ts with {e['ts']}")
        time_ns = int(e["ts"] * 1000) + zero
        # What viewers make of it: a double.
        check(round(float(e["ts"]) * 1000) == int(e["ts"] * 1000), "a double loses nanoseconds")
        if e["ph"] == "C":
            owner = ("instance", e["pid"] - INSTANCES) if e["pid"] > INSTANCES else ("process", e["pid"])
            t.add(("counter", owner, e["name"]), time_ns, "C", None, None, {}, e["args"][e["name"]])
            continue
        check(e["name"], "a name, at both ends")
        name, category = (e["name"], e["cat"]) if e["ph"] != "E" else (None, None)
        phase = e["ph"]
        if phase == "i" and category in ("blocked", "poll", "call"):  # it took no time
            t.add(json_track(e), time_ns, "B", name, category, e.get("args", {}), 0)
            t.add(json_track(e), time_ns, "E", None, None, {}, 0)
            continue
        t.add(json_track(e), time_ns, phase, name, category, e.get("args", {}), 0)
    return t


# --- What must be true ---


def slices(t):
    """(track, begin_ns, end_ns, name, category, args) of what lasts; checks that it nests."""
    done, stacks = [], defaultdict(list)
    last = {}
    for track, time_ns, phase, name, category, args, _ in t.events:
        if phase not in "BE":
            continue
        check(time_ns >= last.get(track, 0), f"an edge on {track} runs backwards")
        last[track] = time_ns
        if phase == "B":
            stacks[track].append((time_ns, name, category, args))
        elif not stacks[track]:
            check(False, f"an end without a beginning on {track}")
        else:
            begin, name, category, first = stacks[track].pop()
            done.append((track, begin, time_ns, name, category, {**first, **args}))
    for track, stack in stacks.items():
        check(not stack, f"{track} has something open at the end")
    return done


def wanted_calls(path):
    """From lines: (tid, entry, call, nanoseconds) of calls, without the last of unfinished waits."""
    calls, unfinished, operations = Counter(), Counter(), 0
    for line in open(path):
        o = json.loads(line)
        if o.get("io_uring"):
            operations += 1
        elif o["type"].startswith("epoll_"):
            calls[o["tid"], o["time_ns"], o["type"], o["duration_ns"]] += 1
        elif o["type"] == "unfinished":
            unfinished[o["tid"], o["time_ns"], o["call"]] += 1
    return calls, unfinished, operations


def check_calls(t, lasting, path):
    """Slices on threads are what lines show, to the nanosecond."""
    calls, unfinished, operations = wanted_calls(path)
    have, have_unfinished = Counter(), Counter()
    for track, begin, end, name, category, args in lasting:
        if track[0] != "thread" or name == "turn":
            continue
        polls = args.get("timeout_ns") == 0
        check((category == "poll") == polls and ("(poll)" in name) == polls, f"{name}: {category}")
        at = (track[2], begin + t.realtime_ns, name.split()[0])
        if "(unfinished)" in name:
            have_unfinished[at] += 1
        else:
            have[at + (end - begin,)] += 1
    for what, one, other in (("calls", have, calls), ("unfinished", have_unfinished, unfinished)):
        for key in (one - other) + (other - one):
            check(False, f"{what}: {key}: {one[key]} times, in lines {other[key]}")
    at_once = sum(1 for e in t.of("thread") if e[4] == "io_uring")
    check(at_once == operations, "operations of io_uring")
    return sum(calls.values()) + sum(unfinished.values())


def check_turns(lasting):
    """A turn begins where a wait ends, and holds what the thread does until the next."""
    turns, waits = 0, defaultdict(set)
    for track, _, end, name, category, _ in lasting:
        if category in ("blocked", "poll"):
            waits[track].add(end)
    for track, begin, _, name, _, args in lasting:
        if name != "turn":
            continue
        turns += 1
        check(begin in waits[track], f"a turn on {track} that no wait begins")
        shown = len(args.get("ready", [])) + args.get("ready_not_shown", 0)
        check(args["ready_count"] == shown, f"a turn with {args}")
    return turns


def wanted_deliveries(path):
    """From the summary: by (instance, descriptor), and of what it no longer has one by one."""
    want, folded, column = Counter(), 0, None
    for line in open(path):
        words = line.split()
        more = re.match(r"and \d+ more entries: .* (\d+) ready$", line)
        if more:
            folded += int(more[1])
        elif words[:2] == ["INSTANCE", "FD"]:
            column = words.index("READY")
        elif not words:
            column = None
        elif column and words[0].startswith("#"):
            want[int(words[0][1:]), int(words[1])] += int(words[column])
    return want, folded


def check_delivered(t, path):
    """As many deliveries of each descriptor as the summary has."""
    want, folded = wanted_deliveries(path)
    have = Counter()
    for track, _, _, name, *_ in t.of("entry"):
        if name == "delivered":
            have[track[1], int(t.tracks[track].split()[1])] += 1
    check(sum(have.values()) == sum(want.values()) + folded, "the sum of deliveries")
    for key in set(want) | set(have):
        right = have[key] == want[key] or (folded and have[key] > want[key])
        check(right, f"delivered: #{key[0]} {key[1]}: {have[key]}, in the summary {want[key]}")
    return sum(have.values())


def check_counters(t):
    last = {}
    for track, time_ns, _, _, _, _, value in sorted(t.of("counter"), key=lambda e: e[1]):
        check(value >= 0, f"{track} is {value}")
        last[track] = value
    for track, value in last.items():
        check(track[2] != "blocked threads" or value == 0, f"{track} ends with {value}")
    return len(t.of("counter"))


def check_all(name, t, lines=None, summary=None):
    lasting = slices(t)
    counts = {
        "turns": check_turns(lasting),
        "counts": check_counters(t),
        "entries": sum(1 for s in lasting if s[0][0] == "entry"),
        "lost": sum(e[5]["records"] for e in t.of("losses")),
    }
    if lines:
        counts["calls"] = check_calls(t, lasting, lines)
        counts["delivered"] = check_delivered(t, summary)
    print(name + ":", ", ".join(f"{v} {k}" for k, v in counts.items()))


def same(a, b):
    """Both formats say the same."""

    def keys(t):
        return Counter(repr(s) for s in slices(t)) + Counter(
            repr((e[0], e[1], e[3], e[5], e[6])) for e in t.events if e[2] in "iC")

    one, other = keys(a), keys(b)
    for key in list((one - other) + (other - one))[:5]:
        check(False, f"only in one format: {key}")


def main():
    a, b = read_perfetto(sys.argv[1]), read_json(sys.argv[2])
    check_all("perfetto", a, *sys.argv[3:])
    check_all("chrome", b, *sys.argv[3:])
    same(a, b)
    return failed


sys.exit(main())
