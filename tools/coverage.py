#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Lines that tests ran, by module: coverage.py BUILD_FOLDER, after tests in a build with NMD_COVERAGE=ON.

Asks gcov for each object, also those that no test has loaded; a line counts as run when any object ran it.
"""
import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def gcov_reports(build):
    data = [p for p in pathlib.Path(build).resolve().rglob("*.gcno") if "/src/" in str(p)]
    for start in range(0, len(data), 40):
        done = subprocess.run(["gcov", "--json-format", "--stdout", *map(str, data[start:start + 40])], capture_output=True,
                              text=True, cwd=build)
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                yield json.loads(line)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__.split("\n\n", 1)[0], file=sys.stderr)
        return 2
    runs = collections.defaultdict(dict)  # file -> line -> times
    for report in gcov_reports(arguments[0]):
        for file in report["files"]:
            path = pathlib.Path(report["current_working_directory"], file["file"]).resolve()
            if ROOT / "src" in path.parents:
                lines = runs[path.relative_to(ROOT)]
                for line in file["lines"]:
                    lines[line["line_number"]] = lines.get(line["line_number"], 0) + line["count"]
    modules = collections.defaultdict(lambda: [0, 0])
    for path, lines in runs.items():
        for name in (path.parts[1] if len(path.parts) > 2 else "main", "all"):
            modules[name][0] += sum(count > 0 for count in lines.values())
            modules[name][1] += len(lines)
    for name, (run, total) in sorted(modules.items(), key=lambda item: (item[0] == "all", item[0])):
        print(f"{name:12s} {run:6d} of {total:6d} lines  {100 * run / total:5.1f} %")
    return 0 if runs else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
