#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Classical terms and particle-mesh Ewald: speed on one core beside LAMMPS, force errors, and the cost against size.

usage: force_field.py BUILD_FOLDER [--cases bond_valence,pairs,spme,sizes] [--cells N] [--steps N] [--repeats N]
                      [--lammps COMMAND] [--json FILE]

pairs: perovskite, Morse + screened Coulomb between all pairs, the same in LAMMPS (morse/smooth/linear + coul/dsf).
bond_valence: the published form (Coulomb between like charges only), which LAMMPS does not have.
spme: rock salt, Born-Mayer + full Coulomb; LAMMPS born/coul/long + pppm. Both are asked for --accuracy; the errors of both are
measured against nnpmd at 1e-11. Each is run with several cut-offs, the fastest counts. LAMMPS is tried plain and with -sf opt.
sizes: spme from 10^3 to 10^6 atoms.
Runs alternate; the best of --repeats counts. Without LAMMPS only nnpmd is run.
"""
import argparse
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import run

CUBIC = {
    "rocksalt": (4.05, [("Li", p) for p in [(0, 0, 0), (.5, .5, 0), (.5, 0, .5), (0, .5, .5)]]
                 + [("F", p) for p in [(.5, 0, 0), (0, .5, 0), (0, 0, .5), (.5, .5, .5)]]),
    "perovskite": (3.95, [("La", (0, 0, 0)), ("Nb", (.5, .5, .5))] + [("O", p) for p in [(.5, .5, 0), (.5, 0, .5), (0, .5, .5)]]),
}
MASS = {"Li": 6.94, "F": 18.998403163, "La": 138.90547, "Nb": 92.90637, "O": 15.999}
CHARGE = {"Li": 1, "F": -1, "La": 1.5, "Nb": 2.85, "O": -1.45}
MORSE = {("La", "O"): (1.18587, 2.217295, 2.46989), ("Nb", "O"): (2.72326, 2.008032, 1.85459)}
BORN = {("Li", "F"): (900, 0.27), ("F", "F"): (420, 0.33), ("Li", "Li"): (150, 0.2)}


def crystal(kind, cells, rattle=0.08):
    a, basis = CUBIC[kind]
    rng = random.Random(1)
    atoms = [(symbol, [a * (cell[d] + p[d]) + rng.gauss(0, rattle) for d in range(3)])
             for cell in ((i, j, k) for i in range(cells) for j in range(cells) for k in range(cells)) for symbol, p in basis]
    return a * cells, atoms


def ions(elements):
    return "[" + ", ".join(f"{{element: {e}, charge: {CHARGE[e]}}}" for e in elements) + "]"


def nnpmd_potential(case, cutoff, accuracy, elements):
    if case in ("spme", "sizes"):
        pairs = ", ".join(f"{{elements: [{a}, {b}], A: {v[0]}, rho: {v[1]}}}" for (a, b), v in BORN.items())
        return (f"sum: {{terms: [{{buckingham: {{cutoff: 6, pairs: [{pairs}]}}}}, "
                f"{{spme: {{cutoff: {cutoff}, accuracy: {accuracy}, ions: {ions(elements)}}}}}]}}")
    if case == "bond_valence":
        return "sum: {terms: [{morse: {cutoff: 6, set: bond_valence}}, {screened_coulomb: {cutoff: 6, charges: fixed_bvs}}]}"
    pairs = ", ".join(f"{{elements: [{a}, {b}], depth: {v[0]}, alpha: {v[1]}, distance: {v[2]}}}" for (a, b), v in MORSE.items())
    return (f"sum: {{terms: [{{morse: {{cutoff: 6, pairs: [{pairs}]}}}}, {{screened_coulomb: {{cutoff: 6, between: all, "
            f"screening: length, length: 2.5, ions: {ions(elements)}}}}}]}}")


def run_nnpmd(case, folder, args, cutoff=6, accuracy=1e-5, steps=None, forces=False):
    """atom-steps/s, and forces by atom if wanted."""
    steps = args.steps if steps is None else steps
    out = f"outputs:\n  - trajectory: {{every: {max(steps, 1)}, forces: true, digits: 12}}\n" if forces else ""
    path = folder / f"{case}.yaml"
    path.write_text(f"output_folder: {folder}/out\nstructure: {{file: {folder}/start.extxyz}}\npotential:\n  "
                    f"{nnpmd_potential(case, cutoff, accuracy, elements_of(case))}\nstages:\n  - nve: {{steps: {steps}, timestep: 1 fs}}\n"
                    f"{out}checkpoint: {{every: 0, every_walltime: 0 s}}\n", encoding="utf-8")
    done = subprocess.run(["mpirun", "-n", "1", args.build / "nnpmd", path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"force_field.py: {case}: {done.stderr.strip()}")
    row = run.parse_log(done.stdout)
    if not forces:
        return row["atom_steps_per_s"], row
    lines = (folder / "out/trajectory.extxyz").read_text(encoding="utf-8").splitlines()
    columns = re.search(r"Properties=(\S+)", lines[1]).group(1)
    at = 0
    for name, width in re.findall(r"(\w+):[SRIL]:(\d+)", columns):
        if name in ("forces", "force"):
            break
        at += int(width)
    ident = [n for n, w in re.findall(r"(\w+):[SRIL]:(\d+)", columns)]
    id_at = sum(int(w) for n, w in re.findall(r"(\w+):[SRIL]:(\d+)", columns)[:ident.index("id")]) if "id" in ident else None
    rows = [line.split() for line in lines[2:2 + int(lines[0])]]
    if id_at is not None:
        rows.sort(key=lambda r: int(r[id_at]))
    return [[float(x) for x in r[at:at + 3]] for r in rows]


def elements_of(case):
    return ("Li", "F") if case in ("spme", "sizes") else ("La", "Nb", "O")


def write_start(folder, kind, cells):
    box, atoms = crystal(kind, cells)
    with open(folder / "start.extxyz", "w", encoding="utf-8") as file:
        file.write(f'{len(atoms)}\nLattice="{box} 0 0 0 {box} 0 0 0 {box}" Properties=species:S:1:pos:R:3 pbc="T T T"\n')
        for symbol, x in atoms:
            file.write(f"{symbol} {x[0]:.10f} {x[1]:.10f} {x[2]:.10f}\n")
    elements = elements_of("spme" if kind == "rocksalt" else "pairs")
    with open(folder / "start.data", "w", encoding="utf-8") as file:
        file.write(f"# start\n\n{len(atoms)} atoms\n{len(elements)} atom types\n\n0 {box} xlo xhi\n0 {box} ylo yhi\n0 {box} zlo zhi\n\n"
                   "Masses\n\n" + "".join(f"{k + 1} {MASS[e]}\n" for k, e in enumerate(elements)) + "\nAtoms # charge\n\n")
        for k, (symbol, x) in enumerate(atoms):
            file.write(f"{k + 1} {elements.index(symbol) + 1} {CHARGE[symbol]} {x[0]:.10f} {x[1]:.10f} {x[2]:.10f}\n")
    return len(atoms)


def lammps_styles(case, cutoff, accuracy):
    e = elements_of(case)
    if case == "spme":
        lines = [f"pair_style born/coul/long 6.0 {cutoff}", "pair_coeff * * 0 1 0 0 0"]
        lines += [f"pair_coeff {min(e.index(a), e.index(b)) + 1} {max(e.index(a), e.index(b)) + 1} {v[0]} {v[1]} 0 0 0"
                  for (a, b), v in BORN.items()]
        return lines + [f"kspace_style pppm {accuracy}"]
    lines = ["pair_style hybrid/overlay morse/smooth/linear 6.0 coul/dsf 0.4 6.0", "pair_coeff * * coul/dsf"]
    return lines + [f"pair_coeff {e.index(a) + 1} {e.index(b) + 1} morse/smooth/linear {v[0]} {v[1]} {v[2]}"
                    for (a, b), v in MORSE.items()]


def run_lammps(case, folder, args, cutoff=6, accuracy=1e-5, suffix=False, steps=None):
    """atom-steps/s and forces of the first step."""
    steps = args.steps if steps is None else steps
    text = ["units metal", "atom_style charge", f"read_data {folder}/start.data", *lammps_styles(case, cutoff, accuracy),
            "neighbor 1.0 bin", "neigh_modify every 1 delay 0 check yes", "timestep 0.001", "fix 1 all nve", "thermo 1000000"]
    if steps == 0:
        text += [f"dump d all custom 1 {folder}/f.dump id fx fy fz", "dump_modify d sort id format float %.12g"]
    (folder / "in.lammps").write_text("\n".join([*text, f"run {steps}"]) + "\n", encoding="utf-8")
    done = subprocess.run([args.lammps, *(["-sf", "opt"] if suffix else []), "-log", "none", "-in",
                           folder / "in.lammps"], capture_output=True, text=True, check=False, env=None)
    if done.returncode != 0:
        sys.exit(f"force_field.py: LAMMPS, {case}: {done.stdout[-400:]}")
    if steps == 0:
        return [[float(x) for x in line.split()[1:4]] for line in (folder / "f.dump").read_text().splitlines()[9:]]
    seconds, n, atoms = re.search(r"Loop time of (\S+) on \d+ procs for (\d+) steps with (\d+) atoms", done.stdout).groups()
    return int(n) * int(atoms) / float(seconds)


def rms(a, b):
    return (sum((x - y) ** 2 for p, q in zip(a, b) for x, y in zip(p, q)) / len(a)) ** 0.5


def best(function, repeats):
    return max(function() for _ in range(repeats))


def compare(case, args, folder, cutoffs):
    n = write_start(folder, "rocksalt" if case == "spme" else "perovskite", args.cells if case == "spme" else args.cells + 2)
    row = {"case": case, "atoms": n, "steps": args.steps}
    exact = run_nnpmd(case, folder, args, 9, 1e-11, steps=1, forces=True)
    row["force_rms"] = rms(exact, [[0] * 3] * n)
    row["nnpmd"], row["lammps"] = [], []
    for cutoff in cutoffs:
        ours = {"cutoff": cutoff, "error": rms(run_nnpmd(case, folder, args, cutoff, args.accuracy, steps=1, forces=True), exact)}
        ours["atom_steps_per_s"] = best(lambda c=cutoff: run_nnpmd(case, folder, args, c, args.accuracy)[0], args.repeats)
        row["nnpmd"].append(ours)
        if args.lammps and case != "bond_valence":
            theirs = {"cutoff": cutoff, "error": rms(run_lammps(case, folder, args, cutoff, args.lammps_accuracy, steps=0), exact)}
            theirs["atom_steps_per_s"] = max(
                best(lambda s=s, c=cutoff: run_lammps(case, folder, args, c, args.lammps_accuracy, s), args.repeats)
                for s in (False, True))
            row["lammps"].append(theirs)
    fastest = {who: max(row[who], key=lambda r: r["atom_steps_per_s"]) for who in ("nnpmd", "lammps") if row[who]}
    for who, r in fastest.items():
        print(f"{case:13} {n:8} atoms  {who:7} cut-off {r['cutoff']:4} A  error {r['error'] / row['force_rms']:.1e} of the force  "
              f"{r['atom_steps_per_s'] / 1e3:9.1f} katom-step/s  {1e6 / r['atom_steps_per_s']:.2f} us", flush=True)
    if len(fastest) == 2:
        row["ratio"] = fastest["nnpmd"]["atom_steps_per_s"] / fastest["lammps"]["atom_steps_per_s"]
        print(f"{case:13} nnpmd / LAMMPS = {row['ratio']:.2f}", flush=True)
    return row


def sizes(args, folder):
    rows = []
    for cells, steps in ((5, 100), (11, 20), (23, 4), (50, 2)):
        n = write_start(folder, "rocksalt", cells)
        speed, log = run_nnpmd("sizes", folder, args, 7, args.accuracy, steps)
        rows.append({"atoms": n, "atom_steps_per_s": speed, "potential_percent": log["breakdown"].get("potential")})
        print(f"sizes         {n:8} atoms  {speed / 1e3:9.1f} katom-step/s  {1e6 / speed:.2f} us", flush=True)
    return {"case": "sizes", "rows": rows}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--cases", default="bond_valence,pairs,spme")
    parser.add_argument("--cells", type=int, default=10)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--accuracy", type=float, default=1e-5)
    parser.add_argument("--lammps-accuracy", type=float, default=1e-5)
    parser.add_argument("--cutoffs", default="6,7,8,9,10")
    parser.add_argument("--lammps", default=next((c for c in ("lmp", "lmp_mpi", "lmp_serial") if shutil.which(c)), None))
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for case in args.cases.split(","):
            folder = pathlib.Path(scratch)
            cutoffs = [float(c) for c in args.cutoffs.split(",")] if case == "spme" else [6.0]
            rows.append(sizes(args, folder) if case == "sizes" else compare(case, args, folder, cutoffs))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
