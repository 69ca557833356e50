#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Pairs of Li closer together than any of a labelled set, with CHGNet's labels: data/squeezed.extxyz.gz was made by this.

usage: squeeze.py TRAIN.extxyz OUT.extxyz        (numpy, ASE, chgnet 0.4.2)

From each crystal (keys dmin, fmax of its labels) whose closest pair is below 1.62 A at forces up to 10 eV/A, that pair is set to 1.38 and 1.44 A;
kept where the largest force stays below 10 eV/A. Units: A, eV, eV/A."""
import sys

import numpy as np
from ase.io import iread, write
from chgnet.model.dynamics import CHGNetCalculator

DISTANCES, LIMIT = (1.38, 1.44), 10.0  # A, eV/A


def closest_pair(atoms):
    distances = atoms.get_all_distances(mic=True)
    np.fill_diagonal(distances, np.inf)
    return np.unravel_index(distances.argmin(), distances.shape)


def squeezed(atoms, distance, calculator):
    """The structure with its closest pair at this distance (A), labelled; None where forces are too large."""
    atoms = atoms.copy()
    atoms.set_distance(*closest_pair(atoms), distance, fix=0.5, mic=True)
    atoms.calc = calculator
    energy, forces = float(atoms.get_potential_energy()), atoms.get_forces()
    if np.linalg.norm(forces, axis=1).max() > LIMIT:
        return None
    atoms.calc = None
    atoms.info = {"kind": "squeezed", "energy": energy, "dmin": distance}
    atoms.arrays["forces"] = forces
    return atoms


def main(source, target):
    calculator = CHGNetCalculator(use_device="cpu")
    made = [squeezed(atoms, distance, calculator) for atoms in iread(source) if len(atoms) > 2 and atoms.info["dmin"] < 1.62
            and atoms.info["fmax"] <= LIMIT for distance in DISTANCES]
    write(target, [atoms for atoms in made if atoms is not None], format="extxyz", columns=["symbols", "positions", "forces"],
          write_results=False)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
