#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every status code is expected by a test: no kind of failure goes without a look at its message.

usage: check_messages.py [ROOT]      one line a finding, exit 1
"""
import pathlib
import re
import sys

# INTERNAL is for defects, which no test can ask for.
EXEMPT = {"OK", "INTERNAL"}
# A mention outside comments: TEST_FAILS(call, NMD_X), a table of cases, or test_program.py's fails("NMD_X", ...).
COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*|^\s*#[^\n]*", re.S | re.M)


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent)
    codes = re.findall(r"^  X\((\w+), \d+,", (root / "src/base/status.h").read_text(), re.M)
    expected = set()
    for path in sorted([*root.glob("tests/*/*.c"), *root.glob("tests/*/*.py")]):
        if path.name.startswith(("test_", "slow_")):
            expected |= set(re.findall(r"\bNMD_([A-Z_]+)\b", COMMENTS.sub("", path.read_text(encoding="utf-8"))))
    findings = [code for code in codes if code not in EXEMPT and code not in expected]
    for code in findings:
        print(f"src/base/status.h: no test expects NMD_{code}")
    print(f"check_messages: {len(codes)} codes, {len(findings)} findings")
    return 1 if findings or not codes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
