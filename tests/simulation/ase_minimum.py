#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Minima of a Lennard-Jones crystal with a vacancy by ASE, for tests/simulation/test_minimum.c.

31 atoms; Ar, epsilon 0.104 eV, sigma 3.4 A, cut at 5 A and shifted there. Prints energy (eV) of the fixed cell, then
enthalpy (eV), volume (A^3) and lengths of the cell (A) of the free cell at 0.5 GPa.
"""
import ase
import numpy as np
from ase import Atoms, units
from ase.calculators.lj import LennardJones
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS


def start():
    basis = [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)]
    x, k = [], 0
    for cell in np.ndindex(2, 2, 2):
        for site in basis:
            k += 1
            if k > 1:
                x.append([5.26 * (cell[a] + site[a]) + 0.1 * np.sin(1.7 * k + a) for a in range(3)])
    atoms = Atoms("Ar31", positions=x, cell=[10.52] * 3, pbc=True)
    atoms.calc = LennardJones(sigma=3.4, epsilon=0.104, rc=5.0)
    return atoms


print("ASE", ase.__version__)
fixed = start()
BFGS(fixed, logfile=None).run(fmax=1e-7, steps=2000)
print("%.9f" % fixed.get_potential_energy())
free = start()
pressure = 0.5 * units.GPa
BFGS(FrechetCellFilter(free, scalar_pressure=pressure), logfile=None).run(fmax=1e-7, steps=2000)
print("%.9f %.7f" % (free.get_potential_energy() + pressure * free.get_volume(), free.get_volume()), free.cell.lengths())
