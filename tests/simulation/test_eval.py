#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-eval as a user starts it: both precisions against the numbers of n2p2, a precision that is none, errors against
labels.

usage: test_eval.py NNPMD_EVAL      (the built program; run by ctest)
"""
import json
import pathlib
import re
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

    def labelled(self, folder, kind, energy, force):
        """The structure with labels that differ from the model by these (eV/atom; eV/A, each component)."""
        path = pathlib.Path(folder) / "r.extxyz"
        self.assertEqual(run_eval("--output", path).returncode, 0)
        count, head, *rows = path.read_text().splitlines()
        names = re.search(r"Properties=(\S+)", head)[1].split(":")
        at = sum(int(names[k + 2]) for k in range(0, names.index("forces"), 3))
        words = [row.split() for row in rows]
        for row in words:
            row[at:at + 3] = [repr(float(x) + force) for x in row[at:at + 3]]
        total = float(re.search(r" energy=(\S+)", head)[1]) + energy * len(rows)
        head = re.sub(r" energy=\S+", f" energy={total!r} kind={kind}", head)
        return "\n".join([count, head, *(" ".join(row) for row in words)]) + "\n"

    def test_errors(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "labels.extxyz"
            path.write_text(self.labelled(folder, "a", 0.003, 0.02) + self.labelled(folder, "b", -0.001, -0.01))
            done = subprocess.run([NNPMD_EVAL, "--errors", CASE, path], text=True, capture_output=True, timeout=100)
            self.assertEqual(done.returncode, 0, done.stderr)
            table = {row.split()[0]: [float(x) for x in row.split()[3:7]] for row in done.stdout.splitlines()
                     if not row.startswith("#")}
            expected = {"all": [5 ** 0.5, 2, 250 ** 0.5, 15], "a": [3, 3, 20, 20], "b": [1, 1, 10, 10]}
            self.assertEqual(list(table), list(expected))
            for family, numbers in expected.items():
                for mine, right in zip(table[family], numbers):
                    self.assertLess(abs(mine - right), 2e-3, (family, table[family]))

    def test_potential_file(self):
        """A potential from a file: the network of the folder and a floor, which alone adds up to the difference."""
        with tempfile.TemporaryDirectory() as folder:
            sums = {}
            nnp, floor = f"nnp: {{folder: '{CASE}', length_unit: A, energy_unit: eV}}", "zbl: {inner: 1 A, outer: 4 A}"
            for name, text in {"nnp": nnp, "floor": floor, "sum": f"sum: {{terms: [{{{nnp}}}, {{{floor}}}]}}"}.items():
                path, out = pathlib.Path(folder) / f"{name}.yaml", pathlib.Path(folder) / "out.json"
                path.write_text(f"potential:\n  {text}\n")
                done = subprocess.run([NNPMD_EVAL, "--json", out, path, CASE / "structure.extxyz"], text=True,
                                      capture_output=True, timeout=100)
                self.assertEqual(done.returncode, 0, done.stderr)
                sums[name] = json.loads(out.read_text())[0]["energy_eV"]
            expected = json.loads((CASE / "expected.json").read_text())["energy_ev"]
            self.assertAlmostEqual(sums["nnp"], expected, delta=1e-9)
            self.assertGreater(sums["floor"], 0.01)
            self.assertAlmostEqual(sums["sum"], sums["nnp"] + sums["floor"], delta=1e-9)
            path.write_text("title: nothing\n")
            done = subprocess.run([NNPMD_EVAL, path, CASE / "structure.extxyz"], text=True, capture_output=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("sum.yaml", done.stderr)
            done = subprocess.run([NNPMD_EVAL, "--precision", "mixed", path, CASE / "structure.extxyz"], text=True,
                                  capture_output=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("leave out --precision", done.stderr)

    def test_shipped_committee(self):
        folder = pathlib.Path(__file__).resolve().parents[2] / "potentials"
        done = subprocess.run([NNPMD_EVAL, "--errors", folder / "AuLi-CHGNet", folder / "AuLi-CHGNet/data/chgnet.extxyz.gz"],
                              text=True, capture_output=True, timeout=200)
        self.assertEqual(done.returncode, 0, done.stderr)
        everything = next(row.split() for row in done.stdout.splitlines() if row.startswith("all"))
        self.assertLess(float(everything[3]), 2.5)   # meV/atom, rms, on structures that it was fitted to
        self.assertLess(float(everything[5]), 25.0)  # meV/A
        self.assertIn("short", done.stdout)

    def test_no_labels(self):
        done = run_eval("--errors")  # the structure of the case has no labels
        self.assertEqual(done.returncode, 2)
        self.assertIn("--errors: no structure has energies, forces or a stress", done.stderr)


if __name__ == "__main__":
    unittest.main()
