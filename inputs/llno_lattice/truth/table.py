#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Energies of the same arrangements by several methods, beside a reference: a table in Markdown.

usage: table.py REFERENCE.extxyz [NAME=]LABELLED.extxyz|POTENTIAL ...

REFERENCE.extxyz: cells of one stoichiometry with energies and forces, and the key id; this table is for those by PBE. Each further
column is a file with other labels of the same structures in the same order, a folder with a network, or an input's section `potential`
(a YAML file), both evaluated at the same places. Energies are in meV per Nb above the arrangement that the reference has lowest, its
sizes made equal; then rank correlation (Spearman) and rms difference after the best constant, and the rms difference of force
components. Needs the Python package of nnpmd, ASE, numpy.
"""
import os
import re
import sys
import textwrap

import numpy as np
from ase.io import read


def evaluated(path, cells):
    """Energies (eV) and forces of the cells by a potential of nnpmd."""
    from nnpmd import Model
    from nnpmd.ase import NNPMD

    numbers = sorted({int(z) for a in cells for z in a.numbers})
    if os.path.isdir(path):
        calculator = NNPMD(path)
    else:
        with open(path, encoding="utf-8") as file:
            section = textwrap.dedent(re.split(r"^potential:", file.read(), maxsplit=1, flags=re.M)[-1])
        calculator = NNPMD(Model.from_input(section, numbers))
    energies, forces = [], []
    for a in cells:
        b = a.copy()
        b.calc = calculator
        energies.append(b.get_potential_energy())
        forces.append(b.get_forces())
    return energies, forces


def column(path, cells):
    if not path.endswith(".extxyz"):
        return evaluated(path, cells)
    labelled = read(path, ":")
    for a, b in zip(cells, labelled):
        if len(a) != len(b) or abs(a.positions - b.positions).max() > 1e-4:
            sys.exit(f"{path}: not the structures of the reference in its order ({a.info['id']})")
    return [a.get_potential_energy() for a in labelled[:len(cells)]], [a.get_forces() for a in labelled[:len(cells)]]


def ranks(values):
    order = np.argsort(values)
    place = np.empty(len(values))
    place[order] = np.arange(len(values))
    return place


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    cells = read(arguments[0], ":")
    names, columns = ["reference"], [column(arguments[0], cells)]
    for argument in arguments[1:]:
        name, _, path = argument.rpartition("=")
        names.append(name or os.path.basename(path.rstrip("/")))
        columns.append(column(path, cells))
    units = np.array([(a.symbols == "Nb").sum() for a in cells])
    energies = np.array([np.array(e) / units for e, _ in columns]) * 1000
    lowest = int(np.argmin(energies[0]))
    table = energies - energies[:, lowest:lowest + 1]
    print("| arrangement | atoms | " + " | ".join(names) + " |\n|---|---|" + "---|" * len(names))
    for k in np.argsort(table[0]):
        print(f"| {cells[k].info['id']} | {len(cells[k])} | " + " | ".join(f"{x:.1f}" for x in table[:, k]) + " |")
    reference = columns[0][1]
    print("| rank correlation | | | " + " | ".join(f"{np.corrcoef(ranks(table[0]), ranks(t))[0, 1]:.3f}" for t in table[1:]) + " |")
    print("| rms difference (meV) | | | " + " | ".join(f"{np.std(t - table[0]):.1f}" for t in table[1:]) + " |")
    rms = [np.sqrt(np.mean(np.concatenate([(f - g).ravel() for f, g in zip(reference, c[1])]) ** 2)) for c in columns[1:]]
    print("| forces, rms (eV/A) | | | " + " | ".join(f"{x:.2f}" for x in rms) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
