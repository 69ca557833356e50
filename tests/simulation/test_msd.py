#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Mean squared displacements while a run goes on, against nnpmd-msd on the trajectory of the same run, window by window; on
several ranks; of a group; and after an interruption. Trajectories of that group hold its atoms and nobody else. Averages of g(r)
against nnpmd-rdf likewise.

usage: test_msd.py NNPMD NNPMD_MSD NNPMD_RDF MPIEXEC SCRATCH
"""
import math
import os
import random
import shutil
import subprocess
import sys

from checks import check, finish

program, msd_program, rdf_program, mpiexec, scratch = sys.argv[1:6]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)
FRAMES, LAGS, WINDOWS = 24, 20, 3

INPUT = """
output_folder: {name}
structure: {{file: liquid.extxyz}}
potential: {{lennard_jones: {{epsilon: 0.0104 eV, sigma: 3.405 A, cutoff: 7 A}}}}
checkpoint: {{every: 50}}
groups:
  - {{name: some, ids: 10-40}}
stages:
  - nvt: {{steps: 40, timestep: 4 fs, temperature: 300 K, velocities: 300 K}}
  - {stage}: {{steps: {steps}, timestep: 4 fs, temperature: 300 K{pressure}}}
outputs:
  - trajectory: {{every: 5, digits: 17}}
  - msd: {{every: 5, frames: {frames}, lags: {lags}}}
  - msd: {{every: 5, frames: {frames}, elements: [Kr], direction: ab, file: msd_ab.dat}}
  - msd: {{every: 5, frames: {frames}, lags: {lags}, groups: some, file: msd_some.dat}}
  - trajectory: {{every: 5, digits: 17, groups: [some], file: some.extxyz}}
  - rdf: {{every: 5, cutoff: 6 A, bins: 30, average: {frames}}}
  - profile: {{every: 5, bins: 4, axis: a}}
  - profile: {{every: 5, bins: 4, axis: a, average: 9, file: average.dat}}
  - trajectory: {{every: 5, groups: [some], elements: [Ar], format: dump}}
