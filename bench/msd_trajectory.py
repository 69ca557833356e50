#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes an AMBER NetCDF trajectory of random walkers, unwrapped, for bench/msd_speed.py (needs netCDF4 and numpy).

usage: msd_trajectory.py FILE ATOMS FRAMES
"""
import sys

import netCDF4
import numpy as np

path, atoms, frames = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
SPACING = 0.125  # ps; exact in the 32 bits of the format: MDAnalysis takes times that round unevenly for uneven frames
rng = np.random.default_rng(1)
with netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_OFFSET") as f:
    f.Conventions, f.ConventionVersion, f.program, f.programVersion = "AMBER", "1.0", "nnpmd", "bench"
    f.nnpmd_coordinates = "unwrapped"
    for name, length in (("frame", None), ("spatial", 3), ("atom", atoms), ("cell_spatial", 3), ("cell_angular", 3)):
        f.createDimension(name, length)
    f.createVariable("spatial", "S1", ("spatial",))[:] = np.array(list("xyz"), "S1")
    time = f.createVariable("time", "f4", ("frame",))
    x = f.createVariable("coordinates", "f4", ("frame", "atom", "spatial"))
    lengths = f.createVariable("cell_lengths", "f8", ("frame", "cell_spatial"))
    angles = f.createVariable("cell_angles", "f8", ("frame", "cell_angular"))
    time.units, x.units, lengths.units, angles.units = "picosecond", "angstrom", "angstrom", "degree"
    place = rng.uniform(0, 60, (atoms, 3))
    for start in range(0, frames, 250):
        n = min(250, frames - start)
        block = place + np.cumsum(rng.normal(0, 0.1, (n, atoms, 3)), axis=0)
        place = block[-1]
        x[start:start + n] = block
        time[start:start + n] = SPACING * np.arange(start, start + n)
        lengths[start:start + n] = 60.0
        angles[start:start + n] = 90.0
