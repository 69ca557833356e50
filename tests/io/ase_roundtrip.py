#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What nnpmd and ASE make of each other's files.

  ase_roundtrip.py probe           exit code 0 if ASE is there
  ase_roundtrip.py write FOLDER    ASE writes structures, with the numbers it wrote in *.expected
  ase_roundtrip.py check FOLDER    ASE reads what nnpmd wrote and compares with *.expected

An .expected file holds lines: cell (9 numbers), then per atom: element x y z vx vy vz fx fy fz (A, A/fs, eV/A),
last the energy. Called by test_ase_roundtrip.c.
"""
import glob
import os
import sys

try:
    import numpy as np
    import ase
    from ase import units
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.io import read, write
except ImportError:
    sys.exit(77)


def read_expected(path):
    lines = open(path).read().split("\n")
    cell = np.array(lines[0].split(), float).reshape(3, 3)
    pbc = [word == "T" for word in lines[1].split()]
    rows = [line.split() for line in lines[2:-2]]
    numbers = np.array([row[1:] for row in rows], float)
    return cell, pbc, [row[0] for row in rows], numbers, float(lines[-2])


def write_expected(path, atoms):
    rows = np.hstack([atoms.get_positions(), atoms.get_velocities() * units.fs, atoms.get_forces()])
    with open(path, "w") as out:
        out.write(" ".join("%.17g" % number for number in atoms.cell.array.ravel()) + "\n")
        out.write(" ".join("T" if flag else "F" for flag in atoms.pbc) + "\n")
        for symbol, row in zip(atoms.get_chemical_symbols(), rows):
            out.write(symbol + " " + " ".join("%.17g" % number for number in row) + "\n")
        out.write("%.17g\n" % atoms.get_potential_energy())


def sample(kind, seed):
    random = np.random.RandomState(seed)
    cell = {"ortho": np.diag([5.0, 6.0, 7.0]), "tilted": [[8, 0, 0], [-2, 7, 0], [3, -1, 6]],
            "general": [[1, 5, 2], [-4, 0.5, 3], [0.3, -1, 6]]}[kind]
    atoms = ase.Atoms("Au2Li3OLa", cell=cell, pbc=[True, kind != "general", True],
                      scaled_positions=random.uniform(0.01, 0.99, (7, 3)))
    atoms.set_velocities(random.normal(0, 0.01, (7, 3)) / units.fs)
    atoms.calc = SinglePointCalculator(atoms, energy=random.normal(), forces=random.normal(0, 1, (7, 3)))
    return atoms


def write_all(folder):
    for seed, kind in enumerate(["ortho", "tilted", "general"]):
        atoms = sample(kind, seed)
        base = os.path.join(folder, "ase_" + kind)
        write(base + ".extxyz", atoms)  # momenta and forces are among the default columns
        write(base + ".vasp", atoms, format="vasp", direct=True, vasp5=True)
        if kind != "general":
            write(base + ".lmp", atoms, format="lammps-data", units="metal", velocities=True,
                  specorder=["Au", "Li", "O", "La"])
        write_expected(base + ".expected", atoms)


def near(name, value, expected, tolerance):
    worst = np.max(np.abs(np.asarray(value) - np.asarray(expected)))
    if not worst <= tolerance:
        sys.exit("%s differs by %g > %g" % (name, worst, tolerance))


def differences(positions):
    return positions[:, None, :] - positions[None, :, :]


def check_extxyz(base):
    cell, pbc, symbols, rows, energy = read_expected(base + ".expected")
    frames = read(base + ".extxyz", index=":")
    if len(frames) != 2:
        sys.exit("%s.extxyz: %d frames" % (base, len(frames)))
    for atoms in frames:
        near("cell", atoms.cell.array, cell, 0)
        near("positions", atoms.get_positions(), rows[:, :3], 0)
        near("velo", atoms.arrays["velo"], rows[:, 3:6], 0)
        near("forces", atoms.get_forces(), rows[:, 6:9], 0)
        near("energy", atoms.get_potential_energy(), energy, 0)
        near("stress", atoms.get_stress(voigt=False), -0.25 * np.eye(3), 1e-15)
        if atoms.get_chemical_symbols() != symbols or list(atoms.pbc) != pbc:
            sys.exit("%s: symbols or pbc" % base)
        if list(atoms.arrays["id"]) != [10 * (i + 1) for i in range(7)] or atoms.arrays["image"].shape != (7, 3):
            sys.exit("%s: id or image" % base)
        if atoms.info["step"] != 12 or atoms.info["note"] != 'say "hi" = there':
            sys.exit("%s: info %s" % (base, atoms.info))


def check_dump(base):
    """The dump may be turned: compare what a turn leaves alone, and that ASE finds the atoms in the cell."""
    cell, pbc, symbols, rows, _ = read_expected(base + ".expected")
    frames = read(base + ".lammpstrj", index=":", format="lammps-dump-text", order=True)
    if len(frames) != 2:
        sys.exit("%s.lammpstrj: %d frames" % (base, len(frames)))
    for atoms in frames:
        # ASE puts the lower corner of the cell into celldisp and does not turn anything itself
        if atoms.get_chemical_symbols() != symbols or list(atoms.pbc) != pbc:
            sys.exit("%s: symbols or pbc" % base)
        near("volume", atoms.get_volume(), abs(np.linalg.det(cell)), 1e-9)
        if not (atoms.cell.array[0, 1] == 0 and np.linalg.det(atoms.cell.array) > 0):
            sys.exit("%s: cell %s" % (base, atoms.cell.array))
        fraction = np.linalg.solve(atoms.cell.array.T, (atoms.get_positions() - atoms.get_celldisp().ravel()).T).T
        if fraction.min() < -1e-9 or fraction.max() > 1 + 1e-9:
            sys.exit("%s: atoms outside of the cell: %g %g" % (base, fraction.min(), fraction.max()))
        turned, straight = differences(atoms.get_positions()), differences(rows[:, :3])
        near("distances", np.linalg.norm(turned, axis=2), np.linalg.norm(straight, axis=2), 1e-9)
        velocity, force = atoms.get_velocities() * units.fs, atoms.get_forces()
        near("v.v", velocity @ velocity.T, rows[:, 3:6] @ rows[:, 3:6].T, 1e-9)
        near("v.f", velocity @ force.T, rows[:, 3:6] @ rows[:, 6:9].T, 1e-9)
        near("f.dx", np.einsum("ik,ijk->ij", force, turned), np.einsum("ik,ijk->ij", rows[:, 6:9], straight), 1e-8)


def check_lattice(base):
    """POSCAR and LAMMPS data written by nnpmd."""
    cell, _, symbols, rows, _ = read_expected(base + ".expected")
    atoms = read(base + ".poscar", format="vasp")
    near("POSCAR cell", atoms.cell.array, cell, 1e-14)
    if sorted(symbols) != sorted(atoms.get_chemical_symbols()):
        sys.exit("%s: symbols" % base)
    data = read(base + ".data", format="lammps-data", style="atomic", units="metal", sort_by_id=False)
    if data.get_chemical_symbols() != symbols and len(set(data.numbers)) != len(set(symbols)):
        sys.exit("%s: types" % base)
    near("data volume", data.get_volume(), abs(np.linalg.det(cell)), 1e-9)
    velocity = data.get_velocities() * units.fs
    near("data v.v", velocity @ velocity.T, rows[:, 3:6] @ rows[:, 3:6].T, 1e-9)


def check_all(folder):
    bases = [path[:-len(".expected")] for path in sorted(glob.glob(os.path.join(folder, "nmd_*.expected")))]
    if not bases:
        sys.exit("nothing to check in " + folder)
    for base in bases:
        print(os.path.basename(base))
        check_extxyz(base)
        check_dump(base)
        check_lattice(base)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write_all(sys.argv[2])
    elif sys.argv[1] == "check":
        check_all(sys.argv[2])
