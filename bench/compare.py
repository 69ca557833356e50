#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The same potential and structure in nnpmd and in LAMMPS + n2p2 (pair_style hdnnp): speed and energy, one table and JSON.

usage: compare.py BUILD_FOLDER [--cases auli,llno,cu2s,water] [--steps N] [--ranks N] [--lammps COMMAND] [--json FILE]

LAMMPS is `lmp`, `lmp_mpi` or `lmp_serial` of PATH, or --lammps; it must have been built with ML-HDNNP. Without it there is
nothing to compare: the program says so and ends well. Cases and water data as in run.py.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import run

BOHR, HARTREE = 0.529177210903, 27.211386245988
# model folder, its units of length (A) and energy (eV), fs a step
MODELS = {"auli": (run.ROOT / "potentials/AuLi-starter", 1, 1, 1.0), "llno": (run.ROOT / "potentials/LLNO-starter", 1, 1, 0.2),
          "cu2s": (run.ROOT / "bench/cu2s-like", 1, 1, 0.05),
          "water": (pathlib.Path(run.WATER or "."), BOHR, HARTREE, 0.5)}
MASS = {"Au": 196.966570, "Li": 6.94, "La": 138.90547, "Nb": 92.90637, "O": 15.999, "Cu": 63.546, "S": 32.06, "H": 1.008}


def find_lammps(wish):
    """The command, or None with the reason."""
    command = wish or next((name for name in ("lmp", "lmp_mpi", "lmp_serial") if shutil.which(name)), None)
    if command is None or shutil.which(command) is None:
        return None, f"no LAMMPS ({wish or 'lmp, lmp_mpi, lmp_serial'}) on PATH"
    styles = subprocess.run([command, "-h"], capture_output=True, text=True, check=False).stdout
    if not re.search(r"\bhdnnp\b", styles):
        return None, f"{command} has no pair_style hdnnp (it is built with ML-HDNNP and n2p2)"
    return command, None


def run_nnpmd(case, args, folder):
    """Row of run.py, and the first frame (symbols, positions in A, velocities in A/ps, cell rows) with its energy."""
    path = run.write_input(case, args.steps, folder)
    text = path.read_text()
    first = f"outputs:\n  - trajectory: {{every: {args.steps}, velocities: true, digits: 17}}\n"
    path.write_text(text + first, encoding="utf-8")
    done = subprocess.run(["mpirun", "--oversubscribe", "-n", str(args.ranks), args.build / "nnpmd", path], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"compare.py: {case}: {done.stderr.strip()}")
    return run.parse_log(done.stdout), read_first_frame(folder / f"{case}.out" / "trajectory.extxyz")


def read_first_frame(path):
    with open(path, encoding="utf-8") as file:
        n = int(file.readline())
        header = file.readline()
        atoms = [file.readline().split() for _ in range(n)]
    cell = [float(x) for x in re.search(r'Lattice="([^"]*)"', header).group(1).split()]
    columns, at = {}, 0
    for name, width in re.findall(r"(\w+):[SRIL]:(\d+)", re.search(r"Properties=(\S+)", header).group(1)):
        columns[name] = at
        at += int(width)
    get = lambda name, k: [[float(x) for x in row[columns[name]:columns[name] + k]] for row in atoms]
    return {"symbols": [row[columns["species"]] for row in atoms], "x": get("pos", 3),
            "v": [[1e3 * u for u in v] for v in get("velo", 3)], "cell": [cell[0:3], cell[3:6], cell[6:9]],
            "energy": float(re.search(r"\benergy=(\S+)", header).group(1))}


def largest_cutoff(model):
    """Of the radial (type 2) and angular (3, 9) functions, in the model's unit."""
    functions = [line.split() for line in (model / "input.nn").read_text().splitlines() if line.startswith("symfunction_short")]
    return max(float(f[6] if f[2] == "2" else f[8]) for f in functions)


