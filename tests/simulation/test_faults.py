#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a run leaves behind when physics, the scheduler or a full disk ends it.

usage: test_faults.py NNPMD MPIEXEC SCRATCH

explosion    exit 3, the message names atom, element, place, rank and neighbours; last_frames.extxyz has the last steps before
Slurm        the end of the job (SLURM_JOB_END_TIME) stops the run with a checkpoint and exit 75
disk full    on a small tmpfs (where mounting is allowed), /dev/full otherwise: exit 4, the last checkpoint continues
verify       a sound checkpoint, a damaged one
changes      a resumed run may be longer, hotter, have other outputs and more stages; what is other is in the log
"""
import os
import re
import shutil
import subprocess
import sys
import time

from checks import check, finish

program, mpiexec, scratch = sys.argv[1:4]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)


def write_crystal():
    a, rows = 5.4, []
    for i in range(4):
        for j in range(4):
            for k in range(4):
                for s in [(0, 0, 0), (.5, .5, 0), (.5, 0, .5), (0, .5, .5)]:
                    rows.append("%s %.8f %.8f %.8f" % ("Kr" if (i + j + k) % 2 else "Ar", (i + s[0]) * a, (j + s[1]) * a,
                                                       (k + s[2]) * a))
    with open(os.path.join(scratch, "solid.extxyz"), "w") as out:
        out.write('%d\nLattice="%g 0 0 0 %g 0 0 0 %g" Properties=species:S:1:pos:R:3\n%s\n' % (
            len(rows), 4 * a, 4 * a, 4 * a, "\n".join(rows)))


def write_input(name, steps=100, timestep="2 fs", every=10, folder=None, temperature=60, checkpoint=50, digits=17):
    path = os.path.join(scratch, name + ".yaml")
    with open(path, "w") as out:
        out.write("""
output_folder: %s
structure: {file: solid.extxyz}
potential:
  lennard_jones: {epsilon: 0.0104 eV, sigma: 3.4 A, cutoff: 7 A}
checkpoint: {every: %d}
stages:
  - nve: {steps: %d, timestep: %s, velocities: %g K}
outputs:
  - thermo: {every: %d, screen: false}
  - trajectory: {every: %d, digits: %d}
