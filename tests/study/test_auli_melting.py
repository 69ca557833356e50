#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""inputs/auli_melting: a made-up cell of half crystal, half gas has a share of 1/2, waves across a crystal that moves keep their order, a
made-up thermo.dat gives its mean and the error of its blocks; a short run of melting.sh holds its crystal, melts the rest, keeps its
enthalpy, and is not made again.

usage: test_auli_melting.py NNPMD SOURCE SCRATCH       (run by ctest)"""
import importlib.util
import math
import os
import random
import shutil
import subprocess
import sys

from study import Checks

program, source, scratch = sys.argv[1:4]
folder = os.path.join(source, "inputs", "auli_melting")
spec = importlib.util.spec_from_file_location("melting", os.path.join(folder, "melting.py"))
melting = importlib.util.module_from_spec(spec)
spec.loader.exec_module(melting)
checks = Checks()
check = checks.check
WAVES = [(8, 0), (0, 8)]
CELL = (4 * 4.17, 4 * 4.17, 8 * 4.17)


def half_crystal(shift, rattle):
    """fcc, 4 x 4 x 8 cells in cell vectors, moved by `shift` and rattled; the upper half at random."""
    place, atoms = random.Random(5), []
    for i in range(8):
        for j in range(8):
            for k in range(16):
                if (i + j + k) % 2 == 0:
                    x = [i / 8, j / 8, (k + 0.5) / 16]
                    atoms.append([place.random(), place.random(), x[2]] if k >= 8 else
                                 [(x[d] + shift[d] + place.gauss(0, rattle) / CELL[d]) % 1.0 for d in range(3)])
    return atoms


def check_orders():
    for shift, rattle, order in (((0, 0, 0), 0.0, 1.0), ((0.013, 0.07, 0), 0.0, 1.0),
                                 ((0.02, 0, 0), 0.15, math.exp(-0.5 * (2 * math.pi * 2 / 4.17 * 0.15) ** 2))):
        orders = melting.slice_orders(CELL, half_crystal(shift, rattle), WAVES)
        check(abs(melting.crystal_share(orders) - 0.5) < 0.09, "share %.3f of a cell that is half crystal" % melting.crystal_share(orders))
        lowest = sum(q for _, q in orders[:5]) / 5
        check(abs(lowest - order) < 0.05, "order %.3f, expected %.3f" % (lowest, order))
        check(max(q for _, q in orders[-4:]) < 0.4, "a gas has order")


def write_frames(path):
    with open(os.path.join(path, "trajectory.extxyz"), "w", encoding="utf-8") as out:
        for step in range(8):
            atoms = half_crystal((0.001 * step, 0, 0), 0.1)
            out.write('%d\nLattice="%g 0 0 0 %g 0 0 0 %g" Properties=species:S:1:pos:R:3 step=%d time=%d\n' %
                      (len(atoms), *CELL, step, 1000 * step))
            out.writelines("Au %.5f %.5f %.5f\n" % tuple(x * a for x, a in zip(atom, CELL)) for atom in atoms)


def check_table():
    """Blocks of ten: 1000 + k K in block k of the last stage have the mean 1004.5 K and the error sqrt(82.5 / 90) K."""
    path = os.path.join(scratch, "made_up")
    os.makedirs(path)
    write_frames(path)
    with open(os.path.join(path, "thermo.dat"), "w", encoding="utf-8") as out:
        out.write("# step stage time T\n# 1 1 fs K\n")
        out.writelines("%d 5 %d 3000\n" % (k, 10 * k) for k in range(100))
        out.writelines("%d 6 %d %d\n" % (k, 1000 + 60 * k, 1000 + k // 10) for k in range(100))
    temperature, error, first, end = melting.analyse(path, WAVES)
    check(abs(temperature - 1004.5) < 1e-9 and abs(error - math.sqrt(82.5 / 90)) < 1e-9, "mean %g, error %g" % (temperature, error))
    check(abs(first - 0.5) < 0.09 and abs(end - 0.5) < 0.09, "shares %g and %g" % (first, end))
    check(melting.verdict((first, end)) == "both" and melting.verdict((0.3, 0.02)) == "molten" and
          melting.verdict((0.7, 0.97)) == "crystal", "verdicts")
    course = [line.split() for line in open(os.path.join(path, "course.dat"), encoding="utf-8") if not line.startswith("#")]
    check(len(course) == 8 and float(course[-1][0]) == 7.0, "course.dat: %s" % course[-1:])


def run(program_used):
    short = ["structure.build.lattice.repeat=[5,5,6]", "groups.0.to=10.4", "stages.0.npt.duration=150", "stages.1.nvt.duration=1200",
             "stages.2.nvt.duration=150", "stages.3.npt.duration=150", "stages.4.mtk.duration=150", "stages.5.mtk.duration=300",
             "outputs.0.thermo.every=5", "outputs.1.trajectory.every=25"]
    words = " ".join("--set " + s for s in short)
    return subprocess.run(["bash", os.path.join(folder, "melting.sh"), "short", "li"], cwd=scratch, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, timeout=200,
                          env=dict(os.environ, NNPMD=program_used, MELTING_MORE=words, PYTHON=sys.executable))


def check_run():
    answer = run(program)
    check(answer.returncode == 0, answer.stdout)
    rows = [line.split() for line in answer.stdout.splitlines() if line.startswith("li.")]
    check(len(rows) == 2 and rows[0][0] < rows[1][0], "rows: %s" % rows)
    run_folder = os.path.join(scratch, "short", rows[0][0])
    with open(os.path.join(run_folder, "thermo.dat"), encoding="utf-8") as file:
        thermo = [[float(w) for w in line.split()[:8]] for line in file if not line.startswith("#")]
    last = [row for row in thermo if row[1] == 6]
    check(abs(last[-1][7] - last[0][7]) < 0.02, "enthalpy drifts by %g eV" % (last[-1][7] - last[0][7]))
    hot = [row[3] for row in thermo if row[1] == 2]
    check(max(hot) > 1500, "the hot half has %g K" % max(hot))
    with open(os.path.join(run_folder, "course.dat"), encoding="utf-8") as file:
        course = [[float(w) for w in line.split()] for line in file if not line.startswith("#")]
    melted = [share for time, share, _ in course if 1.0 < time < 1.3]
    check(melted and max(melted) < 0.9 and min(melted) > 0.4, "crystal when half is hot: %s" % melted)
    again = run("/bin/false")
    check(again.returncode == 0 and again.stdout == answer.stdout, "a finished study is made again: " + again.stdout)


shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)
check_orders()
check_table()
check_run()
sys.exit(checks.failures > 0)
