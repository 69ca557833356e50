#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes labelled frames of an extended XYZ file as calculations of VASP: FOLDER/0001/OUTCAR, FOLDER/0002/OUTCAR, ...

usage: outcar_folder.py FILE.extxyz FOLDER

Neighbouring frames of one composition become the ionic steps of one calculation. Numbers have the digits that VASP prints;
stresses are in kbar with its sign. Needs nothing but Python: for tests and for docs/tutorial_training.md.
"""
import itertools
import pathlib
import re
import sys

from outcar import outcar

KBAR = 1602.1766208  # in 1 eV/A^3


def frames(path):
    """Symbols and a step of each frame, atoms sorted by element as VASP has them. Columns: species, pos, forces."""
    lines = iter(pathlib.Path(path).read_text(encoding="utf-8").splitlines())
    for count in lines:
        head = next(lines)
        keys = {k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|\S+)', head)}
        rows = sorted((next(lines).split() for _ in range(int(count))), key=lambda row: row[0])
        cell, stress = ([float(x) for x in keys[k].split()] for k in ("Lattice", "stress"))
        energy = float(keys["energy"])
        yield [row[0] for row in rows], {
            "cell": [cell[0:3], cell[3:6], cell[6:9]], "x": [[float(x) for x in row[1:4]] for row in rows],
            "f": [[float(x) for x in row[4:7]] for row in rows],
            "kbar": [-KBAR * stress[k] for k in (0, 4, 8, 1, 5, 2)], "free": energy, "without": energy, "zero": energy}


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    runs = itertools.groupby(frames(arguments[0]), key=lambda frame: frame[0])
    for number, (symbols, run) in enumerate(runs, 1):
        folder = pathlib.Path(arguments[1]) / f"{number:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "OUTCAR").write_text(outcar(symbols, [step for _, step in run]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
