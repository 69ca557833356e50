#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-eval as a user starts it: both precisions against the numbers of n2p2, and a precision that is none.

usage: test_eval.py NNPMD_EVAL      (the built program; run by ctest)
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

NNPMD_EVAL = str(pathlib.Path(sys.argv.pop(1)).resolve()) if len(sys.argv) > 1 else "nnpmd-eval"
CASE = pathlib.Path(__file__).resolve().parents[1] / "reference" / "026-scaling-minmax"


def run_eval(*arguments):
    return subprocess.run([NNPMD_EVAL, *arguments, CASE, CASE / "structure.extxyz"], text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=100)


class Eval(unittest.TestCase):
    def deviations(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "results.json"
            done = run_eval("--json", path, *arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            result, = json.loads(path.read_text())
        expected = json.loads((CASE / "expected.json").read_text())
        forces = [f for atom in expected["forces_ev_per_angstrom"] for f in atom]
        self.assertEqual(len(result["forces_eV_per_A"]), len(forces))
        force = max(abs(a - b) for a, b in zip(result["forces_eV_per_A"], forces))
        return abs(result["energy_eV"] - expected["energy_ev"]) / expected["n_atoms"], force

    def test_double(self):
        energy, force = self.deviations()
        self.assertLess(energy, 1e-12)
        self.assertLess(force, 1e-10)
        self.assertEqual(self.deviations("--precision", "double"), (energy, force))

    def test_mixed(self):
        energy, force = self.deviations("--precision", "mixed")
        self.assertLess(energy, 1e-6)
        self.assertLess(force, 1e-4)
        self.assertGreater(force, 1e-9)  # it is another arithmetic

    def test_no_precision(self):
        done = run_eval("--precision", "single")
        self.assertEqual(done.returncode, 2)
        self.assertIn('precision: "single" is not a choice; expected one of double, mixed', done.stderr)


if __name__ == "__main__":
    unittest.main()
