#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks what no compiler sees: the licence line, long lines, tabs, ends of lines, failures at a node made by hand, dead links
between documents.

usage: check_style.py [ROOT]      one line a finding, exit 1
"""
import pathlib
import re
import sys

MAX_COLUMNS = 140  # clang-format aims at 120; what it cannot break may stand out a little
SOURCES = ("src/**/*.[ch]", "src/**/*.cmake", "include/**/*.h", "tests/*/*.[ch]", "tools/*", "cmake/*", "bench/*.[ch]",
           "bench/*.py", "bench/*.sh", "CMakeLists.txt")
DOCUMENTS = ("*.md", "docs/**/*.md", "inputs/**/*.md", "potentials/*/*.md", "tests/**/*.md", "bench/*.md")
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")


# A failure at a node of the input says so (base/status.h), or its place would be put in front twice.
NODE_FAILURE = re.compile(r'\b(?:NMD_FAIL|nmd_fail)\(\s*[A-Z]\w*,\s*"%s: (?:[^"\\]|\\.|"\s*")*",\s*nmd_yaml_where\(')


def check_node_failures(path, text):
    for match in NODE_FAILURE.finditer(text):
        yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: expected NMD_FAIL_AT(node, CODE, ...) of base/yaml.h"


def check_source(path, lines):
    if not any("SPDX-License-Identifier: BSD-3-Clause" in line for line in lines[:2]):
        yield f"{path}:1: no SPDX line"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            yield f"{path}:{number}: {len(line)} columns, expected at most {MAX_COLUMNS}"
        if "\t" in line:
            yield f"{path}:{number}: a tab"
        if line != line.rstrip():
            yield f"{path}:{number}: blanks at the end"


def check_document(root, path, text):
    for match in LINK.finditer(re.sub(r"```.*?```", "", text, flags=re.S)):
        target = match.group(1)
        if not re.match(r"[a-z]+:", target) and not (root / path.parent / target).exists():
            yield f"{path}: link to {target}, which is not there"


def files(root, patterns):
    return sorted({p for pattern in patterns for p in root.glob(pattern) if p.is_file()})


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent)
    findings, count = [], 0
    for file in files(root, SOURCES):
        count += 1
        text = file.read_text(encoding="utf-8")
        findings += check_source(file.relative_to(root), text.split("\n"))
        findings += check_node_failures(file.relative_to(root), text)
    for file in files(root, DOCUMENTS):
        count += 1
        findings += check_document(root, file.relative_to(root), file.read_text(encoding="utf-8"))
    for finding in findings:
        print(finding)
    print(f"check_style: {count} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
