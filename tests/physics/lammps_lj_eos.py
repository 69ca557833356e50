#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Pressure and energy of the Lennard-Jones fluid from LAMMPS, for slow_lj_equation_of_state.c.

    tests/physics/lammps_lj_eos.py [--lmp lmp] [--steps 100000] > tests/physics/lammps_lj_eos.h

500 atoms, potential cut at 2.5 sigma and shifted to zero there, reduced units, NVT by Nose-Hoover chains; errors from
the spread of blocks, whose length doubles until they stop growing.
"""
import argparse
import math
import os
import subprocess
import tempfile

POINTS = [(0.30, 1.50), (0.60, 1.20), (0.80, 1.00), (0.90, 2.00)]  # density, temperature
INPUT = """
units lj
atom_style atomic
lattice fcc {density}
region box block 0 5 0 5 0 5
create_box 1 box
create_atoms 1 box
mass 1 1.0
pair_style lj/cut 2.5
pair_coeff 1 1 1.0 1.0
pair_modify shift yes tail no
velocity all create {hot} 4711 mom yes
timestep 0.004
fix 1 all nvt temp {temperature} {temperature} 0.4
run {settle}
reset_timestep 0
thermo_style custom step temp press pe
thermo_modify norm yes format float %.10g
thermo 10
run {steps}
"""


def mean_and_error(series):
    n = len(series)
    mean = sum(series) / n
    error, length = 0.0, 1
    while n // length >= 32:
        blocks = [sum(series[k * length:(k + 1) * length]) / length for k in range(n // length)]
        centre = sum(blocks) / len(blocks)
        spread = sum((b - centre) ** 2 for b in blocks) / (len(blocks) - 1)
        error = max(error, math.sqrt(spread / len(blocks)))
        length *= 2
    return mean, error


def run(lmp, density, temperature, steps):
    text = INPUT.format(density=density, temperature=temperature, hot=1.5 * temperature, settle=steps // 10, steps=steps)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "in.lj"), "w") as out:
            out.write(text)
        log = subprocess.run([lmp, "-in", "in.lj", "-log", "none"], cwd=folder, capture_output=True, text=True, check=True)
    rows, version = [], log.stdout.splitlines()[0]
    for line in log.stdout.splitlines():
        words = line.split()
        if words[:1] == ["Step"]:
            rows = []  # the second run's header: forget the first
        elif len(words) == 4 and words[0].isdigit():
            rows.append([float(word) for word in words])
    columns = list(zip(*rows))
    return version, mean_and_error(columns[2]), mean_and_error(columns[3])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lmp", default="lmp")
    parser.add_argument("--steps", type=int, default=100000)
    options = parser.parse_args()
    rows = []
    for density, temperature in POINTS:
        version, pressure, energy = run(options.lmp, density, temperature, options.steps)
        rows.append("    {%.2f, %.2f, %.5f, %.5f, %.5f, %.5f}," % (density, temperature, *pressure, *energy))
    print("/* SPDX-License-Identifier: BSD-3-Clause */")
    print("/* Written by lammps_lj_eos.py --steps %d with %s: density, temperature, pressure and its" % (options.steps, version))
    print(" * error, energy an atom and its error; reduced units. */")
    print("#ifndef NNPMD_TESTS_PHYSICS_LAMMPS_LJ_EOS_H")
    print("#define NNPMD_TESTS_PHYSICS_LAMMPS_LJ_EOS_H\n")
    print("static const double lammps_lj[][6] = {")
    print("\n".join(rows))
    print("};\n\n#endif")


if __name__ == "__main__":
    main()
