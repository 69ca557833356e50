#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Neighbour shells of crystals and slabs by ASE, as the table ase_shells.h of the build tests.

usage: python3 ase_shells.py > ase_shells.h     (made with ASE 3.22.1)
"""
import ase
import numpy as np
from ase.build import bcc100, bcc110, bcc111, bulk, fcc100, fcc110, fcc111
from ase.neighborlist import neighbor_list
from ase.spacegroup import crystal

CUTOFF = 6.0
CUBIC = [90, 90, 90]


def cubic(symbols, sites, group, a, setting=1):
    return crystal(symbols, sites, spacegroup=group, setting=setting, cellpar=[a, a, a] + CUBIC)


half, quarter = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
short = 4.0 / 2**0.5
CRYSTALS = [
    ("type: fcc, a: 4.17, elements: Au", bulk("Au", "fcc", a=4.17)),
    ("type: bcc, a: 3.45, elements: Li", bulk("Li", "bcc", a=3.45)),
    ("type: sc, a: 3.35, elements: Po", bulk("Po", "sc", a=3.35)),
    ("type: diamond, a: 5.43, elements: Si", bulk("Si", "diamond", a=5.43)),
    ("type: hcp, a: 3.2, c: 5.21, elements: Mg", bulk("Mg", "hcp", a=3.2, c=5.21)),
    ("type: hcp_orthogonal, a: 3.2, c: 5.21, elements: Mg", bulk("Mg", "hcp", a=3.2, c=5.21)),
    ("type: hcp, a: 3.2, elements: Mg", bulk("Mg", "hcp", a=3.2, c=3.2 * (8 / 3) ** 0.5)),
    ("type: rocksalt, a: 5.64, elements: [Na, Cl]", bulk("NaCl", "rocksalt", a=5.64)),
    ("type: cscl, a: 4.12, elements: [Cs, Cl]", bulk("CsCl", "cesiumchloride", a=4.12)),
    ("type: b2, a: 3.2, elements: [Au, Li]", bulk("AuLi", "cesiumchloride", a=3.2)),
    ("type: zincblende, a: 5.41, elements: [Zn, S]", bulk("ZnS", "zincblende", a=5.41)),
    ("type: fluorite, a: 5.46, elements: [Ca, F]", bulk("CaFF", "fluorite", a=5.46)),
    ("type: l1_0, a: 4.0, c: 3.7, elements: [Cu, Au]",
     crystal(["Cu", "Au"], [(0, 0, 0), half], spacegroup=123, cellpar=[short, short, 3.7] + CUBIC)),
    ("type: l1_2, a: 3.75, elements: [Au, Cu]", cubic(["Au", "Cu"], [(0, 0, 0), (0, 0.5, 0.5)], 221, 3.75)),
    ("type: d0_3, a: 5.8, elements: [Al, Fe]", cubic(["Al", "Fe", "Fe"], [(0, 0, 0), half, quarter], 225, 5.8)),
    ("type: b32, a: 7.48, elements: [Na, Tl]", cubic(["Na", "Tl"], [(0.125,) * 3, (0.375,) * 3], 227, 7.48, 2)),
    ("type: perovskite, a: 3.9, elements: [Sr, Ti, O]",
     cubic(["Sr", "Ti", "O"], [(0, 0, 0), half, (0.5, 0.5, 0)], 221, 3.9)),
]
SLABS = [(fcc100, "fcc", "Au", 4.17), (fcc110, "fcc", "Au", 4.17), (fcc111, "fcc", "Au", 4.17),
         (bcc100, "bcc", "Li", 3.45), (bcc110, "bcc", "Li", 3.45), (bcc111, "bcc", "Li", 3.45)]


def slabs():
    for make, lattice, element, a in SLABS:
        name = make.__name__
        options = {} if name in ("fcc100", "fcc110", "bcc100") else {"orthogonal": True}
        for layers in (4, 5):
            keys = f"lattice: {lattice}, element: {element}, a: {a}, surface: {name[3:]}, repeat_x: 2, repeat_y: 4"
            atoms = make(element, size=(2, 4, layers), a=a, vacuum=10.0, **options)
            yield f"slab: {{{keys}, layers: {layers}, vacuum: 20}}", atoms


def shells(atoms):
    counts = {}
    for a, b, r in zip(*neighbor_list("ijd", atoms, CUTOFF)):
        key = (atoms.numbers[a], atoms.numbers[b], round(r, 5))
        counts[key] = counts.get(key, 0) + 1
    merged = []
    for (za, zb, r), n in sorted(counts.items()):
        if merged and merged[-1][:2] == [za, zb] and abs(merged[-1][2] - r) < 1e-4:
            merged[-1][3] += n
        else:
            merged.append([za, zb, r, n])
    return [(za, zb, r, n / np.sum(atoms.numbers == za)) for za, zb, r, n in merged]


def main():
    structures = [(f"lattice: {{{keys}}}", atoms) for keys, atoms in CRYSTALS] + list(slabs())
    print("/* SPDX-License-Identifier: BSD-3-Clause */")
    print(f"/* Made by ase_shells.py with ASE {ase.__version__}: neighbours within {CUTOFF} A. */")
    print("typedef struct ase_shell {\n  int of, to;   /* atomic numbers */")
    print("  double r, mean; /* A; neighbours per atom `of` */\n} ase_shell;")
    print("typedef struct ase_structure {\n  const char *build;\n  double volume_per_atom; /* A^3 */")
    print("  int n;\n  ase_shell shell[64];\n} ase_structure;")
    print(f"static const double ase_cutoff = {CUTOFF};\nstatic const ase_structure ase_structures[] = {{")
    for build, atoms in structures:
        table = shells(atoms)
        assert len(table) <= 64
        volume = atoms.get_volume() / len(atoms) if all(atoms.pbc) else 0.0
        print(f'    {{"{build}",\n     {volume:.8f},\n     {len(table)},\n     {{')
        for za, zb, r, n in table:
            print(f"         {{{za}, {zb}, {r:.5f}, {n:.6f}}},")
        print("     }},")
    print("};")


main()
