#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes mdanalysis_rdf.h: partial g(r) by MDAnalysis (InterRDF) on a few frames of random atoms in a triclinic cell.

usage: mdanalysis_rdf.py > mdanalysis_rdf.h        (MDAnalysis 2.11.0, numpy 2.4.6)

MDAnalysis keeps positions in 32 bits; the coordinates below are 32-bit numbers, so that both programs see the same.
"""
import warnings

import MDAnalysis
import numpy
from MDAnalysis.analysis.rdf import InterRDF
from MDAnalysis.coordinates.memory import MemoryReader

warnings.simplefilter("ignore")
N_A, N_B, FRAMES, BINS, CUTOFF = 24, 16, 3, 24, 5.5
CELL = [12.0, 13.5, 14.25, 82.0, 97.0, 104.0]  # lengths (A), angles (degrees)


def numbers(name, values, form="%.9g"):
    rows = [", ".join(form % v for v in values[k:k + 6]) for k in range(0, len(values), 6)]
    print(f"static const double {name}[] = {{\n    " + ",\n    ".join(rows) + "};")


def main():
    random = numpy.random.default_rng(20)
    h = MDAnalysis.lib.mdamath.triclinic_vectors(CELL).astype(numpy.float64)
    frames = (random.random((FRAMES, N_A + N_B, 3)) @ h).astype(numpy.float32)
    universe = MDAnalysis.Universe.empty(N_A + N_B, trajectory=True)
    universe.load_new(frames, format=MemoryReader, dimensions=numpy.array(CELL, dtype=numpy.float32))
    a, b = universe.atoms[:N_A], universe.atoms[N_A:]
    print("/* SPDX-License-Identifier: BSD-3-Clause */")
    print(f"/* Made by mdanalysis_rdf.py with MDAnalysis {MDAnalysis.__version__}. */")
    print(f"enum {{ MDA_A = {N_A}, MDA_B = {N_B}, MDA_FRAMES = {FRAMES}, MDA_BINS = {BINS} }};")
    print(f"static const double mda_cutoff = {CUTOFF};")
    numbers("mda_cell", h.ravel())
    numbers("mda_x", frames.astype(numpy.float64).ravel())
    for name, one, two, block in (("aa", a, a, (1, 1)), ("ab", a, b, None), ("bb", b, b, (1, 1))):
        rdf = InterRDF(one, two, nbins=BINS, range=(0.0, CUTOFF), exclusion_block=block).run()
        numbers(f"mda_g_{name}", rdf.results.rdf, "%.15g")


if __name__ == "__main__":
    main()
