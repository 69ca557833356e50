#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws the outputs of a run: temperature, energy, pressure, atoms, composition profile, mixing, as one picture.

usage: plot_run.py FOLDER [PICTURE]      default picture: FOLDER/run.png

Reads thermo.dat, profile.dat, mixing.dat and trajectory.extxyz, each if it is there.
"""
import pathlib
import re
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

COLOURS = {"Au": "#d4a017", "Li": "#7b5aa6", "La": "#2a7f9e", "Nb": "#3b7dd8", "O": "#c0392b", "Ar": "#2a9d8f"}
RADII = {"Au": 1.44, "Li": 1.45, "O": 0.66}  # A
SPARE_COLOURS = ["#4c72b0", "#dd8452", "#55a868", "#8172b3"]


def colour_of(element, index=0):
    return COLOURS.get(element, SPARE_COLOURS[index % len(SPARE_COLOURS)])


def read_table(path):
    """Columns by name, from the first comment line (the second has the units)."""
    with open(path, encoding="utf-8") as file:
        names = file.readline().lstrip("# ").split()
    rows = np.loadtxt(path, comments="#", ndmin=2)
    return {name: rows[:, k] for k, name in enumerate(names)}


def read_profile(path):
    """Elements, times [t], positions [t, bin] (A), densities [t, bin, element] (1/A^3)."""
    with open(path, encoding="utf-8") as file:
        elements = file.readline().lstrip("# ").split()[2:]
    rows = np.loadtxt(path, comments="#", ndmin=2)
    starts = np.flatnonzero(np.diff(rows[:, 1]) < 0)  # not by time, which stands still in a minimisation
    bins = int(starts[0]) + 1 if len(starts) else len(rows)
    blocks = rows[: len(rows) // bins * bins].reshape(-1, bins, rows.shape[1])
    return elements, blocks[:, 0, 0], blocks[:, :, 1], blocks[:, :, 2:]


def frames(path):
    """(lattice [3][3], elements, positions) of each frame of an extxyz file."""
    with open(path, encoding="utf-8") as file:
        while line := file.readline():
            n, comment = int(line), file.readline()
            lattice = np.array(re.search(r'Lattice="([^"]*)"', comment).group(1).split(), float).reshape(3, 3)
            rows = [file.readline().split() for _ in range(n)]
            if any(len(row) < 4 for row in rows):
                return  # cut off in the middle of a frame
            yield lattice, [row[0] for row in rows], np.array([row[1:4] for row in rows], float)


def first_and_last(path):
    first = last = None
    for frame in frames(path):
        first = first or frame
        last = frame
    return first, last


def draw_atoms(axis, frame, title):
    """Seen along b; c to the right, a upwards."""
    lattice, elements, positions = frame
    wrapped = (np.linalg.solve(lattice.T, positions.T).T % 1.0) @ lattice
    names = sorted(set(elements))
    for k in np.argsort(-wrapped[:, 1]):
        radius = RADII.get(elements[k], 1.2)
        colour = colour_of(elements[k], names.index(elements[k]))
        axis.add_patch(plt.Circle((wrapped[k, 2], wrapped[k, 0]), radius, facecolor=colour, edgecolor="black",
                                  linewidth=0.3))
    for k, name in enumerate(names):
        axis.plot([], [], "o", color=colour_of(name, k), markeredgecolor="black", label=name)
    axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axis.set(xlim=(-2, lattice[2, 2] + 2), ylim=(-2, lattice[0, 0] + 2), aspect="equal", title=title,
             xlabel="z (Å)", ylabel="x (Å)")


def draw_temperature(axis, thermo):
    axis.plot(thermo["time"] / 1000, thermo["T"], color="#b03a2e", linewidth=0.8)
    axis.set(title="Temperature", xlabel="time (ps)", ylabel="T (K)")


def draw_energy(axis, thermo, n_atoms):
    scale, unit = (1000 / n_atoms, "meV/atom") if n_atoms else (1, "eV")
    for stage in np.unique(thermo["stage"]):
        rows = thermo["stage"] == stage
        if not np.ptp(thermo["time"][rows]) > 0:
            continue  # a minimisation
        time, kept = thermo["time"][rows] / 1000, thermo["E_conserved"][rows]
        axis.plot(time, (kept - kept[0]) * scale, linewidth=0.9, label=f"conserved, stage {int(stage)}")
    axis.set(title="Conserved quantity since the start of its stage", xlabel="time (ps)", ylabel=f"change ({unit})")
    axis.legend(fontsize=8)


def draw_pressure(axis, thermo):
    axis.plot(thermo["time"] / 1000, thermo["pressure"], color="#95a5a6", linewidth=0.6)
    axis.set(title="Pressure (grey) and volume (blue)", xlabel="time (ps)", ylabel="P (GPa)")
    other = axis.twinx()
    other.plot(thermo["time"] / 1000, thermo["volume"] / 1000, color="#1f5f99", linewidth=1.2)
    other.set_ylabel("V (nm³)", color="#1f5f99")


def draw_profile(axis, profile):
    elements, times, positions, densities = profile
    for k, element in enumerate(elements):
        axis.plot(positions[0], densities[0, :, k], "--", color=colour_of(element, k), linewidth=1,
                  label=f"{element}, start")
        late = densities[-max(1, len(times) // 20):, :, k].mean(axis=0)
        axis.plot(positions[-1], late, color=colour_of(element, k), linewidth=1.8, label=f"{element}, end")
    axis.set(title="Number density along the normal", xlabel="z (Å)", ylabel="density (1/Å³)",
             ylim=(0, 1.35 * densities[[0, -1]].max()))
    axis.legend(fontsize=8, ncol=len(elements), loc="upper center")


def draw_history(axis, profile):
    elements, times, _, densities = profile
    total = densities.sum(axis=2)
    fraction = np.divide(densities[:, :, -1], total, out=np.full(total.shape, np.nan), where=total > 0)
    moving = np.concatenate(([True], np.diff(times) > 0))
    image = axis.imshow(fraction[moving].T, aspect="auto", origin="lower", vmin=0, vmax=1, cmap="cividis",
                        extent=(times[moving][0] / 1000, times[-1] / 1000, 0, 1), interpolation="nearest")
    axis.set(title=f"Atomic fraction of {elements[-1]}", xlabel="time (ps)", ylabel="position along the normal / length")
    plt.colorbar(image, ax=axis)


def draw_mixing(axis, mixing):
    axis.plot(mixing["time"] / 1000, mixing["mixing_fraction"], color="#1e8449", linewidth=1.2)
    axis.set(title="Mixing fraction (0 separate, 1 mixed)", xlabel="time (ps)", ylabel="M", ylim=(0, 1.02))


def panels(folder):
    """What there is to draw, as functions of an axis."""
    drawn, n_atoms = [], 0
    trajectory = folder / "trajectory.extxyz"
    if trajectory.is_file():
        first, last = first_and_last(trajectory)
        if first:
            n_atoms = len(first[1])
            drawn += [lambda a: draw_atoms(a, first, f"First frame, {n_atoms} atoms"),
                      lambda a: draw_atoms(a, last, "Last frame")]
    if (folder / "thermo.dat").is_file():
        thermo = read_table(folder / "thermo.dat")
        drawn += [lambda a: draw_temperature(a, thermo), lambda a: draw_energy(a, thermo, n_atoms),
                  lambda a: draw_pressure(a, thermo)]
    if (folder / "profile.dat").is_file():
        profile = read_profile(folder / "profile.dat")
        drawn += [lambda a: draw_profile(a, profile), lambda a: draw_history(a, profile)]
    if (folder / "mixing.dat").is_file():
        mixing = read_table(folder / "mixing.dat")
        drawn.append(lambda a: draw_mixing(a, mixing))
    return drawn


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        print(__doc__.strip())
        return 2
    folder = pathlib.Path(arguments[0])
    picture = pathlib.Path(arguments[1] if len(arguments) == 2 else folder / "run.png")
    drawn = panels(folder)
    if not drawn:
        print(f"plot_run: {folder}: no thermo.dat, profile.dat or trajectory.extxyz there", file=sys.stderr)
        return 1
    columns = 2
    rows = (len(drawn) + columns - 1) // columns
    figure, axes = plt.subplots(rows, columns, figsize=(12, 3.3 * rows), layout="constrained", squeeze=False)
    for axis, draw in zip(axes.flat, drawn):
        draw(axis)
    for axis in axes.flat[len(drawn):]:
        axis.set_axis_off()
    figure.savefig(picture, dpi=110)
    print(f"picture: {picture}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
