#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The scripts of inputs/auli_*: alloying under stress killed and started again ends with the same bytes, its rates and its line are
those of least squares done here; equations of state and moduli of made-up labels with known answers; the table of faces from files
of finished runs.

usage: test_auli_scripts.py NNPMD SOURCE SCRATCH"""
import math
import os
import shutil
import signal
import subprocess
import sys
import time

from study import Checks

program, source, scratch = sys.argv[1:4]
checks = Checks()
check = checks.check
STRESSES, SEEDS = ("-1", "1"), ("1", "2")


def stress_command(folder):
    small = "structure.build.interface."
    return ["bash", os.path.join(source, "inputs", "auli_interface", "stress.sh"), folder, "1", "--set", small + "atoms=150", "--set",
            small + "side_a.layers=4", "--set", small + "side_b.layers=5", "--set", small + "max_strain=6", "--set",
            "stages.0.npt.duration=1.4 ps", "--set", "checkpoint.every=100", "--set",
            "potential={nnp: {folder: '%s/potentials/AuLi/1', length_unit: A, energy_unit: eV}}" % source]


def environment():
    return dict(os.environ, STRESSES=" ".join(STRESSES), SEEDS=" ".join(SEEDS), NNPMD=program)


def run_stress(folder):
    return subprocess.run(stress_command(folder), cwd=scratch, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, timeout=280)


def read(folder, name):
    with open(os.path.join(scratch, folder, name)) as file:
        return file.read()


def rows(text):
    return [[float(w) for w in line.split()] for line in text.splitlines() if not line.startswith("#")]


def slope(points):
    x, y = [p[0] for p in points], [p[1] for p in points]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)


def mean_and_error(values):
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) * (len(values) - 1)))


def test_rates(folder):
    table = rows(read(folder, "stress.dat"))
    check([row[0] for row in table] == [float(s) for s in STRESSES], "stresses of the table: %s" % table)
    for row, stress in zip(table, STRESSES):
        rates, stresses = [], []
        for seed in SEEDS:
            late = [r for r in rows(read(folder, "%s/%s/mixing.dat" % (stress, seed))) if r[1] >= 1000]
            rates.append(slope([(r[1] / 1000, r[2]) for r in late]))
            late = [r for r in rows(read(folder, "%s/%s/thermo.dat" % (stress, seed))) if r[2] >= 1000]
            stresses.append(sum(r[12] for r in late) / len(late))
        expected = mean_and_error(rates) + mean_and_error(stresses)
        check(all(abs(a - b) < 2e-4 for a, b in zip(row[2:], expected)), "at %s GPa: %s, expected %s" % (stress, row, expected))
    if all(row[2] > 0 for row in table):
        (x, y), (low, high) = [row[4] for row in table], [row[2] for row in table]
        steep = math.log(high / low) / (y - x)  # two points: the line goes through both
        line = rows(read(folder, "line.dat"))[0]
        check(abs(line[1] - steep) < 2e-3 * max(1, abs(steep)) and abs(math.log(line[0] / low) + steep * x) < 2e-3 * max(1, abs(steep)),
              "line %s, expected steepness %g" % (line, steep))


def kill_in_second_run():
    """Start in a clean folder and kill -9 when the second run has a checkpoint; false if the runs were over before."""
    shutil.rmtree(os.path.join(scratch, "killed"), ignore_errors=True)
    work = subprocess.Popen(stress_command("killed"), cwd=scratch, env=environment(), stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, start_new_session=True)
    run = os.path.join(scratch, "killed", STRESSES[1], SEEDS[0])
    end = time.time() + 100
    while time.time() < end and work.poll() is None and not os.path.exists(os.path.join(run, "run.checkpoint")):
        time.sleep(0.002)
    try:
        os.killpg(work.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    work.wait()
    return os.path.exists(os.path.join(run, "run.checkpoint")) and not os.path.exists(os.path.join(run, "done"))


def test_stress():
    answer = run_stress("stress")
    check(answer.returncode == 0, answer.stdout)
    if answer.returncode != 0:
        return
    test_rates("stress")
    check(any(kill_in_second_run() for _ in range(6)), "killed in the second run")  # a busy machine may look too late
    answer = run_stress("killed")
    check(answer.returncode == 0, answer.stdout)
    for name in ("stress.dat", "line.dat", "%s/%s/mixing.dat" % (STRESSES[1], SEEDS[0])):
        check(read("killed", name) == read("stress", name), "%s after a kill differs" % name)


def write_cells(path, scale):
    """Cells of id 0 (fcc Au) with a Birch equation of V0 = 18, B = 100 scale GPa, B' = 4, and C11 - C12 = 30 scale."""
    gpa, v0 = 160.2176634, 18.0
    b = 100 * scale / gpa
    lines = []

    def cell(identity, family, h, energy, stress):
        lines.append('1\nLattice="%.9f 0 0 0 %.9f 0 0 0 %.9f" Properties=species:S:1:pos:R:3 id=%s family=%s energy=%.10f '
                     'stress="%.10f 0 0 0 %.10f 0 0 0 %.10f" pbc="T T T"\nAu 0 0 0' % (*h, identity, family, energy, *stress))
    for ratio in (0.8, 0.93, 1.0, 1.07, 1.25):
        edge, q = (v0 * ratio) ** (1 / 3), ratio ** (-2 / 3)
        energy = 9 * v0 * b / 16 * 6 * (q - 1) ** 2 / 3  # third order with B' = 4: no cubic term
        pressure = 1.5 * b * (q ** 3.5 - q ** 2.5)
        cell("eos_0_v%.2f" % ratio, "parent" if ratio == 1 else "eos", [edge] * 3, energy, [-pressure] * 3)
    edge = v0 ** (1 / 3)
    for e in (0.08, -0.08):
        axial = 30 * scale / gpa * 1.5 * e
        cell("uniaxial_0_%+.2f" % e, "uniaxial", [edge * (1 - e / 2), edge * (1 - e / 2), edge * (1 + e)], 0.1, [0, 0, axial])
    with open(path, "w") as out:
        out.write("\n".join(lines) + "\n")


