# SPDX-License-Identifier: BSD-3-Clause
"""usage: dpdata_check.py FOLDER: dpdata reads FOLDER/for_dpdata (ours) to the numbers of for_dpdata.extxyz, and writes
the same frames as FOLDER/from_dpdata."""
import pathlib
import shutil
import sys

import dpdata
import numpy as np
from ase.io import read

folder = pathlib.Path(sys.argv[1])
frames = read(folder / "for_dpdata.extxyz", index=":")
systems = [dpdata.LabeledSystem(str(path), fmt="deepmd/npy") for path in sorted((folder / "for_dpdata").iterdir())]
assert len(systems) == 1 and len(systems[0]) == len(frames)
data = systems[0].data
symbols = [data["atom_names"][t] for t in data["atom_types"]]
for k, atoms in enumerate(frames):
    order = sorted(range(len(atoms)), key=lambda i: atoms.numbers[i])
    assert [atoms.symbols[i] for i in order] == symbols
    assert np.array_equal(data["coords"][k], atoms.positions[order])
    assert np.array_equal(data["cells"][k], atoms.cell.array)
    assert np.array_equal(data["forces"][k], atoms.arrays["forces"][order] if "forces" in atoms.arrays
                          else atoms.get_forces()[order])
    assert data["energies"][k] == atoms.get_potential_energy()
    stress = atoms.calc.results["stress"]
    full = stress if np.shape(stress) == (3, 3) else None
    if full is not None:
        assert np.allclose(data["virials"][k], -atoms.get_volume() * full, rtol=1e-14)
shutil.rmtree(folder / "from_dpdata", ignore_errors=True)
systems[0].to("deepmd/npy", str(folder / "from_dpdata"), prec=np.float64)
