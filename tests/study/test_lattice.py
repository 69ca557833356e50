#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-lattice from outside: planted interactions come back from a file of energies, structures that left the lattice are dropped
and counted, Monte Carlo gives the energies of an enumerated lattice, one rank and three write the same bytes, a killed run ends with
those of an undisturbed one, arrangements are relaxed and fitted, and wrong inputs are named.

usage: test_lattice.py NNPMD_LATTICE MPIEXEC SCRATCH"""
import itertools
import math
import os
import random
import re
import signal
import subprocess
import sys
import time

from study import Study, read, rows

program, mpiexec, scratch = sys.argv[1:4]
study = Study(program, mpiexec, scratch)
check, run = study.check, study.run
BOLTZMANN = 8.617333262145179e-5

PARENT = """1
Lattice="3 0 0 0 3 0 0 0 %g" Properties=species:S:1:pos:R:3
Cu 0 0 0
"""
HEAD = """seed: 4
output_folder: out
pictures: false
parent: {structure: parent.extxyz, sites: [{element: Cu, species: [Cu, Au]}]}
"""


def folder(name, text, height=3.0):
    path = study.folder(name, HEAD + text)
    with open(os.path.join(path, "parent.extxyz"), "w") as out:
        out.write(PARENT % height)
    return path


# ---- a file of energies with planted interactions ----

PLANTED = {0: -1.25, 1: 0.1, 2: 0.03, 3: -0.02}  # J_0, point, nearest, second pairs; 3 and 6 a cell


def planted_energy(spins, n):
    sites = list(itertools.product(range(n[0]), range(n[1]), range(n[2])))
    at = {s: spins[i] for i, s in enumerate(sites)}
    shells = [[(1, 0, 0), (0, 1, 0), (0, 0, 1)],
              [(1, 1, 0), (1, -1, 0), (1, 0, 1), (1, 0, -1), (0, 1, 1), (0, 1, -1)]]
    energy = PLANTED[0] * len(sites)
    for s in sites:
        energy += PLANTED[1] * at[s]
        for shell, j in zip(shells, (PLANTED[2], PLANTED[3])):
            for d in shell:
                energy += j * at[s] * at[tuple((s[a] + d[a]) % n[a] for a in range(3))]
    return energy


def planted_file(path):
    """30 structures, larger and shaken; one more whose atom has left its site, one more that was squeezed along b."""
    generator = random.Random(7)
    with open(path, "w") as out:
        for k in range(32):
            n = [(2, 2, 3), (3, 2, 2), (3, 3, 2)][k % 3]
            sites = list(itertools.product(range(n[0]), range(n[1]), range(n[2])))
            spins = [generator.choice((1, -1)) for _ in sites]
            scale = 3.05
            edge = [scale * v for v in n]
            if k == 31:
                edge[1] *= 0.83
            out.write('%d\nLattice="%g 0 0 0 %g 0 0 0 %g" Properties=species:S:1:pos:R:3 energy=%.12f name=s%02d\n' %
                      (len(sites), *edge, planted_energy(spins, n), k))
            for i, s in enumerate(sites):
                x = [scale * v + generator.uniform(-0.15, 0.15) for v in s]
                if k == 30 and i == 4:
                    x[0] += 1.5
                    x[1] += 1.5
                out.write("%s %.6f %.6f %.6f\n" % ("Cu" if spins[i] > 0 else "Au", *x))


def test_fit():
    text = "clusters: {pairs: 4.5 A, triplets: 4.3 A}\nconfigurations: {file: data.extxyz}\n"
    paths = []
    for ranks in (1, 2):
        path = folder(f"fit{ranks}", text)
        planted_file(os.path.join(path, "data.extxyz"))
        result = run(path, ranks)
        check(result.returncode == 0, f"fit on {ranks}: {result.stdout}")
        paths.append(path)
        check("left the parent lattice: 1, an atom too far from its site" in result.stdout, result.stdout)
        check("left the parent lattice: 1, no supercell of the parent lattice" in result.stdout, result.stdout)
        check("32 structures: 30 kept" in result.stdout, result.stdout)
    for name in ("expansion.dat", "fit.dat"):
        check(read(paths[0], name) == read(paths[1], name), f"{name} differs between one rank and two")
    for row in rows(paths[0], "expansion.dat"):
        expected = PLANTED.get(int(row[0]), 0)
        check(abs(float(row[5]) - expected) < 1e-6, f"J of {row}: expected {expected}")


# ---- Monte Carlo of a 4 x 4 lattice, all arrangements of 8 and 8 known ----

ISING = "clusters: {pairs: 3.1 A}\nexpansion: ising.dat\n"
EXPANSION = "# Ising\n0 0 0 1 - 0\n1 1 0 1 1 0\n2 2 3.0 2 1-1 -0.01\n"


def ising_arrangements(kelvin):
    """Sites with spin up, energy (eV) and Boltzmann factor of each."""
    for up in itertools.combinations(range(16), 8):
        s = [-1] * 16
        for i in up:
            s[i] = 1
        e = -0.01 * sum(s[i] * (s[i // 4 * 4 + (i + 1) % 4] + s[(i + 4) % 16]) for i in range(16))
        yield up, e, math.exp(-e / (BOLTZMANN * kelvin))


def ising_exact(kelvin):
    z = sum_energy = square = 0.0
    for _, e, w in ising_arrangements(kelvin):
        z, sum_energy, square = z + w, sum_energy + w * e, square + w * e * e
    mean = sum_energy / z
    return mean / 16, (square / z - mean * mean) / (16 * (BOLTZMANN * kelvin) ** 2)


def ising_intensities(kelvin):
    """|sum of up spins exp(i k x)|^2 / 16 at k = (1/2, 0) and (1/2, 1/2), means over all arrangements."""
    z, sums = 0.0, [0.0, 0.0]
    for up, _, w in ising_arrangements(kelvin):
        z += w
        sums[0] += w * sum((-1) ** (i % 4) for i in up) ** 2 / 16
        sums[1] += w * sum((-1) ** (i % 4 + i // 4) for i in up) ** 2 / 16
    return [x / z for x in sums]


def check_maps(method, path):
    """Maps of diffuse scattering against all arrangements, and rows against the layers."""
    maps = {tuple(float(x) for x in r[:3]): float(r[4]) for r in rows(path, "diffuse.dat")}
    for kelvin in sorted({k[0] for k in maps}):
        exact = ising_intensities(kelvin)
        for k, expected in (((0.5, 0), exact[0]), ((0, 0.5), exact[0]), ((-0.5, 0.5), exact[1])):
            found = maps[(kelvin, *k)]
            check(abs(found - expected) < 0.1 * expected + 0.02, f"{method}, {kelvin} K, {k}: {found}, exact {expected}")
        check(maps[(kelvin, 0, 0)] == 0, f"{method}: k = 0 is not left out")
        around = sum(v for k, v in maps.items() if k[0] == kelvin and k[1] < 0.49 and k[2] < 0.49)
        check(abs(around - (8 - 16 * 0.25)) < 1e-3, f"{method}, {kelvin} K: all waves together {around}, exact 4")
    for row in rows(path, "rows.dat"):
        check(row[2].replace(",", "").count("1") == round(float(row[1]) * len(row[2].replace(",", ""))), f"rows {row}")


def ising_folder(name, walks):
    path = folder(name, ISING + "monte_carlo: {repeat: [4, 4, 1], composition: [Cu 1, Au 1], " + walks + "}\n", 30.0)
    with open(os.path.join(path, "ising.dat"), "w") as out:
        out.write(EXPANSION)
    return path


WALKS = {"anneal": "method: anneal, replicas: 5, temperature: 500 K -> 200 K, temperatures: 3, sweeps: 4000, waves: [0.5 0.5 0], diffuse: 0",
         "tempering": "method: tempering, temperature: 500 K -> 200 K, temperatures: 3, sweeps: 6000, waves: [0.5 0.5 0], diffuse: [0]"}


def test_monte_carlo(method):
    paths = []
    for ranks in (1, 3):
        path = ising_folder(f"{method}{ranks}", WALKS[method])
        result = run(path, ranks)
        check(result.returncode == 0, f"{method} on {ranks}: {result.stdout}")
        paths.append(path)
    for name in ("temperatures.dat", "order.dat", "histogram.dat", "lowest.extxyz", "found-002.poscar", "layers.dat",
                 "structure_factor.dat", "compare.dat", "diffuse.dat", "rows.dat"):
        check(read(paths[0], name) == read(paths[1], name), f"{method}: {name} differs between one rank and three")
    for row in rows(paths[0], "temperatures.dat"):
        kelvin, energy, error, heat = map(float, row[:4])
        exact, exact_heat = ising_exact(kelvin)
        check(abs(energy - exact) < 4 * error + 1e-9 and error < 5e-4, f"{method}, {kelvin} K: {energy} +- {error}, exact {exact}")
        check(abs(heat - exact_heat) < 0.1 * exact_heat + 0.01, f"{method}, {kelvin} K: C {heat}, exact {exact_heat}")
    check_maps(method, path)
    # Ground state of 8 and 8: two stripes, 8 of 32 bonds are unlike.
    lowest = re.search(r"lowest arrangement: (\S+) eV/site", result.stdout)
    check(abs(float(lowest.group(1)) + 0.01 * 16 / 16) < 1e-8, f"{method}: lowest {lowest.group(0)}")


def test_change():
    path = ising_folder("change", "moves: change, chemical_potentials: [Cu 0.004], replicas: 3, temperature: 400 K -> 300 K, "
                                  "temperatures: 2, sweeps: 3000")
    result = run(path, 2)
    check(result.returncode == 0, result.stdout)
    states = {}  # (energy, Cu): how many arrangements
    for code in range(1 << 16):
        right = code >> 1 & 0x7777 | code << 3 & 0x8888  # each row of four turned by one, and the rows
        up = code >> 4 | code << 12 & 0xf000
        unlike = bin(code ^ right).count("1") + bin(code ^ up).count("1")
        key = (-0.01 * (32 - 2 * unlike), 16 - bin(code).count("1"))
        states[key] = states.get(key, 0) + 1
    for row in rows(path, "temperatures.dat"):
        kelvin, energy, error = map(float, row[:3])
        weights = {k: n * math.exp(-(k[0] - 0.004 * k[1]) / (BOLTZMANN * kelvin)) for k, n in states.items()}
        exact = sum(k[0] * w for k, w in weights.items()) / sum(weights.values()) / 16
        check(abs(energy - exact) < 4 * error + 1e-9, f"change, {kelvin} K: {energy} +- {error}, exact {exact}")


# ---- kills ----

KILL = "clusters: {pairs: 3.1 A}\nexpansion: ising.dat\nmonte_carlo: {repeat: [12, 12, 1], composition: [Cu 1, Au 1], %s, " \
       "sweeps: 800, temperatures: 4, block: 20, checkpoint: 0 s, temperature: 500 K -> 200 K}\n"


def kill_folder(name, method):
    path = folder(name, KILL % method, 30.0)
    with open(os.path.join(path, "ising.dat"), "w") as out:
        out.write(EXPANSION)
    return path


def stamp(path):
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def kill_after(process, checkpoint, writes):
    """True: killed when the checkpoint had been written so often; False: the run ended before."""
    last, seen = stamp(checkpoint), 0
    while process.poll() is None:
        now = stamp(checkpoint)
        seen += now != last
        last = now
        if seen >= writes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.001)
    return False


def test_kill(method):
    whole = kill_folder("whole_" + method.split()[1], "method: " + method)
    check(run(whole, 2).returncode == 0, "undisturbed run")
    name, generator = "killed_" + method.split()[1], random.Random(5)
    path, kills = kill_folder(name, "method: " + method), 0
    for _ in range(12):
        process = subprocess.Popen(study.command(2), cwd=path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        checkpoint = os.path.join(path, "out", "monte_carlo.checkpoint")
        if kill_after(process, checkpoint, generator.randrange(1, 8) if kills < 3 else 10 ** 9):
            kills += 1
        elif kills == 3:
            break
        else:  # over before: a busy machine looks too seldom; once more from the start
            path, kills = kill_folder(name, "method: " + method), 0
    check(kills == 3, f"{kills} of 3 kills came in time")
    result = run(path)  # all is there: tables again, on another number of ranks
    check(result.returncode == 0, result.stdout)
    for name in ("temperatures.dat", "order.dat", "histogram.dat", "found-001.extxyz", "snapshot-000.extxyz", "monte_carlo.checkpoint"):
        with open(os.path.join(whole, "out", name), "rb") as a, open(os.path.join(path, "out", name), "rb") as b:
            check(a.read() == b.read(), f"{method}: {name} differs after {kills} kills")


def test_signal():
    path = kill_folder("signal", "method: anneal, replicas: 2")
    process = subprocess.Popen([program, "study.yaml", "--set", "monte_carlo.sweeps=4000000"], cwd=path, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, universal_newlines=True)
    end = time.time() + 100
    while not stamp(os.path.join(path, "out", "monte_carlo.checkpoint")) and time.time() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    text = process.communicate()[0]
    check(process.returncode == 75 and "goes on from the checkpoint" in text, f"signal: {process.returncode} {text}")


# ---- arrangements made here ----

MADE = """clusters: {pairs: 4.5 A}
configurations: {cells: [2 2 2, 3 2 2, 4 2 1], composition: [Cu 1, Au 1], random: 6, annealed: 3, rounds: 2, sweeps: 50}
potential:
  morse: {cutoff: 6 A, pairs: [{elements: [Cu, Cu], depth: 0.3, alpha: 1.5, distance: 3.1}, {elements: [Au, Au], depth: 0.28, alpha: 1.5, distance: 3.2}, {elements: [Cu, Au], depth: 0.35, alpha: 1.5, distance: 3.0}]}
