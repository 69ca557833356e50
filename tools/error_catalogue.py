#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The catalogue of errors: docs/errors.md tells cause and cure of each kind, this tool that none is missing or stale.

usage: error_catalogue.py --check [ROOT]    each kind of src/base/status.h has its section, with its exit code and meaning
       error_catalogue.py --list [ROOT]     all messages of the sources by kind, as a page (Markdown) for the site
"""
import pathlib
import re
import sys

KIND = re.compile(r'^  X\((\w+), (\d+), "([^"]*)"\)', re.M)
CODE = r'\b(?:NMD_FAIL\(\s*(\w+)|NMD_FAIL_AT\([^;"]*?,\s*([A-Z_]+)|nmd_fail\(\s*NMD_(\w+)|nmd_yaml_fail\([^;"]*?,\s*NMD_(\w+))'
CALL = re.compile(CODE + r',\s*((?:"(?:[^"\\]|\\.)*"\s*|PRI\w+\s*)+)')
NO_SECTION = {"OK"}


def kinds_of(root):
    return [(name, int(code), meaning) for name, code, meaning in KIND.findall((root / "src/base/status.h").read_text())
            if name not in NO_SECTION]


def messages_of(root):
    """kind -> {pattern: folder} from all literal messages."""
    found = {}
    for path in sorted([*root.glob("src/**/*.c"), *root.glob("tools/*.c")]):
        for *codes, literals in CALL.findall(path.read_text(encoding="utf-8")):
            text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"').replace("\\n", " ")
            found.setdefault("".join(codes), {})[readable(text)] = path.parent.name
    return found


def readable(pattern):
    """printf's conversions as a person reads them."""
    pattern = re.sub(r"%[-+ #0]*[\d.*]*(?:ll|l|z|h)?[diu]", "N", pattern)
    pattern = re.sub(r"%[-+ #0]*[\d.*]*[efg]", "X", pattern)
    return re.sub(r"%[-\d.*]*[sc]", "...", pattern).replace("%%", "%")


def check(root):
    page = (root / "docs/errors.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    findings, kinds, messages = [], kinds_of(root), messages_of(root)
    for name, code, meaning in kinds:
        text = sections.pop(name, None)
        if text is None:
            findings.append(f"no section ## {name} (exit code {code}: {meaning})")
            continue
        if not text.lstrip().startswith(f"Exit code {code}: {meaning}."):
            findings.append(f"## {name}: expected to begin with 'Exit code {code}: {meaning}.'")
        for part in ("**Cause.**", "**Cure.**"):
            if part not in text:
                findings.append(f"## {name}: no {part}")
        if name not in messages:
            mentions = sum(f"NMD_{name}" in p.read_text(encoding="utf-8") for p in root.glob("src/**/*.c"))
            if mentions == 0:
                findings.append(f"## {name}: no source makes such an error")
    findings += [f"## {name}: no such kind in src/base/status.h" for name in sections]
    for finding in findings:
        print(f"docs/errors.md: {finding}")
    print(f"error_catalogue: {len(kinds)} kinds, {sum(map(len, messages.values()))} messages, {len(findings)} findings")
    return 1 if findings or not kinds else 0


def write_list(root):
    print("# All messages\n\nEvery message of the sources by its [kind](errors.md), which tells cause and cure; `...`, `N` and "
          "`X` stand for texts, whole numbers and numbers. Written by `tools/error_catalogue.py --list`.\n")
    messages = messages_of(root)
    for name, code, meaning in kinds_of(root):
        print(f"## {name}\n\nExit code {code}: [{meaning}](errors.md#{name.lower()}).\n")
        for pattern, folder in sorted(messages.get(name, {}).items()):
            print(f"- `{pattern.replace('`', chr(39)).strip()}` ({folder})")
        print()
    return 0


def main(arguments):
    if not arguments or arguments[0] not in ("--check", "--list"):
        print(__doc__.split("\n\n", 1)[1], file=sys.stderr)
        return 2
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    return check(root) if arguments[0] == "--check" else write_list(root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
