#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tables and pictures of docs/potential_llno.md: check.py FOLDER [STABILITY ...] (numpy, matplotlib, ase; nnpmd-eval in PATH).

FOLDER gets the pictures; STABILITY: output folders of stability.sh. Run in this folder.
"""
import collections
import pathlib
import subprocess
import sys
import tempfile

import matplotlib
import numpy as np
from ase.io import read

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLORS = {"md": "C1", "own": "C3", "static": "C0", "relaxed": "C2", "path": "C4", "close": "C5", "relaxlong": "C6"}


def evaluate(path):
    """Frames of a file with the labels, and the same frames with the committee's results."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.extxyz"
        subprocess.run(["nnpmd-eval", ".", path, "-o", out], check=True)
        return read(path, ":"), read(out, ":")


def family(atoms):
    kind = atoms.info["kind"]
    return "own" if kind.startswith("own") else kind


def parity(files, folder):
    frames = [pair for path in files for pair in zip(*evaluate(path))]
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.8))
    families = collections.defaultdict(lambda: ([], [], [], []))
    for a, b in frames:
        if np.linalg.norm(a.get_forces(), axis=1).max() > 10:
            continue
        f = families[family(a)]
        f[0].append(a.get_forces().ravel()), f[1].append(b.get_forces().ravel())
        f[2].append(a.get_potential_energy() / len(a)), f[3].append(b.get_potential_energy() / len(b))
    for name, (fa, fb, ea, eb) in sorted(families.items()):
        error = 1e3 * np.sqrt(np.mean((np.concatenate(fa) - np.concatenate(fb)) ** 2))
        left.plot(np.concatenate(fa), np.concatenate(fb), ".", ms=2, color=COLORS[name], label=f"{name} {error:.0f}")
        error = 1e3 * np.sqrt(np.mean((np.array(ea) - np.array(eb)) ** 2))
        right.plot(ea, 1e3 * (np.array(eb) - np.array(ea)), ".", ms=4, color=COLORS[name], label=f"{name} {error:.1f}")
    left.set(xlabel="force of the label (eV/A)", ylabel="force of the committee (eV/A)")
    right.set(xlabel="energy of the label (eV/atom)", ylabel="committee less label (meV/atom)")
    left.legend(title="rms, meV/A", fontsize=7), right.legend(title="rms, meV/atom", fontsize=7)
    save(figure, folder, "llno_parity.png")


def equation_of_state(path, folder):
    labels, results = evaluate(path)
    figure, axis = plt.subplots(figsize=(5.2, 3.6))
    groups = collections.defaultdict(list)
    for a, b in zip(labels, results):
        groups[a.info["tag"]].append((a.get_volume() / len(a), a.get_potential_energy() / len(a), b.get_potential_energy() / len(b)))
    for k, (tag, points) in enumerate(groups.items()):
        v, e, p = np.array(sorted(points)).T
        curves = [np.polyfit(v, y, 4) for y in (e, p)]
        best, moduli = [], []
        for c in curves:
            x = np.linspace(v[0], v[-1], 20001)
            best.append(x[np.argmin(np.polyval(c, x))])
            moduli.append(best[-1] * np.polyval(np.polyder(c, 2), best[-1]) * 160.21766)
        print(f"{tag}: volume {best[0]:.3f} and {best[1]:.3f} A^3/atom, bulk modulus {moduli[0]:.0f} and {moduli[1]:.0f} GPa, "
              f"energies over all volumes {1e3 * np.std(p - e):.2f} meV/atom after a constant")
        axis.plot(v, 1e3 * (e - e.min()), "o", color=f"C{k}", mfc="none", label=tag.replace("_", " "))
        axis.plot(v, 1e3 * (p - e.min()), "-", color=f"C{k}")
    axis.set(xlabel="volume (A$^3$/atom)", ylabel="energy (meV/atom)", ylim=(-5, None))
    axis.legend(fontsize=7, title="circles: CHGNet, lines: committee", title_fontsize=7)
    save(figure, folder, "llno_eos.png")


