#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What survives of a trajectory in each format with each reader: the table of docs/formats.md, cell by cell.

usage: test_formats.py NNPMD SOURCE SCRATCH [--write]     exit code 77: no numpy; --write renews the table in the docs

One run writes every format. Its extended XYZ with 17 digits, read by the few lines below, is what the others are compared
with. A cell holds: the text formats to the digits written (10 here), NetCDF to 2e-7 relative (32-bit numbers); - where the
format or the reader has no place for it. A reader that is not installed is left out. NNPMD_PYTHON: another interpreter.
"""
import os
import re
import shutil
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
if os.environ.get("NNPMD_PYTHON") and not os.environ.get("NNPMD_PYTHON_RUNS"):
    os.execvpe(os.environ["NNPMD_PYTHON"], [os.environ["NNPMD_PYTHON"]] + sys.argv,
               dict(os.environ, NNPMD_PYTHON_RUNS="1"))
program, source, scratch = sys.argv[1:4]
try:
    import numpy as np
except ImportError:
    sys.exit(77)

ASPECTS = ["frames", "elements", "positions", "unwrapped", "cell", "pbc", "velocities", "forces", "energies", "ids", "time"]
FILES = {"extxyz": "x.extxyz", "extxyz.gz": "x.extxyz.gz", "extxyz.zst": "x.extxyz.zst", "dump": "x.lammpstrj",
         "dump.gz": "x.lammpstrj.gz", "dump, unwrapped": "u.lammpstrj", "netcdf": "x.nc", "XDATCAR": "XDATCAR"}
INPUT = """
output_folder: run
structure: {file: start.extxyz}
potential: {lennard_jones: {epsilon: 0.03 eV, sigma: 3.1 A, cutoff: 6 A}}
stages:
  - npt: {steps: 60, timestep: 4 fs, velocities: 900 K, temperature: 900 K, pressure: 0.2 GPa, coupling: anisotropic,
          tau_p: 200 fs}
outputs:
  - trajectory: {file: truth.extxyz, every: 20, velocities: true, forces: true, energies: true, digits: 17}
  - trajectory: {file: x.extxyz, every: 20, velocities: true, forces: true, energies: true}
  - trajectory: {file: x.extxyz.gz, every: 20, velocities: true, forces: true, energies: true}
  - trajectory: {file: x.extxyz.zst, every: 20, velocities: true, forces: true, energies: true}
  - trajectory: {file: x.lammpstrj, format: dump, every: 20, velocities: true, forces: true, energies: true}
  - trajectory: {file: x.lammpstrj.gz, format: dump, every: 20, velocities: true, forces: true, energies: true}
  - trajectory: {file: u.lammpstrj, format: dump, every: 20, velocities: true, forces: true, energies: true, coordinates: unwrapped}
  - trajectory: {file: x.nc, format: netcdf, every: 20, velocities: true, forces: true, energies: true}
  - trajectory: {file: XDATCAR, format: xdatcar, every: 20}
