#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""LAMMPS with pair_style nnpmd against nnpmd: 20 steps at constant energy from the same positions and velocities, on one and
several ranks; energies, pressures, energies and stresses of atoms.

usage: test_lammps.py NNPMD SOURCE SCRATCH RANKS LAMMPS...    LAMMPS: command, and options, e.g. lmp_nnpmd; a plugin is loaded
                                                              where NNPMD_LAMMPS_PLUGIN names it
MPIEXEC: launcher of LAMMPS (default mpiexec)
"""
import os
import shutil
import subprocess
import sys

program, source, scratch, ranks = sys.argv[1:5]
lammps = sys.argv[5:]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)
failures = []
STEPS, TIMESTEP = 20, 2.0  # fs
MASS = {"Li": 6.94, "Au": 196.96657}
MODEL = os.path.join(source, "potentials", "AuLi-starter")
MV2 = 103.64269652680505  # u (A/fs)^2 in eV, CODATA 2018


def check(what, ok, figure=""):
    print("%-52s %-7s %s" % (what, "ok" if ok else "FAILED", figure))
    if not ok:
        failures.append(what)


def write_crystal():
    """Au-Li, triclinic, 4 x 3 x 4 cells of B2, disordered."""
    a, rows, cell = 3.15, [], [[12.6, 0, 0], [0.4, 9.45, 0], [-0.3, 0.5, 12.6]]
    for i in range(4):
        for j in range(3):
            for k in range(4):
                for n, s in enumerate((0.0, 0.5)):
                    f = [(i + s) / 4, (j + s) / 3, (k + s) / 4]
                    x = [sum(f[d] * cell[d][b] for d in range(3)) + 0.05 * ((7 * i + 5 * j + 3 * k + 2 * n + b) % 5 - 2)
                         for b in range(3)]
                    rows.append("%s %.12f %.12f %.12f" % ("Au" if (i + j + n) % 2 else "Li", *x))
    with open(os.path.join(scratch, "crystal.extxyz"), "w") as out:
        out.write('%d\nLattice="%s" Properties=species:S:1:pos:R:3\n%s\n' %
                  (len(rows), " ".join("%.17g" % c for row in cell for c in row), "\n".join(rows)))


def frames(path):
    """(cell, energy, rows: symbol, unwrapped x, v (A/fs), energy, virial) by id."""
    lines, found = open(path).read().split("\n"), []
    while lines and lines[0].strip():
        n, head = int(lines[0]), lines[1]
        cell = [float(c) for c in head.split('Lattice="')[1].split('"')[0].split()]
        energy = float(head.split(" energy=")[1].split()[0])
        rows = [line.split() for line in lines[2:2 + n]]
        found.append((cell, energy, [(r[0], [float(c) for c in r[1:4]], [float(c) for c in r[5:8]], float(r[8]),
                                      [float(c) for c in r[9:18]]) for r in rows]))
        lines = lines[2 + n:]
    return found


def run_nnpmd():
    path = os.path.join(scratch, "nnpmd.yaml")
    with open(path, "w") as out:
        out.write("""
output_folder: nnpmd
structure: {file: crystal.extxyz}
potential:
  nnp: {folder: %s, length_unit: A, energy_unit: eV}
masses: {Li: %.17g, Au: %.17g}
stages:
  - nve: {steps: %d, timestep: %g fs, velocities: 600 K}
outputs:
  - trajectory: {every: %d, digits: 17, velocities: true, energies: true, virials: true, coordinates: unwrapped}
""" % (MODEL, MASS["Li"], MASS["Au"], STEPS, TIMESTEP, STEPS))
    subprocess.run([program, path], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
    return frames(os.path.join(scratch, "nnpmd", "trajectory.extxyz"))


def write_data(frame):
    """Data file with 17 digits; masses such that LAMMPS' own, older constants give the same accelerations."""
    cell, _, rows = frame
    with open(os.path.join(scratch, "start.data"), "w") as out:
        out.write("start\n\n%d atoms\n2 atom types\n0 %.17g xlo xhi\n0 %.17g ylo yhi\n0 %.17g zlo zhi\n%.17g %.17g %.17g "
                  "xy xz yz\n\nMasses\n\n" % (len(rows), cell[0], cell[4], cell[8], cell[3], cell[6], cell[7]))
        for t, symbol in enumerate(("Li", "Au")):
            out.write("%d %.17g\n" % (t + 1, MASS[symbol] * MV2 / 103.64269))
        out.write("\nAtoms # atomic\n\n")
        for i, (symbol, x, _, _, _) in enumerate(rows):
            out.write("%d %d %.17g %.17g %.17g\n" % (i + 1, 1 if symbol == "Li" else 2, *x))
        out.write("\nVelocities\n\n")
        for i, (_, _, v, _, _) in enumerate(rows):
            out.write("%d %.17g %.17g %.17g\n" % (i + 1, *[1e3 * c for c in v]))


