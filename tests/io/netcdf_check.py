#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What other readers make of nnpmd's NetCDF trajectories, and files of theirs for nnpmd to read.

  netcdf_check.py probe            exit code 0 if netCDF4, ASE and MDAnalysis are there
  netcdf_check.py check FOLDER     read nmd.nc (and nmd.expected: per frame time, cell, then rows x v f) by all three
  netcdf_check.py write FOLDER     write ase.nc and mda.nc, with the numbers in ase.expected and mda.expected

An .expected file: number of frames and atoms; per frame: time (fs), 9 numbers of the cell, then per atom
atomic number, x, v, f (A, A/fs, eV/A). Called by test_netcdf.c.
"""
import os
import sys
import warnings

warnings.simplefilter("ignore")
try:
    import numpy as np
    import netCDF4
    import ase.io.netcdftrajectory
    import MDAnalysis
except ImportError:
    sys.exit(77)

KCAL = 0.0433641042  # eV, kcal/mol


def near(what, value, expected, relative=2e-7, absolute=0.0):
    value, expected = np.asarray(value, float), np.asarray(expected, float)
    if value.shape != expected.shape:
        sys.exit("%s: shape %s, expected %s" % (what, value.shape, expected.shape))
    worst = np.max(np.abs(value - expected) - relative * np.abs(expected), initial=-1)
    if not worst <= absolute:
        sys.exit("%s differs by %g beyond %g relative" % (what, worst, relative))
    print("  %s" % what)


def read_expected(path):
    words = iter(open(path).read().split())
    take = lambda n: np.array([float(next(words)) for _ in range(n)])
    frames, atoms = int(next(words)), int(next(words))
    return [{"time": take(1)[0], "cell": take(9).reshape(3, 3), "rows": take(10 * atoms).reshape(atoms, 10)}
            for _ in range(frames)]


def check_raw(path, expected):
    """netCDF4: the layout of the convention itself."""
    print("netCDF4")
    with netCDF4.Dataset(path) as nc:
        assert nc.Conventions == "AMBER" and nc.ConventionVersion == "1.0"
        assert nc.data_model in ("NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"), nc.data_model
        assert nc.variables["coordinates"].units == "angstrom"
        assert nc.variables["coordinates"].dtype == np.float32
        assert nc.variables["velocities"].units == "angstrom/picosecond"
        assert nc.variables["forces"].units == "kilocalorie/mole/angstrom"
        assert nc.variables["time"].units == "picosecond"
        assert nc.variables["cell_angles"].units == "degree"
        assert b"".join(nc.variables["cell_angular"][0]).decode() == "alpha"
        assert nc.dimensions["frame"].isunlimited() and len(nc.dimensions["frame"]) == len(expected)
        for k, frame in enumerate(expected):
            near("time", nc.variables["time"][k], frame["time"] * 1e-3, 1e-14)
            near("coordinates", nc.variables["coordinates"][k], frame["rows"][:, 1:4])
            near("velocities", nc.variables["velocities"][k], 1e3 * frame["rows"][:, 4:7])
            near("forces", nc.variables["forces"][k], frame["rows"][:, 7:10] / KCAL)
        near("Z", nc.variables["Z"][:], expected[0]["rows"][:, 0], 0)


def check_ase(path, expected):
    print("ASE")
    with ase.io.netcdftrajectory.NetCDFTrajectory(path, "r") as trajectory:
        assert len(trajectory) == len(expected)
        for atoms, frame in zip([trajectory[k] for k in range(len(expected))], expected):
            near("elements", atoms.numbers, frame["rows"][:, 0], 0)
            near("cell", atoms.cell.array, frame["cell"], 1e-9, 1e-9)
            near("positions", atoms.positions, frame["rows"][:, 1:4])
            near("velocities", atoms.get_velocities(), 1e3 * frame["rows"][:, 4:7], 1e-6)  # as stored: A/ps
            assert all(atoms.pbc)


def check_mdanalysis(path, expected):
    print("MDAnalysis")
    n = len(expected[0]["rows"])
    universe = MDAnalysis.Universe.empty(n, trajectory=True)
    universe.load_new(path, format="NCDF")
    assert len(universe.trajectory) == len(expected)
    for step, frame in zip(universe.trajectory, expected):
        near("time", step.time, 1e-3 * frame["time"], 1e-6)
        near("positions", step.positions, frame["rows"][:, 1:4])
        near("velocities", step.velocities, 1e3 * frame["rows"][:, 4:7])
        near("forces", step.forces, frame["rows"][:, 7:10] / KCAL * 4.184, 1e-6)  # MDAnalysis: kJ/mol/A
        near("cell", step.triclinic_dimensions, frame["cell"], 1e-6, 1e-5)  # 32-bit numbers


def check(folder):
    path = os.path.join(folder, "nmd.nc")
    expected = read_expected(os.path.join(folder, "nmd.expected"))
    check_raw(path, expected)
    check_ase(path, expected)
    check_mdanalysis(path, expected)


def write_expected(path, frames):
    with open(path, "w") as out:
        out.write("%d %d\n" % (len(frames), len(frames[0]["rows"])))
        for frame in frames:
            out.write(" ".join("%.17g" % x for x in [frame["time"], *np.ravel(frame["cell"])]) + "\n")
            np.savetxt(out, frame["rows"], fmt="%.17g")


def write(folder):
    random = np.random.RandomState(3)
    numbers = np.array([3, 79, 3, 8, 79])
    cell = np.array([[7, 0, 0], [-2, 6, 0], [1, -1.5, 8.0]])
    frames, images = [], []
    for k in range(3):
        x, v = random.uniform(0, 6, (5, 3)), random.normal(0, 0.01, (5, 3))
        atoms = ase.Atoms(numbers=numbers, positions=x, cell=cell * (1 + 0.01 * k), pbc=True)
        images.append(atoms)
        frames.append({"time": 0, "cell": atoms.cell.array,
                       "rows": np.hstack([numbers[:, None], x, np.zeros((5, 6))])})
    ase.io.netcdftrajectory.write_netcdftrajectory(os.path.join(folder, "ase.nc"), images)
    write_expected(os.path.join(folder, "ase.expected"), frames)
    universe = MDAnalysis.Universe.empty(5, trajectory=True, velocities=True, forces=True)
    frames = []
    with MDAnalysis.Writer(os.path.join(folder, "mda.nc"), 5, format="NCDF", velocities=True, forces=True) as out:
        for k in range(3):
            x, v, f = random.uniform(0, 6, (5, 3)), random.normal(0, 10, (5, 3)), random.normal(0, 50, (5, 3))
            step = universe.trajectory.ts
            step.positions, step.velocities, step.forces = x, v, f  # A, A/ps, kJ/mol/A
            step.dimensions, step.data["time"] = [5, 6, 7, 90, 90, 90], 0.25 * k
            out.write(universe)
            frames.append({"time": 250.0 * k, "cell": np.diag([5.0, 6.0, 7.0]), "rows": np.hstack(
                [numbers[:, None], x, 1e-3 * v, f / 4.184 * KCAL])})
    write_expected(os.path.join(folder, "mda.expected"), frames)


if __name__ == "__main__":
    if sys.argv[1] == "check":
        check(sys.argv[2])
    elif sys.argv[1] == "write":
        write(sys.argv[2])
