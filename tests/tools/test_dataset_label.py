#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""nnpmd-dataset label: results go to their structures, kills lose nothing and leave no half frame, failures are told.

usage: test_dataset_label.py FOLDER_OF_PROGRAMS      (run by ctest)
"""
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
N = 24
try:
    from ase.calculators.lj import LennardJones
    from ase.io import read as ase_read
except ImportError:
    LennardJones = None

# Reads structure.extxyz and writes result.extxyz with made-up labels that follow from the positions; atoms come back in
# reverse order. Counts itself in ../../../calls.
LABELLER = """
import pathlib, sys, time
pause, bad = float(sys.argv[1]), sys.argv[2:]
open(pathlib.Path.cwd().parents[2] / "calls", "a").write("x")
lines, out = pathlib.Path("structure.extxyz").read_text().split("\\n"), open("result.extxyz", "w")
while lines and lines[0]:
    n, head, rows = int(lines[0]), lines[1], [line.split() for line in lines[2:2 + int(lines[0])]]
    del lines[:2 + n]
    assert "energy=" not in head and "forces" not in head
    if any(f"id={name} " in head + " " for name in bad):
        sys.exit("this one does not converge")
    energy = -sum(float(x) for row in rows for x in row[1:4])
    lattice = head.split('"')[1]
    out.write(f'{n}\\nLattice="{lattice}" Properties=species:S:1:pos:R:3:forces:R:3 energy={energy!r} '
              'stress="1 2 3 2 4 5 3 5 6"\\n')
    for row in reversed(rows):
        out.write(" ".join(row[:4] + [repr(2 * float(x)) for x in row[1:4]]) + "\\n")
    out.flush()
    time.sleep(pause)