"""
KCAL, A_PS, ASE_TIME = 0.0433641042, 1e3, 0.09822694788464063  # eV per kcal/mol; A/ps in a A/fs; ASE's fs


def start():
    """A tilted crystal in the orientation of LAMMPS, atoms beyond the faces, so that none of it needs a turn."""
    cell = np.array([[13.2, 0, 0], [2.1, 12.8, 0], [-1.3, 1.7, 13.5]])
    rows = []
    for k in range(64):
        fraction = (np.array([k % 4, k // 4 % 4, k // 16]) + [0.1, 0.3, -0.2]) / 4
        rows.append("%s %.12f %.12f %.12f" % (["Cu", "Au", "Li"][k % 3], *(fraction @ cell)))
    with open(os.path.join(scratch, "start.extxyz"), "w") as out:
        out.write('64\nLattice="%s" Properties=species:S:1:pos:R:3\n%s\n' % (" ".join(map(str, cell.ravel())), "\n".join(rows)))


def truth():
    frames, lines = [], open(os.path.join(scratch, "run", "truth.extxyz")).read().split("\n")
    while lines and lines[0].strip():
        n, head = int(lines[0]), lines[1]
        assert "Properties=species:S:1:pos:R:3:id:I:1:image:I:3:velo:R:3:forces:R:3:energies:R:1" in head
        words = [line.split() for line in lines[2:2 + n]]
        values = np.array([row[1:] for row in words], float)
        cell = np.array(re.search(r'Lattice="([^"]*)"', head).group(1).split(), float).reshape(3, 3)
        frames.append({"elements": [row[0] for row in words], "positions": values[:, :3], "ids": values[:, 3],
                       "unwrapped": values[:, :3] + values[:, 4:7] @ cell, "velocities": values[:, 7:10],
                       "forces": values[:, 10:13], "energies": values[:, 13], "cell": cell, "pbc": [True] * 3,
                       "time": float(re.search(r" time=(\S+)", head).group(1))})
        lines = lines[2 + n:]
    return frames


# A reader returns frames with the aspects it sees (and "wrapped_or_not": positions of either kind), or None: cannot.

def read_ase(path, kind):
    import ase.io
    if kind == "extxyz.zst":
        return None
    if kind == "netcdf":
        from ase.io.netcdftrajectory import NetCDFTrajectory
        images = list(NetCDFTrajectory(path, "r")[:])
    else:
        name = {"e": "extxyz", "d": "lammps-dump-text", "X": "vasp-xdatcar"}[kind[0]]
        images = ase.io.read(path, index=":", format=name, **({"order": True} if name.startswith("lammps") else {}))
    frames = []
    for atoms in images:
        frame = {"elements": atoms.get_chemical_symbols(), "cell": atoms.cell.array, "pbc": list(atoms.pbc),
                 "wrapped_or_not": atoms.positions}
        if "id" in atoms.arrays:
            frame["ids"] = atoms.arrays["id"]
        if "atom_id" in atoms.arrays:
            frame["ids"] = atoms.arrays["atom_id"]
        if "image" in atoms.arrays:
            frame["unwrapped"] = atoms.positions + atoms.arrays["image"] @ atoms.cell.array
        if "velo" in atoms.arrays:
            frame["velocities"] = atoms.arrays["velo"]
        elif atoms.has("momenta"):
            frame["velocities"] = atoms.get_velocities() * (1 / A_PS if kind == "netcdf" else ASE_TIME)
        if atoms.calc is not None and "forces" in atoms.calc.results:
            frame["forces"] = atoms.get_forces()
        elif "forces" in atoms.arrays:
            frame["forces"] = atoms.arrays["forces"] * (KCAL if kind == "netcdf" else 1)
        if atoms.calc is not None and "energies" in atoms.calc.results:
            frame["energies"] = atoms.calc.results["energies"]
        elif "energies" in atoms.arrays:
            frame["energies"] = atoms.arrays["energies"]
        if "time" in atoms.info:
            frame["time"] = float(atoms.info["time"]) * (A_PS if kind == "netcdf" else 1)
        frames.append(frame)
    return frames


def read_mdanalysis(path, kind):
    import MDAnalysis
    if kind == "XDATCAR" or kind == "extxyz.zst":
        return None
    if kind.startswith("dump"):
        universe = MDAnalysis.Universe(path, format="LAMMPSDUMP", lammps_coordinate_convention="auto",
                                       additional_columns=["energy"])
    elif kind == "netcdf":
        universe = MDAnalysis.Universe.empty(64, trajectory=True)
        universe.load_new(path, format="NCDF")
    else:
        universe = MDAnalysis.Universe(path, format="XYZ", topology_format="XYZ")
    frames = []
    for step in universe.trajectory:
        frame = {"wrapped_or_not": np.array(step.positions, float)}
        if kind.startswith("extxyz"):
            frame["elements"] = list(universe.atoms.names)
        if kind.startswith("dump"):
            frame["ids"] = universe.atoms.ids
        if step.dimensions is not None and kind[0] != "e":
            frame["cell"] = step.triclinic_dimensions
        if step.has_velocities:
            frame["velocities"] = step.velocities / A_PS
        if step.has_forces:
            frame["forces"] = step.forces / 4.184 * KCAL if kind == "netcdf" else np.array(step.forces)  # not a view
        if "energy" in step.data:
            frame["energies"] = np.array(step.data["energy"], float)
        if kind == "netcdf":
            frame["time"] = step.time * A_PS
        frames.append(frame)
    return frames


def read_ovito(path, kind):
    from ovito.io import import_file
    pipeline = import_file(path)
    frames = []
    for k in range(pipeline.source.num_frames):
        data = pipeline.compute(k)
        particles = data.particles
        frame = {"wrapped_or_not": np.array(particles.positions), "cell": np.array(data.cell[:, :3]).T,
                 "pbc": list(data.cell.pbc)}
        order = np.argsort(particles.identifiers) if particles.identifiers is not None else slice(None)
        if particles.particle_types is not None:
            names = {t.id: t.name for t in particles.particle_types.types}
            elements = [names[t] for t in particles.particle_types]
            if all(elements):
                frame["elements"] = list(np.array(elements)[order])
        if particles.identifiers is not None:
            frame["ids"] = np.array(particles.identifiers)[order]
        if "Periodic Image" in particles:
            frame["unwrapped"] = frame["wrapped_or_not"] + np.array(particles["Periodic Image"]) @ frame["cell"]
        for name, key, factor in (("Velocity", "velocities", 1 if kind[0] == "e" else 1 / A_PS),
                                  ("Force", "forces", KCAL if kind == "netcdf" else 1)):
            if name in particles:
                frame[key] = np.array(particles[name]) * factor
        for name in ("energies", "energy", "Energy", "Potential Energy"):
            if name in particles:
                frame["energies"] = np.array(particles[name])
        for key in ("wrapped_or_not", "unwrapped", "velocities", "forces", "energies"):
            if key in frame:
                frame[key] = frame[key][order]
        time = data.attributes.get("time", data.attributes.get("Time"))
        if time is not None:
            frame["time"] = float(time) * (A_PS if kind == "netcdf" else 1)
        frames.append(frame)
    return frames


def near(value, expected, relative, absolute):
    value, expected = np.asarray(value, float), np.asarray(expected, float)
    return value.shape == expected.shape and bool(np.all(np.abs(value - expected) <= relative * np.abs(expected) + absolute))


def same_positions(frame, expected, relative, absolute):
    """Which of the two forms the positions have; XDATCAR groups the atoms by element."""
    order = slice(None)
    if frame.get("grouped"):
        order = frame["grouped"]
    for form in ("positions", "unwrapped"):
        if near(frame["wrapped_or_not"], expected[form][order], relative, absolute):
            return form
    return None


def judge(kind, reader, found, expected):
    """Aspect -> yes / - / WRONG."""
    cells = {"frames": "yes" if len(found) == len(expected) else "WRONG"}
    relative = 2e-7 if kind == "netcdf" or reader == "MDAnalysis" else 1e-9
    absolute = 4e-6 if reader == "MDAnalysis" else 1e-8  # A: 32-bit positions, cell from lengths and angles
    for frame, right in zip(found, expected):
        if kind == "XDATCAR":
            numbers = {"Li": 3, "Cu": 29, "Au": 79}
            frame["grouped"] = list(np.argsort([numbers[e] for e in right["elements"]], kind="stable"))
            right = dict(right, elements=[right["elements"][i] for i in frame["grouped"]])
        form = same_positions(frame, right, relative, absolute)
        seen = {"positions": form is not None}
        if form == "unwrapped":
            seen["unwrapped"] = True
        for aspect in ASPECTS[1:]:
            if aspect in frame and aspect != "positions":
                if aspect in ("elements", "pbc"):
                    seen[aspect] = list(map(str, frame[aspect])) == list(map(str, right[aspect]))
                else:
                    slack = {"velocities": 1e-6 if reader == "ASE" and kind != "netcdf" else relative, "time": 1e-6}
                    seen[aspect] = near(frame[aspect], right[aspect], max(relative, slack.get(aspect, 0)),
                                        absolute if aspect in ("unwrapped", "cell") else 1e-9)
        for aspect, ok in seen.items():
            if cells.get(aspect) != "WRONG":
                cells[aspect] = "yes" if ok else "WRONG"
    return {aspect: cells.get(aspect, "-") for aspect in ASPECTS}


def table(readers, expected):
    rows = ["| format | reader | " + " | ".join(ASPECTS) + " |", "|" + "---|" * (2 + len(ASPECTS))]
    wrong = []
    for kind, file in FILES.items():
        path = os.path.join(scratch, "run", file)
        if not os.path.exists(path):
            print("not in this build:", kind)
            continue
        for reader, read in readers.items():
            try:
                found = read(path, kind)
            except Exception as problem:  # whatever the reader does not like
                found = None
                wrong.append("%s, %s: %s: %s" % (kind, reader, type(problem).__name__, problem))
            if found is None:
                continue
            cells = judge(kind, reader, found, expected)
            rows.append("| %s | %s | %s |" % (kind, reader, " | ".join(cells[a] for a in ASPECTS)))
            wrong += ["%s, %s: %s" % (kind, reader, a) for a in ASPECTS if cells[a] == "WRONG"]
    return rows, wrong


def available():
    readers = {}
    for name, module, read in (("ASE", "ase", read_ase), ("MDAnalysis", "MDAnalysis", read_mdanalysis),
                               ("OVITO", "ovito", read_ovito)):
        try:
            __import__(module)
            readers[name] = read
        except ImportError:
            print("not installed:", name)
    return readers


def main():
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    start()
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    lines = [line for line in INPUT.split("\n")
             if not (".zst" in line and "zstd" not in version) and not ("netcdf" in line and "pnetcdf" not in version)]
    with open(os.path.join(scratch, "input.yaml"), "w") as out:
        out.write("\n".join(lines))
    subprocess.run([program, "-q", "input.yaml"], cwd=scratch, check=True)
    expected = truth()
    moved = max(np.abs(f["unwrapped"] - f["positions"]).max() for f in expected)
    assert len(expected) == 4 and moved > 5 and not np.allclose(expected[0]["cell"], expected[-1]["cell"], rtol=1e-3), moved
    complete = len(lines) == len(INPUT.split("\n"))  # every format is in this build
    readers = available()
    if not readers:
        sys.exit(77)
    rows, wrong = table(readers, expected)
    print("\n".join(rows))
    page = os.path.join(source, "docs", "formats.md")
    text = open(page).read()
    if "--write" in sys.argv:
        begin, end = text.index("| format |"), text.index("\n\n", text.index("| format |"))
        open(page, "w").write(text[:begin] + "\n".join(rows) + text[end:])
    else:
        wrong += ["docs/formats.md lacks: " + row for row in rows if row not in text]
        wrong += ["docs/formats.md has, but not this test: " + row for row in text.split("\n")
                  if re.match(r"\| \S.* \| (%s) \|" % "|".join(readers), row) and row not in rows and complete]
    for problem in wrong:
        print("FAILED", problem)
    sys.exit(1 if wrong else 0)


main()
