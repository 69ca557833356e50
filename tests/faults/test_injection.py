#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Whatever step of its writing a run dies at, it ends as if it had not.

test_injection.py NNPMD SHIM MPIEXEC FOLDER [--every N] [--modes before,half,...] [--first N]

A first run lists its steps: each open, write, fsync, rename, link, unlink and ftruncate of outputs and checkpoints. Then
one run for every N-th step and each mode dies there (shim.c: before, after, with half of a write, with all lost that no
fsync had brought to the disk), or the call fails. It is resumed from its checkpoint, or begun anew where there is none
yet: outputs and last checkpoint must be the same bytes as those of the undisturbed run. A failed call must end the run
with exit code 4 and a message that names the file, or be harmless.
"""
import argparse
import glob
import gzip
import os
import shutil
import subprocess
import sys

MODES = "before,after,half,power,error"
KILLED, MPI_KILLED = -9, 137
INPUT = """\
seed: 3
output_folder: out
structure: {build: {lattice: {type: fcc, a: 5.3 A, elements: Ar, repeat: 3}}}
potential: {lennard_jones: {epsilon: 0.0104 eV, sigma: 3.4 A, cutoff: 7 A}}
stages:
  - nvt: {steps: 30, timestep: 2 fs, velocities: 60 K, temperature: 60 K, thermostat: langevin, tau: 100 fs}
  - npt: {steps: 30, timestep: 2 fs, temperature: 60 K, pressure: 0 GPa}
outputs:
  - thermo: {every: 10, screen: false}
  - trajectory: {file: trajectory.extxyz, every: 20, velocities: true}
  - trajectory: {file: packed.extxyz.gz, every: 20}
  - summary: {every: 5}
NETCDF
checkpoint: {every: 15, keep: 2}
"""
# Calls whose failure need not end a run: a second name for the old checkpoint has a substitute, a folder that cannot be
# brought to the disk is a property of the file system, and what is in the way may be gone already.
HARMLESS = ("link", "unlink", "fsync")


def passable(call, path, mode):
    """Which disturbances say something: Open MPI (OMPIO) keeps failed writes within a NetCDF file to itself. A full disk
    shows in the file's length, which is looked at (test_faults.py); a bad sector in the middle does not."""
    if mode == "half":
        return "write" in call
    return not (mode == "error" and ((call == "pwrite" and path.endswith(".nc")) or ".locktest" in path))


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.reference = None
        text = subprocess.run([arguments.nnpmd, "--version"], capture_output=True, text=True).stdout
        netcdf = "  - trajectory: {file: trajectory.nc, format: netcdf, every: 20}" if "netcdf" in text.lower() else ""
        self.input = INPUT.replace("NETCDF\n", netcdf + "\n" if netcdf else "")

    def run(self, folder, ranks, restart=False, **settings):
        command = [self.arguments.nnpmd, "input.yaml", "--quiet"] + (["--restart", "out/run.checkpoint"] if restart else [])
        environment = dict(os.environ)
        if settings:
            environment.update(LD_PRELOAD=self.arguments.shim, NMD_FAULT_FOLDER=os.path.join(folder, "out"),
                               **{"NMD_FAULT_" + name: str(value) for name, value in settings.items()})
        if ranks > 1:
            command = [self.arguments.mpiexec, "-n", str(ranks)] + command
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)

    def fresh_folder(self, name):
        folder = os.path.join(self.arguments.folder, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        with open(os.path.join(folder, "input.yaml"), "w") as file:
            file.write(self.input)
        return folder

    def contents(self, folder):
        found = {}
        for path in glob.glob(os.path.join(folder, "out", "*")):
            name = os.path.basename(path)
            if name.split(".")[-1].isdigit() or name.endswith(".tmp"):
                continue
            with open(path, "rb") as file:
                found[name] = file.read()
            if name.endswith(".gz"):  # where its members end depends on the checkpoints
                found[name] = gzip.decompress(found[name])
        return found

    def list_steps(self, ranks):
        """The undisturbed run, and what it does to its files."""
        folder = self.fresh_folder("whole%d" % ranks)
        done = self.run(folder, ranks, LOG=os.path.join(folder, "steps"))
        assert done.returncode == 0, done.stderr
        self.reference = self.contents(folder)
        if "run.checkpoint" in self.reference and ranks > 1:
            del self.reference["run.checkpoint"]  # holds the ranks' memory order; outputs say it all
        with open(os.path.join(folder, "steps")) as file:
            return [line.split(" ", 2)[1:] for line in file.read().splitlines()]

    def disturb(self, ranks, number, call, mode):
        """Die (or fail) at a step, go on, compare. Returns what is wrong, or None."""
        folder = self.fresh_folder("disturbed")
        done = self.run(folder, ranks, AT=number, HOW=mode)
        if mode == "error":
            if done.returncode == 4:
                if "nnpmd: error:" not in done.stderr or "/" not in done.stderr:
                    return "message: " + done.stderr.strip()[-200:]
            elif done.returncode != 0 or call not in HARMLESS:
                return "exit code %d: %s" % (done.returncode, done.stderr.strip()[-200:])
        elif done.returncode not in (KILLED, MPI_KILLED):
            return "not killed, exit code %d" % done.returncode
        restart = os.path.exists(os.path.join(folder, "out", "run.checkpoint"))
        again = self.run(folder, ranks, restart)
        if again.returncode != 0:
            return "%s: exit code %d: %s" % ("resumed" if restart else "begun anew", again.returncode, again.stderr[-300:])
        now = self.contents(folder)
        wrong = [name for name in self.reference if now.get(name) != self.reference[name]]
        return "other bytes in " + ", ".join(wrong) if wrong else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("nnpmd", "shim", "mpiexec", "folder"):
        parser.add_argument(name)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="where counting begins: another choice of steps and modes")
    parser.add_argument("--from-step", type=int, default=1, help="of the run's steps")
    parser.add_argument("--modes", default=MODES)
    arguments = parser.parse_args()
    arguments.folder = os.path.abspath(arguments.folder)
    arguments.nnpmd, arguments.shim = os.path.realpath(arguments.nnpmd), os.path.realpath(arguments.shim)
    shutil.rmtree(arguments.folder, ignore_errors=True)
    bench, failures, total = Bench(arguments), 0, 0
    modes = arguments.modes.split(",")
    for ranks, every in ((1, arguments.every), (2, 7 * arguments.every)):
        steps = bench.list_steps(ranks)
        print("%d ranks: %d steps; outputs: %s" % (ranks, len(steps), " ".join(sorted(bench.reference))), flush=True)
        count = arguments.first
        for number in range(arguments.from_step, len(steps) + 1):
            call, path = steps[number - 1]
            if number % 50 == 0:
                print("  step %d, %d disturbances, %d failed" % (number, total, failures), flush=True)
            for mode in modes:  # spread over steps and modes alike
                count += 1
                if count % every or not passable(call, path, mode):
                    continue
                total += 1
                wrong = bench.disturb(ranks, number, call, mode)
                if wrong:
                    failures += 1
                    print("FAILED  step %d (%s %s), %s: %s" % (number, call, os.path.basename(path), mode, wrong), flush=True)
    print("simulation/injection: %d disturbances, %d failed" % (total, failures))
    return 1 if failures or not total else 0


if __name__ == "__main__":
    sys.exit(main())