"""


class Label(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        (self.folder / "labeller.py").write_text(LABELLER)
        generator, text = random.Random(5), []
        for k in range(N):
            text.append(f'3\nLattice="6 0 0 0 6 0 0 0 6" Properties=species:S:1:pos:R:3 id=s{k} energy=99\n')
            text += [f"{e} " + " ".join(repr(i + 4 * generator.random()) for _ in range(3)) + "\n"
                     for i, e in enumerate(("Au", "Li", "Au"))]
        (self.folder / "in.extxyz").write_text("".join(text))

    def tearDown(self):
        self.scratch.cleanup()

    def arguments(self, *more, pause=0.0, bad=()):
        command = f"{sys.executable} {self.folder}/labeller.py {pause} {' '.join(bad)}"
        return [str(PROGRAMS / "nnpmd-dataset"), "label", "in.extxyz", "--to", "out.extxyz", "--folder", "work", "--command",
                command, *map(str, more)]

    def label(self, *more, code=0, **keys):
        done = subprocess.run(self.arguments(*more, **keys), cwd=self.folder, text=True, capture_output=True, timeout=250,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def calls(self):
        return len((self.folder / "calls").read_text())

    def units(self):
        return sorted(self.folder.glob("work/unit-*.extxyz"))

    def check_frames(self, path, count):
        lines, seen = pathlib.Path(path).read_text().split("\n"), set()
        while lines and lines[0]:
            n, head, rows = int(lines[0]), lines[1], [line.split() for line in lines[2:2 + int(lines[0])]]
            self.assertEqual(len(rows), n)
            del lines[:2 + n]
            energy = float(head.split(" energy=")[1].split()[0])
            self.assertAlmostEqual(energy, -sum(float(x) for row in rows for x in row[1:4]), 9)
            self.assertIn('stress="1 2 3 2 4 5 3 5 6"', head)
            for row in rows:  # forces found their atoms again
                self.assertEqual([float(x) for x in row[4:7]], [2 * float(x) for x in row[1:4]])
            seen.add(head.split("id=")[1].split()[0])
        self.assertEqual(len(seen), count)
        return seen

    def test_all_at_once(self):
        text = self.label("--workers", 3)
        self.assertIn(f"{N} frames labelled, 0 from before, 0 failed", text)
        self.check_frames(self.folder / "out.extxyz", N)
        self.assertEqual(self.calls(), N)
        self.assertIn(f"0 frames labelled, {N} from before", self.label())  # nothing is done twice
        self.assertEqual(self.calls(), N)

    def test_batches(self):
        self.label("--workers", 2, "--batch", 5)
        self.check_frames(self.folder / "out.extxyz", N)
        self.assertEqual(self.calls(), 5)
        text = self.label("--batch", 4, code=2)
        self.assertIn("belongs to other structures or another --batch", text)

    def test_killed(self):
        kept = {}
        for kill in range(3):
            run = subprocess.Popen(self.arguments("--workers", 3, pause=0.15), cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            end = time.time() + 100
            while len(self.units()) < len(kept) + 4 and time.time() < end and run.poll() is None:
                time.sleep(0.02)
            self.assertIsNone(run.poll(), "ended before it was killed")
            run.send_signal(signal.SIGKILL)
            run.wait()
            self.assertFalse((self.folder / "out.extxyz").exists())
            for unit in self.units():
                self.check_frames(unit, 1)  # whole
                stamp = unit.stat().st_mtime_ns
                self.assertEqual(kept.setdefault(unit.name, stamp), stamp)  # and not made anew
        text = self.label("--workers", 3)
        self.assertIn(f"{len(kept)} from before, 0 failed", text)
        for unit in self.units():
            self.assertEqual(kept.get(unit.name, unit.stat().st_mtime_ns), unit.stat().st_mtime_ns)
        self.check_frames(self.folder / "out.extxyz", N)
        self.assertLessEqual(self.calls(), N + 3 * 3)  # at most what was at work at each kill is done again

    def test_stopped(self):
        run = subprocess.Popen(self.arguments("--workers", 2, pause=0.3), cwd=self.folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while not self.units() and run.poll() is None:
            time.sleep(0.02)
        text = self.label(code=2)  # while the first holds the folder
        self.assertIn("another run works in this folder", text)
        run.send_signal(signal.SIGTERM)
        self.assertIn("the same command goes on from there", run.communicate(timeout=60)[1])
        self.assertEqual(run.returncode, 75)

    def test_failures(self):
        text = self.label("--workers", 3, "--tries", 2, bad=("s3", "s7"), code=2)
        self.assertIn("2 frames have no label, the others are in out.extxyz", text)
        self.assertIn("the command ended with code 1 (see command.log)", text)
        self.assertIn("this one does not converge", (self.folder / "work/unit-000003/try-2/command.log").read_text())
        self.assertFalse({"s3", "s7"} & self.check_frames(self.folder / "out.extxyz", N - 2))
        self.assertEqual(self.calls(), N + 2)
        self.assertIn("2 frames labelled, 22 from before, 0 failed", self.label())
        self.check_frames(self.folder / "out.extxyz", N)

    def test_wrong_results(self):
        base = [str(PROGRAMS / "nnpmd-dataset"), "label", "in.extxyz", "--to", "out.extxyz", "--stride", "24", "--command"]
        for command, words in (("true", "result.extxyz: cannot be opened"),
                               ("cp structure.extxyz result.extxyz", "the result has no energy"),
                               ("sed '3s/Au 0/Au 1/;3s/Au 3/Au 1/;s/id=/energy=1 id=/;s/pos:R:3/pos:R:3:forces:R:3/;"
                                "3,$s/$/ 0 0 0/' structure.extxyz | sed '3s/Au [0-9]/Au 5/' > result.extxyz",
                                "the result has no Au where atom 1 is"),
                               ("kill -9 $$", "ended by signal 9")):
            done = subprocess.run([*base, command], cwd=self.folder, text=True, capture_output=True, timeout=100,
                                  stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)

    @unittest.skipIf(LennardJones is None, "no ASE")
    def test_ase_driver(self):
        command = f"{sys.executable} {ROOT}/tools/nnpmd_ase_label.py ase.calculators.lj:LennardJones sigma=2.5 epsilon=0.1"
        done = subprocess.run([str(PROGRAMS / "nnpmd-dataset"), "label", "in.extxyz", "--to", "out.extxyz", "--batch", "2", "--stride", "6",
                               "--workers", "2", "--command", command], cwd=self.folder, text=True, capture_output=True,
                              timeout=250, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stderr)
        for ours, bare in zip(ase_read(self.folder / "out.extxyz", index=":"), ase_read(self.folder / "in.extxyz", index="::6")):
            bare.calc = LennardJones(sigma=2.5, epsilon=0.1)
            self.assertEqual(ours.get_potential_energy(), bare.get_potential_energy())
            self.assertTrue((ours.get_forces() == bare.get_forces()).all())
            self.assertTrue((ours.get_stress() == bare.get_stress()).all())
            self.assertEqual(ours.info["id"], bare.info["id"])

    def test_outcar(self):
        subprocess.run([str(PROGRAMS / "nnpmd-dataset"), "convert", ROOT / "tests/io/vasp/vasprun.xml", "--to", "all.extxyz"],
                       cwd=self.folder, check=True, capture_output=True)
        lines = (self.folder / "all.extxyz").read_text().split("\n")
        (self.folder / "in.extxyz").write_text("\n".join(lines[7:]))  # the last step
        done = subprocess.run([str(PROGRAMS / "nnpmd-dataset"), "label", "in.extxyz", "--to", "out.extxyz", "--result",
                               "OUTCAR", "--command", f"test -f POSCAR && cp {ROOT}/tests/io/vasp/OUTCAR ."],
                              cwd=self.folder, text=True, capture_output=True, timeout=100, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("energy=-14.79229632", (self.folder / "out.extxyz").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=1)
