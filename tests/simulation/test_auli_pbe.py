#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The shipped potential AuLi against the PBE cells it was fitted to: formation energies, forces, ground
states.

usage: test_auli_pbe.py NNPMD_EVAL SOURCE SCRATCH
"""
import json
import math
import os
import re
import shutil
import subprocess
import sys

from checks import check, finish

program, source, scratch = sys.argv[1:4]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)


def labelled_cells(data):
    lines = open(data).read().splitlines()
    at, cells = 0, []
    while at < len(lines):
        n, keys = int(lines[at]), lines[at + 1]
        rows = [line.split() for line in lines[at + 2:at + 2 + n]]
        cells.append({"id": re.search(r"\bid=(\S+)", keys).group(1),
                      "energy": float(re.search(r"\benergy=(\S+)", keys).group(1)) / n,
                      "lithium": sum(row[0] == "Li" for row in rows) / n,
                      "forces": [float(x) for row in rows for x in row[4:7]]})
        at += 2 + n
    return cells


def formation(cells, energies):
    gold = min(e for c, e in zip(cells, energies) if c["lithium"] == 0)
    lithium = min(e for c, e in zip(cells, energies) if c["lithium"] == 1)
    return [e - (1 - c["lithium"]) * gold - c["lithium"] * lithium for c, e in zip(cells, energies)]


def rms(values):
    return math.sqrt(math.fsum(v * v for v in values) / len(values))


def check_ground_state(cells, labels, model, lithium):
    """The cell that the potential has lowest is PBE's lowest, or the same crystal once more (up to 0.05 meV/atom above it)."""
    same = [i for i, c in enumerate(cells) if abs(c["lithium"] - lithium) < 1e-9]
    found, expected = min(same, key=lambda i: model[i]), min(same, key=lambda i: labels[i])
    check("ground state at x(Li) = %g" % lithium, labels[found] - labels[expected] < 0.00005,
          "%s, PBE %s" % (cells[found]["id"], cells[expected]["id"]))


def check_potential(name, count):
    print(name)
    folder = os.path.join(source, "potentials", name)
    data = os.path.join(folder, "data", "pbe.extxyz")
    cells = labelled_cells(data)
    results = os.path.join(scratch, name + ".json")
    subprocess.run([program, folder, data, "-j", results, "-o", os.path.join(scratch, name + ".extxyz")], check=True)
    predicted = json.load(open(results))
    check("a committee of four", all(frame["members"] == 4 for frame in predicted))
    check("as many frames as cells", len(predicted) == len(cells) == count, str(len(predicted)))
    labels = formation(cells, [c["energy"] for c in cells])
    model = formation(cells, [frame["energy_eV"] / frame["n_atoms"] for frame in predicted])
    worst = rms([m - l for m, l in zip(model, labels)])
    check("formation energies within 6 meV/atom", worst < 0.006, "%.4f eV/atom" % worst)
    worst = rms([f - l for frame, c in zip(predicted, cells) for f, l in zip(frame["forces_eV_per_A"], c["forces"])])
    check("forces within 35 meV/A", worst < 0.035, "%.4f eV/A" % worst)
    for lithium in (0.25, 0.5, 0.75):
        check_ground_state(cells, labels, model, lithium)


check_potential("AuLi", 481)
finish()
