# SPDX-License-Identifier: LGPL-2.1-or-later
"""Protocol Buffers without their schema: the wire format, and the text format."""
import re
import struct


def fields(data):
    """Field number -> its values in a message: int, or bytes of what has a length or size."""
    found = {}
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            if kind == 2:
                size, at = varint(data, at)
            else:
                size = {1: 8, 5: 4}[kind]
            value, at = data[at:at + size], at + size
        found.setdefault(key >> 3, []).append(value)
    return found


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def varints(values):
    """A repeated integer, packed or not."""
    numbers = []
    for value in values:
        if isinstance(value, int):
            numbers.append(value)
            continue
        at = 0
        while at < len(value):
            number, at = varint(value, at)
            numbers.append(number)
    return numbers


def number(value):
    """A float field."""
    return struct.unpack("<f", value)[0]


def parse_text(text):
    """The text format as field name -> its values: float, str or such a dictionary."""
    tokens = iter(re.findall(r'"[^"]*"|[\w.+-]+|[{}]', re.sub(r"#.*", "", text)))
    return message(tokens)


def message(tokens):
    found = {}
    for name in tokens:
        if name == "}":
            break
        value = next(tokens)
        found.setdefault(name, []).append(message(tokens) if value == "{" else scalar(value))
    return found


def scalar(token):
    try:
        return float(token)
    except ValueError:
        return token.strip('"')