relax: {cell: fixed, force_tolerance: 0.001 eV/A}
monte_carlo: {repeat: [4, 2, 2], composition: [Cu 1, Au 1], replicas: 2, sweeps: 50, temperatures: 3}
"""


def test_made():
    paths = []
    for ranks in (1, 2):
        path = folder(f"made{ranks}", MADE)
        result = run(path, ranks)
        check(result.returncode == 0, f"made on {ranks}: {result.stdout}")
        paths.append(path)
    for name in ("expansion.dat", "fit.dat", "temperatures.dat", "compare.dat"):
        check(read(paths[0], name) == read(paths[1], name), f"made: {name} differs between one rank and two")
    before = {name: os.path.getmtime(os.path.join(paths[0], "out", "results", name))
              for name in os.listdir(os.path.join(paths[0], "out", "results")) if name.startswith("r")}
    check(len(before) > 10, f"{len(before)} results")
    result = run(paths[0])
    check(all(os.path.getmtime(os.path.join(paths[0], "out", "results", n)) == t for n, t in before.items()),
          "results were made again")


def test_kill_made():
    """Killed while structures are relaxed: the same command ends with the bytes of an undisturbed run."""
    whole = os.path.join(scratch, "made1", "out")
    for attempt in range(10):
        path = folder("made_killed", MADE)
        process = subprocess.Popen([program, "study.yaml"], cwd=path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        results = os.path.join(path, "out", "results")
        while process.poll() is None and not (os.path.isdir(results) and len(os.listdir(results)) > 4):
            time.sleep(0.001)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            break
    check(process.returncode == -signal.SIGKILL, "no kill came in time")
    check(not os.path.exists(os.path.join(path, "out", "expansion.dat")), "the fit was there before the kill")
    result = run(path)
    check(result.returncode == 0, f"after the kill: {result.stdout}")
    for name in ("expansion.dat", "fit.dat", "temperatures.dat", "compare.dat", "lowest.extxyz"):
        with open(os.path.join(whole, name), "rb") as a, open(os.path.join(path, "out", name), "rb") as b:
            check(a.read() == b.read(), f"made: {name} differs after a kill")


# ---- wrong inputs ----

GOOD = "clusters: {pairs: 3.1 A}\nexpansion: ising.dat\n"
MC = "monte_carlo: {repeat: [4, 4, 1], composition: [Cu 1, Au 1]}\n"
BAD = [
    ("clusters: {pairs: 3.1 A}\n", "neither configurations nor expansion"),
    (GOOD + "configurations: {file: data.extxyz}\n", "both configurations and expansion"),
    ("clusters: {pairs: 3.1 A}\nconfigurations: {random: 3}\n", "neither file nor cells"),
    ("clusters: {pairs: 3.1 A}\nconfigurations: {cells: [2 2 2], composition: [Cu 1]}\n", "cells without a potential"),
    ("clusters: {pairs: 3.1 A}\nconfigurations: {cells: [2 2 2]}\n", "cells without composition"),
    ("clusters: {pairs: 3.1 A}\nconfigurations: {cells: [2 0 2], composition: [Cu 1]}\n", "expected three whole numbers"),
    ("clusters: {pairs: 3.1 A}\nconfigurations: {cells: [2 2], composition: [Cu 1]}\n", "expected three numbers"),
    ("clusters: {pair: 3.1 A}\nexpansion: ising.dat\n", "did you mean"),
    ("clusters: {pairs: 7 A}\nexpansion: ising.dat\n", "an expansion with the clusters of this input"),
    (GOOD + MC.replace("Au 1", "Ag 1"), "no site may hold Ag"),
    (GOOD + MC.replace("Au 1", "Au 2"), "expected a whole number"),
    (GOOD + MC.replace("Au 1", "Au"), "expected a species and a number"),
    (GOOD + MC.replace("Au 1", "Xx 1"), "is no chemical symbol"),
    (GOOD + MC.replace("Au 1", "Cu 1"), "is given twice"),
    (GOOD + MC.replace("}", ", species: Ag}"), "no site may hold Ag"),
    (GOOD + MC.replace("}", ", waves: [0 0]}"), "expected three numbers"),
    (GOOD + MC.replace("}", ", diffuse: [x]}"), "expected a number, e.g. 0.5"),
    (GOOD + MC.replace("}", ", diffuse: [0, 0.5]}"), "expected a multiple of 1/1"),
    (GOOD + MC.replace("}", ", diffuse: [0, 0, 0, 0, 0]}"), "5 given; expected up to 4"),
    (GOOD + "ewald: {charges: [Cu 1]}\n" + MC, "charges: none of Au"),
    ("clusters: {pairs: 3.1 A}\nexpansion: missing.dat\n", "missing.dat"),
    ("clusters: {pairs: 3.1 A}\nexpansion: short.dat\n", "short.dat:2: 2 words; expected six"),
    ("clusters: {pairs: 3.1 A}\nexpansion: text.dat\n", 'text.dat:3: "J" is no number'),
    (GOOD + MC + "compare: missing.extxyz\n", "missing.extxyz"),
    ("clusters: {pairs: 60 A, quadruplets: 30 A}\nexpansion: ising.dat\n", "expected a smaller diameter"),
    ("clusters: {pairs: 3.1 A}\nconfigurations: {file: noenergy.extxyz}\n", "no energy in this frame"),
    ("clusters: {pairs: 3.1 A}\nconfigurations: {file: two.extxyz}\n", "expected at least three"),
]


def test_bad():
    for text, expected in BAD:
        path = folder("bad", text)
        for name, content in (("ising.dat", EXPANSION), ("short.dat", "# J\n0 0\n"), ("text.dat", EXPANSION.replace("-0.01", "J").replace("1 1 0 1 1 0\n", "")), ("noenergy.extxyz", PARENT % 3),
                              ("two.extxyz", 2 * (PARENT % 3).replace("Properties", "energy=1 Properties"))):
            with open(os.path.join(path, name), "w") as out:
                out.write(content)
        result = run(path)
        lines = [line for line in result.stdout.splitlines() if "error:" in line]
        check(result.returncode in (2, 3) and len(lines) == 1 and expected in lines[0], f"{text!r}: {result.stdout}")
    path = folder("bad", GOOD)
    with open(os.path.join(path, "study.yaml"), "a") as out:
        out.write("x: 1\n")
    check("unknown key" in run(path).stdout, "unknown key")
    for species, expected in (("[Cu]", "1 given; expected 2"), ("[Cu, Cu]", "named twice")):
        path = folder("bad", GOOD)
        result = run(path, more=["--set", "parent.sites.0.species=" + species])
        check(result.returncode == 2 and expected in result.stdout, f"{species}: {result.stdout}")
    result = run(path, more=["--set", "parent.sites.0.element=Ag"])
    check(result.returncode == 2 and "no Ag in the parent lattice" in result.stdout, result.stdout)


def main():
    test_fit()
    test_monte_carlo("anneal")
    test_monte_carlo("tempering")
    test_change()
    test_kill("anneal, replicas: 3")
    test_kill("tempering, shells: 3.1 A")
    test_signal()
    test_made()
    test_kill_made()
    test_bad()
    print(f"test_lattice: {study.failures} failures")
    return 1 if study.failures else 0


if __name__ == "__main__":
    sys.exit(main())