def test_labels():
    python = os.environ.get("NNPMD_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import ase, numpy"], stderr=subprocess.DEVNULL).returncode != 0:
        print("labels.py not tested: no ASE")
        return
    paths = [os.path.join(scratch, name) for name in ("label.extxyz", "model.extxyz")]
    for path, scale in zip(paths, (1.0, 1.1)):
        write_cells(path, scale)
    answer = subprocess.run([python, os.path.join(source, "inputs", "auli_mixing", "labels.py"), *paths, os.path.join(scratch, "labels")],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    check(answer.returncode == 0, answer.stdout)
    found = [float(w) for w in answer.stdout.splitlines()[-1].split()[1:]]
    expected = [18, 18, 100, 110, 0, 30, 33, 120, 132]
    check(len(found) == 9 and all(abs(a - b) < 0.006 * abs(b) + 0.02 for a, b in zip(found, expected)),
          "labels.py: %s, expected %s" % (found, expected))


def test_small_strains():
    """The shipped strained cells, labels against themselves: columns agree, and C11 > C12 > 0 as for any stable cubic crystal."""
    python = os.environ.get("NNPMD_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import ase, numpy"], stderr=subprocess.DEVNULL).returncode != 0:
        return
    cells = os.path.join(source, "potentials", "AuLi", "data", "elastic.extxyz")
    answer = subprocess.run([python, os.path.join(source, "inputs", "auli_mixing", "labels.py"), cells, cells,
                             os.path.join(scratch, "small")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    lines = answer.stdout.splitlines()
    check(answer.returncode == 0 and len(lines) >= 3, answer.stdout)
    for line in lines:
        numbers = [float(w) for w in line.replace(",", " ").split() if w.replace(".", "").replace("-", "").isdigit()]
        check(len(numbers) == 6 and numbers[:3] == numbers[3:] and numbers[0] > numbers[1] > 0 and numbers[2] > 0, line)


def test_surfaces():
    """The table of nine finished runs: the last mixing fraction, and the fall of the energy since the last stage began."""
    expected = []
    for kelvin in (400, 500, 600):
        for faces in ("100 100", "110 110", "111 110"):
            number = len(expected) + 1
            folder = os.path.join(scratch, "surfaces", "%s-%d" % (faces.replace(" ", "-"), kelvin))
            os.makedirs(folder)
            for name, text in (("done", ""), ("trajectory.extxyz", "50\n"),
                               ("mixing.dat", "# step\n# 1\n0 0 0\n10 20 0.%d5\n" % number),
                               ("thermo.dat", "# step\n# 1\n0 1 0 0 -9 0 -9\n1 3 1 0 -9 0 -10\n2 3 2 0 -9 0 %d\n" % (-10 - number))):
                with open(os.path.join(folder, name), "w") as out:
                    out.write(text)
            expected.append([float(w) for w in faces.split()] + [kelvin, float("0.%d5" % number), number / 50])
    script = os.path.join(source, "inputs", "auli_interface", "surfaces.sh")
    answer = subprocess.run(["bash", script, "surfaces"], cwd=scratch, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            universal_newlines=True, timeout=100)
    check(rows(answer.stdout) == expected, answer.stdout)


def main():
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    test_labels()
    test_small_strains()
    test_surfaces()
    test_stress()
    print("test_auli_scripts: %d failed" % checks.failures)
    return checks.failures > 0


sys.exit(main())
