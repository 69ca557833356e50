#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Where is crystal and where is melt in runs of melting.yaml, and at what temperature do they live together?

  melting.py X,Y[:X,Y...] FOLDER...

X,Y: waves of the crystal across a and b, in periods of the cell: the order of a slice is the mean over the waves of
|sum exp(2 pi i (X u + Y v))| / atoms, u and v in cell vectors: near 1 in the crystal, 1 / sqrt(atoms) in the melt. Writes FOLDER/order.dat
(time in ps, height in A, order of the slice there) and FOLDER/course.dat (time in ps, share of crystal, temperature in K around that
time), and prints a row for each folder: temperature of the last stage with the error of ten blocks, and the share of crystal when that
stage began and at its end (means of five frames)."""
import cmath
import math
import os
import sys

SLICE = 2.6    # A
CRYSTAL = 0.5  # a slice with more order than this is crystal
BLOCKS = 10


def read_frames(name):
    """(time in ps, lengths of a, b, c in A, positions in cell vectors); the cell is orthorhombic."""
    with open(name, encoding="utf-8") as file:
        while True:
            head = file.readline()
            if not head.strip():
                return
            words = file.readline()
            cell = [float(w) for w in words.split('Lattice="')[1].split('"')[0].split()]
            time = float(words.split(" time=")[1].split()[0])
            rows = [file.readline().split() for _ in range(int(head))]
            if not rows or len(rows[-1]) < 4:
                return  # cut off
            lengths = cell[0], cell[4], cell[8]
            yield time / 1000, lengths, [[float(w) / a % 1.0 for w, a in zip(row[1:4], lengths)] for row in rows]


def slice_orders(lengths, positions, waves):
    """(atoms, order) of each slice across c."""
    n = max(1, round(lengths[2] / SLICE))
    slices = [[] for _ in range(n)]
    for x in positions:
        slices[min(int(x[2] * n), n - 1)].append(x)
    found = []
    for atoms in slices:
        sums = [abs(sum(cmath.exp(2j * math.pi * (h * x[0] + k * x[1])) for x in atoms)) for h, k in waves]
        found.append((len(atoms), sum(sums) / len(waves) / max(len(atoms), 1)))
    return found


def crystal_share(orders):
    return sum(n for n, order in orders if order > CRYSTAL) / sum(n for n, _ in orders)


def read_thermo(name):
    """(stage, time in ps, temperature) of each row."""
    with open(name, encoding="utf-8") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    return [(int(row[1]), float(row[2]) / 1000, float(row[3])) for row in rows]


def mean_and_error(values):
    n = len(values) // BLOCKS
    mean = sum(values) / len(values)
    if n == 0:
        return mean, float("nan")
    blocks = [sum(values[n * k:n * (k + 1)]) / n for k in range(BLOCKS)]
    centre = sum(blocks) / BLOCKS
    return mean, math.sqrt(sum((b - centre) ** 2 for b in blocks) / (BLOCKS * (BLOCKS - 1)))


def analyse(folder, waves):
    thermo = read_thermo(os.path.join(folder, "thermo.dat"))
    last = max(stage for stage, _, _ in thermo)
    begin = min(time for stage, time, _ in thermo if stage == last)
    course = []
    with open(os.path.join(folder, "order.dat"), "w", encoding="utf-8") as out:
        out.write("# time (ps), height (A), order\n")
        for time, lengths, positions in read_frames(os.path.join(folder, "trajectory.extxyz")):
            orders = slice_orders(lengths, positions, waves)
            for k, (_, order) in enumerate(orders):
                out.write("%.3f %.2f %.3f\n" % (time, (k + 0.5) * lengths[2] / len(orders), order))
            out.write("\n")
            course.append((time, crystal_share(orders)))
    with open(os.path.join(folder, "course.dat"), "w", encoding="utf-8") as out:
        out.write("# time (ps), share of crystal, temperature (K, mean within 1 ps)\n")
        for time, share in course:
            near = [t for _, at, t in thermo if abs(at - time) <= 1.0]
            out.write("%.3f %.3f %.1f\n" % (time, share, sum(near) / max(len(near), 1)))
    shares = [share for time, share in course if time >= begin]
    first, end = shares[:5], shares[-5:]
    temperature, error = mean_and_error([t for stage, _, t in thermo if stage == last])
    return temperature, error, sum(first) / len(first), sum(end) / len(end)


def verdict(shares):
    if min(shares) < 0.1:
        return "molten"
    return "crystal" if max(shares) > 0.9 else "both"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    waves = [tuple(int(w) for w in pair.split(",")) for pair in sys.argv[1].split(":")]
    for folder in sys.argv[2:]:
        temperature, error, first, end = analyse(folder, waves)
        print("%-12s %8.1f %6.1f %6.2f %6.2f  %s" % (os.path.basename(folder.rstrip("/")), temperature, error, first, end,
                                                    verdict((first, end))))


if __name__ == "__main__":
    main()
