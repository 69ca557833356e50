#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Frames again in strained cells: strain.py IN.extxyz OUT.extxyz EVERY SEED LENGTH ... (numpy, ase).

Every EVERY-th frame once for each LENGTH (0.965: all lengths times 0.965), each axis off that by 1.5 % (normal) besides. Without labels.
"""
import sys

import numpy as np
from ase import Atoms
from ase.io import read, write


def main(source, target, every, seed, *lengths):
    rng = np.random.default_rng(int(seed))
    out = []
    for frame in read(source, ":")[:: int(every)]:
        for length in map(float, lengths):
            factors = length * np.exp(rng.normal(0, 0.015, 3))
            atoms = Atoms(frame.numbers, scaled_positions=frame.get_scaled_positions(), cell=frame.cell.array * factors, pbc=True)
            atoms.info = {"kind": "wide", "tag": f"strain{length:g}"}
            out.append(atoms)
    write(target, out)


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
