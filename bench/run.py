#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Whole-engine speed: NVE with list rebuilds, several potentials, one table and JSON.

usage: run.py BUILD_FOLDER [--layouts 1x1,2x1,1x2] [--cases auli,llno,cu2s,water] [--precision double,mixed] [--steps N]
              [--repeats N] [--json FILE] [--guard [FILE]] [--update [FILE]]

BUILD_FOLDER holds nnpmd and bench_kernels (cmake --build BUILD_FOLDER --target bench_kernels). A layout is ranks x threads.
Each case runs `repeats` times, its layouts in turn, so that a change of the machine's mood meets all; the best of each is
shown. The FMA peak of one core is measured before each run. kB/atom: peak resident memory of all ranks above that of the
program and its libraries before it reads the structure. The water case needs the published RPBE-D3 potential and a liquid
structure, which are not ours to ship: NNPMD_WATER_DATA names their folder.

--guard compares atom-steps/s per GF/s of FMA peak with those of a file (bench/baseline.json), for the same instruction
set; a case that fell below 0.85 of its own makes the exit code 1. --update writes that file.
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
potential: {{nnp: {{folder: {root}/potentials/AuLi-starter, length_unit: A, energy_unit: eV, precision: {precision}}}}}
stages: [{{nve: {{steps: {steps}, timestep: 1 fs, velocities: 600 K}}}}]
""",
    "llno": """
structure: {{file: {root}/bench/structures/llno_112.extxyz, repeat: [3, 3, 4]}}
potential: {{nnp: {{folder: {root}/potentials/LLNO-starter, length_unit: A, energy_unit: eV, precision: {precision}}}}}
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
BASELINE = ROOT / "bench/baseline.json"
LEAST_SHARE = 0.85  # of a committed ratio: what shared machines take away at times
STEPS = {"auli": 200, "llno": 200, "cu2s": 150, "water": 150}


def fma_peak(build):
    """GFLOP/s of one core, double, as bench_kernels measures it."""
    output = subprocess.run([build / "bench_kernels", ROOT / "potentials/AuLi-starter"], capture_output=True, text=True, check=True)
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
    memory, program = (float(re.search(name + r" \(MB\) +\S+ +(\S+)", log).group(1)) for name in ("memory", "program"))
    rebuilds = int(re.search(r"neighbour lists built: (\d+)", log).group(1))
    return {"atoms": atoms, "atom_steps_per_s": speed, "breakdown": phases, "memory_MB_per_rank": memory,
            "program_MB_per_rank": program, "list_builds": rebuilds, "simd": re.search(r"ranks, (\S+)", log).group(1)}


def run_once(case, precision, layout, args, folder):
    ranks, threads = layout
    path = write_input(case, args.steps or STEPS[case], folder, precision)
    peak = fma_peak(args.build)
    binding = ["--bind-to", "core"] if threads == 1 and ranks > 1 else ["--bind-to", "none"]
    log = subprocess.run(["mpirun", "--oversubscribe", *binding, "-n", str(ranks), args.build / "nnpmd", "--nthreads",
                          str(threads), path], capture_output=True, text=True, check=False)
    if log.returncode != 0:
        sys.exit(f"run.py: {case}: {log.stderr.strip()}")
    row = {"case": case, "precision": precision, "ranks": ranks, "threads": threads, **parse_log(log.stdout),
           "fma_peak_gflops": peak}
    row["kB_per_atom"] = round(1e3 * (row["memory_MB_per_rank"] - row["program_MB_per_rank"]) * ranks / row["atoms"], 3)
    return row


def run_case(case, precision, args, folder):
    """The best row of each layout."""
    best = {}
    for _ in range(args.repeats):
        for layout in args.layouts:
            row = run_once(case, precision, layout, args, folder)
            if layout not in best or row["atom_steps_per_s"] > best[layout]["atom_steps_per_s"]:
                best[layout] = row
    return list(best.values())


def key_of(row):
    return f"{row['case']} {row['precision']} {row['ranks']}x{row['threads']} {row['simd']}"


def ratio(row):
    return row["atom_steps_per_s"] / row["fma_peak_gflops"]


def guard(rows, path):
    """Exit code of the comparison with the committed ratios."""
    if not pathlib.Path(path).exists():
        print(f"run.py: {path}: no such file; write one with --update", file=sys.stderr)
        return 2
    known = json.loads(pathlib.Path(path).read_text())
    slow = 0
    for row in rows:
        old = known.get(key_of(row))
        if old is None:
            print(f"{key_of(row):32} {ratio(row):8,.0f}          no figure to compare with")
            continue
        verdict = "" if ratio(row) >= LEAST_SHARE * old else "  SLOWER"
        slow += verdict != ""
        print(f"{key_of(row):32} {ratio(row):8,.0f} {old:8,.0f} {ratio(row) / old:6.2f}{verdict}")
    return 1 if slow else 0


def print_table(rows):
    print(f"{'case':6} {'precision':9} {'layout':>7} {'atoms':>7} {'atom-steps/s':>13} {'to 1x1':>6} {'per peak GF/s':>14} "
          f"{'FMA peak':>9} {'potential':>9} {'list+halo':>9} {'waiting':>8} {'kB/atom':>8}")
    for r in rows:
        b = r["breakdown"]
        alone = next((x for x in rows if (x["case"], x["precision"], x["ranks"], x["threads"]) ==
                      (r["case"], r["precision"], 1, 1)), r)
        print(f"{r['case']:6} {r['precision']:9} {r['ranks']:>3}x{r['threads']:<3} {r['atoms']:7d} {r['atom_steps_per_s']:13,.0f} "
              f"{r['atom_steps_per_s'] / alone['atom_steps_per_s']:6.2f} {ratio(r):14,.0f} {r['fma_peak_gflops']:9.1f} "
              f"{b['potential']:8.1f}% {b['neighbour'] + b['communication']:8.1f}% {b['waiting for ranks']:7.1f}% "
              f"{r['kB_per_atom']:8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--layouts", default="1x1,2x1,1x2",
                        type=lambda text: [tuple(int(n) for n in item.split("x")) for item in text.split(",")])
    parser.add_argument("--cases", default="auli,llno,cu2s,water")
    parser.add_argument("--precision", default="double,mixed")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", nargs="?", const="-", help="FILE, or - for standard output instead of the table")
    parser.add_argument("--guard", nargs="?", const=BASELINE, help="compare with the ratios of this file")
    parser.add_argument("--update", nargs="?", const=BASELINE, help="write the ratios to this file, next to those of other cases")
    args = parser.parse_args()
    rows = []
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nnpmd_bench_"))
    try:
        for case in args.cases.split(","):
            if case == "water" and not WATER:
                print("water: skipped, NNPMD_WATER_DATA is not set", file=sys.stderr)
                continue
            for precision in args.precision.split(","):
                rows += run_case(case, precision, args, folder)
    finally:
        shutil.rmtree(folder)
    if args.json != "-":
        print_table(rows)
    if args.json:
        text = json.dumps(rows, indent=1)
        print(text) if args.json == "-" else pathlib.Path(args.json).write_text(text + "\n", encoding="utf-8")
    if args.update:
        path = pathlib.Path(args.update)
        known = json.loads(path.read_text()) if path.exists() else {}
        known.update({key_of(row): round(ratio(row), 1) for row in rows})
        path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return guard(rows, args.guard) if args.guard else 0


if __name__ == "__main__":
    sys.exit(main())
