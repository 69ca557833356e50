#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Phonons of crystals by finite displacements: by labels of small supercells, and by potentials.

  phonons.py FOLDER CELLS.extxyz NAME=POTENTIAL_FOLDER [NAME=...]
  phonons.py phonons.out potentials/AuLi/data/phonon.extxyz nnpmd=potentials/AuLi

CELLS.extxyz: supercells with one displaced atom and its forces (eV/A); keys `crystal` (fcc or b2, the lattice), `repeat` (primitive
cells along each vector), `atom` and `displacement` (A). Each crystal's table holds frequencies (THz) at the points that the supercell
repeats exactly, for labels and for each potential in the same supercell, where nothing but the forces differs; the picture has
branches of the labels (interpolated from that small supercell) and of each potential in the supercell and in one of twice its length.
Needs numpy, ASE, phonopy and the Python module of nnpmd; gnuplot for the picture."""
import itertools
import os
import shutil
import subprocess
import sys

import numpy as np
from ase import Atoms
from ase.io import read
from phonopy import Phonopy
from phonopy.structure.atoms import PhonopyAtoms

POINTS = {"fcc": {"X": (0.5, 0.0, 0.5), "L": (0.5, 0.5, 0.5)},
          "b2": {"X": (0.5, 0.0, 0.0), "M": (0.5, 0.5, 0.0), "R": (0.5, 0.5, 0.5)}}
PATHS = {"fcc": [("G", (0, 0, 0)), ("X", (0.5, 0.0, 0.5)), ("K", (0.375, 0.375, 0.75)), ("G", (0, 0, 0)), ("L", (0.5, 0.5, 0.5))],
         "b2": [("G", (0, 0, 0)), ("X", (0.5, 0, 0)), ("M", (0.5, 0.5, 0)), ("G", (0, 0, 0)), ("R", (0.5, 0.5, 0.5))]}
SAME = {"K": ("U", (0.625, 0.25, 0.625))}            # K is U in the next zone: the path from X ends there and goes on from K
NAMES = {"fcc": "fcc %s", "b2": "B2 %s"}
STEPS = 40


def supercell(atoms, repeat, larger=1):
    """Phonopy of the crystal whose displaced supercell `atoms` is, in a supercell `larger` times as long."""
    primitive = atoms.cell.array / repeat
    places = np.linalg.solve(primitive.T, atoms.positions.T).T
    inside = np.all(np.abs(places - np.round(places * 2) / 2) < 0.1, axis=1) & np.all(places < 0.9, axis=1)
    unit = PhonopyAtoms(numbers=atoms.numbers[inside], cell=primitive, scaled_positions=np.round(places[inside] * 2) / 2)
    return Phonopy(unit, np.diag([repeat * larger] * 3), primitive_matrix=np.eye(3))


def place_of(cell, position):
    """Number of the atom of phonopy's supercell that is at (or next to) the position."""
    apart = np.linalg.solve(cell.cell.T, (cell.positions - position).T).T
    return int(np.argmin(np.linalg.norm((apart - np.round(apart)) @ cell.cell, axis=1)))


def force_constants(phonopy, displaced):
    """Sets them from (atom's position, displacement, positions, forces) of each displaced cell."""
    cell, rows = phonopy.supercell, []
    for rest, displacement, positions, forces in displaced:
        ordered = np.empty_like(forces)
        for position, force in zip(positions, forces):
            ordered[place_of(cell, position)] = force
        rows.append({"number": place_of(cell, rest), "displacement": np.array(displacement), "forces": ordered - ordered.mean(axis=0)})
    phonopy.dataset = {"natom": len(cell), "first_atoms": rows}
    phonopy.produce_force_constants()
    phonopy.symmetrize_force_constants()


def by_labels(cells):
    phonopy = supercell(cells[0], int(cells[0].info["repeat"]))
    force_constants(phonopy, [(a.positions[int(a.info["atom"])] - a.info["displacement"], a.info["displacement"], a.positions,
                               a.get_forces()) for a in cells])
    return phonopy


def by_potential(cells, calculator, larger):
    """The same displacements, in a supercell `larger` times as long."""
    phonopy, displaced = supercell(cells[0], int(cells[0].info["repeat"]), larger), []
    rest = phonopy.supercell
    for atoms in cells:
        at = atoms.positions[int(atoms.info["atom"])] - atoms.info["displacement"]
        moved = Atoms(numbers=rest.numbers, cell=rest.cell, positions=rest.positions, pbc=True)
        moved.positions[place_of(rest, at)] += atoms.info["displacement"]
        moved.calc = calculator
        displaced.append((at, atoms.info["displacement"], rest.positions, moved.get_forces()))
    force_constants(phonopy, displaced)
    return phonopy


