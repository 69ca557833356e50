#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-rdf against MDAnalysis (InterRDF) on the same NetCDF file, one core each: time and agreement.

usage: rdf.py NNPMD_RDF [--atoms N] [--frames N] [--cutoff A] [--repeat N]      (needs MDAnalysis and netCDF4)

The file is made first: a shaken fcc crystal at the density of liquid argon. Timed is the whole of each analysis: for
nnpmd-rdf the process from start to end, for MDAnalysis the calls from opening the file on (importing Python packages is
not counted). Prints the median of the repeats.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
import warnings

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import MDAnalysis  # noqa: E402
import netCDF4  # noqa: E402
import numpy  # noqa: E402
from MDAnalysis.analysis.rdf import InterRDF  # noqa: E402

warnings.simplefilter("ignore")
BINS = 200


def make_file(path, atoms, frames):
    cells = round((atoms / 4) ** (1 / 3))
    basis = numpy.array([(0, 0, 0), (0, .5, .5), (.5, 0, .5), (.5, .5, 0)])
    corners = numpy.stack(numpy.meshgrid(*[numpy.arange(cells)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    sites = 5.797 * (corners + basis).reshape(-1, 3)
    random = numpy.random.default_rng(1)
    with netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_OFFSET") as file:
        file.Conventions, file.ConventionVersion, file.program = "AMBER", "1.0", "bench"
        file.createDimension("frame", None)
        for name, size in (("atom", len(sites)), ("spatial", 3), ("cell_spatial", 3), ("cell_angular", 3)):
            file.createDimension(name, size)
        clock = file.createVariable("time", "f4", ("frame",))
        x = file.createVariable("coordinates", "f4", ("frame", "atom", "spatial"))
        lengths = file.createVariable("cell_lengths", "f8", ("frame", "cell_spatial"))
        angles = file.createVariable("cell_angles", "f8", ("frame", "cell_angular"))
        elements = file.createVariable("Z", "i4", ("atom",))
        clock.units, x.units, lengths.units, angles.units = "picosecond", "angstrom", "angstrom", "degree"
        elements[:] = 18
        for k in range(frames):
            clock[k], lengths[k], angles[k] = k, 5.797 * cells, 90
            x[k] = sites + random.normal(0, 0.5, sites.shape)
    return len(sites)


def by_nnpmd(program, path, cutoff):
    out = path + ".json"
    begin = time.perf_counter()
    subprocess.run([program, path, "--cutoff", f"{cutoff} A", "--width", f"{cutoff / BINS} A", "--json", out, "--quiet"],
                   check=True, stdout=subprocess.DEVNULL)
    elapsed = time.perf_counter() - begin
    with open(out) as file:
        return elapsed, numpy.array(json.load(file)["pairs"]["Ar-Ar"]["g"])


def by_mdanalysis(path, atoms, cutoff):
    begin = time.perf_counter()
    universe = MDAnalysis.Universe.empty(atoms, trajectory=False)
    universe.load_new(path, format="NCDF")
    rdf = InterRDF(universe.atoms, universe.atoms, nbins=BINS, range=(0.0, cutoff), exclusion_block=(1, 1)).run()
    return time.perf_counter() - begin, rdf.results.rdf


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--atoms", type=int, default=10976)
    parser.add_argument("--frames", type=int, default=20)
    parser.add_argument("--cutoff", type=float, default=10.0)
    parser.add_argument("--repeat", type=int, default=3)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bench.nc")
        atoms = make_file(path, a.atoms, a.frames)
        ours, theirs = [], []
        for _ in range(a.repeat):
            elapsed, g = by_nnpmd(a.program, path, a.cutoff)
            ours.append(elapsed)
            elapsed, expected = by_mdanalysis(path, atoms, a.cutoff)
            theirs.append(elapsed)
    one, two = statistics.median(ours), statistics.median(theirs)
    worst = numpy.max(numpy.abs(g - expected) / numpy.maximum(expected, 1))
    print(f"{atoms} atoms, {a.frames} frames, cut-off {a.cutoff} A, MDAnalysis {MDAnalysis.__version__}")
    print(f"nnpmd-rdf {one:.3f} s, MDAnalysis {two:.3f} s: {two / one:.1f} times faster; largest difference of g {worst:.1e}")


if __name__ == "__main__":
    main()
