#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A run that leaves the training range: counts do not depend on the number of ranks, frames are exported once each and
again after a restart, and the run stops when told to.

usage: test_extrapolation.py NNPMD MPIEXEC SOURCE SCRATCH
"""
import os
import re
import shutil
import subprocess
import sys

from checks import check, finish

program, mpiexec, source, scratch = sys.argv[1:5]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)

INPUT = """
output_folder: {folder}
structure: {{file: hot.extxyz}}
potential:
  nnp: {{folder: {source}/potentials/AuLi-starter, length_unit: A, energy_unit: eV}}
checkpoint: {{every: 20}}
stages:
  - nve: {{steps: {steps}, timestep: 2 fs{velocities}}}
outputs:
  - thermo: {{every: 1, screen: false}}
  - trajectory: {{every: 20, extrapolation: true, digits: 17}}
  - extrapolation: {{every: 1, policy: {policy}, gap: 5, distance: 0.05 A, limit: {limit}}}
"""


def crystal():
    """108 atoms of a gold-lithium crystal, compressed."""
    a, rows = 3.5, []
    for i in range(3):
        for j in range(3):
            for k in range(3):
                for n, s in enumerate([(0, 0, 0), (.5, .5, 0), (.5, 0, .5), (0, .5, .5)]):
                    symbol = "Li" if (i + j + k + n) % 3 == 0 else "Au"
                    rows.append("%s %.10f %.10f %.10f" % (symbol, (i + s[0]) * a, (j + s[1]) * a, (k + s[2]) * a))
    with open(os.path.join(scratch, "hot.extxyz"), "w") as out:
        out.write('%d\nLattice="%g 0 0 0 %g 0 0 0 %g" Properties=species:S:1:pos:R:3\n%s\n' %
                  (len(rows), 3 * a, 3 * a, 3 * a, "\n".join(rows)))


def run(name, ranks, steps=40, policy="dump", limit=0, restart=None, expect=0):
    path = os.path.join(scratch, name + ".yaml")
    with open(path, "w") as out:
        out.write(INPUT.format(folder=name, source=source, steps=steps, policy=policy, limit=limit,
                               velocities=", velocities: 5000 K"))
    command = [mpiexec, "-n", str(ranks), program, path] + (["--restart", restart] if restart else [])
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
    check(name + ": exit code %d" % expect, done.returncode == expect, done.stderr[-2000:] if done.returncode != expect else "")
    return done


def counts(name):
    """Columns step, extrapolations of the step, in all."""
    rows = [line.split() for line in open(os.path.join(scratch, name, "thermo.dat")) if not line.startswith("#")]
    return [(int(row[0]), int(row[-2]), int(row[-1])) for row in rows]


def frames(name, file="extrapolation.extxyz"):
    """(step, extrapolations by the header, sum over the atoms) of each frame."""
    found, lines = [], open(os.path.join(scratch, name, file)).read().split("\n")
    while lines and lines[0].strip():
        n, head = int(lines[0]), lines[1]
        column = re.search(r"Properties=(\S+)", head).group(1)
        assert column.endswith("extrapolation:I:1"), column
        total = sum(int(line.split()[-1]) for line in lines[2:2 + n])
        header = re.search(r" extrapolations=(\d+)", head)
        found.append((int(re.search(r" step=(\d+)", head).group(1)), int(header.group(1)) if header else None, total))
        lines = lines[2 + n:]
    return found


def read(name, file):
    return open(os.path.join(scratch, name, file), "rb").read()


crystal()
run("one", 1)
run("eight", 8)
one, eight = counts("one"), counts("eight")
total = one[-1][2]
check("the run extrapolates: %d pairs in %d steps" % (total, one[-1][0]), total > 20)
check("counts of every step are those of 1 rank at 8 ranks", one == eight)
check("the same frames exported", [f[0] for f in frames("one")] == [f[0] for f in frames("eight")], [f[0] for f in frames("one")])
check("atoms' counts sum up to the step's", all(header == total for _, header, total in frames("one")))
steps = dict((step, now) for step, now, _ in one)
check("field in the trajectory, too", all(steps[step] == total for step, _, total in frames("one", "trajectory.extxyz")))
gaps = [b[0] - a[0] for a, b in zip(frames("one"), frames("one")[1:])]
check("gaps between exported frames: %s" % gaps, len(gaps) >= 2 and min(gaps) >= 5)
check("as many frames in input.data", read("one", "extrapolation.data").count(b"begin") == len(frames("one")))

# interrupted and continued: the same files
whole = read("one", "extrapolation.extxyz"), read("one", "extrapolation.data")
run("cut", 1, steps=40)
saved = os.path.join(scratch, "cut", "run.checkpoint.1")  # of step 20
done = run("cut", 1, steps=40, restart=saved if os.path.exists(saved) else None)
check("continues from step 20", "Continuing from step 20" in done.stdout)
check("the same frames after a restart", (read("cut", "extrapolation.extxyz"), read("cut", "extrapolation.data")) == whole)

done = run("stop", 2, policy="stop", limit=total // 2, expect=3)
check("stops as told", "pairs are outside the training range" in done.stderr and "extrapolation.extxyz" in done.stderr,
      done.stderr.split("\n")[0])
check("with frames exported", len(frames("stop")) > 0)
run("warn", 1, policy="warn")
check("a warning alone exports nothing", len(read("warn", "extrapolation.extxyz")) == 0)
finish()
