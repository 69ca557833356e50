#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes diffusion_oracles.h from the trajectories in data/: MSD by direct sums (numpy, 64 bits), by MDAnalysis
(EinsteinMSD) and by LAMMPS; D and conductivity by kinisi.

usage: diffusion_oracles.py LAMMPS_MSD_FILE > diffusion_oracles.h
       (MDAnalysis 2.11.0, tidynamics, kinisi 2.1.0, scipp, ase 3.29.0, netCDF4, numpy 2.4.6)

LAMMPS_MSD_FILE: what `fix ave/time` wrote of `compute msd com yes` in the run of lj_liquid: step, x, y, z, sum.
MDAnalysis gets unwrapped positions in 32 bits, which is all it keeps, and the time between frames as a number: from a file
with times in 32 bits, EinsteinMSD takes frames every 0.1 ps for unevenly spaced, and averages something else.
kinisi takes the drift of the atoms that are not looked at out of the paths: --drift framework here.
"""
import contextlib
import gzip
import io
import os
import sys
import warnings

import ase
import kinisi
import MDAnalysis
import netCDF4
import numpy
import scipp as sc
from kinisi.analyze import ConductivityAnalyzer, DiffusionAnalyzer
from MDAnalysis.analysis.msd import EinsteinMSD
from MDAnalysis.coordinates.memory import MemoryReader

warnings.simplefilter("ignore")
FRAME_PS, START_PS, TEMPERATURE, LAGS = 0.8, 4.0, 94.0, 40
IONS, FRAMES = 24, 300


def cell_of(bounds):
    """Origin and rows a, b, c from the bounds of a dump."""
    tilt = [row[2] if len(row) > 2 else 0.0 for row in bounds]
    xy, xz, yz = tilt
    low = [bounds[0][0] - min(0, xy, xz, xy + xz), bounds[1][0] - min(0, yz), bounds[2][0]]
    high = [bounds[0][1] - max(0, xy, xz, xy + xz), bounds[1][1] - max(0, yz), bounds[2][1]]
    edge = numpy.subtract(high, low)
    return numpy.array(low), numpy.array([[edge[0], 0, 0], [xy, edge[1], 0], [xz, yz, edge[2]]])


def read_dump(path):
    """Unwrapped fractional and Cartesian coordinates [frame][atom][3], cells [frame][3][3], elements; ids in order."""
    fractional, cartesian, cells, elements = [], [], [], None
    with gzip.open(path, "rt") as file:
        while head := file.readline():
            head = [head] + [file.readline() for _ in range(8)]
            low, h = cell_of([list(map(float, line.split())) for line in head[5:8]])
            rows = sorted((file.readline().split() for _ in range(int(head[3]))), key=lambda row: int(row[0]))
            elements = [row[1] for row in rows]
            values = numpy.array([row[2:] for row in rows], dtype=float)
            s = values[:, :3] if " xs " in head[8] else (values[:, :3] - low) @ numpy.linalg.inv(h)
            fractional.append(s + values[:, 3:])
            cartesian.append(fractional[-1] @ h)
            cells.append(h)
    return numpy.array(fractional), numpy.array(cartesian), numpy.array(cells), numpy.array(elements)


def read_netcdf(path):
    with netCDF4.Dataset(path) as file:
        symbols = {18: "Ar", 36: "Kr"}
        elements = numpy.array([symbols[int(z)] for z in numpy.asarray(file["Z"][:]).ravel()[:file.dimensions["atom"].size]])
        return numpy.asarray(file["coordinates"][:], dtype=float), elements, float(file["cell_lengths"][0][0])


def lattice_walk(ions, frames):
    """Independent hops of 1 A from a 64-bit congruential generator, which the test repeats: [frame][ion][3]."""
    x, state = numpy.zeros((frames, ions, 3)), 1
    for t in range(1, frames):
        x[t] = x[t - 1]
        for i in range(ions):
            state = (6364136223846793005 * state + 1442695040888963407) % 2**64
            draw = state >> 33
            if draw % 10 < 3:
                which = draw // 10 % 6
                x[t, i, which % 3] += 1 if which < 3 else -1
    return x


def direct(x):
    """Float64 sums over all atoms and origins."""
    return [0.0] + [((x[m:] - x[:-m]) ** 2).sum(axis=-1).mean() for m in range(1, LAGS)]


def numbers(name, values):
    rows = [", ".join(f"{v:.15g}" for v in values[k:k + 5]) for k in range(0, len(values), 5)]
    print(f"static const double {name}[] = {{\n    " + ",\n    ".join(rows) + "};")


def mdanalysis(x):
    universe = MDAnalysis.Universe.empty(x.shape[1], trajectory=True)
    universe.load_new(x.astype(numpy.float32), format=MemoryReader, dt=FRAME_PS)
    return EinsteinMSD(universe, select="all", msd_type="xyz", fft=True).run().results.timeseries


def by_kinisi(kind, frames, element, **more):
    numpy.random.seed(1)
    return kind.from_ase(trajectory=frames, specie=element, time_step=FRAME_PS * sc.Unit("ps"),
                         step_skip=1 * sc.Unit("dimensionless"), progress=False, **more)


def posterior(name, samples, unit):
    values = sc.to_unit(samples, unit).values
    numbers(name, [values.mean(), values.std(), *numpy.quantile(values, [0.025, 0.975])])


def main():
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
    x, elements, edge = read_netcdf(os.path.join(here, "argon.nc"))
    print("/* SPDX-License-Identifier: BSD-3-Clause */")
    print(f"/* Made by diffusion_oracles.py with numpy {numpy.__version__}, MDAnalysis {MDAnalysis.__version__}, kinisi "
          f"{kinisi.__version__}. */")
    print(f"enum {{ ORACLE_LAGS = {LAGS} }};\nstatic const double oracle_start_ps = {START_PS}, "
          f"oracle_temperature = {TEMPERATURE};")
    print("/* argon.nc, A^2, lags of a frame each from 0 on. */")
    for element in ("Ar", "Kr"):
        numbers(f"numpy_msd_{element}", direct(x[:, elements == element]))
        numbers(f"mdanalysis_msd_{element}", mdanalysis(x[:, elements == element])[:LAGS])
    s, r, h, _ = read_dump(os.path.join(here, "npt_crystal.lammpstrj.gz"))
    print("/* npt_crystal, all atoms: fractional times the mean cell, and Cartesian. */")
    numbers("numpy_msd_fractional", direct(s @ h.mean(axis=0)))
    numbers("numpy_msd_cartesian", direct(r))
    print("/* lj_liquid, all atoms, first frame as origin, centre of mass taken out; frame by frame. */")
    numbers("lammps_msd", numpy.loadtxt(sys.argv[1])[::10, 4])
    frames = [ase.Atoms(elements, positions=p, cell=[edge] * 3, pbc=True) for p in x]
    print("/* argon.nc by kinisi: mean, standard deviation, 2.5 % and 97.5 % of the posterior; A^2/ps, S/m. */")
    with contextlib.redirect_stdout(io.StringIO()):
        self = {element: by_kinisi(DiffusionAnalyzer, frames, element) for element in ("Ar", "Kr")}
        for found in self.values():
            found.diffusion(START_PS * sc.Unit("ps"), progress=False)
        walk = lattice_walk(IONS, FRAMES)
        symbols = ["Li"] * IONS + ["O"] * 2  # a framework that stands still
        still = numpy.full((FRAMES, 2, 3), 5.0)
        frames = [ase.Atoms(symbols, positions=p, cell=[20.0] * 3, pbc=True)
                  for p in numpy.concatenate([walk, still], axis=1)]
        charge = by_kinisi(ConductivityAnalyzer, frames, "Li", ionic_charge=1 * sc.Unit("e"))
        charge.conductivity(FRAME_PS * sc.Unit("ps"), TEMPERATURE * sc.Unit("K"), progress=False)
    for element, found in self.items():
        posterior(f"kinisi_D_{element}", found.D, "angstrom^2/ps")
    print(f"/* The lattice walk of {IONS} ions of charge 1 in {FRAMES} frames, a cube of 20 A. */")
    print(f"enum {{ ORACLE_IONS = {IONS}, ORACLE_FRAMES = {FRAMES} }};")
    posterior("kinisi_conductivity", charge.sigma, "S/m")


if __name__ == "__main__":
    main()
