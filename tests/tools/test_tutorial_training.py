#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""docs/tutorial_training.md does what it says: its own commands and inputs, on every third frame and with few epochs.

usage: test_tutorial_training.py FOLDER_OF_PROGRAMS      (run by ctest)

Text between ```sh is run, text between ```yaml is the file named before it. The OUTCARs come from labels of the tree, as on
the page; a folder of real ones takes the same path.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "tutorial_training.md").read_text(encoding="utf-8")
SHORTER = [("epochs: 25", "epochs: 4"), ("committee: 4", "committee: 2"), ("repeat: [6, 6, 6]", "repeat: [3, 3, 3]"),
           ("steps: 5000", "steps: 100"), ("every: 500", "every: 50")]


def thin(text, stride):
    """Every stride-th frame of an extended XYZ text."""
    lines, kept, frame = text.splitlines(keepends=True), [], 0
    while lines:
        size = int(lines[0]) + 2
        if frame % stride == 0:
            kept += lines[:size]
        del lines[:size]
        frame += 1
    return "".join(kept)


class Tutorial(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        data = self.folder / "potentials" / "AuLi" / "data"
        data.mkdir(parents=True)
        (self.folder / "potentials" / "AuLi-starter").symlink_to(ROOT / "potentials" / "AuLi-starter")
        cells = thin((ROOT / "potentials/AuLi/data/pbe.extxyz").read_text(), 3)
        (data / "pbe.extxyz").write_text(cells)
        self.n_frames = cells.count("Lattice=")
        (self.folder / "tests").symlink_to(ROOT / "tests")

    def tearDown(self):
        self.scratch.cleanup()

    def run_block(self, block):
        path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(["sh", "-euc", block], cwd=self.folder, text=True, capture_output=True, timeout=170,
                              stdin=subprocess.DEVNULL, env={**os.environ, "PATH": path})
        self.assertEqual(done.returncode, 0, block + done.stdout + done.stderr)
        return done.stdout + done.stderr

    def write_input(self, name, text):
        for long, short in SHORTER:
            text = text.replace(long, short)
        (self.folder / name).write_text(text)

    def test_every_command(self):
        said, name, used = {}, None, []
        for before, kind, block in re.findall(r"(.*?)^```(sh|yaml)\n(.*?)^```$", PAGE, re.M | re.S):
            if kind == "yaml":
                name = re.findall(r"`([\w.]+\.yaml)`", before)[-1]
                self.write_input(name, block)
            else:
                for command in re.findall(r"^(?:nnpmd|python3|mkdir).*?(?<!\\)$", block, re.M | re.S):
                    said[" ".join(command.split()[:2])] = self.run_block(command)
                    used.append(command)
        self.assertIn("python3 tests/io/outcar_folder.py", said)
        self.assertIn("units or signs that do not fit together", said["nnpmd-dataset check"])
        self.assertRegex(said["nnpmd-dataset merge"], rf"\d+ files: {self.n_frames} frames")
        self.assertRegex((self.folder / "all.extxyz").read_text().split("\n")[1], r"group=calculations/0001/OUTCAR")
        self.assertRegex(said["nnpmd-train fit.yaml"], r"committee: the mean of 2 members")
        self.assertRegex(said["nnpmd md.yaml"], r"(?m)^ +100 ")
        # labels came through the digits of an OUTCAR
        found = (self.folder / "predicted.extxyz").read_text()
        self.assertTrue(re.search(r"energy=-\d", found) and "sigma" in found)


if __name__ == "__main__":
    unittest.main(verbosity=1)