""" % (folder or name, checkpoint, steps, timestep, temperature, every, every, digits))
    return path


def run(arguments, ranks=1, environment=None):
    command = ([mpiexec, "-n", str(ranks)] if ranks > 1 else []) + [program] + arguments
    return subprocess.run(command, cwd=scratch, capture_output=True, text=True, env=dict(os.environ, **(environment or {})))


def explosion():
    for ranks in (1, 2):
        name = "explosion%d" % ranks
        done = run([write_input(name, steps=400, timestep="45 fs", temperature=600)], ranks)
        message = next((line for line in done.stderr.split("\n") if "nnpmd: error" in line), "")
        check("%d ranks: exit code %d is 3" % (ranks, done.returncode), done.returncode == 3)
        wanted = r"step \d+: .*atom \d+ \((Ar|Kr)\) at \(.*\) A on rank \d, v = .*neighbours: .*(Ar|Kr) \d+ at [\d.e+-]+ A"
        check("named: " + message, re.search(wanted, message) is not None)
        path = os.path.join(scratch, name, "last_frames.extxyz")
        steps = [int(s) for s in re.findall(r" step=(\d+)", open(path).read())] if os.path.exists(path) else []
        check("last frames: steps %s" % steps, 3 <= len(steps) <= 5 and steps == list(range(steps[0], steps[0] + len(steps))))
        check("and it says so", "last_frames.extxyz" in message and "step %d:" % (steps[-1] + 1 if steps else -1) in message)


def slurm():
    path = write_input("slurm", steps=10**8, every=10**6)
    began = time.time()
    done = run([path], environment={"SLURM_JOB_END_TIME": str(int(began) + 123)})
    check("Slurm: exit code %d is 75 after %.1f s" % (done.returncode, time.time() - began), done.returncode == 75)
    check("Slurm: the log says so", "stopping with a checkpoint 120 s before" in done.stdout)
    again = run([path, "--restart", "slurm/run.checkpoint", "--max-hours", "0.0001"])
    check("Slurm: the checkpoint continues", again.returncode == 75 and "Continuing from step" in again.stdout)
    stale = run([write_input("stale", steps=20), "-q"], environment={"SLURM_JOB_END_TIME": "1000000"})
    check("Slurm: a stale end does not stop a run", stale.returncode == 0)


def disk_full():
    """The disk fills up after the first checkpoint; nothing of it is lost, and the run goes on when there is room."""
    disk = os.path.join(scratch, "disk")
    os.makedirs(disk)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", disk], capture_output=True).returncode == 0
    if not mounted:
        print("a tmpfs cannot be mounted here: a file size limit stands for the full disk")
    whole = run([write_input("whole", every=5, checkpoint=10)])
    check("disk: the run with room", whole.returncode == 0)
    path = write_input("full", every=5, checkpoint=10, folder="disk")
    if mounted:
        full = run([path])
    else:
        full = subprocess.run(["bash", "-c", "ulimit -f 250; trap '' XFSZ; exec %s %s" % (program, path)], cwd=scratch,
                              capture_output=True, text=True)
    check("disk full: exit code %d is 4" % full.returncode, full.returncode == 4)
    check("disk full: " + full.stderr.strip()[-200:], "free space" in full.stderr)
    verify = run(["--verify", "disk/run.checkpoint"])
    check("disk full: " + verify.stdout.strip(), verify.returncode == 0 and "sound" in verify.stdout)
    if mounted:
        subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
    again = run([path, "--restart", "disk/run.checkpoint"])
    check("disk: continued with room " + again.stderr, again.returncode == 0)
    for file in ("thermo.dat", "trajectory.extxyz"):
        same = open(os.path.join(scratch, "whole", file), "rb").read() == open(os.path.join(disk, file), "rb").read()
        check("disk: %s is that of the run with room" % file, same)
    if mounted:
        subprocess.run(["umount", disk])


def verify():
    damaged = os.path.join(scratch, "damaged")
    data = bytearray(open(os.path.join(scratch, "whole", "run.checkpoint"), "rb").read())
    data[len(data) // 2] ^= 1
    open(damaged, "wb").write(data)
    done = run(["--verify", "damaged"])
    check("verify: " + done.stderr.strip(), done.returncode == 2 and "damaged" in done.stderr)
    done = run(["--verify", "whole/run.checkpoint"])
    check("verify: " + done.stdout.strip(), "step 100" in done.stdout and "256 atoms" in done.stdout)


def netcdf_disk_full():
    """Open MPI drops errors of writing on their way up; the run must notice all the same."""
    if "netcdf" not in run(["--version"]).stdout.lower():
        return print("skipped: built without PnetCDF")
    disk = os.path.join(scratch, "netcdf_disk")
    os.makedirs(disk)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120k", "none", disk], capture_output=True).returncode:
        return print("skipped: a tmpfs cannot be mounted here")
    path = write_input("netcdf", steps=200, every=100, checkpoint=1000, folder="netcdf_disk")
    with open(path) as file:
        text = file.read().replace("trajectory: {every: 100, digits: 17}", "trajectory: {file: t.nc, format: netcdf, every: 2}")
    with open(path, "w") as file:
        file.write(text)
    done = run([path])
    subprocess.run(["umount", disk])
    message = next((line for line in done.stderr.split("\n") if line.startswith("nnpmd: error")), "")
    check("NetCDF, disk full: exit code %d, %s" % (done.returncode, message), done.returncode == 4 and "t.nc: has" in message)


def changes():
    """One nve run in two parts is the run in one; then all that may change at once."""
    path = write_input("one", steps=200, every=20, checkpoint=70)
    check("changes: in one part", run([path]).returncode == 0)
    path = write_input("two", steps=100, every=20, checkpoint=70)
    check("changes: the first part", run([path]).returncode == 0)
    shutil.copytree(os.path.join(scratch, "two"), os.path.join(scratch, "two.kept"))
    again = run([path, "--restart", "two/run.checkpoint", "--set", "stages.0.nve.steps=200"])
    check("changes: longer, and the log says so", again.returncode == 0 and
          "Changed since the checkpoint: stages.0.nve.steps: 100 -> 200" in again.stdout, again.stderr)
    for file in ("thermo.dat", "trajectory.extxyz", "run.checkpoint"):
        same = open(os.path.join(scratch, "one", file), "rb").read() == open(os.path.join(scratch, "two", file), "rb").read()
        if file != "run.checkpoint":  # which holds the settings
            check("changes: extended, %s is that of a run in one part" % file, same)
    again = run([path, "--restart", "two/run.checkpoint", "--set", "stages.0.nve.steps=200"])
    check("changes: the next checkpoint knows the new length", "stages.0.nve.steps" not in again.stdout)
    shutil.rmtree(os.path.join(scratch, "two"))
    os.rename(os.path.join(scratch, "two.kept"), os.path.join(scratch, "two"))
    with open(path) as file:
        text = file.read()
    text = text.replace("outputs:", "  - nvt: {steps: 50, timestep: 1 fs, temperature: 90 K, thermostat: langevin}\noutputs:")
    text = text.replace("every: 20, digits: 17", "every: 10, digits: 9") + "  - profile: {every: 10}\n"
    with open(path, "w") as file:
        file.write(text)
    again = run([path, "--restart", "two/run.checkpoint", "--set", "seed=5"])
    check("changes: more stages and outputs " + again.stderr, again.returncode == 0)
    for line in ("stages.1.nvt.temperature: not given -> 90 K", "outputs.1.trajectory.every: 20 -> 10",
                 "outputs.2.profile.every: not given -> 10", "seed: not given -> 5"):
        check("changes: the log has " + line, "Changed since the checkpoint: " + line in again.stdout)
    check("changes: and no others: %d" % again.stdout.count("Changed since"), again.stdout.count("Changed since") == 8)
    check("changes: the new output", os.path.exists(os.path.join(scratch, "two", "profile.dat")))
    steps = [int(line.split()[0]) for line in open(os.path.join(scratch, "two", "thermo.dat")) if line[0] != "#"]
    check("changes: rows of thermo %s" % steps, steps == list(range(0, 160, 20)) + [150])
    hot = run([path, "--restart", "two/run.checkpoint", "--set", "stages.1.nvt.temperature=300 K", "--set",
               "stages.1.nvt.steps=100"])
    check("changes: hotter", hot.returncode == 0 and "stages.1.nvt.temperature: 90 K -> 300 K" in hot.stdout)
    wrong = run([path, "--restart", "two/run.checkpoint", "--set", "stages.1={nve: {steps: 100, timestep: 1 fs}}"])
    check("changes: " + wrong.stderr.strip(), wrong.returncode == 2 and "was nvt, the input says nve" in wrong.stderr)


write_crystal()
for part in (explosion, slurm, disk_full, netcdf_disk_full, verify, changes):
    part()
finish()