"""


def make_liquid():
    random.seed(2)
    a, rows = 5.9, []
    for i in range(3):
        for j in range(3):
            for k in range(3):
                for s in ((0, 0, 0), (.5, .5, 0), (.5, 0, .5), (0, .5, .5)):
                    x = [(n + f) * a + random.gauss(0, 0.2) for n, f in zip((i, j, k), s)]
                    rows.append("%s %.12f %.12f %.12f" % ("Kr" if random.random() < 0.3 else "Ar", *x))
    with open(os.path.join(scratch, "liquid.extxyz"), "w") as out:
        out.write('%d\nLattice="%g 0 0 %g %g 0 0 0 %g" Properties=species:S:1:pos:R:3\n%s\n' %
                  (len(rows), 3 * a, 1.5, 3 * a, 3 * a, "\n".join(rows)))


def run(name, ranks, stage="nvt", steps=5 * FRAMES * WINDOWS, restart=None, expect=0, arguments=()):
    path = os.path.join(scratch, name + ".yaml")
    pressure = ", pressure: 0.05 GPa, coupling: triclinic" if stage == "npt" else ""
    with open(path, "w") as out:
        out.write(INPUT.format(name=name, stage=stage, steps=steps, pressure=pressure, frames=FRAMES, lags=LAGS))
    command = [mpiexec, "-n", str(ranks), program, path, *arguments] + (["--restart", restart] if restart else [])
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
    check("%s: exit code" % name, done.returncode == expect, "%d %s" % (done.returncode, done.stderr[-500:]))


def blocks(name, file="msd.dat"):
    text = open(os.path.join(scratch, name, file)).read()
    rows = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    return [[[float(x) for x in row.split()] for row in block.split("\n")] for block in rows.strip().split("\n\n")]


def segment(name, window):
    """The frames of a window of the second stage as a trajectory of their own: those after the 40 steps of the first one."""
    lines = open(os.path.join(scratch, name, "trajectory.extxyz")).read().split("\n")
    n = int(lines[0]) + 2
    first = 40 // 5 + 1 + window * FRAMES
    path = os.path.join(scratch, name, "window%d.extxyz" % window)
    with open(path, "w") as out:
        out.write("\n".join(lines[first * n:(first + FRAMES) * n]) + "\n")
    return path


def by_tool(path, *arguments):
    done = subprocess.run([msd_program, "--max-lag", "%g ps" % (0.02 * (LAGS - 1)), *arguments, path], capture_output=True,
                          text=True, check=True)
    return [[float(x) for x in line.split()] for line in done.stdout.split("\n") if line and not line.startswith("#")]


def compare(name, variable):
    """Averages and errors of blocks 1, 2, 3 from the tool's answers for each window."""
    windows = [by_tool(segment(name, w)) for w in range(WINDOWS)]
    along = [by_tool(segment(name, w), "--direction", "ab") for w in range(WINDOWS)]
    found, found_along = blocks(name), blocks(name, "msd_ab.dat")
    check(name + ": blocks", len(found) == WINDOWS and all(len(b) == LAGS for b in found), len(found))
    worst = worst_error = 0
    for w in range(WINDOWS):
        for m in range(1, LAGS):
            check_time = abs(found[w][m][2] - windows[0][m][0])
            for kind in (0, 1):
                values = [windows[k][m][1 + kind] for k in range(w + 1)]
                mean = sum(values) / len(values)
                worst = max(worst, check_time, abs(found[w][m][3 + 2 * kind] / mean - 1))
                if w > 0:
                    sigma = math.sqrt(sum((v - mean) ** 2 for v in values) / w / (w + 1))
                    worst_error = max(worst_error, abs(found[w][m][4 + 2 * kind] / sigma - 1))
            if m < FRAMES // 2:
                mean = sum(along[k][m][2] for k in range(w + 1)) / (w + 1)
                worst = max(worst, abs(found_along[w][m][3] / mean - 1))
    check(name + ": averages are those of nnpmd-msd, relative", worst < (3e-9 if variable else 1e-9), "%.2g" % worst)
    check(name + ": errors from the scatter of the windows, relative", worst_error < 1e-2, "%.2g" % worst_error)
    compare_group(name)
    compare_rdf(name)
    compare_profile(name)
    check(name + ": atoms move", found[-1][-1][3] > 0.05, "%.3g A^2" % found[-1][-1][3])


