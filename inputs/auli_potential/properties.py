#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Surfaces, vacancies and labels of Au-Li: what a potential says, beside PBE where there are cells.

  properties.py FOLDER LABELS.extxyz POTENTIAL_FOLDER
  properties.py properties.out potentials/AuLi/data/pbe.extxyz potentials/AuLi

Surface energies (J/m^2) of the unrelaxed slabs of the labels, by label and by potential on the same cells, and of thick relaxed slabs by
the potential; vacancy energies (eV) in the same two ways (cells of the labels: 7 atoms, unrelaxed); parity tables of formation energies
(eV/atom) and forces (eV/A) by family, and their picture. Needs numpy, ASE and the Python module of nnpmd; gnuplot for the picture."""
import os
import shutil
import subprocess
import sys

import numpy as np
from ase.build import bcc100, bcc110, bulk, fcc100, fcc110, fcc111
from ase.filters import FrechetCellFilter
from ase.io import read
from ase.optimize import FIRE

JOULE = 16.02176634                                  # 1 eV/A^2 in J/m^2
SLABS = {"Au_fcc100": fcc100, "Au_fcc110": fcc110, "Au_fcc111": fcc111, "Li_bcc100": bcc100, "Li_bcc110": bcc110}
BULK = {"Au": ("fcc", 4.17), "Li": ("bcc", 3.44)}


def predict(cells, calculator):
    """Energies (eV) and forces (eV/A) by the potential."""
    found = []
    for atoms in cells:
        copy = atoms.copy()
        copy.calc = calculator
        found.append((copy.get_potential_energy(), copy.get_forces()))
    return found


def lithium(atoms):
    return np.count_nonzero(atoms.numbers == 3) / len(atoms)


def lowest(cells, energies, share):
    """The lowest energy (eV/atom) of an element among the cells."""
    return min(e / len(a) for a, e in zip(cells, energies) if lithium(a) == share)


def formation(cells, energies):
    gold, light = lowest(cells, energies, 0), lowest(cells, energies, 1)
    return np.array([e / len(a) - (1 - lithium(a)) * gold - lithium(a) * light for a, e in zip(cells, energies)])


def relaxed(atoms, calculator, cell=False):
    atoms.calc = calculator
    FIRE(FrechetCellFilter(atoms) if cell else atoms, logfile=None).run(fmax=0.003, steps=500)
    return atoms


def area(atoms):
    """Of the face spanned by the two shorter vectors (the third has the vacuum)."""
    vectors = sorted(atoms.cell.array, key=np.linalg.norm)[:2]
    return float(np.linalg.norm(np.cross(*vectors)))


def slab_labels(cells, energies):
    """Surface energy (J/m^2) of each labelled slab at the reference lattice constant, against the lowest bulk cell."""
    found = {}
    for atoms, energy in zip(cells, energies):
        name = str(atoms.info["id"])
        if name.startswith("surface_") and name.endswith("_1.00"):
            bulk_energy = lowest(cells, energies, lithium(atoms))
            found[name[len("surface_"):-len("_1.00")]] = JOULE * (energy - len(atoms) * bulk_energy) / (2 * area(atoms))
    return found


def vacancy_labels(cells, energies):
    """E(N - 1 atoms) - (N - 1) e(bulk), eV, of each labelled vacancy at the reference lattice constant."""
    found = {}
    for atoms, energy in zip(cells, energies):
        name = str(atoms.info["id"])
        if name.startswith("vacancy_") and name.endswith("_1.00"):
            found[name[len("vacancy_"):-len("_1.00")]] = energy - len(atoms) * lowest(cells, energies, lithium(atoms))
    return found


def thick_slab(name, calculator):
    """Surface energy (J/m^2) of a relaxed slab of 12 layers."""
    element = name[:2]
    crystal = relaxed(bulk(element, *BULK[element][:1], a=BULK[element][1], cubic=True), calculator, cell=True)
    slab = SLABS[name](element, (1, 1, 12), a=crystal.cell.lengths()[0], vacuum=8.0)
    slab.pbc = True
    energy = relaxed(slab, calculator).get_potential_energy()
    return JOULE * (energy - len(slab) * crystal.get_potential_energy() / len(crystal)) / (2 * area(slab))


def large_vacancy(element, calculator):
    """Vacancy formation energy (eV) in a relaxed supercell of 4 x 4 x 4 cubic cells, at the volume of the crystal."""
    crystal = relaxed(bulk(element, *BULK[element][:1], a=BULK[element][1], cubic=True), calculator, cell=True)
    cell = crystal.repeat(4)
    del cell[0]
    return relaxed(cell, calculator).get_potential_energy() - len(cell) * crystal.get_potential_energy() / len(crystal)


def parity(folder, cells, found):
    """Rows by family, and the files of both pictures."""
    label_energy, energy = formation(cells, [a.get_potential_energy() for a in cells]), formation(cells, [f[0] for f in found])
    family = np.array([str(a.info["family"]) for a in cells])
    lines = ["# family cells formation energy (meV/atom, rms) force (meV/A, rms)"]
    for name in [*sorted(set(family)), "all"]:
        pick = np.flatnonzero((family == name) | (name == "all"))
        force = np.concatenate([(found[k][1] - cells[k].get_forces()).ravel() for k in pick])
        lines.append("%-14s %4d %6.1f %6.1f" % (name, len(pick), 1e3 * np.sqrt(np.mean((energy - label_energy)[pick] ** 2)),
                                                1e3 * np.sqrt(np.mean(force ** 2))))
    np.savetxt(os.path.join(folder, "energies.dat"), np.column_stack([label_energy, energy]), fmt="%.5f", header="label potential (eV/atom)")
    both = np.column_stack([np.concatenate([a.get_forces().ravel() for a in cells]), np.concatenate([f[1].ravel() for f in found])])
    np.savetxt(os.path.join(folder, "forces.dat"), both[np.abs(both[:, 0]) > 1e-3], fmt="%.5f", header="label potential (eV/A)")
    return lines


def draw(folder):
    with open(os.path.join(folder, "parity.gnuplot"), "w", encoding="utf-8") as out:
        out.write("set terminal pngcairo size 1300,620 font ',13'\nset output 'parity.png'\nset multiplot layout 1,2\nset grid\n"
                  "set key off\nset size square\n")
        for file, unit, title in (("energies.dat", "eV/atom", "formation energy"), ("forces.dat", "eV/A", "force components")):
            out.write("set title '%s (%s)'\nset xlabel 'PBE'\nset ylabel 'potential'\nplot '%s' with points pt 7 ps 0.6 "
                      "lc rgb '#4c2a85', x with lines lc rgb 'gray40'\n" % (title, unit, file))
        out.write("unset multiplot\n")
    if shutil.which("gnuplot"):
        subprocess.run(["gnuplot", "parity.gnuplot"], cwd=folder, check=False)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    from nnpmd.ase import NNPMD
    folder, cells, calculator = sys.argv[1], read(sys.argv[2], ":"), NNPMD(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    found = predict(cells, calculator)
    energies, labels = [f[0] for f in found], [a.get_potential_energy() for a in cells]
    lines = parity(folder, cells, found)
    lines.append("# surface: labelled slab by label, by potential; relaxed slab of 12 layers by potential (J/m^2)")
    by_label, by_potential = slab_labels(cells, labels), slab_labels(cells, energies)
    for name in sorted(SLABS):
        lines.append("%-14s %6.3f %6.3f %6.3f" % (name, by_label.get(name, np.nan), by_potential.get(name, np.nan), thick_slab(name, calculator)))
    lines.append("# vacancy: labelled cell by label, by potential (eV)")
    by_label, by_potential = vacancy_labels(cells, labels), vacancy_labels(cells, energies)
    for name in sorted(by_label):
        lines.append("%-14s %6.3f %6.3f" % (name, by_label[name], by_potential[name]))
    lines.append("# vacancy in 4 x 4 x 4 cubic cells, relaxed, by potential (eV)")
    for element in BULK:
        lines.append("%-14s %6.3f" % (element, large_vacancy(element, calculator)))
    with open(os.path.join(folder, "properties.txt"), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    print("\n".join(lines))
    draw(folder)


if __name__ == "__main__":
    main()
