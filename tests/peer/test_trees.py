#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our JSON and YAML readers beside Python's json and PyYAML: on documents made at random, on ones
with a few bytes changed, and on a list of hostile ones, both give the same value or both refuse."""

import json
import math
import pathlib
import random
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

TOOL = sys.argv[1]
ROUNDS = 3000


def ours(kind, documents):
    """What our reader makes of each document: (value, None) or (None, message)."""
    pieces = b"".join(b"%d\n%s" % (len(text), text) for text in documents)
    done = subprocess.run([TOOL, kind], input=pieces, capture_output=True, check=True)
    lines = done.stdout.decode().split("\n")
    assert len(lines) == len(documents) + 1, (len(lines), len(documents))
    return [(None, line) if line.startswith("!") else (json.loads(line, parse_int=float), None)
            for line in lines[:-1]]


class Refused(Exception):
    """The peer takes it, but what our header says refuses it."""


def pairs(items):
    """An object without names that are there twice, and without NULs in them."""
    found = dict(items)
    if len(found) != len(items) or any("\0" in key for key in found):
        raise Refused("names")
    return found


def finite(text):
    value = float(text)
    if not math.isfinite(value):
        raise Refused("range")
    return value


def refuse(text):
    raise Refused(text)


def check_text(value):
    """Refuse lone surrogates, which Python lets pass."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict):
        for key, item in value.items():
            check_text(key)
            check_text(item)
    elif isinstance(value, list):
        for item in value:
            check_text(item)


def depth(value):
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth, items), default=0)
    return 0


def json_peer(text):
    """Python's value, or Refused."""
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=pairs, parse_float=finite,
                           parse_int=finite, parse_constant=refuse)
        check_text(value)
    except (ValueError, RecursionError) as fault:
        raise Refused(str(fault)) from fault
    if depth(value) > 64:
        raise Refused("depth")
    return value


def random_value(draw, deep=0):
    kind = draw.randrange(7 if deep < 5 else 4)
    if kind == 0:
        return draw.choice([None, True, False])
    if kind == 1:
        return draw.choice([draw.randrange(-10**6, 10**6), draw.random(), draw.gauss(0, 1e200),
                            10**draw.randrange(25), 5e-324 * draw.randrange(100), -0.0])
    if kind in (2, 3):
        return "".join(chr(draw.choice([draw.randrange(1, 128), draw.randrange(1, 0xd7ff),
                                        draw.randrange(0xe000, 0x110000)]))
                       for _ in range(draw.randrange(8)))
    if kind in (4, 5):
        return [random_value(draw, deep + 1) for _ in range(draw.randrange(5))]
    return {f"{random_value(draw, 9)}{i}": random_value(draw, deep + 1)
            for i in range(draw.randrange(5))}


def changed(draw, text):
    """A copy with a few bytes changed, taken out or put in."""
    text = bytearray(text)
    for _ in range(draw.randrange(1, 4)):
        place = draw.randrange(len(text) + 1)
        byte = draw.choice(b'{}[]:,"\\0123eE.-+ntfu \n\t\x00\xff\x80\xc3')
        if draw.random() < 0.4:
            text[place:place + 1] = bytes([byte])
        elif draw.random() < 0.5:
            text[place:place] = bytes([byte])
        else:
            del text[place:place + 1]
    return bytes(text)


HOSTILE = [b"", b" ", b"[" * 64 + b"]" * 64, b"[" * 65 + b"]" * 65, b"[" * 100000, b'{"a":' * 100000,
           b"1" * 100000, b"1." + b"0" * 100000 + b"1", b"1e-100000", b"-1e100000", b'"' + b"a" * 10**6,
           b'["' + b"\\u0041" * 10000 + b'"]', b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\\ude00\\ud83d"',
           b"\xef\xbb\xbf1", "[1]".encode("utf-16"), b"NaN", b"Infinity", b"-Infinity", b"nul", b"nulll",
           b'{"a":1,"a":1}', b'{"a":1,"\\u0061":1}', b'{"\\u0000":1}', b"[1,,2]", b"[,1]", b"{,}",
           b'{"a":}', b"{1:2}", b"\x00", b"1\x00", b'"\x7f"', b'"\x1f"', b"/*x*/1", b"//x\n1", b"'a'",
           b"[1]]", b"1 1", b"+1", b"01", b"-01", b"1.", b".1", b"1e", b"0x1", b"1_000", b"--1", b"\x0b1",
           b"\xc2\xa01", b'"\xf4\x90\x80\x80"', b'"\xed\xb0\x80"', b'"\xc0\xaf"', b'"\\', b'"\\u12', b"[\"a\"",
           b"true", b"[true,false,null]", b" \r\n\t1 \r\n\t", b"1e308", b"1.7976931348623159e308"]


def same(one, other):
    """Equal, -0 told from 0, true from 1."""
    if isinstance(one, float | int) and not isinstance(one, bool):
        return (isinstance(other, float | int) and not isinstance(other, bool)
                and float(one) == float(other)
                and math.copysign(1, one) == math.copysign(1, other))
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return (isinstance(other, dict) and list(one) == list(other)
                and all(same(one[key], other[key]) for key in one))
    return type(one) is type(other) and one == other


