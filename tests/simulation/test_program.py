#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The program as a user starts it: exit codes, what goes to which stream, and that an error leaves nothing behind.

usage: test_program.py NNPMD      (the built program; run by ctest)
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

NNPMD = str(pathlib.Path(sys.argv.pop(1)).resolve()) if len(sys.argv) > 1 else "nnpmd"
ROOT = pathlib.Path(__file__).resolve().parents[2]
STATUS_H = pathlib.Path(__file__).resolve().parents[2] / "src" / "base" / "status.h"
EXIT_CODES = {f"NMD_{name}": int(code) for name, code in re.findall(r"X\((\w+), (\d+), \"", STATUS_H.read_text())}

INPUT = """\
title: a small crystal
seed: 1
output_folder: out
structure:
  build: {lattice: {type: fcc, a: 5.26, elements: Ar, repeat: 2}}
potential:
  lennard_jones: {epsilon: 0.0104 eV, sigma: 3.4 A, cutoff: 7 A}
stages:
  - nve: {steps: 10, timestep: 1 fs, velocities: 40 K}
outputs:
  - thermo: {every: 5}
  - trajectory: {every: 5}
"""


class Program(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        (self.folder / "input.yaml").write_text(INPUT)
        self.before = self.files()

    def tearDown(self):
        self.scratch.cleanup()

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*"))

    def run_program(self, *arguments, **environment):
        return subprocess.run([NNPMD, *arguments], cwd=self.folder, env={**os.environ, **environment}, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=100)

    def good(self, *arguments):
        done = self.run_program(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def fails(self, status, *arguments, say=(), **environment):
        """One line on stderr with all of `say`, the exit code of the status, and no new file."""
        done = self.run_program(*arguments, **environment)
        self.assertEqual(done.returncode, EXIT_CODES[status], done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for part in say:
            self.assertIn(part, done.stderr)
        self.assertEqual(self.files(), self.before)

    def test_run(self):
        text = self.good("input.yaml")
        self.assertIn("Stage 1 of 1: nve", text)
        self.assertEqual(set(self.files()) - set(self.before),
                         {"out", "out/thermo.dat", "out/trajectory.extxyz", "out/run.checkpoint"})

    def test_quiet(self):
        self.assertEqual(self.good("-q", "input.yaml"), "")
        self.assertIn("out/thermo.dat", self.files())

    def test_check(self):
        text = self.good("--check", "input.yaml")
        for part in ("Input: good", "Memory:", "Cost:", "Self-test: forces of 2 atoms", "Stage 1: nve, 10 steps of 1 fs", "to out/thermo.dat"):
            self.assertIn(part, text)
        self.assertEqual(self.files(), self.before)

    def test_self_test(self):
        """Said in the log, before anything is written; the run is the same with and without it."""
        self.assertNotIn("Self-test", self.good("input.yaml"))
        first = (self.folder / "out/trajectory.extxyz").read_bytes()
        text = self.good("input.yaml", "--self-test")
        self.assertRegex(text, r"Self-test: forces of 2 atoms are the slope of the energy to [\d.e-]+ eV/A")
        self.assertLess(text.index("Self-test"), text.index("Stage 1 of 1"))
        self.assertEqual((self.folder / "out/trajectory.extxyz").read_bytes(), first)

    def test_references(self):
        """Keys in the log, BibTeX on demand and beside summary.yaml; those of the methods used and no others."""
        text = self.good("input.yaml")
        self.assertIn("Methods to cite (nnpmd --cite prints BibTeX): Toxvaerd2011, Swope1982\n", text)
        self.assertNotIn("out/references.bib", self.files())
        entries = self.good("--cite", "input.yaml")
        self.assertEqual(re.findall(r"@\w+{(\w+),", entries), ["Toxvaerd2011", "Swope1982"])
        self.assertEqual(entries.count("{"), entries.count("}"))
        zbl = INPUT.replace("lennard_jones: {epsilon: 0.0104 eV, sigma: 3.4 A, cutoff: 7 A}", "sum: {terms: [zbl: {}]}")
        nvt = zbl.replace("nve: {steps: 10, timestep: 1 fs, velocities: 40 K}",
                          "nvt: {steps: 10, timestep: 1 fs, velocities: 40 K, temperature: 40 K}\n"
                          "  - npt: {steps: 10, timestep: 1 fs, temperature: 40 K, pressure: 0 GPa, thermostat: langevin}")
        (self.folder / "input.yaml").write_text(nvt + "  - summary: {every: 2}\n")
        text = self.good("input.yaml", "--set", "potential.sum.terms.0.zbl.inner=1 A")
        keys = ["Ziegler1985", "Swope1982", "Bussi2007", "Jensen2019", "Bernetti2020", "Flyvbjerg1989", "Salmon2011"]
        self.assertIn("prints BibTeX): " + ", ".join(keys) + "\n", text)
        self.assertEqual(re.findall(r"@\w+{(\w+),", (self.folder / "out/references.bib").read_text()), keys)

    def test_check_plan(self):
        """Each group of a neural-network potential, its cost and algorithm."""
        start, end = INPUT.index("structure:"), INPUT.index("stages:")
        (self.folder / "input.yaml").write_text(INPUT[:start] + f"""\
structure:
  build: {{lattice: {{type: b2, a: 3.2, elements: [Li, Au], repeat: 5}}}}
potential:
  nnp: {{folder: '{ROOT}/potentials/AuLi-starter', length_unit: A, energy_unit: eV}}
""" + INPUT[end:])
        text = self.good("--check", "input.yaml")
        for part in ("Evaluation plan (", "us per atom with 64.0 neighbours", "  Li: ", "by moments to order 4 (pairs",
                     "network 54-16-16-1", "Cost: about"):
            self.assertIn(part, text)

    def test_set(self):
        text = self.good("--check", "input.yaml", "--set", "stages.0.nve.steps=77", "--set", "outputs.0.thermo.every=7")
        self.assertIn("77 steps", text)
        self.assertIn("thermo every 7 steps", text)
        self.fails("NMD_USAGE", "-q", "input.yaml", "--set", "seed", say=("--set seed", 'no "="'))
        self.fails("NMD_UNKNOWN_KEY", "-q", "input.yaml", "--set", "sed=1", say=("--set sed=1", '"seed"?'))

    def test_threads(self):
        self.assertNotIn("Threads:", self.good("--set", "parallel.threads=1", "input.yaml"))
        text = self.good("--nthreads", "2", "input.yaml")
        self.assertIn("Threads: 2 a rank", text)
        self.assertIn("on 1 ranks of 2 threads", text)
        wish = self.run_program("input.yaml", OMP_NUM_THREADS="3")
        self.assertIn("Threads: 3 a rank", wish.stdout)
        many = self.good("--nthreads", "1000", "--check", "input.yaml")
        self.assertIn("WARNING: 1000 threads a rank, but a rank is bound to", many)
        self.before = self.files()
        self.fails("NMD_OUT_OF_RANGE", "--nthreads", "-1", "input.yaml", say=["threads"])

    def test_documentation(self):
        text = self.good("--explain", "stages.nvt.temperature")
        self.assertIn("target temperature", text)
        self.assertIn("stages.nve.timestep", self.good("--explain", "timestep"))
        self.fails("NMD_UNKNOWN_KEY", "--explain", "timestp", say=('"timestp"', '"timestep"?'))
        self.assertEqual(json.loads(self.good("--schema"))["type"], "object")
        self.assertIn("# ", self.good("--reference"))
        self.assertIn("nnpmd ", self.good("--version"))
        self.assertIn("--max-hours", self.good("--help"))
        self.assertEqual(self.files(), self.before)

    def test_input_errors(self):
        self.fails("NMD_USAGE", say=("no input file", "nnpmd INPUT.yaml"))
        self.fails("NMD_FILE_MISSING", "-q", "nope.yaml", say=("nope.yaml", "check the path"))
        (self.folder / "input.yaml").write_text(INPUT.replace("seed", "sede"))
        self.fails("NMD_UNKNOWN_KEY", "-q", "input.yaml", say=("error: input.yaml:2:1: ", '"sede"', '"seed"?'))
        for arguments in (["--bogus"], ["a", "b"], ["--set"], ["--max-hours", "soon", "input.yaml"]):
            done = self.run_program(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--help", done.stderr)

    def test_output_folder(self):
        self.fails("NMD_WRITE", "-q", "input.yaml", "--set", "output_folder=no/parent", say=("no/parent", "parent"))
        self.fails("NMD_WRITE", "-q", "input.yaml", "--set", "output_folder=input.yaml", say=("input.yaml", "folder"))

    def test_early_stop_and_restart(self):
        long_run = ("-q", "input.yaml", "--set", "stages.0.nve.steps=1000000")
        done = self.run_program(*long_run, "--max-hours", "0.0001")
        self.assertEqual(done.returncode, EXIT_CODES["NMD_INTERRUPTED"], done.stderr)
        self.assertIn("--restart out/run.checkpoint", done.stderr)
        again = self.run_program(*long_run, "--max-hours", "0.0001", "--restart", "out/run.checkpoint")
        self.assertEqual(again.returncode, EXIT_CODES["NMD_INTERRUPTED"], again.stderr)
        step = [int(re.search(r"step (\d+)", d.stderr).group(1)) for d in (done, again)]
        self.assertGreater(step[1], step[0])

    def test_potential_in_a_file(self):
        """The same run; what is set on top, and what a changed file changes, is known."""
        self.good("input.yaml")
        thermo = (self.folder / "out/thermo.dat").read_bytes()
        start, end = INPUT.index("potential:"), INPUT.index("stages:")
        (self.folder / "parts").mkdir()
        (self.folder / "parts/argon.yaml").write_text(INPUT[start:end])
        (self.folder / "parts/next.yaml").write_text("potential: {file: argon.yaml}\n")
        (self.folder / "input.yaml").write_text(INPUT[:start] + "potential: {file: parts/next.yaml}\n" + INPUT[end:])
        self.good("input.yaml")
        self.assertEqual((self.folder / "out/thermo.dat").read_bytes(), thermo)
        self.assertIn("cut-off 6.5 A", self.good("--check", "input.yaml", "--set", "potential.lennard_jones.cutoff=6.5"))
        (self.folder / "parts/argon.yaml").write_text(INPUT[start:end].replace("7 A", "6 A"))
        again = self.good("input.yaml", "--restart", "out/run.checkpoint", "--set", "stages.0.nve.steps=20")
        self.assertIn("Changed since the checkpoint: potential.lennard_jones.cutoff: 7 A -> 6 A\n", again)
        self.assertIn("cut-off 7 A", self.good("--check", "input.yaml", "--set", "potential.file=other.yaml", "--set",
                                               "potential={lennard_jones: {epsilon: 1, sigma: 3, cutoff: 7 A}}"))

    def test_restart_at_the_end(self):
        self.good("-q", "input.yaml")
        again = self.good("input.yaml", "--restart", "out/run.checkpoint")
        self.assertIn("Nothing was left to do", again)

    def test_restart_errors(self):
        self.fails("NMD_FILE_MISSING", "-q", "input.yaml", "--restart", "nope", say=("nope", "check the path"))
        self.fails("NMD_CHECKPOINT", "-q", "input.yaml", "--restart", "input.yaml", say=("checkpoint",))

    def test_mismatched_launch(self):
        self.fails("NMD_LAUNCH", "-q", "input.yaml", PMI_SIZE="4", say=("PMI_SIZE", "4"))
        self.fails("NMD_LAUNCH", "-q", "input.yaml", OMPI_COMM_WORLD_SIZE="4", say=("OMPI_COMM_WORLD_SIZE", "4"))


if __name__ == "__main__":
    unittest.main()
