#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-dataset as a user starts it: conversions to and fro, splits, weights, checks, bad input.

usage: test_dataset.py FOLDER_OF_PROGRAMS      (run by ctest)
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
PBE = ROOT / "potentials" / "AuLi" / "data" / "pbe.extxyz"
VASP = ROOT / "tests" / "io" / "vasp"
try:
    from ase.io import read as ase_read
except ImportError:
    ase_read = None


def frames(path):
    """Frames of an extended XYZ file: keys as text, rows of words."""
    lines, found = pathlib.Path(path).read_text().split("\n"), []
    while lines and lines[0]:
        n, head = int(lines[0]), lines[1]
        keys = {k: v.strip('"') for k, v in re.findall(r'(\S+?)=("[^"]*"|\S+)', head)}
        found.append((keys, [line.split() for line in lines[2:2 + n]]))
        del lines[:2 + n]
    return found


def numbers(frame):
    keys, rows = frame
    return ([float(x) for x in keys["Lattice"].split()], float(keys["energy"]), [float(x) for x in keys["stress"].split()],
            sorted([r[0], *map(float, r[1:])] for r in rows))


N = len(frames(PBE))


class Dataset(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)

    def tearDown(self):
        self.scratch.cleanup()

    def run_it(self, *arguments):
        return subprocess.run([str(PROGRAMS / "nnpmd-dataset"), *map(str, arguments)], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=200)

    def good(self, *arguments):
        done = self.run_it(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def fails(self, code, say, *arguments):
        done = self.run_it(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        lines = [line for line in done.stderr.strip().split("\n") if "error" in line]
        self.assertEqual(len(lines), 1, done.stderr)
        for words in [say] if isinstance(say, str) else say:
            self.assertIn(words, done.stderr)

    def near(self, a, b, tolerance):
        """Numbers of frames: equal to a relative tolerance; texts exactly."""
        if isinstance(a, str):
            self.assertEqual(a, b)
        elif isinstance(a, float):
            self.assertLessEqual(abs(a - b), tolerance * max(1.0, abs(a)))
        else:
            self.assertEqual(len(a), len(b))
            for x, y in zip(a, b):
                self.near(x, y, tolerance)

    def test_conversions_come_back(self):
        self.good("convert", PBE, "--to", "a.extxyz", "--stride", "4")
        self.good("convert", "a.extxyz", "--to", "b.data")
        self.good("convert", "b.data", "--to", "c.extxyz")
        original, exact = frames(self.folder / "a.extxyz"), frames(self.folder / "c.extxyz")
        self.assertEqual(len(original), (N + 3) // 4)
        for a, b in zip(original, exact):
            self.assertEqual(numbers(a), numbers(b))  # bit for bit
            self.assertEqual({k: a[0][k] for k in ("id", "family")}, {k: b[0][k] for k in ("id", "family")})
        self.good("convert", "a.extxyz", "--to", "bohr.data", "--to-length-unit", "1 bohr", "--to-energy-unit", "1 hartree")
        self.good("convert", "bohr.data", "--to", "d.extxyz", "--length-unit", "1 bohr", "--energy-unit", "1 hartree")
        for a, b in zip(original, frames(self.folder / "d.extxyz")):
            self.near(numbers(a), numbers(b), 1e-14)
        self.good("convert", "a.extxyz", "--to", "deep/")
        self.good("convert", "deep", "--to", "e.extxyz")
        back = {json.dumps(numbers(f)[:2]): f for f in frames(self.folder / "e.extxyz")}
        for a in original:  # in another order, atoms sorted by element
            self.near(numbers(a), numbers(back[json.dumps(numbers(a)[:2])]), 1e-13)

    @unittest.skipIf(ase_read is None, "no ASE")
    def test_ase_reads_the_same(self):
        self.good("convert", PBE, "--to", "a.extxyz")
        for mine, theirs in zip(ase_read(self.folder / "a.extxyz", index=":"), ase_read(PBE, index=":")):
            self.assertEqual(mine.get_potential_energy(), theirs.get_potential_energy())
            self.assertTrue((mine.positions == theirs.positions).all() and (mine.get_forces() == theirs.get_forces()).all())
            self.assertTrue((mine.get_stress() == theirs.get_stress()).all() and (mine.cell == theirs.cell).all())
            self.assertEqual(mine.info["id"], theirs.info["id"])
        for name in ("OUTCAR", "vasprun.xml"):
            self.good("convert", VASP / name, "--to", "v.extxyz")
            for mine, theirs in zip(ase_read(self.folder / "v.extxyz", index=":"), ase_read(VASP / name, index=":")):
                self.near(mine.get_potential_energy(), float(theirs.get_potential_energy()), 1e-12)
                self.assertLess(abs(mine.positions - theirs.positions).max(), 1e-12)
                self.assertLess(abs(mine.get_stress() - theirs.get_stress()).max(), 1e-9)

    def test_split(self):
        out = ["--train", "train.extxyz", "--test", "test.extxyz", "--test-fraction", "0.2"]
        self.good("split", PBE, *out, "--seed", 3)
        train, test = (frames(self.folder / f"{part}.extxyz") for part in ("train", "test"))
        self.assertEqual((len(train), len(test)), (N - round(0.2 * N), round(0.2 * N)))
        ids = [f[0]["id"] for f in train + test]
        self.assertEqual(sorted(ids), sorted(f[0]["id"] for f in frames(PBE)))
        first = (self.folder / "test.extxyz").read_bytes()
        self.good("split", PBE, *out, "--seed", 3)
        self.assertEqual(first, (self.folder / "test.extxyz").read_bytes())
        self.good("split", PBE, *out, "--seed", 4)
        self.assertNotEqual(first, (self.folder / "test.extxyz").read_bytes())
        self.good("split", PBE, *out, "--by", "family", "--key", "family", "--holdout-families", "eos", "--holdout",
                  "h.extxyz")
        parts = [{f[0]["family"] for f in frames(self.folder / name)} for name in ("train.extxyz", "test.extxyz", "h.extxyz")]
        self.assertEqual(parts[2], {"eos"})
        self.assertFalse(parts[0] & parts[1] or parts[0] & parts[2])
        self.fails(2, ["pbe.extxyz:1: no key kin", "choose another key"], "split", PBE, *out, "--by", "family", "--key", "kin")
        self.fails(2, "test.extxyz: two parts have this file", "split", PBE, "--train", "test.extxyz", "--test", "test.extxyz")
        self.good("convert", PBE, "--to", "one.extxyz", "--stride", 1000)
        done = self.run_it("split", "one.extxyz", *out[:4], "--test-fraction", "0.1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no frame fell to testing", done.stdout + done.stderr)
        self.fails(2, "frames are held back; expected a file", "split", PBE, *out, "--holdout-fraction", "0.3")

    def test_merge_and_reweight(self):
        shutil.copy(PBE, self.folder / "one.extxyz")
        text = self.good("merge", PBE, "one.extxyz", "--unique", "--tag", "source", "--to", "m.extxyz")
        merged = frames(self.folder / "m.extxyz")
        self.assertIn(f"{2 * N - len(merged)} duplicates dropped", text)
        self.assertTrue(all(f[0]["source"] == "pbe.extxyz" for f in merged))
        self.assertTrue(0.8 * N < len(merged) <= N, len(merged))
        self.good("reweight", "m.extxyz", "--key", "family", "--weights", "eos=4", "--other", "0.5", "--to", "w.extxyz")
        for keys, _ in frames(self.folder / "w.extxyz"):
            self.assertEqual(float(keys["weight"]), 4 if keys["family"] == "eos" else 0.5)

    def test_check(self):
        self.good("check", PBE, "--json", "check.json")
        report = json.loads((self.folder / "check.json").read_text())
        self.assertEqual(report["frames"], N)
        self.assertLess(abs(report["work_of_stress"] - 1), 0.1)
        self.assertTrue(all(f["kind"].startswith("the same structure") for f in report["findings"]), report["findings"])
        self.fails(2, "findings; expected none (--strict)", "check", PBE, "--strict")
        flipped = re.sub(r'stress="([^"]*)"', lambda m: 'stress="' + " ".join(str(-float(x)) for x in m[1].split()) + '"',
                         PBE.read_text())
        (self.folder / "flipped.extxyz").write_text(flipped)
        self.assertIn("the sign is the other one", self.good("check", "flipped.extxyz"))

    def test_stats(self):
        self.good("stats", PBE, "--key", "family", "--model", ROOT / "potentials" / "AuLi-starter", "--json", "s.json", "--plot",
                  "--output", "s.txt")
        report = json.loads((self.folder / "s.json").read_text())
        self.assertEqual(report["frames"], N)
        self.assertEqual(sum(f["frames"] for f in report["families"]), N)
        energies = next(h for h in report["histograms"] if h["what"].startswith("energy"))
        self.assertEqual(sum(energies["count"]), N)
        script = (self.folder / "s.gnuplot").read_text()
        self.assertIn("first component", script)
        if shutil.which("gnuplot"):
            self.assertEqual((self.folder / "s.png").read_bytes()[:4], b"\x89PNG")

    def test_select(self):
        arguments = ["select", PBE, "--model", ROOT / "potentials" / "AuLi-starter", "--count", 30]
        self.good(*arguments, "--to", "s.extxyz", "--json", "s.json")
        report, chosen = json.loads((self.folder / "s.json").read_text()), frames(self.folder / "s.extxyz")
        self.assertEqual(len({f[0]["id"] for f in chosen}), 30)
        self.assertLess(report["coverage_radius"], report["random_coverage_radius"])
        self.good(*arguments, "--to", "g.extxyz", "--method", "grid")
        self.good(*arguments, "--to", "more.extxyz", "--given", "s.extxyz")
        self.assertFalse({f[0]["id"] for f in chosen} & {f[0]["id"] for f in frames(self.folder / "more.extxyz")})
        self.fails(2, "--given goes with --method farthest", *arguments, "--to", "x.extxyz", "--given", "s.extxyz", "--method",
                   "grid")
        noted = self.good(*arguments, "--to", "e.extxyz", "--method", "extremes", "--given", "s.extxyz")
        self.assertIn("standard deviations beyond", noted)
        self.assertFalse({f[0]["id"] for f in chosen} & {f[0]["id"] for f in frames(self.folder / "e.extxyz")})
        (self.folder / "o.extxyz").write_text("1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nO 0 0 0\n")
        self.fails(2, "o.extxyz:1: atom 1 is O", "select", "o.extxyz", *arguments[2:], "--to", "x.extxyz")

    def test_functions(self):
        model = self.folder / "model"
        model.mkdir()
        self.good("functions", PBE, "--to", "model/input.nn", "--count", 54, "--cost", "1000", "--compare",
                  ROOT / "potentials" / "AuLi-starter", "--json", "f.json")
        text = (model / "input.nn").read_text()
        self.assertIn("nnpmd-dataset functions", text)
        counts = [len(re.findall(rf"^symfunction_short {e} ", text, re.M)) for e in ("Li", "Au")]
        self.assertTrue(0 < max(counts) <= 54)
        report = json.loads((self.folder / "f.json").read_text())
        self.good("functions", PBE, "--to", "model/input.nn", "--cost", report["compared_cost_us_per_atom"], "--json",
                  "g.json")
        cheap = json.loads((self.folder / "g.json").read_text())
        self.assertLessEqual(cheap["cost_us_per_atom"], report["compared_cost_us_per_atom"])
        self.assertTrue(all(1 < e["functions"] <= 54 for e in cheap["elements"]))
        self.good("select", PBE, "--model", "model", "--count", 5, "--to", "s.extxyz")  # it is a model that reads
        self.good("convert", PBE, "--to", "one.extxyz", "--stride", 1000)
        self.fails(2, "none varies over its atoms", "functions", "one.extxyz", "--to", "x.nn")
        self.fails(2, "expected more structures or a larger cut-off", "functions", PBE, "--to", "x.nn", "--cutoff", "1.2 A")
        self.fails(2, "expected a limit above that", "functions", PBE, "--to", "x.nn", "--cost", "0.0001")

    def test_filters(self):
        self.good("convert", PBE, "--to", "eos.extxyz", "--only", "family=eos")
        self.assertEqual({f[0]["family"] for f in frames(self.folder / "eos.extxyz")}, {"eos"})
        self.good("convert", PBE, "--to", "calm.extxyz", "--max-force", "0.1 eV/A", "--stride", "2")
        self.assertLess(len(frames(self.folder / "calm.extxyz")), N // 2)
        self.fails(2, "no frame is left", "convert", PBE, "--to", "x.extxyz", "--only", "family=none")
        self.assertFalse((self.folder / "x.extxyz").exists())

    def test_bad_command_lines(self):
        (self.folder / "bad.extxyz").write_text("1\nLattice=\"5 0 0 0 5 0 0 0 5\" stress=\"1 2\"\nLi 0 0 0\n")
        (self.folder / "slab.extxyz").write_text(
            "1\nLattice=\"5 0 0 0 5 0 0 0 9\" pbc=\"T T F\" energy=1\nLi 0 0 0\n")
        for code, say, arguments in [
                (2, ["unknown command 'convrt' (did you mean convert?)"], ["convrt"]),
                (2, ["expected: nnpmd-dataset convert"], ["convert", "--to", "x.data"]),
                (2, ["to"], ["convert", PBE]),
                (2, ["none.extxyz: cannot be opened"], ["convert", "none.extxyz", "--to", "x.data"]),
                (2, ["tells no format of data sets"], ["convert", PBE, "--to", "x.pdb"]),
                (2, ["'pdb' tells no format"], ["convert", PBE, "--to", "x", "--to-format", "pdb"]),
                (2, ["bad.extxyz:2:", "stress: 2 numbers; expected 9"], ["convert", "bad.extxyz", "--to", "x.data"]),
                (2, ["slab.extxyz:1: input.data: a structure that is periodic along 2"],
                 ["convert", "slab.extxyz", "--to", "x.data"]),
                (2, ["periodic along 2 axes"],
                 ["convert", "slab.extxyz", "--to", "x/"]),
                (2, [f"a POSCAR holds one structure, {N}"], ["convert", PBE, "--to", "x.poscar"]),
                (2, ["--digits"], ["convert", PBE, "--to", "x.data", "--digits", "18"]),
                (2, ["weight 'eos'; expected FAMILY=NUMBER"],
                 ["reweight", PBE, "--key", "family", "--weights", "eos", "--to", "x.extxyz"]),
                (4, ["missing/x.data"], ["convert", PBE, "--to", "missing/x.data"])]:
            with self.subTest(arguments=arguments):
                self.fails(code, say, *arguments)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["bad.extxyz", "slab.extxyz"])

    def test_help(self):
        text = self.good("--help")
        for command in re.findall(r"^  (\w+)  +", text.split("Commands:")[1].split("\n\n")[0], re.M):
            self.assertIn("Options:", self.good(command, "--help"))
        self.assertRegex(self.good("--version"), r"^nnpmd-dataset \d")
        self.assertEqual(self.run_it().returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
