#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""MSD end to end (start of the program to written results), one core: nnpmd-msd beside MDAnalysis (fft) and kinisi, on the
same file, in the same run. Prints one JSON object.

usage: msd_speed.py PROGRAM TRAJECTORY.nc {nnpmd|nnpmd2|mdanalysis|kinisi}...   nnpmd2: two ranks

The others need their packages (MDAnalysis, tidynamics, kinisi, ase); files are made by bench/msd_trajectory.py.
"""
import json
import os
import resource
import subprocess
import sys
import time

MDANALYSIS = """
import sys, warnings; warnings.simplefilter("ignore")
import MDAnalysis, netCDF4
from MDAnalysis.analysis.msd import EinsteinMSD
with netCDF4.Dataset(sys.argv[1]) as f: n = f.dimensions["atom"].size
u = MDAnalysis.Universe.empty(n, trajectory=False)
u.load_new(sys.argv[1], format="NCDF")
m = EinsteinMSD(u, select="all", msd_type="xyz", fft=True).run()
print(m.results.timeseries[1:4])
"""
KINISI = """
import sys, warnings; warnings.simplefilter("ignore")
import ase, netCDF4, numpy as np, scipp as sc
from kinisi.analyze import DiffusionAnalyzer
f = netCDF4.Dataset(sys.argv[1])
x = f["coordinates"][:]
cell = np.diag(f["cell_lengths"][0])
frames = [ase.Atoms("Li" * x.shape[1], positions=p, cell=cell, pbc=True) for p in x]
d = DiffusionAnalyzer.from_ase(trajectory=frames, specie="Li", time_step=0.125 * sc.Unit("ps"),
                               step_skip=1 * sc.Unit("dimensionless"), progress=False)
d.diffusion(10.0 * sc.Unit("ps"), progress=False)
print(sc.to_unit(d.D, "angstrom^2/ps"), sc.var(d.D) if hasattr(sc, "var") else "")
"""


def run(command):
    before = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"))
    return time.monotonic() - before, done


def main(program, path, *who):
    python = os.environ.get("BENCH_PYTHON", sys.executable)
    out = os.path.join(os.environ.get("TMPDIR", "/tmp"), "msd_speed")
    mine = [program, path, "--elements", "Li", "--quiet", "--output", out + ".txt", "--json", out + ".json",
            "--memory", os.environ.get("BENCH_MEMORY", "4 GB")]
    commands = {"nnpmd": mine, "nnpmd2": ["mpiexec", "-n", "2", *mine], "mdanalysis": [python, "-c", MDANALYSIS, path],
                "kinisi": [python, "-c", KINISI, path]}
    result = {"file": os.path.basename(path), "bytes": os.path.getsize(path)}
    for name in who:
        seconds, done = run(commands[name])
        result[name + "_seconds"] = round(seconds, 2)
        result[name + "_max_rss_MB"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3)
        if done.returncode != 0:
            result[name + "_error"] = (done.stderr or done.stdout)[-300:]
    print(json.dumps(result, indent=1))


main(*sys.argv[1:])
