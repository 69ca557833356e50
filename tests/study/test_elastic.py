#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-elastic from outside: killed and started again, on one rank or two, it ends with the same files byte for byte, and does
again only what was missing; another strain is another study; wrong inputs are named.

usage: test_elastic.py NNPMD_ELASTIC MPIEXEC SOURCE SCRATCH"""
import os
import signal
import subprocess
import sys
import time

from study import Study

program, mpiexec, source, scratch = sys.argv[1:5]
study = Study(program, mpiexec, scratch)
check, run = study.check, study.run
ENDS = ("elastic.dat", "eos.dat", "structure.extxyz")

INPUT = """output_folder: out
crystal: {prototype: d0_22, elements: [Au, Li], volume: 16.5}
potential:
  nnp: {folder: '%s/potentials/AuLi/1', length_unit: A, energy_unit: eV}
points: 9
relax: {force_tolerance: 1e-6 eV/A}
pictures: false
""" % source


def folder(name):
    return study.folder(name, INPUT)


def ends(path):
    contents = []
    for name in ENDS:
        with open(os.path.join(path, "out", name), "rb") as file:
            contents.append(file.read())
    return contents


def results(path):
    where = os.path.join(path, "out", "results")
    return {n: os.stat(os.path.join(where, n)).st_mtime_ns for n in os.listdir(where) if n.endswith(".dat")} \
        if os.path.isdir(where) else {}


def kill_after(path, wanted):
    """Start and kill -9 when so many results are there; what is there then."""
    work = subprocess.Popen(study.command(), cwd=path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.time() + 100
    while time.time() < end and work.poll() is None and len(results(path)) < wanted:
        time.sleep(0.001)
    work.send_signal(signal.SIGKILL)
    work.wait()
    check(not os.path.exists(os.path.join(path, "out", "elastic.dat")), "killed before its end")
    return results(path)


def test_kill(reference):
    path = folder("killed")
    before = kill_after(path, 3)
    check(3 <= len(before) < 48, "%d results at the first kill" % len(before))
    later = kill_after(path, len(before) + 10)  # once more
    check(all(later.get(n) == t for n, t in before.items()), "results were done again after the first kill")
    with open(os.path.join(path, "out", "results", sorted(later)[0]), "r+") as file:
        file.truncate(30)  # a file that is not whole is done again
    model = study.moved(os.path.join(source, "potentials", "AuLi", "1"))
    answer = run(path, ranks=2, more=["--set", "potential.nnp.folder=" + model])
    check(answer.returncode == 0, answer.stdout)
    now = results(path)
    check(len(now) == 48 + 9, "%d results at the end" % len(now))
    kept = sum(now[n] == t for n, t in later.items())
    check(kept == len(later) - 1, "%d of %d results were kept; all but one expected" % (kept, len(later)))
    check(ends(path) == reference, "files after two kills differ")
    other = run(path, more=["--set", "strain=0.003"])
    check(other.returncode == 0 and len(results(path)) == 2 * 48 + 9, "another strain: %s" % other.stdout)
    check(ends(path)[1:] == reference[1:] and ends(path)[0] != reference[0], "another strain changes elastic.dat alone")


def test_errors(path):
    study.refuses(path, (
        ("crystal.prototype=l1_5", ['unknown prototype "l1_5"', "did you mean l1_"]),
        ("crystal.elements=[Au]", ["d0_22 has 2 elements, 1 given"]),
        ("crystal.elements=[Au, Au]", ["Au twice", "d0_22 is a compound"]),
        ("crystal.elements=[Au, Xx]", ['"Xx" is no chemical symbol']),
        ("structure=none.extxyz", ["expected either `structure` or `crystal`, got both"]),
        ("strain=0.5", ["strain", "0.5"]),
        ("points=2", ["points", "2"])))


def main():
    one = folder("one")
    answer = run(one)
    check(answer.returncode == 0, answer.stdout)
    if answer.returncode == 0:
        test_kill(ends(one))
    test_errors(one)
    print("test_elastic: %d failed" % study.failures)
    return study.failures > 0


sys.exit(main())