def run_lammps(n_ranks):
    plugin = os.environ.get("NNPMD_LAMMPS_PLUGIN")
    path = os.path.join(scratch, "in.lammps")
    with open(path, "w") as out:
        out.write(("plugin load %s\n" % plugin if plugin else "") + """
units metal
atom_style atomic
atom_modify map array
newton on
read_data start.data
pair_style nnpmd %s
pair_coeff * * Li Au
neighbor 1.0 bin
timestep %.17g
fix 1 all nve
compute e all pe/atom
compute s all stress/atom NULL pair
thermo 1
thermo_style custom step pe press
thermo_modify format float %%.15g
dump d all custom %d final.dump id xu yu zu vx vy vz c_e c_s[1] c_s[2] c_s[3] c_s[4] c_s[5] c_s[6]
dump_modify d sort id format float %%.17g
run %d
""" % (MODEL, 1e-3 * TIMESTEP, STEPS, STEPS))
    command = ([os.environ.get("MPIEXEC", "mpiexec"), "-n", str(n_ranks)] if n_ranks > 0 else []) + lammps + ["-in", path]
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        check("LAMMPS runs", False, done.stdout[-500:] + done.stderr[-1500:])
        sys.exit(1)
    text = open(os.path.join(scratch, "final.dump")).read().split("ITEM: ATOMS")
    energies = [line.split() for line in done.stdout.split("\n")]
    energies = {row[0]: float(row[1]) for row in energies if len(row) == 3 and row[0] in ("0", str(STEPS))}
    return energies, [[[float(c) for c in row.split()] for row in part.split("ITEM:")[0].strip().split("\n")[1:]]
                      for part in text[1:]]


def refused(change, message):
    """An input with one line changed ends with this message."""
    path, text = os.path.join(scratch, "bad.lammps"), open(os.path.join(scratch, "in.lammps")).read()
    assert change[0] in text
    with open(path, "w") as out:
        out.write(text.replace(*change))
    command = [os.environ.get("MPIEXEC", "mpiexec"), "-n", "1"] if max(map(int, ranks.split(","))) > 0 else []
    done = subprocess.run(command + lammps + ["-in", path], cwd=scratch, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    check("refused: " + change[1].strip(), done.returncode != 0 and message in done.stdout + done.stderr)


def largest(pairs):
    return max(abs(a - b) for a, b in pairs)


write_crystal()
ours = run_nnpmd()
write_data(ours[0])
for n_ranks in [int(r) for r in ranks.split(",")]:
    energies, theirs = run_lammps(n_ranks)
    place = "%d ranks: " % n_ranks
    for step, (_, energy, rows), atoms in zip((0, STEPS), ours, theirs):
        n = len(rows)
        check(place + "step %d, energy (eV/atom)" % step, abs(energy - energies[str(step)]) / n < 1e-11,
              "%.2g" % (abs(energy - energies[str(step)]) / n))
        off = largest((c, d) for r, a in zip(rows, atoms) for c, d in zip(r[1], a[1:4]))
        check(place + "step %d, positions (A)" % step, off < 1e-9, "%.2g" % off)
        off = largest((1e3 * c, d) for r, a in zip(rows, atoms) for c, d in zip(r[2], a[4:7]))
        check(place + "step %d, velocities (A/ps)" % step, off < 1e-8, "%.2g" % off)
        off = largest((r[3], a[7]) for r, a in zip(rows, atoms))
        check(place + "step %d, energies of atoms (eV)" % step, off < 1e-9, "%.2g" % off)
        virials = [[-1.6021765e6 * (w[i] if i == j else 0.5 * (w[i] + w[j])) for i, j in
                    ((0, 0), (4, 4), (8, 8), (1, 3), (2, 6), (5, 7))] for w in (r[4] for r in rows)]
        off = largest((c, d) for w, a in zip(virials, atoms) for c, d in zip(w, a[8:14]))
        scale = max(abs(c) for w in virials for c in w)
        check(place + "step %d, virials of atoms (relative)" % step, off < 1e-8 * scale, "%.2g" % (off / scale))
    moved = largest((c, d) for r, s in zip(ours[0][2], ours[1][2]) for c, d in zip(r[1], s[1]))
    check(place + "atoms move", moved > 0.1, "%.3g A" % moved)
refused(("newton on", "newton off"), "needs newton on")
refused(("pair_coeff * * Li Au", "pair_coeff * * Li Xx"), '"Xx" is no chemical symbol')
refused(("pair_coeff * * Li Au", "pair_coeff * * Li O"), "which the model does not know; expected only: Li Au")
refused(("pair_coeff * * Li Au", "pair_coeff * * Li"), "the element of each of the 2 types")
print("%d failures" % len(failures), failures)
sys.exit(1 if failures else 0)
