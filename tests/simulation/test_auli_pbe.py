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


def ground_state(cells, values, lithium):
    """The parent cell, as in bcc32_vol1.00 or uniaxial_32_+0.08, of the lowest one."""
    lowest = min((v, c["id"]) for c, v in zip(cells, values) if abs(c["lithium"] - lithium) < 1e-9)[1]
    return re.search(r"\d+", lowest).group(0)


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
    check("forces within 30 meV/A", worst < 0.030, "%.4f eV/A" % worst)
    for lithium in (0.25, 0.5, 0.75):
        found, expected = ground_state(cells, model, lithium), ground_state(cells, labels, lithium)
        check("ground state at x(Li) = %g" % lithium, found == expected, "%s, PBE %s" % (found, expected))


check_potential("AuLi", 445)
finish()
