#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How the engine scales, from counts: communication volume, messages and imbalance at 1 to 64 ranks, and a model of the
time of a step that these numbers feed, up to 10,000 ranks.

usage: scaling.py BUILD_FOLDER [--ranks 1,2,4,...] [--atoms N] [--weak N] [--network LATENCY_US,GB_PER_S] [--json FILE]

Ranks may be many more than cores: what is counted does not depend on that. Timed are only one rank alone (time of an
atom and step) and the exchange between two ranks (bench_halo: latency and bandwidth of this machine). The model:

  t = n t_atom imbalance + t_list / interval + 2 (m a + b / B) + 2 a log2(R) + [(9 m + 12 log2 R) a + 2 b / B] / interval

n atoms, m messages and b bytes a rank one way, R ranks, a latency, B bandwidth of a rank. The two bracketed terms are the
exchange of a step with its two reductions, and the set-up of the halo at each new list. b follows the shell of a cube,
24 bytes rho ((L + 2 r)^3 - L^3) with L^3 rho = n, whose thickness r is fitted to the counts, m = 6 ceil(r / L).
"""
import argparse
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DENSITY = 2 / 3.25**3  # of the bcc alloy, 1/A^3
ALLOY = """
structure: {{build: {{lattice: {{type: bcc, a: 3.25, elements: [Au], repeat: [{repeat}],
  substitute: [{{element: Au, by: Li, fraction: 0.5}}]}}}}}}
"""
INTERFACE = """
structure: {build: {interface: {atoms: 8000, side_a: {element: Au, lattice: fcc, a: 4.17, surface: 100},
  side_b: {element: Li, lattice: bcc, a: 3.44, surface: 100}}}}
"""
SLAB = """
structure: {build: {slab: {lattice: bcc, element: Au, a: 3.25, surface: 100, repeat_x: 14, repeat_y: 14, layers: 30,
  vacuum: 60 A, substitute: [{element: Au, by: Li, fraction: 0.5}]}}}
