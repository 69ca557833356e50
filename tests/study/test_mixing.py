#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-mixing from outside: one rank and two give the same table, a killed study goes on, mixing energies and hull against a
second computation from the structures themselves, and wrong inputs are named.

usage: test_mixing.py NNPMD_MIXING MPIEXEC SOURCE SCRATCH"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from study import Study, read, rows

program, mpiexec, source, scratch = sys.argv[1:5]
study = Study(program, mpiexec, scratch)
check, run = study.check, study.run

INPUT = """seed: 3
output_folder: out
elements: [Au, Li]
volumes: [17.9, 20.2]
potential:
  nnp: {folder: '%s/potentials/AuLi-starter', length_unit: A, energy_unit: eV}
prototypes: [b2, l1_0, l1_2, d0_3]
enumerate: {parents: [fcc, hcp], atoms: 3}
grid: {parents: [bcc], denominator: 8, orderings: 1, sweeps: 5}
random: {number: 2, symmetric: 4, atoms: 4}
relax: {force_tolerance: 0.01 eV/A, max_steps: 500}
pictures: false
""" % source


def folder(name):
    return study.folder(name, INPUT)


def lower_hull(points):
    """Energy of the lower hull as a function, by all pairs of points."""
    def at(x):
        best = min((e for q, e in points if abs(q - x) < 1e-9), default=float("inf"))
        for a, ea in points:
            for b, eb in points:
                if a < x < b:
                    best = min(best, ea + (eb - ea) * (x - a) / (b - a))
        return best
    return at


def test_table(path):
    table = rows(path, "mixing.dat")
    points = []
    for row in table:
        with open(os.path.join(path, "out", "results", row[0] + ".extxyz")) as file:
            text = file.read().splitlines()
        n = int(text[0])
        energy = float(re.search(r"\benergy=(\S+)", text[1]).group(1)) / n
        x = sum(line.split()[0] == "Li" for line in text[2:2 + n]) / n
        points.append((x, energy))
        check(abs(energy - float(row[3])) < 1e-7 and abs(x - float(row[2])) < 1e-7, "energy of " + row[0])
    zero = [min(e for x, e in points if x == pure) for pure in (0, 1)]
    hull = lower_hull(points)
    for row, (x, e) in zip(table, points):
        mixing = e - (1 - x) * zero[0] - x * zero[1]
        check(abs(mixing - float(row[5])) < 1e-7, "%s: mixing %s, expected %.8f" % (row[0], row[5], mixing))
        check(abs(e - hull(x) - float(row[7])) < 1e-7, "%s: above hull %s, expected %.8f" % (row[0], row[7], e - hull(x)))
    near = {row[0] for row in rows(path, "hull.dat")}
    check(all(float(row[7]) > 0.01 or row[11] != row[0] or row[0] in near for row in table), "structures near the hull")
    for name in near:
        for end in ("extxyz", "vasp", "cif"):
            check(os.path.exists(os.path.join(path, "out", "stable", name + "." + end)), "%s.%s" % (name, end))
    names = [row[0] for row in table]
    check(len({n[:6] for n in names if n.startswith("bcc8-k")}) >= 1 and sum(n.startswith("bcc8") for n in names) == 7,
          "grid: " + " ".join(n for n in names if n.startswith("bcc8")))
    same = {row[0]: row[11] for row in table}
    check(any(k.startswith("fcc2") and v == "l1_0-AuLi" for k, v in same.items()), "L1_0 among the fcc orderings: %s" % same)
    symmetry = {row[0]: row[8] for row in table}
    if symmetry["b2-AuLi"] != "-":
        check(symmetry["b2-AuLi"] == "Pm-3m_221" and symmetry["a1-Au"] == "Fm-3m_225" and
              symmetry["l1_2-AuLi3"] == "Pm-3m_221" and symmetry["d0_3-AuLi3"] == "Fm-3m_225", "space groups: %s" % symmetry)


def test_search(path):
    """search.dat against the table of all structures: starts, hits and the first hit of each structure it lists."""
    table, listed = rows(path, "mixing.dat"), 0
    if not any(row[0].startswith("symmetric") for row in table):
        return  # built without spglib
    for line in rows(path, "search.dat"):
        of = [row for row in table if abs(float(row[2]) - float(line[0])) < 1e-6]
        lowest = min(float(row[3]) for row in of)
        energy = next(float(row[3]) for row in of if row[0] == line[1])
        check(abs(energy - lowest - float(line[3])) < 2e-8 and energy - lowest <= 0.01, "search.dat: energy of " + line[1])
        for kind, column in (("random", 4), ("symmetric", 7)):
            starts = sorted(row[0] for row in of if row[0].startswith(kind))
            hits = [row[0] for row in of if row[0] in starts and line[1] in (row[11], row[0])]
            first = starts.index(min(hits)) + 1 if hits else 0
            check([len(starts), len(hits), first] == [int(w) for w in line[column:column + 3]],
                  "search.dat: %s of %s: %s" % (kind, line[1], line))
            listed += len(hits)
    check(listed > 0, "search.dat lists no structure that a start ended in")


