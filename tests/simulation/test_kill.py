#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs that are killed, stopped or moved to other ranks end as the uninterrupted run does.

test_kill.py NNPMD MPIEXEC FOLDER [--kills N] [--steps N] [--seed S]

Kills every rank with SIGKILL at random moments and resumes from the checkpoint until the run ends: all outputs must be
the same bytes. Stops by signal and by --max-hours: exit code 75 and the same bytes after resuming. Resuming on other
numbers of ranks: the same numbers to 1e-6 over the next steps.
"""
import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUTPUTS = ["thermo.dat", "trajectory.extxyz", "trajectory.lammpstrj", "profile.dat", "mixing.dat"]
STOPPED = 75
STARTUP = 0.2  # s, before the first step
INPUT = """
seed: 7
output_folder: {folder}
structure:
  build:
    interface:
      atoms: 150
      side_a: {{element: Au, lattice: fcc, a: 4.17, surface: 100}}
      side_b: {{element: Li, lattice: bcc, a: 3.44, surface: 100}}
potential:
  nnp: {{folder: {root}/potentials/AuLi-starter, length_unit: A, energy_unit: eV}}
stages:
  - minimise: {{force_tolerance: 0.05, max_steps: 100}}
  - nvt: {{steps: {nvt}, timestep: 2 fs, velocities: 200 K, temperature: 200 K -> 500 K, thermostat: {thermostat}}}
  - npt: {{steps: {npt}, timestep: 2 fs, temperature: 500 K, pressure: 0 GPa, coupling: anisotropic}}
outputs:
  - thermo: {{every: 10, screen: false}}
  - trajectory: {{file: trajectory.extxyz, format: extxyz, every: 50, velocities: true, forces: true, energies: true}}
  - trajectory: {{file: trajectory.lammpstrj, format: dump, every: 70, virials: true}}
  - profile: {{every: 20, axis: c, bins: 12}}
  - mixing: {{every: 20, axis: c, bins: 10}}