"""
COMMON = """
potential: {{nnp: {{folder: {root}/potentials/AuLi-starter, length_unit: A, energy_unit: eV}}}}
stages: [{{nve: {{steps: {steps}, timestep: 1 fs, velocities: 600 K}}}}]
parallel: {{balance: {balance}, skin: {skin} A, grid: {grid}, threads: 1}}
output_folder: {folder}
"""


def parse(log):
    """Rows of the tables at the end of a run: {name: (min, mean, max)}, and single numbers."""
    rows = {name.strip(): tuple(float(x) for x in numbers.split())
            for name, numbers in re.findall(r"^  ([a-z][a-zA-Z ()]+?)  +((?:[0-9.]+ +){2}[0-9.]+)", log, re.M)}
    number = lambda pattern, default=1.0: float(m.group(1)) if (m := re.search(pattern, log)) else default
    rows["cost imbalance"] = number(r"Imbalance of counted cost: ([0-9.]+)")
    rows["atom imbalance"] = number(r"Imbalance of atoms: ([0-9.]+)")
    rows["interval"] = number(r"one in ([0-9.]+) steps")
    rows["speed"] = 1e3 * number(r"([0-9.]+) katom-step/s")
    rows["steps"] = number(r"for (\d+) steps")
    return rows


def run(args, ranks, structure, steps=20, balance="true", skin=0.3, grid="0", timed=False):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nnpmd_scaling_"))
    try:
        path = folder / "input.yaml"
        path.write_text(structure + COMMON.format(root=ROOT, steps=steps, balance=balance, skin=skin, grid=grid,
                                                  folder=folder / "out"), encoding="utf-8")
        command = [*(args.prefix.split() if timed else ()), "mpirun", "--oversubscribe", "-n", str(ranks),
                   args.build / "nnpmd", path]
        environment = {**os.environ, "OMPI_MCA_mpi_yield_when_idle": "1" if ranks > 1 else "0"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode != 0:
            sys.exit(f"scaling.py: {ranks} ranks: {done.stderr.strip()[-400:]}")
        return parse(done.stdout)
    finally:
        shutil.rmtree(folder)


def alloy(atoms):
    """A block of about `atoms` atoms with sides as equal as can be."""
    cells = atoms / 2
    a = max(1, round(cells ** (1 / 3)))
    b = max(1, round((cells / a) ** 0.5))
    return ALLOY.format(repeat=f"{a}, {b}, {max(1, round(cells / a / b))}")


def study(args, name, sizes):
    """Counts at each (ranks, atoms)."""
    rows = []
    for ranks, atoms in sizes:
        r = run(args, ranks, alloy(atoms))
        rows.append({"study": name, "ranks": ranks, "atoms_per_rank": r["atoms"][1], "ghosts_per_rank": r["ghosts"][1],
                     "messages": r["messages one way"][2], "kB_max": r["kB one way"][2], "kB_mean": r["kB one way"][1],
                     "cost_imbalance": r["cost imbalance"]})
    return rows


def compare_balance(args):
    """Equal bricks against moved planes: an interface, and a slab with vacuum cut across."""
    rows = []
    for name, structure, grid in (("Au/Li interface", INTERFACE, "0"), ("slab with vacuum", SLAB, "[2, 1, 4]")):
        for balance in ("false", "true"):
            r = run(args, 8, structure, steps=40, balance=balance, skin=0.2, grid=grid)
            rows.append({"system": name, "ranks": 8, "balanced": balance == "true", "atom_imbalance": r["atom imbalance"],
                         "cost_imbalance": r["cost imbalance"]})
    return rows


def fit_network(args):
    """Latency (us) and bandwidth (GB/s) of two ranks here: least squares of relative errors, as times span decades."""
    command = [*args.prefix.split(), "mpirun", "--oversubscribe", "-n", "2", args.build / "bench_halo"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    points = [tuple(float(x) for x in line.split()) for line in done.stdout.splitlines() if line[:1].isdigit()]
    rows = [((2 * m / t, 2 * kB / t), 1.0) for _, m, kB, t in points]
    saa, sab, sbb = (sum(r[0][i] * r[0][j] for r in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    sa, sb = (sum(r[0][i] for r in rows) for i in (0, 1))
    determinant = saa * sbb - sab * sab
    latency = max((sa * sbb - sb * sab) / determinant, 0.0)
    per_kB = (sb * saa - sa * sab) / determinant
    worst = max(abs(2 * m * latency + 2 * kB * per_kB - t) / t for _, m, kB, t in points)
    return {"latency_us": latency, "GB_per_s": 1 / per_kB, "worst_error": worst}


def fit_shell(rows):
    """Thickness r (A) of the halo that explains the bytes of ranks with neighbours on all sides; the worst error."""
    rows = [r for r in rows if r["ranks"] >= 8]
    def bytes_of(n, r):
        side = (n / DENSITY) ** (1 / 3)
        return 24 * DENSITY * ((side + 2 * r) ** 3 - side**3)
    best = min((i / 100 for i in range(100, 2000)),
               key=lambda r: sum((math.log(bytes_of(x["atoms_per_rank"], r) / (1e3 * x["kB_mean"]))) ** 2 for x in rows))
    worst = max(abs(bytes_of(x["atoms_per_rank"], best) / (1e3 * x["kB_mean"]) - 1) for x in rows)
    return best, worst, bytes_of


def fit_imbalance(rows):
    """max / mean - 1 = c n^(-1/2): chance of a random alloy and single layers."""
    rows = [r for r in rows if r["ranks"] > 1]
    return sum((r["cost_imbalance"] - 1) * r["atoms_per_rank"] ** 0.5 for r in rows) / len(rows)


def step_time(model, n, ranks, latency, bandwidth):
    """us of a step by the model of the module's text."""
    side = (n / DENSITY) ** (1 / 3)
    m = 6 * math.ceil(model["shell_A"] / side)
    b_us = model["bytes_of"](n, model["shell_A"]) / bandwidth * 1e-3
    imbalance = 1 + model["imbalance"] * n**-0.5
    hops = math.log2(ranks)
    step = n * model["atom_us"] * imbalance + 2 * (m * latency + b_us) + 2 * latency * hops
    return step + (n * model["list_us"] + (9 * m + 12 * hops) * latency + 2 * b_us) / model["interval"]


def extrapolate(model, network):
    rows = []
    for ranks in (64, 1000, 10000):
        for n in (125, 250, 500, 1000, 2000, 4000, 8000):
            t = step_time(model, n, ranks, *network)
            alone = n * (model["atom_us"] + model["list_us"] / model["interval"])
            rows.append({"ranks": ranks, "atoms_per_rank": n, "ms_per_step": t * 1e-3, "efficiency": alone / t})
    return rows


