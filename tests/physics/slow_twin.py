#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A crystal without hops at constant pressure in a flexible cell, and its twin at constant volume: the same plateau of the MSD.

Displacements are fractional coordinates times the mean cell. The run cut into three files with overlap, as restarts leave them,
gives the same numbers as the whole; so do paths without image counters.

usage: slow_twin.py NNPMD NNPMD_MSD WORK_DIR
"""
import json
import os
import shutil
import subprocess
import sys

nnpmd, msd, work = map(os.path.abspath, sys.argv[1:4])
shutil.rmtree(work, ignore_errors=True)
os.makedirs(work)
os.chdir(work)
failures = 0
COMMON = "timestep: 4 fs, temperature: 50 K"
NPT = "pressure: 0 GPa, coupling: triclinic"


def check(condition, what):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", what)


def start(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    check(done.returncode == 0, f"{command}: {done.stderr[-500:]}")
    return done.stdout


def simulate(name, a, stage, more):
    with open(name + ".yaml", "w") as file:
        file.write(f"""seed: 3
output_folder: {name}.out
structure: {{build: {{lattice: {{type: fcc, a: {a}, elements: Ar, repeat: 4}}}}}}
potential: {{lennard_jones: {{epsilon: 0.01032, sigma: 3.405, cutoff: 8.5}}}}
stages:
  - {stage}: {{duration: 20 ps, velocities: 50 K, {COMMON}{more}}}
  - {stage}: {{duration: 60 ps, {COMMON}{more}}}
outputs:
  - trajectory: {{format: dump, file: t.lammpstrj, every: 50}}
""")
    start(nnpmd, name + ".yaml", "--quiet")
    return name + ".out/t.lammpstrj"


def analyse(name, *files, **options):
    more = [word for key, value in options.items() for word in ("--" + key.replace("_", "-"), value)]
    start(msd, *files, "--timestep", "4 fs", "--skip", "20 ps", "--quiet", "--drift", "com", "--json", name + ".json", *more)
    with open(name + ".json") as file:
        return json.load(file)


def plateau(result, name="Ar"):
    values = result["species"][name]["msd_A2"][20:]
    return sum(values) / len(values)


path = simulate("npt", 5.38, "npt", ", " + NPT)
whole = analyse("npt", path)
check(whole["variable_cell"], "the cell varies")
edge = (whole["mean_volume_A3"] / 64) ** (1 / 3)
twin = analyse("nvt", simulate("nvt", edge, "nvt", ""))
npt, nvt = plateau(whole), plateau(twin)
print(f"plateau: constant pressure {npt:.4f} A^2, its twin at constant volume {nvt:.4f} A^2")
check(abs(npt / nvt - 1) < 0.02, f"twins: {npt} and {nvt}")
check(whole["species"]["Ar"]["D_A2_per_ps"] is None, "no D of a crystal without hops")

with open(path) as file:
    frames = ["ITEM: TIMESTEP" + part for part in file.read().split("ITEM: TIMESTEP")[1:]]
for name, first, end in (("a", 0, 180), ("b", 150, 290), ("c", 270, len(frames))):
    with open(name + ".lammpstrj", "w") as file:
        file.write("".join(frames[first:end]))
cut = analyse("cut", "a.lammpstrj", "b.lammpstrj", "c.lammpstrj")
check(cut["species"]["Ar"]["msd_A2"] == whole["species"]["Ar"]["msd_A2"], "three restarts give the same numbers as one run")
nearest = analyse("nearest", path, unwrap="nearest")
worst = max(abs(a - b) for a, b in zip(nearest["species"]["Ar"]["msd_A2"], whole["species"]["Ar"]["msd_A2"]))
check(worst < 1e-9, f"without image counters: {worst}")

print(f"slow_twin: {failures} failed")
sys.exit(1 if failures else 0)