checkpoint: {{every: 60, keep: 2}}
"""


class Failure(Exception):
    pass


def descendants(pid):
    """Processes below pid, through whatever proxies the launcher has."""
    children = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                parent = int(file.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry))
    found, queue = [], [pid]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


class Bench:
    def __init__(self, arguments):
        self.nnpmd = os.path.realpath(arguments.nnpmd)
        self.mpiexec = arguments.mpiexec
        self.folder = arguments.folder
        self.random = random.Random(arguments.seed)
        self.steps = arguments.steps

    def write_input(self, name, thermostat="csvr"):
        folder = os.path.join(self.folder, name)
        os.makedirs(folder)
        path = os.path.join(self.folder, name + ".yaml")
        with open(path, "w") as file:
            file.write(INPUT.format(folder=folder, root=ROOT, nvt=self.steps // 3, npt=self.steps,
                                    thermostat=thermostat))
        return path, folder

    def start(self, path, ranks=2, restart=None, extra=()):
        command = [self.mpiexec, "-n", str(ranks), self.nnpmd, path, "--quiet", *extra]
        if restart:
            command += ["--restart", restart]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def wait(self, process, expected, what):
        text = process.communicate(timeout=600)[0].decode(errors="replace")
        if process.returncode != expected:
            raise Failure(f"{what}: exit code {process.returncode}, expected {expected}\n{text}")

    def ranks_of(self, process):
        found = []
        for pid in descendants(process.pid):
            try:
                if os.path.realpath(f"/proc/{pid}/exe") == self.nnpmd:
                    found.append(pid)
            except OSError:
                pass
        return found

    def kill(self, process):
        """SIGKILL to all ranks at once, then whatever the launcher leaves; waits until nothing writes any more."""
        for pid in self.ranks_of(process):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def wait_for_rows(self, process, folder, rows):
        path, limit = os.path.join(folder, "thermo.dat"), time.time() + 120
        while time.time() < limit and process.poll() is None:
            if os.path.exists(path) and len(read_table(path)) >= rows:
                return
            time.sleep(0.02)
        raise Failure(f"no {rows} rows in {path}")


def checkpoint_of(folder):
    path = os.path.join(folder, "run.checkpoint")
    return path if os.path.exists(path) else None


def read_table(path):
    rows = {}
    with open(path) as file:
        for line in file:
            if line.endswith("\n") and not line.startswith("#"):
                rows[int(line.split()[0])] = [float(word) for word in line.split()]
    return rows


def compare_bytes(reference, folder, what):
    for name in OUTPUTS:
        with open(os.path.join(reference, name), "rb") as one, open(os.path.join(folder, name), "rb") as two:
            a, b = one.read(), two.read()
        if a != b:
            at = next((k for k, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            raise Failure(f"{what}: {name}: {len(b)} bytes, expected {len(a)}; the first difference is at byte {at}: "
                          f"{b[at - 40:at + 40]!r}, expected {a[at - 40:at + 40]!r}")


def kill_until_end(bench, path, folder, limit, longest):
    """Starts and kills a run, at most `limit` times; returns the kills, those of resumed runs, and whether it ended."""
    kills, resumed = 0, 0
    while kills < limit:
        restart = checkpoint_of(folder)
        moment = STARTUP + bench.random.uniform(0, longest)
        process = bench.start(path, restart=restart)
        time.sleep(moment)
        if process.poll() is not None:
            bench.wait(process, 0, "run before its kill")
            return kills, resumed, True
        kills += 1
        resumed += restart is not None
        print(f"  kill {kills}: after {moment:.2f} s, {'from a checkpoint' if restart else 'from the start'}", flush=True)
        bench.kill(process)
    return kills, resumed, False


def kill_behind_checkpoint(bench, reference):
    """Chance had no kill behind a checkpoint: one that waits for it."""
    path, folder = bench.write_input("killed_late")
    process = bench.start(path)
    while checkpoint_of(folder) is None and process.poll() is None:
        time.sleep(0.01)
    if process.poll() is not None:
        raise Failure("the run ended before it could be killed: give it more --steps")
    bench.kill(process)
    bench.wait(bench.start(path, restart=checkpoint_of(folder)), 0, "last run")
    compare_bytes(reference, folder, "after a kill behind a checkpoint")
    print("  one kill right behind a checkpoint: all outputs the same bytes")


def test_kills(bench, kills, reference, seconds):
    """Kills until there were enough of them: a run that ends before its next one is compared, and another begun."""
    done, resumed, rounds, continued = 0, 0, 0, False
    while done < kills and rounds < 2 * kills:
        rounds += 1
        path, folder = bench.write_input(f"killed{rounds}")
        now, of_resumed, ended = kill_until_end(bench, path, folder, kills - done, 2 / (kills + 1) * seconds)
        done, resumed = done + now, resumed + of_resumed
        if not ended:
            restart = checkpoint_of(folder)
            continued = continued or restart is not None
            bench.wait(bench.start(path, restart=restart), 0, "last run")
        compare_bytes(reference, folder, f"after {now} kills")
    print(f"  {done} kills in {rounds} runs, {resumed} of them of resumed ones: all outputs the same bytes")
    if not continued and not resumed:
        kill_behind_checkpoint(bench, reference)


def test_signals(bench, reference):
    for number, to_launcher in ((signal.SIGTERM, False), (signal.SIGUSR1, True), (signal.SIGUSR1, False)):
        name = f"{signal.Signals(number).name}{'_launcher' if to_launcher else ''}"
        path, folder = bench.write_input(name)
        process = bench.start(path)
        bench.wait_for_rows(process, folder, 5)
        target = process.pid if to_launcher else bench.ranks_of(process)[-1]
        os.kill(target, number)
        bench.wait(process, STOPPED, name)
        bench.wait(bench.start(path, restart=checkpoint_of(folder)), 0, f"resumed after {name}")
        compare_bytes(reference, folder, name)
        print(f"  {name}: exit code {STOPPED}, resumed: the same bytes")


def test_max_hours(bench, reference, seconds):
    path, folder = bench.write_input("max_hours")
    bench.wait(bench.start(path, extra=["--max-hours", f"{0.2 * seconds / 3600:.9f}"]), STOPPED, "--max-hours")
    rows = len(read_table(os.path.join(folder, "thermo.dat")))
    bench.wait(bench.start(path, restart=checkpoint_of(folder)), 0, "resumed after --max-hours")
    compare_bytes(reference, folder, "--max-hours")
    print(f"  --max-hours: exit code {STOPPED} after {rows} rows, resumed: the same bytes")


def largest_difference(one, two, first, last):
    steps = [step for step in one if first <= step <= last]
    if not steps or any(step not in two for step in steps):
        raise Failure(f"rows of steps {first} to {last} are missing")
    return max(abs(a - b) / max(1, abs(a)) for step in steps for a, b in zip(one[step], two[step]))


def test_other_ranks(bench, reference):
    """A langevin stage: noise belongs to atoms, not to ranks."""
    path, folder = bench.write_input("stopped", thermostat="langevin")
    process = bench.start(path)
    bench.wait_for_rows(process, folder, 20)
    os.kill(bench.ranks_of(process)[0], signal.SIGTERM)
    bench.wait(process, STOPPED, "stop before other ranks")
    copy = folder + ".kept"
    shutil.copytree(folder, copy)
    expected = None
    for ranks in (2, 1, 3, 4):
        shutil.rmtree(folder)
        shutil.copytree(copy, folder)
        before = max(read_table(os.path.join(folder, "thermo.dat")))
        shorter = ["--set", "stages.2.npt.steps=60"]
        bench.wait(bench.start(path, ranks, checkpoint_of(folder), shorter), 0, f"resumed on {ranks} ranks")
        table = read_table(os.path.join(folder, "thermo.dat"))
        if expected is None:
            expected = table
            continue
        near = largest_difference(expected, table, before, before + 100)
        print(f"  from step {before} on {ranks} ranks instead of 2: thermo differs by {near:.1e} over 100 steps")
        if not near <= 1e-6:
            raise Failure(f"resumed on {ranks} ranks: thermo differs by {near:g}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nnpmd")
    parser.add_argument("mpiexec")
    parser.add_argument("folder")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1500, help="length of the last stage")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"simulation/kill: seed {arguments.seed} (repeat with --seed {arguments.seed})", flush=True)
    shutil.rmtree(arguments.folder, ignore_errors=True)
    os.makedirs(arguments.folder)
    arguments.folder = os.path.abspath(arguments.folder)
    bench = Bench(arguments)
    try:
        path, reference = bench.write_input("whole")
        started = time.time()
        bench.wait(bench.start(path), 0, "uninterrupted run")
        seconds = time.time() - started
        print(f"  uninterrupted: {seconds:.2f} s, {len(read_table(os.path.join(reference, 'thermo.dat')))} rows")
        test_kills(bench, arguments.kills, reference, seconds)
        test_max_hours(bench, reference, seconds)
        test_signals(bench, reference)
        test_other_ranks(bench, reference)
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    print("simulation/kill: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
