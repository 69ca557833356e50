#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""bench/compare.py and bench/run.py --guard as a user starts them, without timing anything that matters.

usage: test_bench.py NNPMD      (run by ctest; mpirun is looked for on PATH)
"""
import contextlib
import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

NNPMD = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else pathlib.Path("nnpmd")
BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"

# Answers like a LAMMPS with n2p2 that looks at the start of its input only.
LAMMPS = """#!/bin/sh
[ "$1" = -h ] && echo "* Pair styles: lj/cut {style}" && exit 0
grep -q "pair_style hdnnp 6.500001 " "$4" && grep -q "pair_coeff \\* \\* Au Li" "$4" || exit 9
echo "Step PotEng TotEng"; echo "   0   -1234.5   -1200"; echo "Loop time of 2.0 on 1 procs for 2 steps with 4056 atoms"
"""


def load(name):
    sys.path.insert(0, str(BENCH))
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Bench(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.addCleanup(self.scratch.cleanup)

    def lammps(self, style):
        path = self.folder / "lmp"
        path.write_text(LAMMPS.replace("{style}", style))
        path.chmod(0o755)
        return path

    def compare(self, *arguments, path):
        return subprocess.run([sys.executable, BENCH / "compare.py", NNPMD.parent, *arguments], text=True, capture_output=True,
                              timeout=250, env={**os.environ, "PATH": path})

    def test_no_lammps(self):
        done = self.compare("--json", path=str(self.folder))
        self.assertEqual((done.returncode, done.stdout), (0, "[]\n"), done.stderr)
        self.assertIn("no LAMMPS", done.stderr)

    def test_lammps_without_n2p2(self):
        self.lammps("eam/alloy")
        done = self.compare(path=f"{self.folder}:{os.environ['PATH']}")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assertIn("no pair_style hdnnp", done.stderr)

    def test_lammps_with_n2p2(self):
        self.lammps("hdnnp")
        done = self.compare("--cases", "auli", "--steps", "2", "--json", path=f"{self.folder}:{os.environ['PATH']}")
        self.assertEqual(done.returncode, 0, done.stderr)
        row, = json.loads(done.stdout)
        self.assertEqual((row["case"], row["atoms"], row["lammps_n2p2"]), ("auli", 4056, 4056.0))
        self.assertAlmostEqual(row["ratio"], row["nnpmd"] / 4056)
        self.assertGreater(abs(row["energy_difference_eV_per_atom"]), 0.1)

    def test_guard(self):
        run = load("run")
        row = {"case": "auli", "precision": "double", "ranks": 1, "threads": 1, "simd": "AVX2", "atom_steps_per_s": 9e4,
               "fma_peak_gflops": 30.0}
        path = self.folder / "baseline.json"
        for known, code, word in (({"auli double 1x1 AVX2": 3400}, 0, "0.88"), ({"auli double 1x1 AVX2": 3600}, 1, "SLOWER"),
                                  ({"auli double 1x1 AVX-512": 9000}, 0, "no figure")):
            path.write_text(json.dumps(known))
            text = io.StringIO()
            with contextlib.redirect_stdout(text):
                self.assertEqual(run.guard([row], path), code)
            self.assertIn(word, text.getvalue())


if __name__ == "__main__":
    unittest.main()