def compare_group(name):
    """The first window of atoms 10 to 40, and who is in the trajectories of that group."""
    expected = by_tool(segment(name, 0), "--ids", "10-40")
    found = blocks(name, "msd_some.dat")[0]
    worst = max(abs(f[3 + 2 * k] / e[1 + k] - 1) for f, e in zip(found[1:], expected[1:LAGS]) for k in (0, 1))
    check(name + ": MSD of a group", worst < 1e-9, "%.2g" % worst)
    whole = open(os.path.join(scratch, name, "trajectory.extxyz")).read().split("\n")
    some = open(os.path.join(scratch, name, "some.extxyz")).read().split("\n")
    n, kept = int(whole[0]) + 2, [row for row in whole if 10 <= int_of(row) <= 40]
    rows = [row for row in some if int_of(row) > 0]
    check(name + ": trajectory of a group", int(some[0]) == 31 and len(rows) == 31 * (len(whole) // n) and rows == kept,
          len(rows))
    dump = open(os.path.join(scratch, name, "trajectory.lammpstrj")).read().split("ITEM:")
    ids = [int(row.split()[0]) for row in dump[4].split("\n")[1:] if row]
    check(name + ": trajectory of an element in a group",
          ids == [int_of(row) for row in rows[:31] if row.startswith("Ar")] and len(ids) > 5, len(ids))


def named_columns(lines):
    head = next(line for line in lines if line.startswith("# ") and " g_" in line)
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {key: [float(row[k]) for row in rows] for k, key in enumerate(head.split()[1:])}


def compare_rdf(name):
    """The last block: all samples of the second stage."""
    done = subprocess.run([rdf_program, "--first", "9", "--cutoff", "6 A", "--width", "0.2 A",
                           os.path.join(scratch, name, "trajectory.extxyz")], capture_output=True, text=True, check=True)
    tool = named_columns(done.stdout.split("\n"))
    lines = open(os.path.join(scratch, name, "rdf.dat")).read().split("\n")
    ours = named_columns(lines[:2] + lines[2:-2][-30:])
    keys = [key for key in tool if key[:2] in ("g_", "n_", "er")]
    worst = max(abs(a - b) / (1 if key[0] != "e" else max(1e-3, a)) for key in keys for a, b in zip(tool[key], ours[key]))
    check(name + ": averages of g(r), n(r) and their errors", len(keys) >= 9 and worst < 1e-3 and max(ours["g_Ar-Ar"]) > 1.5 and
          min(ours["error_Ar-Ar"][20:]) > 1e-4, "%.2g" % worst)
    exact = max(abs(a - b) for key in keys if key[0] != "e" for a, b in zip(tool[key], ours[key]))
    check(name + ": ... to the digits written", exact < 2e-6, "%.2g" % exact)


def compare_profile(name):
    """The last block of averages from the profiles of the moments."""
    def read(file):
        lines = open(os.path.join(scratch, name, file)).read().split("\n")
        return lines[0].split()[1:], [[float(c) for c in line.split()] for line in lines if line and line[0] != "#"]
    head, moments = read("profile.dat")
    names, averages = read("average.dat")
    last, moments = averages[-4:], [row for row in moments if row[0] > 160]  # of the second stage
    worst, spread = 0.0, 0.0
    for b in range(4):
        for element in ("Ar", "Kr"):
            values = [row[head.index(element)] for row in moments[b::4]]
            worst = max(worst, abs(sum(values) / len(values) - last[b][names.index(element)]))
            spread = max(spread, last[b][names.index("error_" + element)])
    check(name + ": averages of the profile", len(values) == FRAMES * WINDOWS and worst < 1.1e-6 and 1e-6 < spread < 1e-2 and
          len(averages) == 4 * (1 + FRAMES * WINDOWS // 9), "%.2g" % worst)


def int_of(row):
    """The id: behind element and position."""
    words = row.split()
    return int(words[4]) if len(words) == 8 and words[0] in ("Ar", "Kr") else -1


make_liquid()
run("fixed", 1)
compare("fixed", False)
run("variable", 2, "npt")
compare("variable", True)

# interrupted inside a window, continued from an earlier checkpoint, on as many ranks and on others
whole = open(os.path.join(scratch, "variable", "msd.dat")).read()
whole_profile = open(os.path.join(scratch, "variable", "average.dat")).read()
whole_rdf = open(os.path.join(scratch, "variable", "rdf.dat")).read()
run("cut", 2, "npt", restart=None)
saved = [os.path.join(scratch, "cut", "run.checkpoint.%d" % k) for k in (1, 2, 3)]
saved = [path for path in saved if os.path.exists(path)][-1]
keep = os.path.join(scratch, "kept.checkpoint")
shutil.copy(saved, keep)
run("cut", 2, "npt", restart=keep)
check("a continued run writes the same rows", open(os.path.join(scratch, "cut", "msd.dat")).read() == whole)
check("... and of the profile", open(os.path.join(scratch, "cut", "average.dat")).read() == whole_profile)
check("... and of g(r)", open(os.path.join(scratch, "cut", "rdf.dat")).read() == whole_rdf)
run("cut", 3, "npt", restart=keep)
other = blocks("cut")
ours = blocks("variable")
check("on other ranks, to rounding", len(other) == len(ours) and all(
    abs(a - b) <= 1e-6 * max(1e-3, abs(b)) for x, y in zip(other, ours) for r, s in zip(x, y)
    for a, b in zip(r[2::2], s[2::2]) if not math.isnan(b)))
finish()
