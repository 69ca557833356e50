#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The spread of a committee, as nnpmd-eval, the log and the trajectories of a run give it, against the members run one by
one as models of their own.

usage: test_committee.py NNPMD NNPMD_EVAL MPIEXEC SOURCE SCRATCH
"""
import json
import math
import os
import random
import shutil
import subprocess
import sys

from checks import check, finish

program, eval_program, mpiexec, source, scratch = sys.argv[1:6]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)
MEMBERS, FRAMES = 3, 3

INPUT = """
output_folder: {name}
structure: {{file: crystal.extxyz}}
potential:
  nnp: {{folder: {model}, length_unit: A, energy_unit: eV}}
stages:
  - nve: {{steps: 4, timestep: 2 fs, velocities: 600 K}}
outputs:
  - thermo: {{every: 2, sigma: true}}
  - trajectory: {{every: 2, forces: true, sigma: true, digits: 17}}
  - trajectory: {{every: 2, sigma: true, digits: 17, format: dump}}
{more}"""
FLAG = "  - extrapolation: {{every: 1, gap: 1, distance: 0 A, tolerated: 1000000, policy: {policy}, sigma: {sigma:.17g} eV/A}}\n"


def close(what, values, expected, tolerance):
    assert len(values) == len(expected) > 0, what
    worst = max(abs(a - b) for a, b in zip(values, expected))
    check(what, worst <= tolerance, "%.2g (at most %.2g)" % (worst, tolerance))


def make_committee():
    """Members that differ in their weights: those of Au-Li, each changed by a few parts in a hundred."""
    folder = os.path.join(source, "potentials", "AuLi-starter")
    for k in range(1, MEMBERS + 1):
        member = os.path.join(scratch, "committee", str(k))
        os.makedirs(member)
        for name in filter(lambda name: name.endswith((".nn", ".data")), os.listdir(folder)):
            text = open(os.path.join(folder, name)).read()
            if name.startswith("weights."):
                rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
                text = "".join(" ".join(["%.17g" % (float(row[0]) * (1 + 0.02 * k + 0.003 * (n % 5)))] + row[1:]) + "\n"
                               for n, row in enumerate(rows))
            with open(os.path.join(member, name), "w") as out:
                out.write(text)


def make_crystal():
    """B2 Au-Li, 54 atoms, shaken."""
    random.seed(3)
    a, rows = 3.15, []
    for i in range(3):
        for j in range(3):
            for k in range(3):
                for symbol, s in (("Au", 0.0), ("Li", 0.5)):
                    x = [(n + s) * a + random.gauss(0, 0.08) for n in (i, j, k)]
                    rows.append("%s %.17g %.17g %.17g" % (symbol, *x))
    with open(os.path.join(scratch, "crystal.extxyz"), "w") as out:
        out.write('%d\nLattice="%g 0 0 0 %g 0 0 0 %g" Properties=species:S:1:pos:R:3\n%s\n' %
                  (len(rows), 3 * a, 3 * a, 3 * a, "\n".join(rows)))


def evaluate(model, structure):
    """What nnpmd-eval says of every frame, the extended XYZ file it writes beside."""
    results, table = os.path.join(scratch, "results.json"), os.path.join(scratch, "results.extxyz")
    subprocess.run([eval_program, os.path.join(scratch, model), os.path.join(scratch, structure), "-j", results, "-o", table],
                   check=True)
    return json.load(open(results)), table


def sample_sigma(values):
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


def spread(members):
    """Per frame: sigma of the energy, of each atom's energy and of each atom's force, from separate runs."""
    frames = []
    for frame in zip(*members):
        n = frame[0]["n_atoms"]
        forces = [sample_sigma_of_vectors([m["forces_eV_per_A"][3 * i:3 * i + 3] for m in frame]) for i in range(n)]
        frames.append({"sigma_eV": sample_sigma([m["energy_eV"] for m in frame]),
                       "sigma_energy_eV": [sample_sigma([m["atom_energy_eV"][i] for m in frame]) for i in range(n)],
                       "sigma_force_eV_per_A": forces})
    return frames


def sample_sigma_of_vectors(vectors):
    return math.sqrt(sum(sample_sigma(component) ** 2 for component in zip(*vectors)))


def extxyz_columns(path, *names):
    """Columns of every frame, as numbers."""
    lines, frames = open(path).read().splitlines(), []
    while lines:
        n, words = int(lines[0]), lines[1].split("Properties=")[1].split()[0].split(":")
        places, at = {}, 0
        for name, width in zip(words[::3], words[2::3]):
            places[name], at = at, at + int(width)
        frames.append([[float(line.split()[places[name]]) for line in lines[2:2 + n]] for name in names])
        lines = lines[2 + n:]
    return frames


def dump_columns(path, *names):
    frames = []
    for text in open(path).read().split("ITEM: TIMESTEP\n")[1:]:
        head, rows = text.split("ITEM: ATOMS ")[1].split("\n", 1)
        places = [head.split().index(name) for name in names]
        frames.append([[float(row.split()[p]) for row in rows.splitlines()] for p in places])
    return frames


def run(name, ranks, model="committee", expect=0, more=""):
    path = os.path.join(scratch, name + ".yaml")
    with open(path, "w") as out:
        out.write(INPUT.format(name=name, model=model, more=more))
    launcher = [mpiexec, "-n", str(ranks)] if ranks > 1 else []
    done = subprocess.run(launcher + [program, path], cwd=scratch, capture_output=True, text=True)
    check("%s: exit code" % name, done.returncode == expect, "%d %s" % (done.returncode, done.stderr[-300:]))
    return done


def compare_eval(structure):
    members = [evaluate("committee/%d" % k, structure)[0] for k in range(1, MEMBERS + 1)]
    expected = spread(members)
    found, table = evaluate("committee", structure)
    columns = extxyz_columns(table, "sigma_energy", "sigma_force")
    for k, (f, e) in enumerate(zip(found, expected)):
        place = "eval, frame %d: " % k
        n = f["n_atoms"]
        close(place + "energy is the mean", [f["energy_eV"] / n],
              [sum(m[k]["energy_eV"] for m in members) / MEMBERS / n], 1e-12)
        close(place + "sigma of the energy (eV/atom)", [f["sigma_eV"] / n], [e["sigma_eV"] / n], 1e-12)
        close(place + "sigma of the atoms' energies (eV)", f["sigma_energy_eV"], e["sigma_energy_eV"], 1e-12)
        close(place + "sigma of the atoms' forces (eV/A)", f["sigma_force_eV_per_A"], e["sigma_force_eV_per_A"], 1e-12)
        close(place + "columns of the table", columns[k][0] + columns[k][1],
              f["sigma_energy_eV"] + f["sigma_force_eV_per_A"], 1e-15)
        check(place + "the members differ", min(e["sigma_force_eV_per_A"]) > 1e-4 and f["members"] == MEMBERS,
              "%.3g ... %.3g eV/A" % (min(e["sigma_force_eV_per_A"]), max(e["sigma_force_eV_per_A"])))
    return expected


def compare_run(name, expected):
    """Of a run whose trajectory nnpmd-eval has taken apart."""
    path = os.path.join(scratch, name)
    xyz = extxyz_columns(os.path.join(path, "trajectory.extxyz"), "sigma_energy", "sigma_force")
    dump = dump_columns(os.path.join(path, "trajectory.lammpstrj"), "sigma_energy", "sigma_force")
    lines = open(os.path.join(path, "thermo.dat")).read().splitlines()
    names, rows = lines[0].split()[1:], [line.split() for line in lines if not line.startswith("#")]
    assert len(xyz) == len(dump) == len(rows) == FRAMES
    check(name + ": names of the columns", names[-3:] == ["sigma_E", "sigma_F_max", "sigma_F_rms"] and
          len(lines[1].split()) == len(lines[0].split()) == len(rows[0]) + 1)
    for k, e in enumerate(expected):
        energies, forces = e["sigma_energy_eV"], e["sigma_force_eV_per_A"]
        place = "%s, frame %d: " % (name, k)
        close(place + "trajectory", xyz[k][0] + xyz[k][1], energies + forces, 1e-12)
        close(place + "dump is the same", dump[k][0] + dump[k][1], xyz[k][0] + xyz[k][1], 1e-15)
        rms = math.sqrt(sum(f * f for f in forces) / len(forces))
        close(place + "log", [float(x) for x in rows[k][-3:]], [e["sigma_eV"] / len(forces), max(forces), rms], 1e-9)


make_committee()
make_crystal()
compare_eval("crystal.extxyz")
for name, ranks in (("one", 1), ("four", 4)):
    done = run(name, ranks)
    check(name + ": the screen has it, too", "sigE/atom" in done.stdout)
    compare_run(name, compare_eval(os.path.join(name, "trajectory.extxyz")))
done = run("alone", 1, "committee/1", expect=2)
check("a model alone has no spread", "sigma: the potential has one member; expected a committee" in done.stderr, done.stderr)
# frames about which the committee disagrees, where a log of every step says which those are
run("every", 1, more="  - thermo: {every: 1, sigma: true, screen: false, file: steps.dat}\n")
rows = [line.split() for line in open(os.path.join(scratch, "every", "steps.dat")) if not line.startswith("#")]
largest = [float(row[-2]) for row in rows]
threshold = sorted(largest)[len(largest) // 2]
flagged = [int(row[0]) for row, sigma in zip(rows, largest) if sigma > threshold]
for ranks in (1, 3):
    name = "flag%d" % ranks
    done = run(name, ranks, more=FLAG.format(policy="dump", sigma=threshold * (1 + 1e-9)))
    lines = open(os.path.join(scratch, name, "extrapolation.extxyz")).read().split("\n")
    steps = [int(line.split(" step=")[1].split()[0]) for line in lines if "Lattice" in line]
    found = extxyz_columns(os.path.join(scratch, name, "extrapolation.extxyz"), "sigma_force")
    check(name + ": frames beyond the threshold, and no others", steps == flagged and 0 < len(steps) < len(rows), steps)
    check(name + ": with the spread of their atoms", all(max(f[0]) > threshold for f in found))
    check(name + ": a word in the log", "the committee disagrees about the forces of" in done.stdout + done.stderr)
    labels = open(os.path.join(scratch, name, "extrapolation.data")).read()
    check(name + ": and in input.data", labels.count("begin") == len(steps))
done = run("flagstop", 2, expect=3, more=FLAG.format(policy="stop", sigma=threshold))
check("stops as told", "the committee disagrees about the forces of" in done.stderr and
      "step %d:" % flagged[0] in done.stderr, done.stderr.split("\n")[0])
done = run("flagend", 2, expect=3, more=FLAG.format(policy="warn", sigma=0.5 * threshold).replace(
    "policy", "sigma_end: %.17g eV/A, policy" % threshold))
check("ends beyond sigma_end, whatever the policy", "step %d:" % flagged[0] in done.stderr and
      "expected at most %.6g" % threshold in done.stderr, done.stderr.split("\n")[0])
finish()
