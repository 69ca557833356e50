#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A crystal without hops at constant pressure, cell free, atoms on the faces of the cell: in every format, its atoms stay at
their sites when they are followed through the boundaries, whatever the cell does and however often they cross it.

usage: test_unwrap.py NNPMD NNPMD_CONVERT NNPMD_MSD MPIEXEC SCRATCH
"""
import os
import shutil
import subprocess
import sys

from checks import check, finish

program, convert, msd_program, mpiexec, scratch = sys.argv[1:6]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)
SITE = 3.7  # A, distance of neighbours

INPUT = """
output_folder: run
structure: {file: crystal.extxyz}
potential: {lennard_jones: {epsilon: 0.104 eV, sigma: 3.4 A, cutoff: 7 A}}
stages:
  - npt: {steps: 1500, timestep: 4 fs, temperature: 150 K, velocities: 300 K, pressure: 0 GPa -> 3 GPa, coupling: triclinic,
          tau_p: 300 fs}
outputs:
  - trajectory: {file: images.extxyz, every: 30}
  - trajectory: {file: unwrapped.extxyz, every: 30, coordinates: unwrapped}
  - trajectory: {file: images.lammpstrj, format: dump, every: 30}
  - trajectory: {file: unwrapped.lammpstrj, format: dump, every: 30, coordinates: unwrapped}
  - trajectory: {file: XDATCAR, format: xdatcar, every: 30, elements: [Ar]}
  - msd: {every: 30, frames: 50, lags: 40}
"""


def write_crystal():
    a, rows = 5.25, []
    for i in range(3):
        for j in range(3):
            for k in range(3):
                for s in ((0, 0, 0), (.5, .5, 0), (.5, 0, .5), (0, .5, .5)):
                    rows.append("%s %.12f %.12f %.12f" % ("Kr" if len(rows) % 4 == 1 else "Ar",
                                                          *[(n + f) * a for n, f in zip((i, j, k), s)]))
    with open(os.path.join(scratch, "crystal.extxyz"), "w") as out:
        out.write('%d\nLattice="%g 0 0 0 %g 0 0 0 %g" Properties=species:S:1:pos:R:3\n%s\n' %
                  (len(rows), 3 * a, 3 * a, 3 * a, "\n".join(rows)))


def inverse(h):
    (a, b, c), (d, e, f), (g, i, j) = h
    det = a * (e * j - f * i) - b * (d * j - f * g) + c * (d * i - e * g)
    return [[(e * j - f * i) / det, (c * i - b * j) / det, (b * f - c * e) / det],
            [(f * g - d * j) / det, (a * j - c * g) / det, (c * d - a * f) / det],
            [(d * i - e * g) / det, (b * g - a * i) / det, (a * e - b * d) / det]], abs(det)


def frames(path):
    """Of an extended XYZ file: fractional coordinates followed through the boundaries, image counters, volume."""
    lines, found = open(path).read().split("\n"), []
    while lines and lines[0].strip():
        n, head = int(lines[0]), lines[1]
        h = [float(c) for c in head.split('Lattice="')[1].split('"')[0].split()]
        inv, volume = inverse([h[:3], h[3:6], h[6:]])
        words, columns, at = head.split("Properties=")[1].split()[0].split(":"), {}, 0
        for name, width in zip(words[::3], words[2::3]):
            columns[name], at = at, at + int(width)
        atoms = {}
        for line in lines[2:2 + n]:
            row = line.split()
            x = [float(c) for c in row[columns["pos"]:columns["pos"] + 3]]
            image = [int(c) for c in row[columns["image"]:columns["image"] + 3]] if "image" in columns else [0, 0, 0]
            s = [sum(x[d] * inv[d][a] for d in range(3)) + image[a] for a in range(3)]
            atoms[int(row[columns["id"]])] = (s, image)
        found.append((atoms, volume, h))
        lines = lines[2 + n:]
    return found


def farthest(found):
    """Largest way of an atom from its first place, in parts of the cell times its first length, drift of all removed."""
    first, most = found[0][0], 0.0
    length = found[0][1] ** (1 / 3)
    for atoms, _, _ in found:
        mean = [sum(atoms[i][0][a] - first[i][0][a] for i in first) / len(first) for a in range(3)]
        for i in first:
            most = max(most, sum((atoms[i][0][a] - first[i][0][a] - mean[a]) ** 2 for a in range(3)) ** 0.5 * length)
    return most


def largest_difference(one, other):
    return max(abs(a - b) for (x, _, _), (y, _, _) in zip(one, other) for i in x for a, b in zip(x[i][0], y[i][0]))


def to_extxyz(name):
    """A file of the run as extended XYZ, through nnpmd's reader of its format."""
    out = os.path.join(scratch, name + ".as.extxyz")
    subprocess.run([convert, "--to", out, os.path.join(scratch, "run", name)], check=True, stdout=subprocess.DEVNULL)
    return frames(out)


