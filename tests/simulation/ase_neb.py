#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Barriers of vacancies by ASE's nudged elastic band, for tests/simulation/test_neb.c.

usage: ase_neb.py SOURCE_FOLDER [LIBRARY]    LIBRARY: libnnpmd.so, for the network potential in ASE

31 atoms of a face-centred cubic crystal, an atom next to the vacancy hops into it: five images, improved tangents, climbing,
to 0.002 eV/A. First argon (epsilon 0.104 eV, sigma 3.4 A, cut at 5 A and shifted), with ASE's own potential, then gold.
"""
import os
import sys

import ase
import numpy as np
from ase import Atoms
from ase.calculators.lj import LennardJones
from ase.mep import NEB
from ase.optimize import BFGS, FIRE

BASIS = [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)]


def start(element, a):
    x = [a * (np.array(cell) + site) for cell in np.ndindex(2, 2, 2) for site in BASIS]
    return Atoms("%s31" % element, positions=x[1:], cell=[2 * a] * 3, pbc=True)


def barrier(element, a, calculator):
    images = [start(element, a) for _ in range(7)]
    for atoms in images:
        atoms.calc = calculator()
    images[-1].positions[0] = 0  # the atom at (0, a/2, a/2)
    for end in images[0], images[-1]:
        BFGS(end, logfile=None).run(fmax=1e-4, steps=500)
    band = NEB(images, k=1.0, climb=True, method="improvedtangent", allow_shared_calculator=False)
    band.interpolate("idpp", mic=True)
    FIRE(band, logfile=None).run(fmax=0.002, steps=2000)
    energies = [atoms.get_potential_energy() for atoms in images]
    return max(energies) - energies[0]


print("ASE", ase.__version__)
print("argon %.6f" % barrier("Ar", 5.26, lambda: LennardJones(sigma=3.4, epsilon=0.104, rc=5.0)))
if len(sys.argv) > 2:
    os.environ["NNPMD_LIBRARY"] = sys.argv[2]
    sys.path.insert(0, os.path.join(sys.argv[1], "python"))
    from nnpmd.ase import NNPMD

    folder = os.path.join(sys.argv[1], "potentials", "AuLi-starter")
    print("gold %.6f" % barrier("Au", 4.17, lambda: NNPMD(folder)))
