#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Frames again with every Li squeezed between an O and a La, or beside another Li: contacts.py IN.extxyz OUT.extxyz NUMBER SEED (numpy, ase).

Such contacts are met once in tens of ps at 1200 K. Without labels.
"""
import sys

import numpy as np
from ase import Atoms
from ase.io import read, write

SHORTEST = {"O": 1.58, "Nb": 2.2, "La": 2.38, "Li": 1.95}  # A, from Li
PARTNERS = {"La": (2.4, 2.65), "Li": (2.0, 2.4)}
TRIES = 4000


def unit(v):
    return v / np.linalg.norm(v)


def vectors(atoms, at, indices):
    return atoms.get_distances(at, indices, mic=True, vector=True)


def place(atoms, li, o, partner, reach, rng):
    """Li at 1.6 to 1.75 A from the O and within reach of the partner, nothing else too close; None: no such place."""
    others = np.array([i for i in range(len(atoms)) if i != li])
    positions = atoms.positions[others] - atoms.positions[o]
    positions -= np.round(positions @ np.linalg.inv(atoms.cell.array)) @ atoms.cell.array
    near = np.linalg.norm(positions, axis=1) < 6
    others, positions = others[near], positions[near]
    limits = np.array([SHORTEST[s] for s in np.array(atoms.get_chemical_symbols())[others]])
    limits[others == partner] = reach[0]
    goal = positions[others == partner][0]
    for _ in range(TRIES):
        x = unit(rng.normal(size=3)) * rng.uniform(1.6, 1.75)
        if np.linalg.norm(x - goal) < reach[1] and np.all(np.linalg.norm(positions - x, axis=1) > limits):
            return atoms.positions[o] + x
    return None


def squeeze(atoms, li, rng):
    """One Li: an O of a partner, drawn towards it, and Li beside both."""
    symbols = np.array(atoms.get_chemical_symbols())
    kind = "La" if rng.random() < 0.75 else "Li"
    partner = rng.choice([i for i in np.where(symbols == kind)[0] if i != li])
    oxygens = np.where(symbols == "O")[0]
    d = vectors(atoms, partner, oxygens)
    o = rng.choice(np.argsort(np.linalg.norm(d, axis=1))[:4])
    old = atoms.positions.copy()
    length = np.linalg.norm(d[o])
    atoms.positions[oxygens[o]] += unit(d[o]) * min(0.0, (rng.uniform(2.1, 2.3) if kind == "La" else 1.7) - length)
    spot = place(atoms, li, oxygens[o], partner, PARTNERS[kind], rng)
    if spot is None:
        atoms.positions = old
        return 0
    atoms.positions[li] = spot
    return 1


def main(source, target, number, seed):
    rng = np.random.default_rng(int(seed))
    frames, out = read(source, ":"), []
    for _ in range(int(number)):
        frame = frames[rng.integers(len(frames))]
        atoms = Atoms(frame.numbers, frame.positions, cell=frame.cell, pbc=True)
        done = sum(squeeze(atoms, li, rng) for li in np.where(atoms.numbers == 3)[0])
        atoms.info = {"kind": "wide", "tag": f"contacts{done}"}
        out.append(atoms)
    write(target, out)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
