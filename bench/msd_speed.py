#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""MSD end to end (start of the program to written results), one core: nnpmd-msd beside MDAnalysis (fft) and kinisi, on the
same file, in the same run. Prints one JSON object.

usage: msd_speed.py PROGRAM TRAJECTORY.nc {nnpmd|nnpmd2|capped|mdanalysis|kinisi}...
nnpmd2: two ranks (max_rss: of the larger); capped: --memory "500 MB"

The others need their packages (MDAnalysis, tidynamics, kinisi, ase); files are made by bench/msd_trajectory.py.
"""
import json
import os
import subprocess
import sys
import tempfile
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
print(sc.to_unit(d.D, "angstrom^2/ps").values.mean())
"""


def run(command):
    """Seconds on the clock, of the processors, resident MB, the process."""
    before = time.monotonic()
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", OMPI_ALLOW_RUN_AS_ROOT="1",
                       OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return {"seconds": round(time.monotonic() - before, 2), "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
            "max_rss_MB": round(usage.ru_maxrss / 1e3), **({"error": text[-300:]} if status else {})}


def main(program, path, *who):
    python = os.environ.get("BENCH_PYTHON", sys.executable)
    out = os.path.join(os.environ.get("TMPDIR", "/tmp"), "msd_speed")
    mine = [program, path, "--elements", "Li", "--quiet", "--output", out + ".txt", "--json", out + ".json", "--memory"]
    commands = {"nnpmd": [*mine, "4 GB"], "nnpmd2": ["mpiexec", "-n", "2", *mine, "4 GB"], "capped": [*mine, "500 MB"],
                "mdanalysis": [python, "-c", MDANALYSIS, path], "kinisi": [python, "-c", KINISI, path]}
    result = {"file": os.path.basename(path), "bytes": os.path.getsize(path)}
    result.update((name, run(commands[name])) for name in who)
    print(json.dumps(result, indent=1))


main(*sys.argv[1:])
