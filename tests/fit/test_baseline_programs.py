#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A network trained on top of other potentials: run as the sum that nnpmd-train writes down, it is as far from the labels as
the training says.

test_baseline_programs.py NNPMD_TRAIN NNPMD FOLDER
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FRAMES, LOOKED_AT = 12, 3
FIT = """
settings: {root}/potentials/AuLi-starter
output: {folder}/model
data: {{training: {folder}/some.extxyz, validation_fraction: 0}}
atom_energies: settings
pictures: false
stages: [kalman: {{epochs: 2}}]
baseline:
  - zbl: {{inner: 1 A, outer: 4 A}}
  - morse: {{cutoff: 5 A, pairs: [{{elements: [Au, Li], depth: 0.4 eV, alpha: 1.4, distance: 2.8 A}}]}}
"""
RUN = """
output_folder: {folder}/run
structure: {{file: {folder}/some.extxyz, frame: {frame}}}
potential: {{file: {folder}/model/potential.yaml}}
stages: [nve: {{steps: 1, timestep: 1e-6 fs}}]
outputs: [thermo: {{every: 1}}]
"""


def run(program, text, path):
    path.write_text(text, encoding="ascii")
    done = subprocess.run([program, path], capture_output=True, text=True, timeout=100)
    if done.returncode != 0:
        sys.exit(f"{program}: {done.stderr}")
    return done.stdout


def some_frames(path):
    """The first frames: their energies and numbers of atoms."""
    lines = (ROOT / "potentials/AuLi/data/pbe.extxyz").read_text(encoding="ascii").split("\n")
    at, out, energies = 0, [], []
    for _ in range(FRAMES):
        n = int(lines[at])
        out += lines[at:at + n + 2]
        energies.append((float(re.search(r"\benergy=(\S+)", lines[at + 1]).group(1)), n))
        at += n + 2
    path.write_text("\n".join(out) + "\n", encoding="ascii")
    return energies


def main():
    train, nnpmd, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    folder.mkdir(exist_ok=True)
    energies = some_frames(folder / "some.extxyz")
    run(train, FIT.format(root=ROOT, folder=folder), folder / "fit.yaml")
    parity = [line.split() for line in (folder / "model/parity_energy.txt").read_text().splitlines() if line[0] != "#"]
    for k in range(LOOKED_AT):
        log = run(nnpmd, RUN.format(folder=folder, frame=k), folder / "run.yaml")
        computed = float(re.search(r"^ +0 +\S+ +(\S+)", log, re.M).group(1))
        label, n = energies[k]
        seen, said = (label - computed) / n, float(parity[k][0]) - float(parity[k][1])
        print(f"frame {k}: {seen:.6f} eV/atom from the label, {said:.6f} in the training")
        if abs(seen - said) > 2e-5 or abs(seen) < 1e-4:  # thermo has 1e-5 eV
            sys.exit("they differ, or nothing was seen")


if __name__ == "__main__":
    main()
