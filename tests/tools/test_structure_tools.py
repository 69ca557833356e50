#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-rdf, -mix and -convert as a user starts them: numbers, files, several ranks, bad input.

usage: test_structure_tools.py FOLDER_OF_PROGRAMS [MPIEXEC]      (run by ctest)
"""
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()
MPIEXEC = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else ""


def crystal(frames, repeat=3, a=4.0, noise=0.0, seed=1):
    """Extended XYZ of a fcc crystal with Au and Li in layers, shaken by `noise`."""
    generator, text = random.Random(seed), []
    sites = [(i + x, j + y, k + z) for i in range(repeat) for j in range(repeat) for k in range(repeat)
             for x, y, z in ((0, 0, 0), (0, .5, .5), (.5, 0, .5), (.5, .5, 0))]
    for frame in range(frames):
        length = a * repeat
        text.append(f"{len(sites)}\nLattice=\"{length} 0 0 0 {length} 0 0 0 {length}\" "
                    f"Properties=species:S:1:pos:R:3 pbc=\"T T T\" step={10 * frame} time={20.0 * frame} energy=-1.5\n")
        for s in sites:
            x = [a * v + generator.gauss(0, noise) for v in s]
            text.append(f"{'Au' if s[2] < repeat / 2 else 'Li'} {x[0]:.9f} {x[1]:.9f} {x[2]:.9f}\n")
    return "".join(text)


class Tools(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)

    def tearDown(self):
        self.scratch.cleanup()

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return name

    def run_tool(self, tool, *arguments, ranks=0):
        command = [str(PROGRAMS / f"nnpmd-{tool}"), *arguments]
        if ranks:
            command = [MPIEXEC, "-n", str(ranks), *command]
        return subprocess.run(command, cwd=self.folder, text=True, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=100, env=os.environ)

    def good(self, tool, *arguments, ranks=0):
        done = self.run_tool(tool, *arguments, ranks=ranks)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def fails(self, code, say, tool, *arguments):
        done = self.run_tool(tool, *arguments)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        lines = [line for line in done.stderr.splitlines() if "error" in line]
        self.assertEqual(len(lines), 1, done.stderr)
        for part in say:
            self.assertIn(part, lines[0])

    # rdf

    def test_rdf_of_a_crystal(self):
        self.write("a.extxyz", crystal(4, repeat=2))
        self.good("rdf", "a.extxyz", "--cutoff", "7 A", "--width", "0.3 A", "--json", "a.json", "--output", "a.txt", "--plot")
        result = json.loads((self.folder / "a.json").read_text())
        radius = [r + result["bin_width_A"] / 2 for r in result["r_A"]]
        for pair, first, counts in (("Au-Au", "n_Au_of_Au", (8, 14)), ("Li-Au", "n_Li_of_Au", (4, 4))):
            n = result["pairs"][pair][first]
            self.assertEqual(n[radius.index(max(r for r in radius if r < 3.4))], counts[0], pair)
        self.assertEqual(result["frames"], 4)
        text = (self.folder / "a.txt").read_text().splitlines()
        self.assertTrue(text[0].startswith("# nnpmd-rdf ") and text[1].startswith("# command: nnpmd-rdf a.extxyz"))
        self.assertIn("xxh3", text[2])
        heads = [line for line in text if line.startswith("#")][-2:]
        rows = [line.split() for line in text if not line.startswith("#")]
        self.assertEqual([len(h.split()) - 1 for h in heads], [len(rows[0])] * 2)
        self.assertEqual(heads[1].split()[1], "A")
        self.assertTrue((self.folder / "a.gnuplot").exists())

    def test_rdf_counts_what_a_direct_sum_counts(self):
        self.write("a.extxyz", crystal(3, repeat=2, noise=0.4))
        self.good("rdf", "a.extxyz", "--cutoff", "5 A", "--width", "0.25 A", "--json", "a.json")
        result = json.loads((self.folder / "a.json").read_text())
        expected = [0.0] * 20
        lines = (self.folder / "a.extxyz").read_text().splitlines()
        for f in range(3):
            atoms = [line.split() for line in lines[34 * f + 2:34 * f + 34]]
            gold = [[float(v) for v in a[1:]] for a in atoms if a[0] == "Au"]
            for i in gold:
                for j in gold:
                    for k in range(27):
                        d = [v - 8 * round(v / 8) + 8 * (k // 3**c % 3 - 1) for c, v in enumerate(j[c] - i[c] for c in range(3))]
                        r = math.sqrt(sum(v * v for v in d))
                        if 1e-9 < r < 5:
                            expected[int(r / 0.25)] += 1
        n = len(gold)
        for k in range(20):
            shell = 4 / 3 * math.pi * 0.25**3 * ((k + 1)**3 - k**3)
            g = expected[k] / 3 * 512 / (n * (n - 1) * shell)
            self.assertAlmostEqual(result["pairs"]["Au-Au"]["g"][k], g, delta=1e-9 * max(g, 1))

    def test_rdf_on_several_ranks(self):
        if not MPIEXEC:
            self.skipTest("no mpiexec")
        self.write("a.extxyz", crystal(9, noise=0.1))
        self.good("rdf", "a.extxyz", "--json", "one.json", "--quiet")
        self.good("rdf", "a.extxyz", "--json", "three.json", "--quiet", ranks=3)
        one, three = (json.loads((self.folder / f).read_text()) for f in ("one.json", "three.json"))
        for pair, values in one["pairs"].items():
            for key in values:
                for a, b in zip(values[key], three["pairs"][pair][key]):
                    self.assertTrue(a == b or abs(a - b) < 1e-12 * max(1, abs(a)), f"{pair} {key} {a} {b}")

    def test_rdf_of_damaged_files(self):
        whole = crystal(3)
        self.write("cut.extxyz", whole[:len(whole) - 500])
        done = self.good("rdf", "cut.extxyz", "--cutoff", "5 A")
        self.assertIn("cut off", done.stderr)
        self.assertIn("# 2 frames", done.stdout)
        self.fails(2, ["cut.extxyz:"], "rdf", "cut.extxyz", "--strict")
        self.write("bad.extxyz", whole.replace("Au 0.000000000", "Au zero", 1))
        self.fails(2, ["bad.extxyz:3:4", "zero"], "rdf", "bad.extxyz")
        other = crystal(1, repeat=2)
        self.write("mixed.extxyz", whole + other.replace("step=0 time=0.0", "step=99 time=198"))
        self.fails(2, ["mixed.extxyz", "frame 3", "32 atoms"], "rdf", "mixed.extxyz")
        self.fails(2, ["nowhere.extxyz"], "rdf", "nowhere.extxyz")
        self.fails(2, ["--cutof", "--cutoff"], "rdf", "bad.extxyz", "--cutof", "3")
        self.fails(2, ["cutoff"], "rdf", "cut.extxyz", "--cutoff", "-3 A")
        self.fails(4, ["--memory", "limit"], "rdf", "cut.extxyz", "--width", "0.0001 A", "--memory", "1 MB")

    # mix

    def test_hull_from_a_table(self):
        self.write("t.txt", "# formula energy members\nAu -3 -3.1 -3\nLi2 -4 -4 -4\nLiAu -5.4 -5.5 -5.2\n"
                            "Li3Au -9.2 -9.2 -9.0\nLi4Au12 -45 -45 -47\n")
        self.good("mix", "--table", "t.txt", "--json", "t.json", "--output", "t.dat", "--plot")
        result = json.loads((self.folder / "t.json").read_text())
        by_name = {s["name"]: s for s in result["structures"]}
        self.assertAlmostEqual(by_name["LiAu"]["mixing_eV_per_atom"], -0.2)
        self.assertTrue(by_name["LiAu"]["stable"] and by_name["Au"]["stable"])
        third = by_name["Li4Au12"]  # -45/16 + 2.75 = -0.0625; the hull is at -0.1 there
        self.assertAlmostEqual(third["mixing_eV_per_atom"], -0.0625)
        self.assertAlmostEqual(third["above_hull_eV_per_atom"], 0.0375)
        self.assertEqual({p["name"]: p["share"] for p in third["hull_mixture"]}, {"Au": 0.5, "LiAu": 0.5})
        self.assertAlmostEqual(third["share_stable"], 0.5)
        self.assertTrue((self.folder / "t.gnuplot").exists())

    def test_hull_from_structures_and_a_committee(self):
        def structures(shift):
            text = ""
            for symbols, energy in (("Au Au", -6), ("Li", -2), ("Au Li", -5.3 + shift)):
                atoms = symbols.split()
                text += f"{len(atoms)}\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3 energy={energy} name={symbols.replace(' ', '')}\n"
                text += "".join(f"{s} {2 * k} 0 0\n" for k, s in enumerate(atoms))
            return text
        for name, shift in (("s.extxyz", 0), ("m1.extxyz", 0.1), ("m2.extxyz", -0.1)):
            self.write(name, structures(shift))
        self.good("mix", "s.extxyz", "--member", "m1.extxyz,m2.extxyz", "--json", "s.json")
        last = json.loads((self.folder / "s.json").read_text())["structures"][2]
        self.assertAlmostEqual(last["mixing_eV_per_atom"], -0.15)
        self.assertAlmostEqual(last["mixing_sigma_eV_per_atom"], 0.05 * math.sqrt(2))
        self.fails(2, ["m3.extxyz", "same"], "mix", "s.extxyz", "--member", self.write("m3.extxyz", structures(0).replace("Li", "Au")))

    def test_hull_errors(self):
        self.fails(2, ["--table"], "mix")
        self.write("t.txt", "Au -3\nLiAu -5.4\n")
        self.fails(2, ["pure Li", "--reference Li="], "mix", "--table", "t.txt")
        self.good("mix", "--table", "t.txt", "--reference", "Li=-2")
        self.fails(2, ["--reference"], "mix", "--table", "t.txt", "--reference", "Li:-2")
        self.fails(2, ["bad.txt:2", "Xx"], "mix", "--table", self.write("bad.txt", "Au 1\nXx2 3\n"))
        self.fails(2, ["bad.txt:1", "zero"], "mix", "--table", self.write("bad.txt", "Au zero\n"))
        self.fails(2, ["no energy"], "mix", self.write("n.extxyz", crystal(1).replace("energy=-1.5", "")))

    # convert

    def positions(self, name):
        return [[float(v) for v in line.split()[1:4]] for line in (self.folder / name).read_text().splitlines()
                if line[:2] in ("Au", "Li")]

    def test_there_and_back(self):
        self.write("a.extxyz", crystal(3, noise=0.2))
        self.good("convert", "a.extxyz", "--to", "b.lammpstrj")
        self.good("convert", "b.lammpstrj", "--to", "c.extxyz")
        self.good("convert", "a.extxyz", "--to", "input.data")
        self.good("convert", "input.data", "--to", "d.extxyz")
        for name in ("c.extxyz", "d.extxyz"):
            for one, two in zip(self.positions("a.extxyz"), self.positions(name), strict=True):
                for a, b in zip(one, two):
                    self.assertAlmostEqual(a, b, delta=1e-12)
        self.assertIn("step=20", (self.folder / "c.extxyz").read_text())
        self.assertIn("energy=-1.5", (self.folder / "d.extxyz").read_text())

    def test_parts_and_unwrapping(self):
        frames = ""
        for k in range(6):  # one atom walks through the boundary, 1 A a frame in a cell of 4 A
            frames += ("2\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3 "
                       f"step={k} time={k}\nLi {(2 + k) % 4} 1 1\nAu 1 1 {k / 10}\n")
        self.write("walk.extxyz", frames)
        self.good("convert", "walk.extxyz", "--to", "u.extxyz", "--unwrap", "nearest", "--species", "Li", "--stride", "2",
                  "--first", "1")
        self.assertEqual([x[0] for x in self.positions("u.extxyz")], [3, 5, 7])
        self.good("convert", "u.extxyz", "--to", "w.extxyz", "--wrap")
        self.assertEqual([x[0] for x in self.positions("w.extxyz")], [3, 1, 3])
        self.good("convert", "walk.extxyz", "--to", "p.vasp", "--split", "--frames", "2")
        self.assertEqual(sorted(p.name for p in self.folder.glob("p*")), ["p.0000.vasp", "p.0001.vasp"])

    def test_convert_errors(self):
        self.write("a.extxyz", crystal(2))
        self.fails(2, ["\"to\""], "convert", "a.extxyz")
        self.fails(2, ["x.foo", "--to-format"], "convert", "a.extxyz", "--to", "x.foo")
        self.fails(2, ["--split"], "convert", "a.extxyz", "--to", "x.vasp")
        self.fails(4, ["x.xyz"], "convert", "a.extxyz", "--to", "no/such/folder/x.xyz")
        self.write("bad.extxyz", crystal(2)[:-30] + " 1 2 three four\n" + crystal(1))
        self.fails(2, ["bad.extxyz"], "convert", "bad.extxyz", "--to", "x.xyz")
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith("x")], [])


if __name__ == "__main__":
    unittest.main()
