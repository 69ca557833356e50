#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Prints how long the C functions of src and tools are, and fails when they grow past what reads well.

usage: function_lengths.py [-a] [ROOT]      -a: list all, longest first

Limits (docs/architecture.md): median 14 lines, 90th percentile 45. A length runs from the line of the name to the
closing brace.
"""
import pathlib
import re
import statistics
import sys

MEDIAN_LIMIT, P90_LIMIT, LONG = 14, 45, 80
TOKENS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*',
                    re.S | re.M)
HEAD = re.compile(r"([A-Za-z_]\w*)\s*\([^;{}]*\)\s*(?:__attribute__\s*\(\(.*?\)\)\s*)?$", re.S)


def functions(text):
    """(line, name, length) of each function body at file level."""
    text = TOKENS.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    depth, head_start, found = 0, 0, None
    for match in re.finditer(r"[{};]", text):
        mark, place = match.group(), match.start()
        if mark == "{":
            if depth == 0:
                head = HEAD.search(text[head_start:place].rstrip())
                found = (head.group(1), head_start + head.start(1)) if head else None
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth == 0 and found:
                line = text.count("\n", 0, found[1]) + 1
                yield line, found[0], text.count("\n", 0, place) + 2 - line
        if depth == 0:
            head_start = match.end()


def main(arguments):
    show_all = "-a" in arguments
    arguments = [a for a in arguments if a != "-a"]
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent)
    rows = []
    for pattern in ("src/**/*.[ch]", "tools/*.c"):
        for file in root.glob(pattern):
            text = file.read_text(encoding="utf-8")
            rows += [(length, f"{file.relative_to(root)}:{line}", name) for line, name, length in functions(text)]
    if not rows:
        print("function_lengths: no functions found")
        return 0
    rows.sort(reverse=True)
    lengths = [row[0] for row in rows]
    median, p90 = statistics.median(lengths), sorted(lengths)[int(0.9 * len(lengths))]
    for length, place, name in rows if show_all else rows[:6]:
        print(f"{length:5d}  {place}  {name}")
    print(f"function_lengths: {len(rows)} functions, median {median:g} (limit {MEDIAN_LIMIT}), 90th percentile {p90} "
          f"(limit {P90_LIMIT}), longest {lengths[0]}, {sum(n > LONG for n in lengths)} above {LONG}")
    return 1 if median > MEDIAN_LIMIT or p90 > P90_LIMIT else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
