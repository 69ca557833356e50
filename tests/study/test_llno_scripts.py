#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""inputs/llno_diffusion/run.sh, killed at random moments and started again, ends with the tables and trajectories of an undisturbed
run, byte for byte; a nudged elastic band likewise, from its checkpoints; and what wrong settings of the study are told.

usage: test_llno_scripts.py PROGRAMS SOURCE SCRATCH [SEED]
PROGRAMS: the folder of nnpmd and its tools"""
import glob
import os
import random
import shutil
import signal
import subprocess
import sys
import time

programs, source, scratch = sys.argv[1:4]
draw = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else time.time_ns())
failures = 0
STUDY = os.path.join(source, "inputs", "llno_diffusion", "run.sh")
TABLES = ("runs.txt", "seeds.txt", "diffusion.txt", "ratios.txt", "layers.txt", "lag.txt", "hops.txt")
# 88 atoms for some ps: for the bytes, not for the numbers
SMALL = {"LLNO_ARRANGEMENTS": "disordered striped", "LLNO_TEMPERATURES": "1500 1200", "LLNO_TIME": "4 ps", "LLNO_SEEDS": "1",
         "LLNO_SKIP": "0.4 ps", "LLNO_LAG": "0.6 ps",
         "LLNO_SET": "structure.build.perovskite.repeat=[2,5,2];stages.0.nvt.duration=0.2 ps;stages.1.npt.duration=0.2 ps;"
                     "checkpoint.every=50;outputs.1.trajectory.every=10"}


def check(ok, text):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", text)


def environment(**changes):
    return dict(os.environ, NNPMD_BIN=programs, **dict(SMALL, **changes))


def study(folder, **changes):
    return subprocess.run(["bash", STUDY, folder], cwd=scratch, env=environment(**changes), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, timeout=280)


def killed(command, delay, env):
    """Whether it still ran after so many seconds, and was killed with all its children."""
    work = subprocess.Popen(command, cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                            env=env)
    try:
        work.wait(delay)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(work.pid, signal.SIGKILL)
        work.wait()
        return True


def cut(folder, command_of, took, wanted):
    """Start and kill until so many kills have hit; one that came too late begins anew, with shorter times (a machine that was busy)."""
    kills = attempts = 0
    while kills < wanted and attempts < 20:
        attempts += 1
        if killed(command_of(folder), draw.uniform(0.15, 0.45) * took, env=environment()):
            kills += 1
        else:
            shutil.rmtree(os.path.join(scratch, folder), ignore_errors=True)
            kills, took = 0, took / 2
    check(kills == wanted, "%s: killed %d times of %d" % (folder, kills, wanted))


def read(*path):
    with open(os.path.join(scratch, *path), "rb") as file:
        return file.read()


def same_files(one, other, names):
    for name in names:
        check(read(one, name) == read(other, name), "%s of %s differs from that of %s" % (name, other, one))


def test_study():
    start = time.time()
    answer = study("whole")
    took = time.time() - start
    check(answer.returncode == 0, answer.stdout)
    if answer.returncode != 0:
        return
    table = read("whole", "diffusion.txt").decode()
    check(all("%s %d c " % (a, T) in table for a in ("disordered", "striped") for T in (1200, 1500)), table)
    check(any(row[0] != "#" and row.split()[3] != "nan" for row in table.splitlines()), "no D at all: " + table)
    cut("cut", lambda folder: ["bash", STUDY, folder], took, 4)
    answer = study("cut")
    check(answer.returncode == 0, answer.stdout)
    runs = [os.path.relpath(path, os.path.join(scratch, "whole")) for path in glob.glob(os.path.join(scratch, "whole", "*K-1"))]
    check(len(runs) == 4, "runs: %s" % runs)
    same_files("whole", "cut", TABLES + tuple(os.path.join(run, name) for run in runs for name in ("li.nc", "thermo.dat")))


def test_refused():
    cases = (("whole", {"LLNO_TIME": "3 ps"}, ("begun with other settings", "another FOLDER", "stages.2.nvt.duration=3 ps")),
             ("new", {"LLNO_TIME": "2 ps, 3 ps, 4 ps"}, ("LLNO_TIME has 3 times, LLNO_TEMPERATURES 2", "expected one time or as many")),
             ("new", {"LLNO_ARRANGEMENTS": "stripes"}, ('"stripes"', "expected disordered, uniform, striped, closed, given or made")),
             ("new", {"LLNO_ARRANGEMENTS": "given"}, ("LLNO_ROWS", "rows such as 11100,10110")),
             ("new", {"LLNO_ARRANGEMENTS": "made"}, ("LLNO_STRUCTURE", "lowest.extxyz of nnpmd-lattice")),
             ("new", {"LLNO_INPUT": "none.yaml"}, ("none.yaml", "No such file")))
    for folder, changes, parts in cases:
        answer = study(folder, **changes)
        check(answer.returncode != 0, "%s: exit code %d" % (changes, answer.returncode))
        for part in parts:
            check(part in answer.stdout, "%s: '%s' is not in: %s" % (changes, part, answer.stdout))


def band(folder, *more):
    return [os.path.join(programs, "nnpmd"), os.path.join(source, "inputs", "vacancy_hop", "input.yaml"), "--set",
            "output_folder=" + folder, "--set", "stages.0.neb.force_tolerance=1e-5", "--set", "stages.0.neb.images=9", "--set",
            "outputs.1.band.every=1", "--set", "checkpoint.every=3", *more]


def go_on(folder):
    checkpoint = os.path.join(scratch, folder, "run.checkpoint")
    return band(folder, *(["--restart", checkpoint] if os.path.exists(checkpoint) else []))


def test_band():
    start = time.time()
    answer = subprocess.run(band("band"), cwd=scratch, stdout=subprocess.PIPE, universal_newlines=True, timeout=280)
    took = time.time() - start
    check(answer.returncode == 0 and "neb: barrier 0.322" in answer.stdout, answer.stdout)
    cut("band_cut", go_on, took, 2)
    subprocess.run(go_on("band_cut"), cwd=scratch, stdout=subprocess.DEVNULL, check=True, timeout=280)
    same_files("band", "band_cut", ("thermo.dat", "band.dat", "band_profile.dat", "band.extxyz"))


def main():
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    test_study()
    test_refused()
    test_band()
    print("test_llno_scripts: %d failed" % failures)
    return failures > 0


sys.exit(main())
