#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-rdf, -sq, -adf, -vacf, -greenkubo, -profile, -clusters, -onset, -sites, -density, -displacement, -mix and -convert as a user starts them: numbers, files, several ranks, bad input.

usage: test_structure_tools.py FOLDER_OF_PROGRAMS [MPIEXEC]      (run by ctest)
"""
import concurrent.futures
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
                              timeout=280, env=os.environ)

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

    # sq, adf

    def test_structure_factors_of_a_crystal(self):
        self.write("a.extxyz", crystal(2, repeat=2))
        self.good("sq", "a.extxyz", "--q-max", "4", "--json", "a.json", "--output", "a.txt", "--plot")
        result = json.loads((self.folder / "a.json").read_text())
        peaks = [q for q, s in zip(result["Q_per_A"], result["partials"]["Au-Au"]["S"]) if s is not None and s > 3]
        self.assertTrue(any(abs(q - 2 * math.pi / 4 * math.sqrt(3)) < 0.03 for q in peaks), peaks)  # 111
        self.assertEqual(len(result["S_xray"]), len(result["Q_per_A"]))
        self.good("sq", "a.extxyz", "--method", "g", "--cutoff", "6 A", "--lorch")
        self.fails(2, ["open", "debye"], "sq", self.write("open.extxyz", crystal(1).replace('"T T T"', '"T T F"')))
        self.fails(2, ["method"], "sq", "a.extxyz", "--method", "magic")

    def test_debye_equation_of_a_dimer(self):
        self.write("d.xyz", "2\n\nAu 0 0 0\nAu 2.5 0 0\n")
        self.good("sq", "d.xyz", "--method", "debye", "--json", "d.json", "--q-max", "10", "--q-width", "0.5")
        result = json.loads((self.folder / "d.json").read_text())
        for q, s, x in zip(result["Q_per_A"], result["partials"]["Au-Au"]["S"], result["S_xray"]):
            self.assertAlmostEqual(s, 1 + math.sin(2.5 * q) / (2.5 * q), delta=1e-12)
            self.assertAlmostEqual(x, s, delta=1e-12)

    def test_angles_of_a_crystal(self):
        self.write("a.extxyz", crystal(1, repeat=2).replace("Li ", "Au "))
        self.good("adf", "a.extxyz", "--bonds", "0.32 nm", "--bins", "36", "--json", "a.json", "--plot", "--output", "a.txt")
        result = json.loads((self.folder / "a.json").read_text())["angles"]["Au-Au-Au"]
        self.assertEqual(result["angles_per_centre"], 66)
        self.assertAlmostEqual(5 * result["p_per_degree"][35], 6 / 66)
        self.fails(2, ["Xx", "Xx-Au:3"], "adf", "a.extxyz", "--bonds", "Xx-Au:3")
        self.fails(2, ["bond cut-off", "Li-O:2.5"], "adf", "a.extxyz", "--bonds", "Au-Au")

    # vacf

    def test_velocities(self):
        generator, text, speed = random.Random(5), [], [[0.0] * 3 for _ in range(30)]
        keep = math.exp(-2 / 40)  # frames every 2 fs, friction time 40 fs
        for frame in range(1500):
            text.append("30\nLattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3:velo:R:3 "
                        f"step={2 * frame} time={2 * frame}\n")
            for k, v in enumerate(speed):
                v[:] = [keep * c + 0.01 * math.sqrt(1 - keep**2) * generator.gauss(0, 1) for c in v]
                text.append(f"Ar {k % 9} {k // 9} 0 {v[0]:.8f} {v[1]:.8f} {v[2]:.8f}\n")
        self.write("v.extxyz", "".join(text[:31 * 40]) + "".join(text[31 * 40:]))
        self.good("vacf", "v.extxyz", "--window", "300 fs", "--segments", "2", "--json", "v.json", "--output", "v.txt", "--plot")
        result = json.loads((self.folder / "v.json").read_text())["species"]["Ar"]
        expected = 1e3 * 1e-4 * 40  # <v_x^2> tau, started from rest
        d = result["D_A2_per_ps"]
        self.assertLess(abs(d["value"] - expected), 4 * d["sigma"] + 0.1 * expected)
        self.assertGreater(d["sigma"], 0)
        self.fails(2, ["no velocities"], "vacf", self.write("a.extxyz", crystal(3)))
        self.fails(2, ["--window"], "vacf", "v.extxyz", "--window", "3 fs")

    def test_viscosity(self):
        rows, p, generator = ["# step time T volume p_yz p_xz p_xy\n# 1 fs K A^3 GPa GPa GPa\n"], [0.0] * 3, random.Random(2)
        keep = math.exp(-1 / 20)
        for k in range(20000):
            p = [keep * c + 0.2 * math.sqrt(1 - keep**2) * generator.gauss(0, 1) for c in p]
            rows.append(f"{k} {k}.0 300 1000 {p[0]:.6f} {p[1]:.6f} {p[2]:.6f}\n")
        self.write("thermo.dat", "".join(rows))
        self.good("greenkubo", "thermo.dat", "--window", "200 fs", "--json", "s.json")
        eta = json.loads((self.folder / "s.json").read_text())["viscosity_mPa_s"]
        expected = 1000e-30 / (1.380649e-23 * 300) * 0.2e9**2 * 20e-15 * 1e3
        self.assertLess(abs(eta["value"] - expected), 4 * eta["sigma"])
        self.assertLess(eta["sigma"], 0.2 * expected)
        self.write("heat.dat", "".join(rows).replace("p_yz p_xz p_xy", "j_x j_y j_z"))
        self.good("greenkubo", "heat.dat", "--window", "200 fs", "--quantity", "conductivity", "--json", "h.json")
        kappa = json.loads((self.folder / "h.json").read_text())["thermal_conductivity_W_per_m_K"]
        flux = 0.2 * 1.602176634e-19 / 1e-20 / 1e-15  # W/m^2
        expected = 1000e-30 / (1.380649e-23 * 300**2) * flux**2 * 20e-15
        self.assertLess(abs(kappa["value"] - expected), 4 * kappa["sigma"])
        self.fails(2, ["volume"], "greenkubo", self.write("none.dat", "# time T\n1 2\n"))
        self.fails(2, ["bad.dat:3", "time"], "greenkubo", self.write("bad.dat", "".join(rows[:1]) + "x y z 1 2 3 4\n"))

    # profile, clusters, sites, density, displacement

    def test_profile_of_layers(self):
        self.write("a.extxyz", crystal(4, repeat=2))
        self.good("profile", "a.extxyz", "--bins", "2", "--json", "a.json", "--mixing", "m.txt", "--output", "a.txt", "--plot")
        result = json.loads((self.folder / "a.json").read_text())
        self.assertAlmostEqual(result["mixing_fraction"], 0)
        self.assertAlmostEqual(result["density_per_A3"]["Au"][0], 16 / 256)
        self.assertEqual(result["density_per_A3"]["Au"][1], 0)
        self.assertEqual(len((self.folder / "m.txt").read_text().splitlines()), 3 + 4)

    def test_onset(self):
        """Two replicas: groups of three dissolved from the second frame on, and one that never gets there."""
        groups = [(i, j, 4) for i in (1, 4) for j in (2, 3, 4)]
        holes = [(i, j, 0) for i, j in ((0, 0), (2, 2), (4, 4), (0, 5), (5, 1), (3, 6))]  # where they come from

        def frame(moved, time, where=groups):
            lines = ["343", 'Lattice="21 0 0 0 21 0 0 0 21" Properties=species:S:1:pos:R:3 Time=%g' % time]
            place = dict(zip(holes + where, where + holes)) if moved else {}
            for i in range(343):
                at = (i // 49, i // 7 % 7, i % 7)
                lines.append("%s %g %g %g" % ("Au" if at[2] < 2 else "Li", *(3 * a + 0.5 for a in place.get(at, at))))
            return "\n".join(lines) + "\n"
        self.write("r1.extxyz", frame(False, 0) + frame(True, 10) + frame(True, 20))
        self.write("r2.extxyz", frame(False, 0) + frame(False, 10))
        options = ("--solute", "Au", "--solvent", "Li", "--bond", "3.2 A", "--threshold", "6", "--permutations", "199")
        self.good("onset", "r1.extxyz", "r2.extxyz", *options, "--json", "onset.json")
        result = json.loads((self.folder / "onset.json").read_text())
        self.assertEqual((result["replicas"], result["replicas_with_onset"], result["adjacent_pairs"]), (2, 1, 4))
        self.assertEqual((result["onset_time_fs"][0], result["largest_cluster"][0]), (1, 3))  # no times in the file: frames
        self.assertLess(result["p"], 0.03)
        self.assertLess(abs(result["expected_pairs"] - 98 * 6 * 5 / (49 * 48)), 0.5)
        # A third with nobody adjacent: pairs 4 and 0 against e and e, so ratio 2 / e, and its error the same.
        self.write("r3.extxyz", frame(True, 0, [(i, j, 4) for i in (1, 4) for j in (1, 3, 5)]))
        self.good("onset", "r1.extxyz", "r3.extxyz", *options, "--json", "onset.json", "--output", "onset.txt")
        result = json.loads((self.folder / "onset.json").read_text())
        self.assertAlmostEqual(result["ratio"], 4 / result["expected_pairs"], places=9)
        self.assertLess(abs(result["ratio_error"] / result["ratio"] - 1), 0.05)
        self.assertIn("ratio %.3f +- %.3f" % (result["ratio"], result["ratio_error"]), (self.folder / "onset.txt").read_text())
        self.fails(2, ["--solvent Cs"], "onset", "r1.extxyz", "--solute", "Au", "--solvent", "Cs", "--bond", "3 A")

    def test_clusters(self):
        text = crystal(2, repeat=3).replace("Au ", "Li ")
        for site in ("0.000000000 0.000000000 0.000000000", "0.000000000 2.000000000 2.000000000",
                     "6.000000000 6.000000000 4.000000000"):
            text = text.replace("Li " + site, "Au " + site)
        self.write("a.extxyz", text)
        self.good("clusters", "a.extxyz", "--solute", "Au", "--solvent", "Li", "--bond", "3.2 A", "--json", "a.json", "--map",
                  "m.extxyz", "--plot", "--output", "a.txt")
        result = json.loads((self.folder / "a.json").read_text())
        self.assertEqual([result["means"][k]["value"] for k in ("dissolved", "clusters", "adjacent_pairs", "largest")], [3, 2, 1, 2])
        self.assertEqual(result["clusters_by_size"][:3], [1, 1, 0])
        self.assertIn("cluster:R:1", (self.folder / "m.extxyz").read_text())
        self.fails(2, ["--solvent Cs"], "clusters", "a.extxyz", "--solute", "Au", "--solvent", "Cs", "--bond", "3 A")

    def test_sites_and_hops(self):
        head = "{n}\nLattice=\"12 0 0 0 12 0 0 0 12\" Properties=species:S:1:pos:R:3 step={k} time={t}\n"
        self.write("lattice.extxyz", head.format(n=4, k=0, t=0) + "".join(f"Li {3 * i} 0 0\n" for i in range(4)))
        path, text = [0, 0, 0, 3, 3, 3, 6, 6, 9, 9, 12, 12, 9, 9, 9], ""
        for k, x in enumerate(path):  # one Li walks along x through the boundary; the framework drifts
            drift = 0.1 * k
            text += head.format(n=3, k=k, t=100 * k)
            text += f"Li {x + drift + 0.3 * (-1)**k} 0 0\nO {1 + drift} 6 6\nO {7 + drift} 6 6\n"
        self.write("run.extxyz", text)
        self.good("sites", "run.extxyz", "--species", "Li", "--lattice", "lattice.extxyz", "--json", "s.json", "--hops", "h.txt",
                  "--plot", "--output", "s.txt")
        result = json.loads((self.folder / "s.json").read_text())
        self.assertEqual(result["hops"], 5)
        self.assertAlmostEqual(result["jump_rate_per_ps"], 5 / 1.4)
        self.assertAlmostEqual(result["residence_time_ps"], (3 + 2 + 2 + 2) * 0.1 / 4)
        self.assertAlmostEqual(result["back_fraction"], 1 / 5)
        self.assertEqual([d["hops"] for d in result["directions"]], [4, 1])
        self.assertAlmostEqual(result["directions"][0]["vector_A"][0], 3)
        self.assertEqual(sum(s["arrivals"] for s in result["sites"]), 5)
        self.assertEqual(len((self.folder / "h.txt").read_text().splitlines()), 3 + 5)
        self.fails(2, ["nowhere"], "sites", "run.extxyz", "--species", "Li", "--lattice", "nowhere.xyz")

    def test_density_and_displacement(self):
        self.write("a.extxyz", crystal(3, repeat=2, noise=0.05))
        self.good("density", "a.extxyz", "--spacing", "1 A", "--to", "d", "--json", "d.json", "--plot")
        lines = (self.folder / "d.Au.cube").read_text().split("\n")
        self.assertEqual(int(lines[2].split()[0]), 32)
        values = [float(v) for line in lines[6 + 32:] for v in line.split()]
        voxel = (8 / 0.529177210903)**3 / 512
        self.assertEqual(len(values), 512)
        self.assertAlmostEqual(sum(values) * voxel, 16, delta=1e-3)
        self.good("density", "a.extxyz", "--spacing", "2 A", "--to", "d", "--file-format", "vtk", "--species", "Li")
        self.assertIn("POINTS 64 float", (self.folder / "d.Li.vtk").read_text())
        self.good("displacement", "a.extxyz", "--map", "m.extxyz", "--json", "m.json")
        first = (self.folder / "m.extxyz").read_text().splitlines()
        self.assertIn("displacement:R:3", first[1])
        rows = [[float(v) for v in line.split()[1:]] for line in (self.folder / "a.extxyz").read_text().splitlines()
                if line[:2] in ("Au", "Li")]
        for k, line in enumerate(first[2:]):
            moved = [float(v) for v in line.split()[5:8]]
            for d in range(3):
                self.assertAlmostEqual(moved[d], rows[64 + k][d] - rows[k][d], delta=1e-6)

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
        self.good("convert", "a.extxyz", "--to", "p.extxyz.gz")
        self.good("convert", "p.extxyz.gz", "--to", "g.extxyz")
        self.assertEqual((self.folder / "p.extxyz.gz").read_bytes()[:2], b"\x1f\x8b")
        self.good("convert", "input.data", "--to", "d.extxyz")
        for name in ("c.extxyz", "d.extxyz", "g.extxyz"):
            for one, two in zip(self.positions("a.extxyz"), self.positions(name), strict=True):
                for a, b in zip(one, two):
                    self.assertAlmostEqual(a, b, delta=1e-12)
        self.good("convert", "a.extxyz", "--to", "e.nc", "--timestep", "2 fs")
        self.good("convert", "e.nc", "--to", "f.extxyz")
        for one, two in zip(self.positions("a.extxyz"), self.positions("f.extxyz"), strict=True):
            for a, b in zip(one, two):
                self.assertAlmostEqual(a, b, delta=1e-5)
        self.fails(2, ["other atoms"], "convert", "a.extxyz", self.write("h.extxyz", crystal(1, repeat=2)), "--to", "h.nc")
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


def main():
    """Side by side: a tool spends most of its start waiting for MPI."""
    def run(test):
        result = unittest.TestResult()
        test.run(result)
        return result
    tests = list(unittest.defaultTestLoader.loadTestsFromTestCase(Tools))
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        results = list(pool.map(run, tests))
    wrong = [pair for result in results for pair in result.failures + result.errors]
    for test, text in wrong:
        print(f"{test}\n{text}")
    print(f"{len(tests)} tests, {len(wrong)} failed")
    return 1 if wrong or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
