#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A fit that is killed again and again ends with the bytes of the uninterrupted one; so does one whose potential is in a file of its own.

test_kill_fit.py NNPMD_FIT MPIEXEC FOLDER      SIGKILL to all ranks at random moments, then --restart
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

INPUT = """
seed: 5
output_folder: {output}
potential: {{sum: {{terms: [{{morse: {{cutoff: 4, pairs: [{{elements: [Li, F], depth: 0.3, alpha: 1.5, distance: 2.4}}]}}}}]}}}}
parameters:
  - {{path: sum.terms.0.morse.pairs.0.depth, low: 0.1, high: 1}}
  - {{path: sum.terms.0.morse.pairs.0.alpha, low: 1, high: 3}}
  - {{path: sum.terms.0.morse.pairs.0.distance, low: 1.8, high: 2.8}}
data: {{file: {folder}/labelled.extxyz}}
dynamics:
  - structure: {folder}/labelled.extxyz
    stages: [nvt: {{steps: 15, timestep: 1 fs, velocities: 300 K, temperature: 300 K}}]
    every: 5
    rdf: {{cutoff: 4 A, bins: 20, tables: [{{elements: [Li, F], file: {folder}/g.dat}}]}}
search: cuckoo
population: 6
generations: 25
migrate: 5
"""


def write_data(folder):
    """Made-up labels: what the fit finds does not matter here."""
    generator = random.Random(3)
    with open(os.path.join(folder, "labelled.extxyz"), "w", encoding="ascii") as file:
        for _ in range(3):
            file.write(f'8\nLattice="5 0 0 0 5 0 0 0 5" energy={generator.uniform(-10, -9):.8f} '
                       "Properties=species:S:1:pos:R:3:forces:R:3\n")
            for i in range(8):
                x = [2.5 * (i >> d & 1) + generator.uniform(-0.2, 0.2) for d in range(3)]
                f = [generator.gauss(0, 0.5) for _ in range(3)]
                symbol = "F" if bin(i).count("1") % 2 else "Li"
                file.write(symbol + "".join(f" {v:.8f}" for v in x + f) + "\n")
    with open(os.path.join(folder, "g.dat"), "w", encoding="ascii") as file:
        file.write("# A 1\n1.5 0\n2.5 4\n3.5 1\n4.5 1\n")


def start(program, mpiexec, ranks, path, restart):
    command = [program, path] + (["--restart"] if restart else [])
    if ranks > 1:
        command = [mpiexec, "-n", str(ranks)] + command
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def check(program, mpiexec, folder, ranks, generator):
    outputs, paths = {}, {}
    for name in ("whole", "killed"):
        outputs[name] = os.path.join(folder, f"{name}{ranks}")
        paths[name] = outputs[name] + ".yaml"
        with open(paths[name], "w", encoding="ascii") as file:
            file.write(INPUT.format(folder=folder, output=outputs[name]))
    began = time.time()
    run = start(program, mpiexec, ranks, paths["whole"], False)
    if run.wait() != 0:
        sys.exit(f"fit failed: {run.stderr.read().decode()}")
    seconds, kills, ended = time.time() - began, 0, False
    while not ended:
        restart = os.path.exists(os.path.join(outputs["killed"], "fit.checkpoint"))
        run = start(program, mpiexec, ranks, paths["killed"], restart)
        try:
            if run.wait(timeout=None if kills >= 5 else generator.uniform(0.2, 0.6) * seconds) != 0:
                sys.exit(f"restart {kills} failed: {run.stderr.read().decode()}")
            ended = True
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            kills += 1
    for result in ("fitted.yaml", "rdf_1.dat", "parity_force.dat"):
        texts = [open(os.path.join(outputs[name], result), "rb").read() for name in ("whole", "killed")]
        if texts[0] != texts[1]:
            sys.exit(f"{ranks} ranks: {result} differs after {kills} kills")
    print(f"{ranks} ranks: the same bytes after {kills} kills")


def check_file(program, mpiexec, folder):
    """The potential in a file of its own, in another folder, with one of its numbers from the command line: the same fit, and a
    mistake is named where it stands."""
    place = os.path.join(folder, "elsewhere")
    os.makedirs(place)
    inner, results = INPUT.split("\n")[3].format(), []
    with open(os.path.join(place, "morse.yaml"), "w", encoding="ascii") as file:
        file.write("# a force field\n" + inner.replace("depth: 0.3", "depth: 0.2") + "\n")
    for name, potential, more in (("inside", inner, []), ("file", "potential: {file: elsewhere/morse.yaml}",
                                                          ["--set", "potential.sum.terms.0.morse.pairs.0.depth=0.3"])):
        output = os.path.join(folder, name)
        text = INPUT.replace(INPUT.split("\n")[3], potential.replace("{", "{{").replace("}", "}}")).format(folder=folder, output=output)
        with open(output + ".yaml", "w", encoding="ascii") as file:
            file.write(text.replace("generations: 25", "generations: 4"))
        run = subprocess.run([mpiexec, "-n", "2", program, output + ".yaml", *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             universal_newlines=True, check=False)
        if run.returncode != 0:
            sys.exit(f"potential {name}: {run.stdout}")
        results.append(open(os.path.join(output, "fitted.yaml"), "rb").read())
    if results[0] != results[1]:
        sys.exit(f"a potential in a file is fitted otherwise: {results}")
    run = subprocess.run([program, output + ".yaml", "--set", "potential.sum.terms.0.morse.pairs.0.depht=1"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, universal_newlines=True, check=False)
    if run.returncode != 2 or "depht" not in run.stdout:
        sys.exit(f"a misspelt number: {run.returncode} {run.stdout}")
    print("potential in a file: the same bytes")


def main():
    program, mpiexec, folder = sys.argv[1:]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    write_data(folder)
    generator = random.Random(11)
    for ranks in (1, 2):
        check(program, mpiexec, folder, ranks, generator)
    check_file(program, mpiexec, folder)


if __name__ == "__main__":
    main()