def compare(tap, name, kind, peer, documents):
    """Each document by both readers."""
    rows, taken = [], 0
    for text, (value, message) in zip(documents, ours(kind, documents)):
        try:
            wanted = peer(text)
        except Refused as fault:
            if message is None:
                rows.append(f"{text[:200]!r} is taken as {value!r:.80}; the peer: {fault}")
            continue
        taken += 1
        if message is not None:
            rows.append(f"{text[:200]!r} is refused: {message}")
        elif not same(wanted, value):
            rows.append(f"{text[:200]!r} is {value!r:.80}, the peer says {wanted!r:.80}")
    return tap.check(not rows, f"{name}: {taken} of {len(documents)} documents are taken, by both",
                     rows[:10])


def test_json(tap, draw):
    values = [random_value(draw) for _ in range(ROUNDS)]
    good = [json.dumps(value, ensure_ascii=draw.random() < 0.5,
                       indent=draw.choice([None, 1])).encode() for value in values]
    compare(tap, "random JSON", "json", json_peer, good)
    compare(tap, "changed JSON", "json", json_peer, [changed(draw, text) for text in good])
    compare(tap, "hostile JSON", "json", json_peer, HOSTILE)


CORE = [
    (re.compile(r"(?:~|null|Null|NULL|)\Z"), lambda text: None),
    (re.compile(r"(?:true|True|TRUE)\Z"), lambda text: True),
    (re.compile(r"(?:false|False|FALSE)\Z"), lambda text: False),
    (re.compile(r"[-+]?\d+\Z", re.A), finite),
    (re.compile(r"0o[0-7]+\Z"), lambda text: finite(int(text[2:], 8))),
    (re.compile(r"0x[0-9a-fA-F]+\Z"), lambda text: finite(int(text[2:], 16))),
    (re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?\Z", re.A), finite),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z"), refuse),
]


def core_value(text):
    """A plain scalar by the core schema's own regular expressions (YAML 1.2.2, 10.3.2)."""
    for pattern, make in CORE:
        if pattern.match(text):
            return make(text)
    return text


def yaml_peer(yaml):
    """PyYAML's own reader of the syntax (not libyaml); meaning by the core schema."""

    def build(node):
        if node.tag is not None and node.start_mark is None:
            raise Refused("tag")
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.style else core_value(node.value)
        if isinstance(node, yaml.SequenceNode):
            return [build(item) for item in node.value]
        if any(not isinstance(key, yaml.ScalarNode) for key, _ in node.value):
            raise Refused("a name that is no text")
        return pairs([(key.value, build(item)) for key, item in node.value])

    def peer(text):
        try:
            events = list(yaml.parse(text, yaml.SafeLoader))
            if any(getattr(event, "anchor", None) or getattr(event, "tag", None)
                   for event in events):
                raise Refused("an anchor, alias or tag")
            nodes = list(yaml.compose_all(text, yaml.SafeLoader))
            if len(nodes) > 1:
                raise Refused("two documents")
            value = build(nodes[0]) if nodes and nodes[0] is not None else None
            check_text(value)
        except (yaml.YAMLError, ValueError, RecursionError) as fault:
            raise Refused(str(fault)) from fault
        if depth(value) > 64:
            raise Refused("depth")
        return value

    return peer


PLAIN = ["a", "b c", "1", "-1", "+12", "007", "0o17", "0x1F", "0x", "1.5", ".5", "1.", "-.5e3", "1e3",
         "1e999", ".inf", ".NaN", "~", "null", "Null", "nUll", "true", "True", "tRue", "yes", "no", "on",
         "off", "2024-01-31", "12:30:45", "1_000", "1.2.3", "'it''s'", '"\\x41\\n"', '"1"', "''", "é",
         "a#b", "a:b", "=", "<<", "-", "0b1", "e1", "1e", "!", "&x", "*x", "!!str 1", "|", "0.0", "-0"]


def random_yaml(draw, indent=0):
    """Block and flow YAML with scalars of every sort."""
    pad = "  " * indent
    kind = draw.randrange(4) if indent < 4 else 3
    if kind == 0:
        return "".join(f"{pad}- {random_yaml(draw, indent + 1).lstrip()}"
                       for _ in range(draw.randrange(1, 4)))
    if kind == 1:
        return "".join(f"{pad}{draw.choice(['k', 'x y', '1', 'null'])}{i}:"
                       + draw.choice([f" {draw.choice(PLAIN)}\n", "\n" + random_yaml(draw, indent + 1)])
                       for i in range(draw.randrange(1, 4)))
    if kind == 2:
        items = ", ".join(draw.choice(PLAIN) for _ in range(draw.randrange(4)))
        return f"{pad}[{items}]\n"
    return f"{pad}{draw.choice(PLAIN)}\n"


def test_yaml(tap, draw):
    try:
        import yaml  # pylint: disable=import-outside-toplevel
    except ImportError:
        tap.skip("pyyaml", "PyYAML is not there")
        return
    peer = yaml_peer(yaml)
    good = [random_yaml(draw).encode() for _ in range(ROUNDS)]
    compare(tap, "random YAML", "yaml", peer, good)
    files = [path.read_bytes() for path in sorted((SOURCE / "tests/fuzz/corpus/yaml").iterdir())]
    compare(tap, "the fuzz corpus", "yaml", peer, files)


def main():
    tap = Tap("unit")
    draw = random.Random(20240131)
    test_json(tap, draw)
    test_yaml(tap, draw)
    tap.done()


if __name__ == "__main__":
    main()
