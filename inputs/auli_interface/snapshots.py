#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Snapshots of a trajectory side by side, seen along b, by OVITO's Python package or by ASE and matplotlib, whichever is there.

usage: snapshots.py TRAJECTORY PICTURE.png [FRAMES]      (4 frames: the first, the last, and between them at equal ratios)"""
import sys

COLOURS = {"Au": (0.83, 0.63, 0.09), "Li": (0.30, 0.16, 0.52)}
RADII = {"Au": 1.35, "Li": 1.1}


def pick(frames, count):
    """Numbers of frames: dense at the beginning, where alloying starts."""
    steps = [round((frames - 1) ** (k / (count - 1))) for k in range(1, count)]
    return sorted({0, *steps})


def draw_with_ovito(source, picture, count):
    from ovito.io import import_file
    from ovito.vis import TachyonRenderer, Viewport
    pipeline = import_file(source)
    pipeline.add_to_scene()
    for kind in pipeline.source.data.particles_.particle_types_.types_:
        kind.color, kind.radius = COLOURS.get(kind.name, (0.5, 0.5, 0.5)), RADII.get(kind.name, 1.2)
    view = Viewport(type=Viewport.Type.Front)
    view.zoom_all()
    for frame in pick(pipeline.source.num_frames, count):
        name = "%s-%05d.png" % (picture.rsplit(".", 1)[0], frame)
        view.render_image(filename=name, size=(400, 700), frame=frame, renderer=TachyonRenderer())
        print(name)


def draw_with_ase(source, picture, count):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plot
    from ase.io import read
    frames = read(source, ":")
    chosen = pick(len(frames), count)
    figure, axes = plot.subplots(1, len(chosen), figsize=(2.6 * len(chosen), 5.2))
    for axis, k in zip(axes, chosen):
        atoms = frames[k]
        atoms.wrap()
        depth = atoms.positions[:, 1].argsort()[::-1]
        for i in depth:
            axis.add_patch(plot.Circle((atoms.positions[i, 0], atoms.positions[i, 2]), RADII.get(atoms[i].symbol, 1.2),
                                       facecolor=COLOURS.get(atoms[i].symbol, "gray"), edgecolor="black", linewidth=0.2))
        axis.set_xlim(-2, atoms.cell[0, 0] + 2)
        axis.set_ylim(-2, atoms.cell[2, 2] + 2)
        axis.set_aspect("equal")
        axis.axis("off")
        time = atoms.info.get("Time", atoms.info.get("time"))
        axis.set_title("frame %d" % k if time is None else "%.1f ps" % (float(time) / 1000))
    figure.tight_layout()
    figure.savefig(picture, dpi=130)
    print(picture)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    source, picture, count = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else 4
    for draw in (draw_with_ovito, draw_with_ase):
        try:
            return draw(source, picture, count)
        except ImportError:
            continue
    sys.exit("snapshots.py: neither OVITO's Python package nor ASE with matplotlib is there: pip install ase matplotlib")


main()