def branches(phonopy, crystal):
    """Rows of distance along the path (1/A) and frequencies (THz), and the places of the corners."""
    inverse = np.linalg.inv(phonopy.primitive.cell).T
    rows, corners, along, path = [], [], 0.0, PATHS[crystal]
    for (name, start), (end_name, end) in itertools.pairwise(path):
        corners.append((along, name))
        end = SAME[end_name][1] if name == "X" and end_name in SAME else end
        line = np.linspace(start, end, STEPS)
        steps = np.linalg.norm((line[1] - line[0]) @ inverse)
        for k, q in enumerate(line):
            rows.append([along + k * steps, *phonopy.run_qpoints([q]).frequencies[0]])
        along += steps * (STEPS - 1)
    return rows, [*corners, (along, path[-1][0])]


def write_branches(folder, name, rows):
    path = os.path.join(folder, name + ".dat")
    np.savetxt(path, rows, fmt="%.5f", header="path (1/A), frequencies (THz)")
    return path


def draw(folder, panels):
    """One panel a crystal: files of branches by kind, with the corners of the path."""
    with open(os.path.join(folder, "phonons.gnuplot"), "w", encoding="utf-8") as out:
        out.write("set terminal pngcairo size 1400,600 font ',13'\nset output 'phonons.png'\nset multiplot layout 1,%d\n"
                  "set ylabel 'frequency (THz)'\nset xzeroaxis\nset key below\n" % len(panels))
        for title, corners, files in panels:
            ticks = ", ".join("'%s' %.5f" % ("{/Symbol G}" if name == "G" else name, at) for at, name in corners)
            out.write("set title '%s'\nset xtics (%s)\nset grid xtics\nset xrange [0:%.5f]\n" % (title, ticks, corners[-1][0]))
            curves = []
            for label, file, n, style in files:
                for k in range(n):
                    curves.append("'%s' using 1:%d %s %s" % (os.path.basename(file), k + 2, style,
                                                             "notitle" if k else "title '%s'" % label))
            out.write("plot " + ", \\\n  ".join(curves) + "\n")
        out.write("unset multiplot\n")
    if shutil.which("gnuplot"):
        subprocess.run(["gnuplot", "phonons.gnuplot"], cwd=folder, check=False)


def crystal_report(folder, crystal, cells, calculators):
    repeat = int(cells[0].info["repeat"])
    labels, lines, files = by_labels(cells), [], []
    small = {name: by_potential(cells, calculator, 1) for name, calculator in calculators.items()}
    for point, q in POINTS[crystal].items():
        rows = {name: phonopy.run_qpoints([q]).frequencies[0] for name, phonopy in [("label", labels), *small.items()]}
        for name, values in rows.items():
            lines.append("%-4s %s %-10s %s" % (crystal, point, name, " ".join("%6.2f" % v for v in values)))
    rows, corners = branches(labels, crystal)
    n = len(rows[0]) - 1
    files.append(("labels, %d x %d x %d" % (repeat, repeat, repeat), write_branches(folder, crystal + "-labels", rows), n,
                  "with lines lw 2 dt 2 lc rgb '#c0392b'"))
    colours = ["#4c2a85", "#1e8449", "#b9770e"]
    for k, (name, calculator) in enumerate(calculators.items()):
        rows, _ = branches(by_potential(cells, calculator, 2), crystal)
        files.append((name, write_branches(folder, "%s-%s" % (crystal, name), rows), n, "with lines lw 2 lc rgb '%s'" % colours[k % 3]))
        rows, _ = branches(small[name], crystal)
        files.append((name + ", in the cell of the labels", write_branches(folder, "%s-%s-small" % (crystal, name), rows), n,
                      "with lines lw 1.5 dt 3 lc rgb '%s'" % colours[k % 3]))
    title = NAMES[crystal] % cells[0].get_chemical_formula("metal", empirical=True)
    return lines, (title, corners, files)


def main():
    if len(sys.argv) < 4 or any("=" not in word for word in sys.argv[3:]):
        sys.exit(__doc__)
    from nnpmd.ase import NNPMD
    folder, cells = sys.argv[1], read(sys.argv[2], ":")
    calculators = {name: NNPMD(path) for name, path in (word.split("=", 1) for word in sys.argv[3:])}
    os.makedirs(folder, exist_ok=True)
    panels, table = [], ["# crystal point source frequencies (THz)"]
    for crystal in ("fcc", "b2"):
        mine = [a for a in cells if a.info["crystal"] == crystal]
        if mine:
            lines, panel = crystal_report(folder, crystal, mine, calculators)
            table += lines
            panels.append(panel)
    with open(os.path.join(folder, "phonons.txt"), "w", encoding="utf-8") as out:
        out.write("\n".join(table) + "\n")
    print("\n".join(table))
    draw(folder, panels)


if __name__ == "__main__":
    main()
