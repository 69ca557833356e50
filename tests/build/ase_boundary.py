#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A Sigma 5 (210)[001] boundary of argon by ASE, for tests/build/test_grain_boundary.c: made by rotating two crystals, not by mirroring.

fcc, a 5.26 A, epsilon 0.104 eV, sigma 3.4 A, cut at 7 A and shifted there. Prints atoms, energy of the start and of the minimum (eV).
"""
import ase
import numpy as np
from ase import Atoms
from ase.calculators.lj import LennardJones
from ase.optimize import BFGS

A, L = 5.26, 5.26 * np.sqrt(5)
BASIS = np.array([(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)])
cells = np.array([(i, j, k) for i in range(-12, 13) for j in range(-12, 13) for k in range(0, 1)])
crystal = A * (cells[:, None, :] + BASIS[None, :, :]).reshape(-1, 3)


def grain(sign, low, high):
    """[2, 1, 0] or [-2, 1, 0] of the crystal along z, [0, 0, 1] along y; both are right-handed: rotations about the axis."""
    z = np.array([2 * sign, 1, 0]) / np.sqrt(5)
    x = np.array([-1, 2 * sign, 0]) / np.sqrt(5)
    r = np.stack([crystal @ x, crystal[:, 2], crystal @ z], axis=1)
    inside = (r[:, 0] > -1e-6) & (r[:, 0] < L - 1e-6) & (r[:, 2] > low) & (r[:, 2] < high)
    return r[inside]


# planes that the grains share are those of the first
x = np.concatenate([grain(1, -1e-6, 2 * L + 1e-6), grain(-1, -2 * L + 1e-6, -1e-6)])
atoms = Atoms("Ar%d" % len(x), positions=x, cell=[L, A, 4 * L], pbc=True)
atoms.calc = LennardJones(sigma=3.4, epsilon=0.104, rc=7.0)
print("ASE", ase.__version__, len(atoms), "%.6f" % atoms.get_potential_energy())
BFGS(atoms, logfile=None).run(fmax=1e-4, steps=1000)
print("%.6f" % atoms.get_potential_energy())
