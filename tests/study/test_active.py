#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-active from outside, with argon after Lennard and Jones as the labels: the loop lowers the error on a fixed test set, two
ranks and a loop killed at random moments give the same picks and models, failed labels are left out, wrong inputs are named.

usage: test_active.py NNPMD_ACTIVE MPIEXEC SCRATCH          the test
       test_active.py label STRUCTURES RESULT               the labeller it uses"""
import math
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from study import Checks

EPSILON, SIGMA, CUTOFF, LENGTH = 0.0104, 3.4, 5.0, 10.6  # eV, A; all cells are cubes of LENGTH

INPUT = """seed: 7
output_folder: out
cycles: 2
committee: 3
potential: {nnp: {folder: committee, length_unit: A, energy_unit: eV}}
dynamics:
  structures: start.extxyz
  temperatures: [60 K, 150 K]
  every: 5
  gap: 5
  distance: 0.1 A
  stages:
    - nvt: {steps: 200, timestep: 4 fs, velocities: each, temperature: each, thermostat: csvr, tau: 50 fs}
pick: {sigma: 0.003 eV/A, limit: 0.5 eV/A, shortest: 2.6 A, frames: 8}
label: {command: '"PYTHON" "SCRIPT" label structure.extxyz result.extxyz', batch: 4, workers: 2}
training:
  settings: settings
  data: {training: train.extxyz, validation_fraction: 0, max_force: 2 eV/A}
  stages: [kalman: {epochs: 20, noise: 1 -> 0.001}]
retraining:
  stages: [kalman: {epochs: 15, noise: 0.2 -> 0.001, covariance: 0.1}]
