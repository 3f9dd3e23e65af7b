# SPDX-License-Identifier: Apache-2.0
"""The ids of a CSV's rows by docs/formats/id.md, in the plainest way: the oracle of the tests.

Usage: row_ids.py TABLE.csv"""

import csv
import datetime
import hashlib
import re
import struct
import sys

BOOLS = {"true": b"true", "True": b"true", "TRUE": b"true", "false": b"false", "False": b"false",
         "FALSE": b"false"}
SPECIAL = {"nan": b"nan", "NaN": b"nan", "inf": b"inf", "Inf": b"inf", "Infinity": b"inf",
           "-inf": b"-inf", "-Inf": b"-inf", "-Infinity": b"-inf"}
INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?", re.ASCII)
TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?"
                  r"(Z|[-+](?:0\d|1[0-8])(?::?[0-5]\d)?)?)?", re.ASCII)


def decimal(digits, exponent, negative):
    digits = digits.lstrip("0")
    stripped = digits.rstrip("0")
    if not stripped:
        return b"0"
    exponent += len(digits) - len(stripped)
    return f"{'-' if negative else ''}{stripped}e{exponent}".encode()


def of_double(value):
    mantissa, _, exponent = f"{value!r}".lower().partition("e")
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    return decimal(whole + fraction, int(exponent or 0) - len(fraction), value < 0)


def of_time(found):
    day, hour, minute, second, fraction, zone = found.groups()
    try:
        date = datetime.date.fromisoformat(day)
        if hour is None:
            return day.encode()
        moment = datetime.datetime.combine(date, datetime.time(int(hour), int(minute), int(second or 0)))
    except ValueError:
        return None
    moment += datetime.timedelta(microseconds=int(((fraction or "") + "000000")[:6]))
    if zone and zone != "Z":
        shift = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[3:].lstrip(":") or 0))
        moment -= shift if zone[0] == "+" else -shift
    text = moment.isoformat()
    if "." in text:
        text = text.rstrip("0")
    return text.removesuffix("T00:00:00").encode()


def cell(text):
    """(tag, value), or None for null."""
    if text == "":
        return None
    trimmed = text.strip(" \t")
    if trimmed in BOOLS:
        return b"b", BOOLS[trimmed]
    if trimmed in SPECIAL:
        return b"n", SPECIAL[trimmed]
    if INTEGER.fullmatch(trimmed):
        return b"n", decimal(trimmed.lstrip("-"), 0, trimmed[0] == "-")
    if any(c.isdigit() for c in re.split("[eE]", trimmed)[0]) and NUMBER.fullmatch(trimmed):
        value = float(trimmed)
        if value not in (float("inf"), float("-inf")):
            return b"n", of_double(value)
    found = TIME.fullmatch(trimmed)
    moment = of_time(found) if found else None
    return (b"t", moment) if moment else (b"s", text.encode())


with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
    header, *rows = csv.reader(file)
label = next((name for name in ("label", "target", "class", "y") if name in header), None)
names = sorted((n for n in header if n != label and not n.startswith("gyre_")), key=str.encode)
for row in rows:
    form = b"gyrerow\1"
    for name in names:
        value = cell(row[header.index(name)])
        if value is not None:
            form += struct.pack("<I", len(name.encode())) + name.encode() + value[0]
            form += struct.pack("<I", len(value[1])) + value[1]
    print(hashlib.sha256(form).hexdigest())
