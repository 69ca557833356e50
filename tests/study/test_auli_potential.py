#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The scripts of inputs/auli_potential: phonons of springs between nearest neighbours of fcc (labels made here) are the textbook's,
slabs and vacancies of made-up energies give them back, and the potential's own forces give the same phonons as labels and as potential.

usage: test_auli_potential.py LIBRARY SOURCE SCRATCH       (run by ctest; 77: skipped, no ASE or phonopy)"""
import importlib.util
import math
import os
import shutil
import subprocess
import sys

library, source, scratch = sys.argv[1:4]
python = os.environ.get("NNPMD_PYTHON", sys.executable)
if os.environ.get("NNPMD_INSIDE") is None:
    if subprocess.run([python, "-c", "import ase, numpy, phonopy"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        sys.exit(77)
    inside = dict(os.environ, NNPMD_INSIDE="1", NNPMD_LIBRARY=library, PYTHONPATH=os.path.join(source, "python"))
    sys.exit(subprocess.run([python, *sys.argv], env=inside, check=False).returncode)

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from nnpmd.ase import NNPMD

failures = 0
FOLDER = os.path.join(source, "inputs", "auli_potential")
MODEL = os.path.join(source, "potentials", "AuLi-starter")
THZ = 15.633302                                      # sqrt(eV / A^2 / u) / (2 pi) in THz
LATTICE, SPRING, MOVE = 4.17, 1.7, np.array([0.02, 0.0, 0.0])   # A, eV/A^2, A


def check(what, ok, figure=""):
    global failures
    print("%-70s %-7s %s" % (what, "ok" if ok else "FAILED", figure))
    failures += not ok


def script(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(FOLDER, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def displaced(calculator=None):
    """fcc Au, 2 x 2 x 2, one atom moved; forces of springs to the 12 neighbours of each atom, or of the calculator."""
    atoms = bulk("Au", "fcc", a=LATTICE).repeat(2)
    forces = np.zeros((8, 3))
    if calculator is None:
        for a in (-1, 1):
            for b in (-1, 1):
                for along in ((a, b, 0), (a, 0, b), (0, a, b)):
                    bond = np.array(along) / math.sqrt(2)
                    push = SPRING * bond * (bond @ MOVE)
                    apart = np.linalg.solve(atoms.cell.array.T, (atoms.positions - LATTICE / 2 * np.array(along)).T).T
                    forces[np.argmin(np.linalg.norm(apart - np.round(apart), axis=1))] += push
                    forces[0] -= push
    atoms.positions[0] += MOVE
    if calculator is not None:
        atoms.calc = calculator
        forces = atoms.get_forces()
    atoms.info = {"id": "test", "crystal": "fcc", "repeat": 2, "atom": 0, "displacement": MOVE}
    atoms.calc = SinglePointCalculator(atoms, energy=0.0, forces=forces)
    return atoms


def run_phonons(name, atoms):
    path = os.path.join(scratch, name + ".extxyz")
    write(path, atoms)
    done = subprocess.run([sys.executable, os.path.join(FOLDER, "phonons.py"), os.path.join(scratch, name), path, "own=" + MODEL],
                          text=True, capture_output=True, timeout=200, check=False)
    check("phonons.py, " + name, done.returncode == 0, done.stderr[-300:])
    words = [line.split() for line in done.stdout.splitlines() if not line.startswith("#")]
    return {(w[1], w[2]): [float(x) for x in w[3:]] for w in words}


def test_phonons():
    mass = bulk("Au").get_masses()[0]
    found = run_phonons("springs", displaced())
    for point, values in (("X", (4, 4, 8)), ("L", (2, 2, 8))):
        expected = [THZ * math.sqrt(v * SPRING / mass) for v in values]
        worst = max(abs(a - b) for a, b in zip(found.get((point, "label"), [0, 0, 0]), expected))
        check("springs at %s: m w^2 / k = %s" % (point, values), worst < 0.011, "%.4f THz" % worst)
    found = run_phonons("own", displaced(NNPMD(MODEL)))
    for point in "XL":
        check("own forces as labels at " + point, found[point, "label"] == found[point, "own"] and found[point, "own"][0] > 0.5)


def test_energies():
    properties = script("properties")
    crystal = Atoms("Au", cell=np.eye(3) * 2.6, pbc=True, info={"id": "bulk"})
    slab = Atoms("Au4", cell=[3.0, 2.0, 20.0], positions=[(0, 0, 2 * k) for k in range(4)], pbc=True, info={"id": "surface_Au_fcc111_1.00"})
    hole = Atoms("Au7", cell=np.eye(3) * 6, positions=np.eye(7, 3), pbc=True, info={"id": "vacancy_Aufcc_1.00"})
    light = Atoms("Li", cell=np.eye(3) * 2.7, pbc=True, info={"id": "light"})
    cells, energies = [crystal, light, slab, hole], [-3.0, -2.0, -12.0 + 2 * 6.0 * 0.05, -21.0 + 0.4]
    check("surface energy", abs(properties.slab_labels(cells, energies)["Au_fcc111"] - 0.05 * 16.02176634) < 1e-9)
    check("vacancy", abs(properties.vacancy_labels(cells, energies)["Aufcc"] - 0.4) < 1e-9)
    mixed = Atoms("AuLi", cell=np.eye(3) * 3.1, pbc=True, info={"id": "mixed"})
    check("formation energy", abs(properties.formation([*cells, mixed], [*energies, -5.6])[-1] + 0.3) < 1e-9)


shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)
test_phonons()
test_energies()
sys.exit(1 if failures else 0)
