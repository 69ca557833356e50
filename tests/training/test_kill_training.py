#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A training that is killed again and again ends with the bytes of the uninterrupted one.

test_kill_training.py NNPMD_TRAIN MPIEXEC FOLDER      SIGKILL to all ranks at random moments, then --restart
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INPUT = """
settings: {folder}/settings
output: {output}
pictures: false
average: 0.3
data: {{training: {folder}/train.extxyz, validation_fraction: 0.2, split: group}}
stages:
  - kalman: {{epochs: 8}}
"""
FUNCTIONS = "".join(f"symfunction_short {c} 2 {n} {eta} 0.0 6.0\n"
                    for c in ("Li", "Au") for n in ("Li", "Au") for eta in (0.01, 0.05, 0.3))
SETTINGS = """number_of_elements 2
elements Li Au
cutoff_type 2
scale_symmetry_functions
center_symmetry_functions
global_hidden_layers_short 2
global_nodes_short 12 12
global_activation_short t t l
""" + FUNCTIONS


def write_data(folder, n):
    """Made-up labels: a soft repulsion between neighbours in a chain of cells is enough here."""
    generator = random.Random(3)
    with open(os.path.join(folder, "train.extxyz"), "w", encoding="ascii") as file:
        for k in range(n):
            atoms = [(generator.choice(("Li", "Au")), [generator.uniform(-0.3, 0.3) + 3.0 * ((i >> d) & 1) for d in range(3)])
                     for i in range(8)]
            energy = sum(-2.0 - (s == "Au") + sum(c * c for c in x) * 0.01 for s, x in atoms)
            file.write(f'8\nLattice="6 0 0 0 6 0 0 0 6" energy={energy:.10f} group=g{k // 4} '
                       "Properties=species:S:1:pos:R:3:forces:R:3\n")
            for s, x in atoms:
                file.write(f"{s} {x[0]:.8f} {x[1]:.8f} {x[2]:.8f} {-0.02 * x[0]:.8f} {-0.02 * x[1]:.8f} {-0.02 * x[2]:.8f}\n")


def start(program, mpiexec, ranks, path, restart):
    command = [program, path] + (["--restart"] if restart else [])
    if ranks > 1:
        command = [mpiexec, "-n", str(ranks)] + command
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def weights(folder):
    return [open(os.path.join(folder, f"weights.{z}.data"), "rb").read() for z in ("003", "079")]


def curve(folder):
    """The learning curve without its times."""
    with open(os.path.join(folder, "learning_curve.txt"), encoding="ascii") as file:
        return [line.split()[:3] + line.split()[5:] for line in file]


def check(program, mpiexec, folder, ranks, generator):
    paths = {}
    for name in ("whole", "killed"):
        output = os.path.join(folder, f"{name}{ranks}")
        paths[name] = (os.path.join(folder, f"{name}{ranks}.yaml"), output)
        with open(paths[name][0], "w", encoding="ascii") as file:
            file.write(INPUT.format(folder=folder, output=output))
    began = time.time()
    run = start(program, mpiexec, ranks, paths["whole"][0], False)
    if run.wait() != 0:
        sys.exit(f"training failed: {run.stderr.read().decode()}")
    seconds = time.time() - began
    kills, path, output = 0, *paths["killed"]
    checkpoint = os.path.join(output, "train.checkpoint")
    while True:
        run = start(program, mpiexec, ranks, path, os.path.exists(checkpoint))
        if kills < 4:
            time.sleep(generator.uniform(0.3, 0.9) * seconds)
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                kills += 1
                run.wait()
                continue
        if run.wait() != 0:
            sys.exit(f"after {kills} kills: {run.stderr.read().decode()}")
        break
    if weights(paths["whole"][1]) != weights(output) or curve(paths["whole"][1]) != curve(output):
        sys.exit(f"{ranks} ranks: different after {kills} kills")
    print(f"{ranks} ranks: the same bytes after {kills} kills ({seconds:.2f} s a run)")
    return kills


def main():
    program, mpiexec, folder = os.path.realpath(sys.argv[1]), sys.argv[2], sys.argv[3]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "settings"))
    with open(os.path.join(folder, "settings", "input.nn"), "w", encoding="ascii") as file:
        file.write(SETTINGS)
    write_data(folder, 160)
    generator = random.Random(1)
    if sum(check(program, mpiexec, folder, ranks, generator) for ranks in (1, 2)) == 0:
        sys.exit("no run was killed in time")


if __name__ == "__main__":
    main()
