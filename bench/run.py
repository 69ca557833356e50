#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Whole-engine speed: NVE with list rebuilds, several potentials, one table and JSON.

usage: run.py BUILD_FOLDER [--ranks 1,2] [--cases auli,llno,cu2s,water] [--precision double,mixed]
              [--steps N] [--repeats N] [--json FILE]

BUILD_FOLDER holds nnpmd and bench_kernels (cmake --build BUILD_FOLDER --target bench_kernels). Each case runs `repeats`
times; the best is shown. The FMA peak of one core is measured in the same run, before each case. The water case needs the
published RPBE-D3 potential and a liquid structure, which are not ours to ship: NNPMD_WATER_DATA names their folder.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
WATER = os.environ.get("NNPMD_WATER_DATA")

CASES = {
    "auli": """
structure: {{build: {{lattice: {{type: bcc, a: 3.25, elements: [Au], repeat: [13, 13, 12],
  substitute: [{{element: Au, by: Li, fraction: 0.5}}]}}}}}}
potential: {{nnp: {{folder: {root}/potentials/AuLi, length_unit: A, energy_unit: eV, precision: {precision}}}}}
stages: [{{nve: {{steps: {steps}, timestep: 1 fs, velocities: 600 K}}}}]
""",
    "llno": """
structure: {{file: {root}/bench/structures/llno_112.extxyz, repeat: [3, 3, 4]}}
potential: {{nnp: {{folder: {root}/potentials/LLNO, length_unit: A, energy_unit: eV, precision: {precision}}}}}
stages: [{{nve: {{steps: {steps}, timestep: 0.2 fs, velocities: 300 K}}}}]
""",
    "cu2s": """
structure: {{file: {root}/bench/cu2s-like/antifluorite_2592.extxyz}}
potential: {{nnp: {{folder: {root}/bench/cu2s-like, length_unit: A, energy_unit: eV, precision: {precision}}}}}
stages: [{{nve: {{steps: {steps}, timestep: 0.05 fs, velocities: 300 K}}}}]
""",
    "water": """
structure: {{file: {water}, elements: [H, O]}}
potential: {{nnp: {{folder: {water_folder}, length_unit: bohr, energy_unit: hartree, precision: {precision}}}}}
stages: [{{nve: {{steps: {steps}, timestep: 0.5 fs}}}}]
""",
}
STEPS = {"auli": 200, "llno": 200, "cu2s": 150, "water": 150}


def fma_peak(build):
    """GFLOP/s of one core, double, as bench_kernels measures it."""
    output = subprocess.run([build / "bench_kernels", ROOT / "potentials/AuLi"], capture_output=True, text=True, check=True)
    return float(re.search(r"FMA peak[^0-9]*([0-9.]+)", output.stdout).group(1))


def write_input(case, steps, folder, precision="double"):
    water = ""
    if case == "water":  # the engine reads .gz by itself; a copy keeps the name short in messages
        water = pathlib.Path(WATER) / "liquid_8640.data.gz"
    text = CASES[case].format(root=ROOT, steps=steps, water=water, water_folder=WATER,
                              precision=precision)
    path = folder / f"{case}.yaml"
    path.write_text(f"output_folder: {folder}/{case}.out\n{text}", encoding="utf-8")
    return path


def parse_log(log):
    speed = float(re.search(r"([0-9.]+) katom-step/s", log).group(1)) * 1e3
    atoms = int(re.search(r"with (\d+) atoms", log).group(1))
    phases = {name.strip(): float(percent) for name, percent in
              re.findall(r"^  (other|potential|neighbour|communication|integration|output|waiting for ranks)"
                         r" +[0-9.]+ +[0-9.]+ +[0-9.]+ +([0-9.]+)$", log, re.M)}
    memory = float(re.search(r"memory \(MB\) +\S+ +(\S+)", log).group(1))
    rebuilds = int(re.search(r"neighbour lists built: (\d+)", log).group(1))
    return {"atoms": atoms, "atom_steps_per_s": speed, "breakdown": phases, "memory_MB_per_rank": memory,
            "list_builds": rebuilds}


def run_case(case, precision, ranks, args, folder):
    path = write_input(case, args.steps or STEPS[case], folder, precision)
    best = None
    for _ in range(args.repeats):
        peak = fma_peak(args.build)
        log = subprocess.run(["mpirun", "--oversubscribe", "-n", str(ranks), args.build / "nnpmd", path],
                             capture_output=True, text=True, check=False)
        if log.returncode != 0:
            sys.exit(f"run.py: {case}: {log.stderr.strip()}")
        row = {"case": case, "precision": precision, "ranks": ranks, "threads": 1, **parse_log(log.stdout),
               "fma_peak_gflops": peak}
        row["kB_per_atom"] = round(1e3 * row["memory_MB_per_rank"] * ranks / row["atoms"], 3)
        if best is None or row["atom_steps_per_s"] > best["atom_steps_per_s"]:
            best = row
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--ranks", default="1,2")
    parser.add_argument("--cases", default="auli,llno,cu2s,water")
    parser.add_argument("--precision", default="double,mixed")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", nargs="?", const="-", help="FILE, or - for standard output instead of the table")
    args = parser.parse_args()
    rows = []
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nnpmd_bench_"))
    try:
        for case in args.cases.split(","):
            if case == "water" and not WATER:
                print("water: skipped, NNPMD_WATER_DATA is not set", file=sys.stderr)
                continue
            for precision in args.precision.split(","):
                for ranks in (int(n) for n in args.ranks.split(",")):
                    rows.append(run_case(case, precision, ranks, args, folder))
    finally:
        shutil.rmtree(folder)
    if args.json != "-":
        print(f"{'case':6} {'precision':9} {'ranks':>5} {'atoms':>8} {'atom-steps/s':>13} {'per peak GF/s':>14} {'FMA peak':>9} "
              f"{'potential':>9} {'list+halo':>9} {'kB/atom':>8}")
        for r in rows:
            b = r["breakdown"]
            print(f"{r['case']:6} {r['precision']:9} {r['ranks']:5d} {r['atoms']:8d} {r['atom_steps_per_s']:13,.0f} "
                  f"{r['atom_steps_per_s'] / r['fma_peak_gflops']:14,.0f} {r['fma_peak_gflops']:9.1f} "
                  f"{b['potential']:8.1f}% {b['neighbour'] + b['communication']:8.1f}% {r['kB_per_atom']:8.2f}")
    if args.json:
        text = json.dumps(rows, indent=1)
        print(text) if args.json == "-" else pathlib.Path(args.json).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
