#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Equations of state and elastic moduli from strained cells: by their PBE labels and by the potential, on the same cells.

  nnpmd-eval potentials/AuLi potentials/AuLi/data/pbe.extxyz -o auli_pbe.extxyz
  inputs/auli_mixing/labels.py potentials/AuLi/data/pbe.extxyz auli_pbe.extxyz auli_labels.out

and the same with potentials/AuLi/data/elastic.extxyz: elastic constants from small strains.

Bulk modulus: third-order Birch equation through energies (1 meV/atom) and pressures (0.3 GPa) of the three cells within 7 % of the
volume at rest; the pressures may have a constant offset, as stresses from plane waves have at a finite cut-off. Tetragonal modulus:
C11 - C12 as the secant (s(+8 %) - s(-8 %)) / 0.24 of the axial stress s = s_zz - s_xx under strains (-e/2, -e/2, e); at such strains it
is no limit of small ones, but the same number for both. C11 = B + 2/3 (C11 - C12). Needs numpy and ASE; gnuplot for the picture."""
import os
import re
import shutil
import subprocess
import sys

import numpy as np
from ase.io import read

GPA = 160.2176634
CRYSTALS = {0: "fcc Au", 30: "bcc Li", 1: "fcc Li", 27: "L1_2 Au3Li", 32: "B2 AuLi", 52: "B32 AuLi", 53: "D0_3 AuLi3",
            28: "L1_2 AuLi3", 51: "D0_3 Au3Li"}


def pressure(atoms):
    return -np.trace(atoms.get_stress(voigt=False)) / 3  # eV/A^3


def birch(cells):
    """V0 (A^3/atom), B (GPa), offset of the pressures (GPa): least squares for E = cubic in V^(-2/3)."""
    volume = np.array([a.get_volume() / len(a) for a in cells])
    energy = np.array([a.get_potential_energy() / len(a) for a in cells])
    rest = volume[energy.argmin()]
    near = abs(volume / rest - 1) < 0.09
    volume, energy, pressures = volume[near], energy[near], np.array([pressure(a) for a in cells])[near]
    q = (rest / volume) ** (2 / 3)
    x, slope = q - 1, -2 / 3 * q / volume
    power = np.arange(4)
    values = x[:, None] ** power
    slopes = -slope[:, None] * power * x[:, None] ** np.maximum(power - 1, 0)  # P = -dE/dV
    none, ones = np.zeros((len(x), 1)), np.ones((len(x), 1))
    rows = np.vstack([np.hstack([values, none]) / 1e-3, np.hstack([slopes, ones]) / (0.3 / GPA)])
    right = np.concatenate([(energy - energy.min()) / 1e-3, pressures / (0.3 / GPA)])
    a = np.linalg.lstsq(rows, right, rcond=None)[0]
    roots = np.roots([3 * a[3], 2 * a[2], a[1]])
    u = min(roots[np.isreal(roots)].real, key=abs)
    v = rest * (1 + u) ** -1.5
    dq = -2 / 3 * (1 + u) / v
    return v, v * (2 * a[2] + 6 * a[3] * u) * dq ** 2 * GPA, a[4] * GPA


def axial(atoms):
    stress = atoms.get_stress(voigt=False) * GPA
    return stress[2, 2] - 0.5 * (stress[0, 0] + stress[1, 1])


def collect(labels, potential):
    """For each crystal: pairs of cells (label, potential) by volume, and those strained by -8 and +8 %."""
    volumes, strained = {}, {}
    for pair in zip(labels, potential):
        info = pair[0].info
        found = re.search(r"(?:fcc|bcc|eos_|uniaxial_)(\d+)", str(info.get("id", "")))
        if found is None:
            continue
        if info["family"] in ("eos", "parent"):
            volumes.setdefault(int(found.group(1)), []).append(pair)
        elif info["family"] == "uniaxial":
            strained.setdefault(int(found.group(1)), {})["-0.08" in info["id"]] = pair
    for pairs in volumes.values():
        pairs.sort(key=lambda pair: pair[0].get_volume())
    return volumes, strained


def small_strains(labels, potential):
    """C11, C12, C44 (GPa) of cubic crystals, by label and by potential, from cells CRYSTAL_xx+, _xx- (1 %) and _yz+ (0.5 % each way)."""
    cells = {str(a.info.get("id")): (a, b) for a, b in zip(labels, potential) if a.info.get("family") == "elastic"}
    table = []
    for name in sorted({key.rsplit("_", 1)[0] for key in cells}):
        stress = {}
        for strain in ("xx+", "xx-", "yz+"):
            if name + "_" + strain in cells:
                stress[strain] = [a.get_stress(voigt=False) * GPA for a in cells[name + "_" + strain]]
        if len(stress) == 3:
            table.append((name, [((stress["xx+"][k][0, 0] - stress["xx-"][k][0, 0]) / 0.02,
                                  (stress["xx+"][k][1, 1] - stress["xx-"][k][1, 1]) / 0.02, stress["yz+"][k][1, 2] / 0.01)
                                 for k in (0, 1)]))
    return table


def write_volumes(folder, pairs, name):
    path = os.path.join(folder, "eos-" + name.replace(" ", "-") + ".dat")
    with open(path, "w") as out:
        out.write("# volume label potential pressure_label pressure_potential\n# A^3/atom meV/atom meV/atom GPa GPa\n")
        lowest = [min(p[k].get_potential_energy() / len(p[k]) for p in pairs) for k in (0, 1)]
        for pair in pairs:
            energy = [1e3 * (pair[k].get_potential_energy() / len(pair[k]) - lowest[k]) for k in (0, 1)]
            out.write("%.5f %.3f %.3f %.3f %.3f\n" % (pair[0].get_volume() / len(pair[0]), *energy,
                                                      pressure(pair[0]) * GPA, pressure(pair[1]) * GPA))
    return os.path.basename(path)


def draw(folder, files):
    with open(os.path.join(folder, "labels.gnuplot"), "w") as out:
        out.write("set terminal pngcairo size 1200,1000 font ',11'\nset output 'labels.png'\nset multiplot layout 3,3\n"
                  "set xlabel 'volume (A^3/atom)'\nset ylabel 'energy (meV/atom)'\nset grid\nset key top center\n")
        for name, file in files:
            out.write("set title '%s' noenhanced\nplot '%s' using 1:2 with points pt 6 ps 1.6 lc rgb '#c0392b' title 'PBE', "
                      "'' using 1:3 smooth csplines lw 2 lc rgb '#4c2a85' title 'potential'\n" % (name, file))
        out.write("unset multiplot\n")
    if shutil.which("gnuplot"):
        subprocess.run(["gnuplot", "labels.gnuplot"], cwd=folder, check=False)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    labels, potential, folder = read(sys.argv[1], ":"), read(sys.argv[2], ":"), sys.argv[3]
    if len(labels) != len(potential):
        sys.exit("labels.py: %d labelled structures, %d of the potential; expected the same ones, in the same order"
                 % (len(labels), len(potential)))
    os.makedirs(folder, exist_ok=True)
    table = small_strains(labels, potential)
    for name, (label, model) in table:
        print("%-12s C11, C12, C44 by label %.1f %.1f %.1f, by potential %.1f %.1f %.1f GPa" % (name, *label, *model))
    volumes, strained = collect(labels, potential)
    lines, files = [], []
    for number, name in CRYSTALS.items():
        if len(volumes.get(number, ())) < 3:
            continue
        fits = [birch([pair[k] for pair in volumes[number]]) for k in (0, 1)]
        shear = [float("nan")] * 2
        if len(strained.get(number, ())) == 2:
            shear = [(axial(strained[number][False][k]) - axial(strained[number][True][k])) / 0.24 for k in (0, 1)]
        lines.append("%-12s %.3f %.3f %.1f %.1f %.2f %.1f %.1f %.1f %.1f" %
                     (name.replace(" ", "-"), fits[0][0], fits[1][0], fits[0][1], fits[1][1], fits[0][2], *shear,
                      *(fits[k][1] + 2 / 3 * shear[k] for k in (0, 1))))
        files.append((name, write_volumes(folder, volumes[number], name)))
    if not lines:
        return
    text = ("# crystal V0_PBE V0 B_PBE B offset_PBE C11-C12_PBE C11-C12 C11_PBE C11\n# - A^3/atom A^3/atom GPa GPa GPa GPa GPa GPa "
            "GPa\n" + "\n".join(lines) + "\n")
    with open(os.path.join(folder, "labels.dat"), "w") as out:
        out.write(text)
    draw(folder, files)
    print(text, end="")


main()