def write_lammps(case, frame, args, folder):
    """Data file and input; cells must be lower triangular, as those of run.py are."""
    model, length, energy, timestep = MODELS[case]
    elements = sorted(set(frame["symbols"]))
    (a, b, c), x = frame["cell"], frame["x"]
    lines = ["nnpmd", "", f"{len(x)} atoms", f"{len(elements)} atom types", "", f"0 {a[0]!r} xlo xhi", f"0 {b[1]!r} ylo yhi",
             f"0 {c[2]!r} zlo zhi", f"{b[0]!r} {c[0]!r} {c[1]!r} xy xz yz", "", "Masses", ""]
    lines += [f"{k + 1} {MASS[name]}" for k, name in enumerate(elements)] + ["", "Atoms # atomic", ""]
    lines += [f"{i + 1} {elements.index(s) + 1} {p[0]!r} {p[1]!r} {p[2]!r}" for i, (s, p) in enumerate(zip(frame["symbols"], x))]
    lines += ["", "Velocities", ""] + [f"{i + 1} {v[0]!r} {v[1]!r} {v[2]!r}" for i, v in enumerate(frame["v"])]
    (folder / "data").write_text("\n".join(lines) + "\n", encoding="utf-8")
    cutoff = largest_cutoff(model)
    (folder / "in.lammps").write_text(f"""units metal
atom_style atomic
read_data {folder}/data
pair_style hdnnp {cutoff * length + 1e-6!r} dir {model}/ showew no resetew yes maxew 1000000 cflength {1 / length!r} cfenergy {1 / energy!r}
pair_coeff * * {' '.join(elements)}
timestep {timestep * 1e-3}
fix 1 all nve
thermo_style custom step pe etotal
thermo_modify format float %.12g
thermo {args.steps}
run {args.steps}
""", encoding="utf-8")
    return folder / "in.lammps"


def run_lammps(command, case, frame, args, folder):
    path = write_lammps(case, frame, args, folder)
    done = subprocess.run(["mpirun", "--oversubscribe", "-n", str(args.ranks), command, "-log", "none", "-in", path],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"compare.py: {case}: LAMMPS: {(done.stderr or done.stdout).strip()[-400:]}")
    seconds = float(re.search(r"Loop time of ([0-9.eE+-]+)", done.stdout).group(1))
    energy = float(re.search(r"^\s*0\s+(\S+)", done.stdout, re.M).group(1))
    return len(frame["x"]) * args.steps / seconds, energy


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--cases", default="auli,llno,cu2s,water")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--lammps", help="command of a LAMMPS with pair_style hdnnp")
    parser.add_argument("--json", nargs="?", const="-", help="FILE, or - for standard output instead of the table")
    args = parser.parse_args()
    command, reason = find_lammps(args.lammps)
    if command is None:
        print(f"compare.py: nothing to compare with: {reason}", file=sys.stderr)
        if args.json == "-":
            print("[]")
        return
    rows = []
    for case in args.cases.split(","):
        if case == "water" and not run.WATER:
            print("water: skipped, NNPMD_WATER_DATA is not set", file=sys.stderr)
            continue
        folder = pathlib.Path(tempfile.mkdtemp(prefix="nnpmd_compare_"))
        try:
            ours, frame = run_nnpmd(case, args, folder)
            speed, energy = run_lammps(command, case, frame, args, folder)
        finally:
            shutil.rmtree(folder)
        rows.append({"case": case, "ranks": args.ranks, "atoms": ours["atoms"], "nnpmd": ours["atom_steps_per_s"],
                     "lammps_n2p2": speed, "ratio": ours["atom_steps_per_s"] / speed,
                     "energy_difference_eV_per_atom": (frame["energy"] - energy) / ours["atoms"]})
    if args.json != "-":
        print(f"{'case':6} {'ranks':>5} {'atoms':>7} {'nnpmd':>12} {'LAMMPS+n2p2':>12} {'ratio':>7} {'dE (eV/atom)':>13}")
        for r in rows:
            print(f"{r['case']:6} {r['ranks']:5d} {r['atoms']:7d} {r['nnpmd']:12,.0f} {r['lammps_n2p2']:12,.0f} {r['ratio']:7.1f} "
                  f"{r['energy_difference_eV_per_atom']:13.2e}")
    if args.json:
        text = json.dumps(rows, indent=1)
        print(text) if args.json == "-" else pathlib.Path(args.json).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
