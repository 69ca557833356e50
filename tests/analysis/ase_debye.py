#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes ase_debye.h: X-ray intensities of a cluster by ASE's Debye sum.

usage: ase_debye.py > ase_debye.h        (ASE 3.29.0)

ASE evaluates the form factors at s = Q / 2 pi, where Waasmaier and Kirfel have s = sin(theta) / lambda = Q / 4 pi: the
subclass puts that right. Elements whose coefficients have misprints in ASE's table (O, Cu: they do not sum to the
atomic number) are avoided. Damping and polarisation are switched off.
"""
import ase
import numpy
from ase.cluster import Octahedron
from ase.utils.xrdebye import XrDebye, waasmaier


class Debye(XrDebye):
    def get_waasmaier(self, symbol, s):
        return XrDebye.get_waasmaier(self, symbol, s / 2)

    def get(self, s):
        f = numpy.array([self.get_waasmaier(a.symbol, s) for a in self.atoms])
        distances = numpy.linalg.norm(self.atoms.positions[:, None] - self.atoms.positions, axis=2)
        return float(f @ numpy.sinc(2 * s * distances) @ f)


def table(name, values, form="%.10g"):
    rows = [", ".join(form % v for v in values[k:k + 6]) for k in range(0, len(values), 6)]
    kind = "int" if form == "%d" else "double"
    print(f"static const {kind} {name}[] = {{\n    " + ",\n    ".join(rows) + "};")


def main():
    atoms = Octahedron("Au", 4, 1)
    atoms.positions += numpy.random.default_rng(3).normal(0, 0.05, (len(atoms), 3))
    atoms.positions = atoms.positions.round(6)
    for k in range(0, len(atoms), 3):
        atoms[k].symbol = "Ni" if k % 2 else "C"
    q = numpy.linspace(0.5, 20, 40)
    debye = Debye(atoms, 1.0)
    print("/* SPDX-License-Identifier: BSD-3-Clause */")
    print(f"/* Made by ase_debye.py with ASE {ase.__version__}. */")
    print(f"enum {{ ASE_ATOMS = {len(atoms)}, ASE_Q = {len(q)} }};")
    table("ase_number", atoms.numbers, "%d")
    table("ase_x", atoms.positions.ravel())
    table("ase_q", q)
    table("ase_intensity", [debye.get(v / (2 * numpy.pi)) for v in q], "%.15g")
    for symbol in ("C", "Ni", "Au"):
        table(f"ase_f_{symbol}", [debye.get_waasmaier(symbol, v / (2 * numpy.pi)) for v in q], "%.15g")
    assert set(atoms.symbols) <= set(waasmaier)


if __name__ == "__main__":
    main()
