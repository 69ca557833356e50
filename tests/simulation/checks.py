# SPDX-License-Identifier: BSD-3-Clause
"""What the scripts that look at whole runs share: a line for each claim, and the exit code at the end."""
import sys

failures = []


def check(what, ok, figure=""):
    print("%-70s %-7s %s" % (what, "ok" if ok else "FAILED", figure))
    if not ok:
        failures.append(what)


def finish():
    print("%d failures" % len(failures), failures)
    sys.exit(1 if failures else 0)