def msd(name):
    done = subprocess.run([msd_program, "--timestep", "4 fs", os.path.join(scratch, "run", name)], capture_output=True, text=True,
                          check=True)
    return [[float(c) for c in line.split()[1:3]] for line in done.stdout.split("\n") if line and line[0] != "#"]


write_crystal()
with_netcdf = "pnetcdf" in subprocess.run([program, "--version"], capture_output=True, text=True).stdout.lower()
path = os.path.join(scratch, "input.yaml")
with open(path, "w") as out:
    out.write(INPUT + ("  - trajectory: {file: x.nc, format: netcdf, every: 30}\n" if with_netcdf else ""))
subprocess.run([mpiexec, "-n", "3", program, "-q", path], cwd=scratch, check=True)

truth = frames(os.path.join(scratch, "run", "images.extxyz"))
crossed = sum(1 for atoms, _, _ in truth for i in atoms if any(atoms[i][1]))
volumes = [volume for _, volume, _ in truth]
check("atoms are across the faces in many frames", crossed > 10 * len(truth), "%d of %d" % (crossed, 108 * len(truth)))
check("the cell changes", max(volumes) > 1.05 * min(volumes), "%.0f ... %.0f A^3" % (min(volumes), max(volumes)))
shear = max(abs(h[k]) for _, _, h in truth for k in (1, 2, 3, 5, 6, 7))
check("and shears", shear > 0.05, "%.2f A" % shear)
way = farthest(truth)
check("nobody hops: farthest from the first place", 0.05 < way < 0.4 * SITE, "%.2f A" % way)
wrapped = max(abs(s - round_s) for atoms, _, _ in truth for i in atoms for s, round_s in
              [(atoms[i][0][a] - atoms[i][1][a], 0.5) for a in range(3)])
check("positions of the file are in the cell", wrapped < 0.5 + 1e-9, "%.3f" % wrapped)
check("unwrapped extxyz", largest_difference(truth, frames(os.path.join(scratch, "run", "unwrapped.extxyz"))) < 1e-9)
for name, tolerance in [("images.lammpstrj", 1e-9), ("unwrapped.lammpstrj", 1e-9)] + [("x.nc", 3e-7)] * with_netcdf:
    off = largest_difference(truth, to_extxyz(name))
    check(name + " through its reader (parts of the cell)", off < tolerance, "%.2g" % off)

# nnpmd-msd of each: the same, and a plateau
whole = msd("images.extxyz")
for name in ["unwrapped.extxyz", "images.lammpstrj", "unwrapped.lammpstrj"] + ["x.nc"] * with_netcdf:
    off = max(abs(a - b) for x, y in zip(whole, msd(name)) for a, b in zip(x, y))
    check("nnpmd-msd of " + name + " (A^2)", off < 2e-6, "%.2g" % off)
half = len(whole) // 2
check("a plateau, no slope", whole[-1][0] < 1.6 * max(row[0] for row in whole[:half]) and 0.01 < whole[half][0] < 0.3,
      "%.3f, %.3f A^2" % (whole[half][0], whole[-1][0]))
rows = [line.split() for line in open(os.path.join(scratch, "run", "msd.dat")) if line[0] not in "#\n"]
check("and while the run goes on", 0.01 < float(rows[-1][3]) < 0.3, rows[-1][3] + " A^2")
finish()