test: test.extxyz
pictures: false
"""
checks = Checks()
check = checks.check


# ---- the labels ----

def energy_and_forces(x, cell):
    energy, forces = 0.0, [[0.0, 0.0, 0.0] for _ in x]
    shift = 4 * EPSILON * ((SIGMA / CUTOFF) ** 12 - (SIGMA / CUTOFF) ** 6)
    for i in range(len(x)):
        for j in range(i):
            d = [a - b for a, b in zip(x[i], x[j])]
            d = [c - cell * round(c / cell) for c in d]
            r2 = sum(c * c for c in d)
            if r2 >= CUTOFF * CUTOFF:
                continue
            s6 = (SIGMA * SIGMA / r2) ** 3
            energy += 4 * EPSILON * (s6 * s6 - s6) - shift
            f = 24 * EPSILON * (2 * s6 * s6 - s6) / r2
            for k in range(3):
                forces[i][k] += f * d[k]
                forces[j][k] -= f * d[k]
    return energy, forces


def write_frame(file, x, labelled=True):
    energy, forces = energy_and_forces(x, LENGTH)
    lattice = f"{LENGTH} 0 0 0 {LENGTH} 0 0 0 {LENGTH}"
    label, columns = (f" energy={energy:.12f}", ":forces:R:3") if labelled else ("", "")
    file.write(f'{len(x)}\nLattice="{lattice}"{label} Properties=species:S:1:pos:R:3{columns}\n')
    for position, force in zip(x, forces):
        file.write("Ar" + "".join(f" {v:.12f}" for v in position + (force if labelled else [])) + "\n")


def label_file(source, target):
    lines = open(source, encoding="ascii").read().split("\n")
    at = 0
    with open(target, "w", encoding="ascii") as out:
        while at < len(lines) and lines[at].strip():
            n = int(lines[at])
            columns = re.search(r"Properties=(\S+)", lines[at + 1]).group(1).split(":")
            first, place = 0, {}
            for k in range(0, len(columns), 3):
                place[columns[k]] = first
                first += int(columns[k + 2])
            rows = [line.split() for line in lines[at + 2:at + 2 + n]]
            write_frame(out, [[float(v) for v in row[place["pos"]:place["pos"] + 3]] for row in rows])
            at += n + 2


# ---- the test ----

def crystal(generator, rattle):
    a = LENGTH / 2
    sites = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
    return [[a * (c[k] + s[k] / 2) + generator.gauss(0, rattle) for k in range(3)]
            for c in ((i, j, k) for i in range(2) for j in range(2) for k in range(2)) for s in sites]


def prepare(scratch, name, text=None):
    path = os.path.join(scratch, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(os.path.join(path, "settings"))
    generator = random.Random(5)
    for file, n, rattle in (("train", 5, 0.1), ("start", 1, 0.02), ("test", 12, 0.18)):
        with open(os.path.join(path, file + ".extxyz"), "w", encoding="ascii") as out:
            for _ in range(n):
                write_frame(out, crystal(generator, rattle), file != "start")
    with open(os.path.join(path, "settings", "input.nn"), "w", encoding="ascii") as out:
        out.write("number_of_elements 1\nelements Ar\ncutoff_type 2\nscale_symmetry_functions\ncenter_symmetry_functions\n"
                  "global_hidden_layers_short 1\nglobal_nodes_short 8\nglobal_activation_short t l\n")
        for shift in (0.0, 2.6, 3.2, 3.8, 4.4):
            out.write(f"symfunction_short Ar 2 Ar {0.1 if shift == 0 else 3.0} {shift} 5.0\n")
        for sign in (-1, 1):
            out.write(f"symfunction_short Ar 9 Ar Ar 0.02 {sign}.0 1 5.0\n")
    text = (text or INPUT).replace("PYTHON", sys.executable).replace("SCRIPT", os.path.abspath(__file__))
    with open(os.path.join(path, "loop.yaml"), "w", encoding="ascii") as out:
        out.write(text)
    return path


def launch(program, mpiexec, ranks):
    return ([mpiexec, "-n", str(ranks)] if ranks > 1 else []) + [program]


def run(program, path, more=(), mpiexec=None, ranks=1):
    return subprocess.run(launch(program, mpiexec, ranks) + ["loop.yaml", *more], cwd=path, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, timeout=250)


def read(path, *names):
    with open(os.path.join(path, "out", *names), "rb") as file:
        return file.read()


def summary(path):
    rows = [line.split() for line in read(path, "summary.txt").decode().split("\n") if line and line[0] != "#"]
    names = ("cycle walks early steps flagged usable picked sigma_mean sigma_max labelled new_energy new_force training "
             "test_energy test_force").split()
    return [{name: float("nan") if word == "-" else float(word) for name, word in zip(names, row)} for row in rows]


def check_baseline(program, scratch):
    """On top of the very potential that made the labels there is nothing to learn: the sum is right, the network alone is not."""
    term = f"lennard_jones: {{epsilon: {EPSILON}, sigma: {SIGMA}, cutoff: {CUTOFF}, truncation: shift}}"
    text = INPUT.replace("potential: {nnp: {folder: committee, length_unit: A, energy_unit: eV}}", "potential: {sum: {terms: "
                         "[{nnp: {folder: committee, length_unit: A, energy_unit: eV}}, {" + term + "}]}}")
    text = text.replace("cycles: 2", "cycles: 1").replace("sigma: 0.003 eV/A", "sigma: 1e-9 eV/A").replace(
        "  settings: settings", "  settings: settings\n  baseline: [" + term + "]")
    path = prepare(scratch, "baseline", text)
    result = run(program, path)
    check(result.returncode == 0, f"a loop with a baseline ends with {result.returncode}: {result.stdout}")
    rows = summary(path)
    check(rows[-1]["labelled"] > 0 and rows[-1]["test_force"] < 0.05 and rows[-1]["new_force"] < 0.05, f"errors of the sum (meV/A): {rows[-1]}")
    check(b"lennard_jones" in read(path, "cycle_001", "model", "1", "potential.yaml"), "potential.yaml of a member lacks the baseline")


def check_loop(path, result):
    check(result.returncode == 0, f"loop ends with {result.returncode}: {result.stdout}")
    rows = summary(path)
    check([row["cycle"] for row in rows] == [0, 1, 2], "rows for cycles 0, 1, 2")
    check(rows[1]["picked"] == 8 and rows[1]["labelled"] == 8, f"eight frames in cycle 1, got {rows[1]}")
    check(rows[2]["training"] == rows[1]["labelled"] + rows[2]["labelled"], "the frames add up")
    check(rows[2]["test_force"] < 0.5 * rows[0]["test_force"], f"error on the test set: {[r['test_force'] for r in rows]}")
    check(all(row["sigma_max"] < 500 and 0 < row["new_force"] for row in rows[1:]), "errors and limits of new frames")
    labelled = read(path, "cycle_001", "labelled.extxyz").decode()
    check(labelled.count("kind=active") == 8 and "group=cycle_001/walk_0002" in labelled, "origin of labelled frames")
    for name in ("summary.yaml", "active.gnuplot", "cycle_002/model/3/weights.018.data", "cycle_002/walk_0001/thermo.dat"):
        check(os.path.exists(os.path.join(path, "out", name)), name)


OUTCOME = ["cycle_001/picked.extxyz", "cycle_001/labelled.extxyz", "cycle_002/picked.extxyz",
           "cycle_002/model/1/weights.018.data", "cycle_002/model/3/weights.018.data"]


def check_same(path, other, what):
    for name in OUTCOME:
        check(read(path, name) == read(other, name), f"{what}: {name} differs")


def check_ranks(program, mpiexec, scratch, path):
    """First models from one rank, as sums over structures differ in their last digits."""
    two = prepare(scratch, "two")
    shutil.copytree(os.path.join(path, "out", "cycle_000"), os.path.join(two, "out", "cycle_000"))
    result = run(program, two, (), mpiexec, 2)
    check(result.returncode == 0, f"two ranks: {result.stdout}")
    check_same(path, two, "two ranks")


MILESTONES = ["cycle_000/model.part", "cycle_000/cycle.yaml", "cycle_001/walk_0001/done.yaml", "cycle_001/picked.extxyz",
              "cycle_001/labels/unit-000000.extxyz", "cycle_001/model.part/1", "cycle_001/model", "cycle_002/walk_0001/thermo.dat",
              "cycle_002/labels/unit-000000", "cycle_002/model.part/2/train.checkpoint"]


def check_kills(program, scratch, path):
    """Killed at each of these files, and a little later at random."""
    killed, generator, kills = prepare(scratch, "killed"), random.Random(3), 0
    for name in MILESTONES:
        loop = subprocess.Popen([program, "loop.yaml"], cwd=killed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                start_new_session=True)
        while loop.poll() is None and not os.path.exists(os.path.join(killed, "out", name)):
            time.sleep(0.002)
        time.sleep(generator.uniform(0, 0.05))
        if loop.poll() is None:
            os.killpg(loop.pid, signal.SIGKILL)
            kills += 1
        loop.wait()
    result = run(program, killed)
    check(result.returncode == 0, f"after {kills} kills: {result.stdout}")
    check(kills >= 5, f"only {kills} kills")
    check_same(path, killed, f"{kills} kills")
    print(f"the same picks and models after {kills} kills")


def check_failed_labels(program, scratch, path):
    """One unit of the first cycle never gets a label: the loop goes on without its frames."""
    text = INPUT.replace("cycles: 2", "cycles: 1").replace(
        "label: {command: '", "label: {tries: 1, command: 'case $PWD in */unit-000001/*) exit 3;; esac; ")
    other = prepare(scratch, "failed", text)
    shutil.copytree(os.path.join(path, "out", "cycle_000"), os.path.join(other, "out", "cycle_000"))
    result = run(program, other)
    rows = summary(other)
    check(result.returncode == 0 and rows[1]["labelled"] == 4, f"a failed unit: {result.stdout}")
    check("failed: 4" in read(other, "cycle_001", "cycle.yaml").decode(), "failed frames are counted")


def check_end(program, scratch, path):
    """Nothing is flagged when nobody asks for more than there is: the loop ends. Random picks take the same number."""
    shutil.copytree(path, os.path.join(scratch, "ended"))
    ended = os.path.join(scratch, "ended")
    shutil.rmtree(os.path.join(ended, "out", "cycle_001"))
    shutil.rmtree(os.path.join(ended, "out", "cycle_002"))
    quiet = ("--set", "pick.sigma=50", "--set", "pick.limit=100", "--set", "dynamics.temperatures=[1 K]")
    result = run(program, ended, quiet)
    check(result.returncode == 0 and "no frame is left to label" in result.stdout, f"end of the loop: {result.stdout}")
    check(not os.path.exists(os.path.join(ended, "out", "cycle_002")), "no second cycle")
    shutil.rmtree(os.path.join(ended, "out", "cycle_001"))
    result = run(program, ended, ("--set", "pick.method=random", "--set", "cycles=1"))
    check(result.returncode == 0 and summary(ended)[1]["labelled"] == 8, f"random picks: {result.stdout}")


def check_errors(program, path):
    cases = [
        (("--set", "potential={nnp: {folder: model}}"), "nothing in it is the word `committee`"),
        (("--set", "dynamics.temperatures=[]"), "a list of them, e.g. temperatures"),
        (("--set", "dynamics.temperatures=[60 K, warm]"), '"warm" is no temperature; expected e.g. 600 K'),
        (("--set", "label.calculator=a:B"), "expected either `command` or `calculator`, got both"),
        (("--set", "pick.limit=0.001 eV/A"), "limit 0.001 eV/A; expected more than sigma, 0.003 eV/A"),
        (("--set", "training.seed=3"), "seed is set by the loop itself; remove the key"),
        (("--set", "retraining.data={training: a}"), "data is set by the loop itself; remove the key"),
        (("--set", "training.data={validation: a}"), "expected data: {training: FILE, ...}"),
        (("--set", "retraining=short"), "retraining: expected a section of keys and values"),
        (("--set", "dynamics.structures=none.extxyz"), "none.extxyz"),
        (("--set", "pick.frmes=3"), "did you mean"),
        (("--set", "model=nowhere", "--set", "output_folder=o2"), "nowhere: no such folder of models"),
        (("--set", "output_folder=a/b/c"), 'cannot make "a/b/c"'),
        (("--set", "label.command=false", "--set", "output_folder=o3", "--set", "cycles=1"), "none of 8 frames got a label"),
    ]
    for more, expected in cases:
        result = run(program, path, more)
        check(result.returncode in (2, 4) and expected in result.stdout, f"{more}: {result.returncode} {result.stdout}")
    result = run(program, path, ("--check",))
    check(result.returncode == 0 and "walk_0002 start.extxyz:1 32 atoms 150 K" in result.stdout, result.stdout)


def main():
    if sys.argv[1] == "label":
        label_file(sys.argv[2], sys.argv[3])
        return
    program, mpiexec, scratch = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
    shutil.rmtree(scratch, ignore_errors=True)
    path = prepare(scratch, "one")
    result = run(program, path)
    check_loop(path, result)
    print("\n".join(read(path, "summary.txt").decode().split("\n")[1:]))
    if checks.failures == 0:
        check_ranks(program, mpiexec, scratch, path)
        check_kills(program, scratch, path)
        check_failed_labels(program, scratch, path)
        check_end(program, scratch, path)
        check_errors(program, path)
        check_baseline(program, scratch)
    print(f"{checks.failures} failures")
    sys.exit(checks.failures > 0)


if __name__ == "__main__":
    main()