def test_kill(reference):
    path = folder("killed")
    work = subprocess.Popen(study.command(), cwd=path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    results = os.path.join(path, "out", "results")
    end = time.time() + 60
    while time.time() < end and work.poll() is None and not (os.path.isdir(results) and len(os.listdir(results)) > 5):
        time.sleep(0.002)
    work.send_signal(signal.SIGKILL)
    work.wait()
    done = len(os.listdir(results))
    check(not os.path.exists(os.path.join(path, "out", "mixing.dat")), "killed before its end")
    stamp = max(os.stat(os.path.join(results, f)).st_mtime_ns for f in os.listdir(results) if f.endswith(".extxyz"))
    time.sleep(0.02)
    again = run(path, more=["--set", "potential.nnp.folder=" + study.moved(os.path.join(source, "potentials", "AuLi-starter"))])
    check(again.returncode == 0, again.stdout)
    kept = sum(os.stat(os.path.join(results, f)).st_mtime_ns <= stamp for f in os.listdir(results))
    check(kept >= done - 1, "%d of %d results were done again" % (done - kept, done))
    check(read(path, "mixing.dat") == reference, "the table after a kill differs")
    other = run(path, more=["--set", "relax.force_tolerance=0.02"])  # other settings: nothing is kept
    kept = sum(os.stat(os.path.join(results, f)).st_mtime_ns <= stamp for f in os.listdir(results))
    check(other.returncode == 0 and kept == 0, "%d results with other settings were kept" % kept)


def spread(values):
    mean = sum(values) / len(values)
    return (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5


def test_committee():
    """Spread of mixing energies from the energies of the members, which the results list."""
    path = folder("committee")
    for member, factor in (("1", 1.0), ("2", 1.02)):
        to = os.path.join(path, "model", member)
        shutil.copytree(os.path.join(source, "potentials", "AuLi-starter"), to, ignore=shutil.ignore_patterns("data", "*.out"))
        for name in ("weights.003.data", "weights.079.data"):
            with open(os.path.join(to, name)) as file:
                lines = file.readlines()
            for k, line in enumerate(lines):
                words = line.split()
                if words and not line.startswith("#") and words[1] == "b":
                    lines[k] = line.replace(words[0], "%.10E" % (float(words[0]) * factor), 1)
            with open(os.path.join(to, name), "w") as file:
                file.writelines(lines)
    with open(os.path.join(path, "study.yaml"), "w") as out:
        out.write(INPUT.replace(source + "/potentials/AuLi-starter", os.path.join(path, "model")))
    answer = run(path, more=["--set", "grid.denominator=0", "--set", "random.number=0", "--set", "random.symmetric=0", "--set",
                             "enumerate.atoms=0"])
    check(answer.returncode == 0, answer.stdout)
    if answer.returncode != 0:
        return
    table, energies = rows(path, "mixing.dat"), {}
    for row in table:
        with open(os.path.join(path, "out", "results", row[0] + ".extxyz")) as file:
            n, head = int(file.readline()), file.readline()
        energies[row[0]] = [float(w) / n for w in re.search(r'members="([^"]*)"', head).group(1).split()]
        check(abs(sum(energies[row[0]]) / 2 - float(row[3])) < 1e-7, "mean of the members of " + row[0])
    zero = [min((row for row in table if float(row[2]) == x), key=lambda row: float(row[3]))[0] for x in (0, 1)]
    largest = 0
    for row in table:
        x = float(row[2])
        mixing = [e - (1 - x) * a - x * b for e, a, b in zip(energies[row[0]], energies[zero[0]], energies[zero[1]])]
        check(abs(spread(mixing) - float(row[6])) < 1e-7, "%s: sigma %s, expected %.8f" % (row[0], row[6], spread(mixing)))
        largest = max(largest, float(row[6]))
    check(largest > 1e-4, "the members agree: nothing was tested")
    weights = os.path.join(path, "model", "1", "weights.003.data")  # other weights in the same place: nothing is kept
    shutil.copy(os.path.join(path, "model", "2", "weights.003.data"), weights)
    again = run(path, more=["--set", "grid.denominator=0", "--set", "random.number=0", "--set", "random.symmetric=0", "--set",
                            "enumerate.atoms=0"])
    check(again.returncode == 0, again.stdout)
    check(all(a[0] != b[0] or a[3] != b[3] for a, b in zip(table, rows(path, "mixing.dat")) if float(a[2]) > 0),
          "results of other weights were kept")


def test_errors(path):
    study.refuses(path, (
        ("prototypes=[l1_5]", ["--set prototypes", 'unknown prototype "l1_5"', "did you mean l1_0", "d8_6"]),
        ("grid.denominator=7", ["k/7 are impossible in whole cells of bcc", "a multiple of 2"]),
        ("elements=[Au]", ["elements: 1 given", "[Au, Li]"]),
        ("elements=[Au, Au]", ["elements: Au twice", "two different ones"]),
        ("compare=none.extxyz", ["compare: cannot read", "none.extxyz", "or leave it out"]),
        ("elements=[Au, Xx]", ['"Xx" is no chemical symbol']),
        ("volumes=[17.9]", ["one volume an atom", "[17.9, 20.3]"]),
        ("enumerate.parents=[sc]", ['"sc" is no lattice', "fcc, bcc or hcp"]),
        ("random.atoms=1", ["random.atoms", "2"]),
        ("relaxx=1", ["relaxx"])))


def main():
    one, two = folder("one"), folder("two")
    answer = run(one)
    check(answer.returncode == 0 and "mixing" in answer.stdout, answer.stdout)
    if answer.returncode == 0:
        test_table(one)
        test_search(one)
        answer = run(two, ranks=2)
        check(answer.returncode == 0, answer.stdout)
        check(read(one, "mixing.dat") == read(two, "mixing.dat"), "two ranks give another table than one")
        test_kill(read(one, "mixing.dat"))
    test_committee()
    test_errors(one)
    print("test_mixing: %d failed" % study.failures)
    return study.failures > 0


sys.exit(main())