def print_tables(result):
    print(f"{'study':7} {'ranks':>5} {'atoms/rank':>10} {'ghosts':>7} {'messages':>8} {'kB max':>8} {'kB mean':>8} {'imbalance':>9}")
    for r in result["counts"]:
        print(f"{r['study']:7} {r['ranks']:5d} {r['atoms_per_rank']:10.0f} {r['ghosts_per_rank']:7.0f} {r['messages']:8.0f} "
              f"{r['kB_max']:8.0f} {r['kB_mean']:8.0f} {r['cost_imbalance']:9.3f}")
    print("\nsystem at 8 ranks   bricks      atoms max/mean  cost max/mean")
    for r in result["balance"]:
        print(f"{r['system']:19} {'balanced' if r['balanced'] else 'equal':8} {r['atom_imbalance']:15.3f} {r['cost_imbalance']:14.3f}")
    m, here, far = result["model"], result["network_here"], result["network_assumed"]
    print(f"\nmodel: {m['atom_us']:.2f} us an atom and step, {m['list_us']:.3f} us an atom and list, one list in "
          f"{m['interval']:.1f} steps,\n  halo {m['shell_A']:.2f} A thick (bytes within {100 * m['shell_error']:.0f} %), imbalance "
          f"1 + {m['imbalance']:.2f} / sqrt(n);\n  two ranks here {here['latency_us']:.1f} us, {here['GB_per_s']:.2f} GB/s (times "
          f"within {100 * here['worst_error']:.0f} %); below: {far[0]:g} us, {far[1]:g} GB/s a rank")
    print(f"\n{'atoms/rank':>10}" + "".join(f"{str(r) + ' ranks':>22}" for r in (64, 1000, 10000)))
    for n in sorted({r["atoms_per_rank"] for r in result["extrapolation"]}):
        cells = [r for r in result["extrapolation"] if r["atoms_per_rank"] == n]
        print(f"{n:10d}" + "".join(f"{r['ms_per_step']:12.3f} ms {100 * r['efficiency']:4.0f} %" for r in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--ranks", default="1,2,4,8,16,32,64")
    parser.add_argument("--atoms", type=int, default=16000, help="of the strong study")
    parser.add_argument("--weak", type=int, default=2000, help="atoms a rank of the weak study")
    parser.add_argument("--network", default="2,0.5", help="latency (us) and GB/s a rank for the extrapolation; the default is "
                        "a fabric of 2 us whose 32 GB/s 64 ranks of a node share")
    parser.add_argument("--prefix", default="", help="command in front of the two timed runs, e.g. one that quietens the machine")
    parser.add_argument("--json", nargs="?", const="-", help="FILE, or - for standard output instead of the tables")
    args = parser.parse_args()
    ranks = [int(n) for n in args.ranks.split(",")]
    alone = max((run(args, 1, alloy(4000), steps=100, skin=1.0, timed=True) for _ in range(3)), key=lambda r: r["speed"])
    counts = study(args, "strong", [(n, args.atoms) for n in ranks]) + study(args, "weak", [(n, n * args.weak) for n in ranks])
    shell, error, bytes_of = fit_shell(counts)
    atoms = alone["atoms"][1]
    lists = alone["steps"] / alone["interval"]
    model = {"atom_us": 1e6 * (alone["potential"][1] + alone["integration"][1]) / (atoms * alone["steps"]),
             "list_us": 1e6 * alone["neighbour"][1] / (atoms * lists), "interval": alone["interval"], "shell_A": shell,
             "shell_error": error, "imbalance": fit_imbalance(counts), "bytes_of": bytes_of}
    network = tuple(float(x) for x in args.network.split(","))
    result = {"counts": counts, "balance": compare_balance(args), "network_here": fit_network(args),
              "network_assumed": network, "model": model, "extrapolation": extrapolate(model, network)}
    if args.json != "-":
        print_tables(result)
    if args.json:
        text = json.dumps({**result, "model": {k: v for k, v in model.items() if k != "bytes_of"}}, indent=1)
        print(text) if args.json == "-" else pathlib.Path(args.json).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