def paths(files, folder):
    """Li on its way between two sites: frames of a group that share a composition and a cell are one path."""
    groups = collections.defaultdict(list)
    for path in files:
        for a, b in zip(*evaluate(path)):
            if a.info["kind"] == "path":
                groups[a.info["group"]].append((a.get_potential_energy(), b.get_potential_energy()))
    figure, axis = plt.subplots(figsize=(4.2, 3.8))
    errors, spans = [], []
    for points in groups.values():
        if len(points) < 4:
            continue
        e, p = np.array(points).T
        e, p = e - e.mean(), p - p.mean()
        errors.extend(p - e)
        spans.append((np.ptp(e), np.ptp(p)))
        axis.plot(e, p, ".", ms=4, color="C0")
    spans = np.array(spans)
    print(f"{len(spans)} paths, highest less lowest {1e3 * spans[:, 0].mean():.0f} meV: energies along a path "
          f"{1e3 * np.sqrt(np.mean(np.square(errors))):.1f} meV rms, highest less lowest {1e3 * np.sqrt(np.mean((spans[:, 1] - spans[:, 0]) ** 2)):.1f} meV rms")
    axis.plot([-0.8, 0.8], [-0.8, 0.8], "k-", lw=0.6)
    axis.set(xlabel="energy along the path, CHGNet (eV)", ylabel="committee (eV)")
    save(figure, folder, "llno_paths.png")


def table(path):
    with open(path) as file:
        names = file.readline().lstrip("#").split()
    return names, np.loadtxt(path, ndmin=2)


def runs(folders, folder):
    figure, axes = plt.subplots(4, 1, figsize=(6.5, 7), sharex=True)
    for k, name in enumerate(folders):
        names, data = table(pathlib.Path(name) / "thermo.dat")
        column = {n: data[:, i] for i, n in enumerate(names)}
        rows = column["stage"] == 2
        t = column["time"][rows] * 1e-6
        atoms = 440
        label = name.rstrip("/").split(".")[-1] + " K"
        volume, energy, sigma = column["volume"][rows], column["E_potential"][rows] / atoms, column["sigma_F_max"][rows]
        total, steps = column["extrapolations_total"][-1], column["step"][-1]
        half = len(t) // 2
        print(f"{label}: {1e3 * (t[-1] - t[0]):.0f} ps, volume {volume[:half].mean() / atoms:.4f} and {volume[half:].mean() / atoms:.4f} A^3/atom (halves), "
              f"energy {energy[:half].mean():.5f} and {energy[half:].mean():.5f} eV/atom, T {column['T'][rows].mean():.1f} K, "
              f"sigma of the worst atom mean {sigma.mean():.3f}, largest {sigma.max():.2f} eV/A, pairs out of range {total:.0f} = "
              f"{1e6 * total / (atoms * steps):.3f} per 10^6 atom-steps")
        for axis, y in zip(axes, (sigma, column["sigma_F_rms"][rows], volume / atoms, energy)):
            axis.plot(t, y, "-", lw=0.5, color=f"C{k}", label=label)
    for axis, text in zip(axes, ("spread about the worst\natom's force (eV/A)", "rms spread of\nforces (eV/A)", "volume (A$^3$/atom)", "energy (eV/atom)")):
        axis.set_ylabel(text, fontsize=8)
    axes[0].legend(fontsize=7, ncol=3)
    axes[-1].set_xlabel("time (ns)")
    save(figure, folder, "llno_runs.png")


def save(figure, folder, name):
    figure.tight_layout()
    figure.savefig(pathlib.Path(folder) / name, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    parity(["data/test.extxyz.gz", "data/own_test.extxyz.gz"], sys.argv[1])
    equation_of_state("data/eos.extxyz.gz", sys.argv[1])
    paths(["data/chgnet.extxyz.gz", "data/test.extxyz.gz"], sys.argv[1])
    if sys.argv[2:]:
        runs(sys.argv[2:], sys.argv[1])
