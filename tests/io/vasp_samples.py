#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/io/vasp: a small OUTCAR and vasprun.xml in the layout of VASP 6, and expected.txt: what ASE reads there.

usage: vasp_samples.py [FOLDER]       needs ASE and numpy; the numbers are random (seeded), not a calculation

Layout of vasprun.xml from the VASP wiki and from what ASE, pymatgen and dpdata look for; outcar.py has that of the OUTCAR.
As in VASP, e_0_energy at the end of a <calculation> is wrong.
"""
import pathlib
import sys

import numpy as np
from ase import __version__ as ase_version
from ase.io import read

from outcar import outcar

SYMBOLS = ["Au"] * 3 + ["Li"] * 2


def frames():
    """Two ionic steps; the cell is tilted and all stress components differ, so that no order can be mistaken."""
    rng = np.random.default_rng(7)
    cell = np.array([[4.1, 0.2, 0.1], [-1.3, 5.3, 0.4], [0.6, -0.7, 6.2]])
    fractional = rng.random((5, 3))
    for step in range(2):
        yield {"cell": np.round(cell + 0.05 * step, 9), "s": np.round(fractional + 0.01 * step, 8),
               "f": np.round(rng.normal(size=(5, 3)), 6), "kbar": np.round(30 * rng.normal(size=6), 5),
               "free": round(-14.2 - rng.random(), 8), "width": round(0.02 * rng.random(), 8)}


def outcar_text():
    return outcar(SYMBOLS, [{**step, "x": step["s"] @ step["cell"], "without": step["free"] + 2 * step["width"],
                             "zero": step["free"] + step["width"]} for step in frames()], converged=[True, False])


def varray(name, rows, indent):
    pad = " " * indent
    body = "".join(f"{pad} <v>" + "".join(f"{x:16.8f}" for x in row) + " </v>\n" for row in rows)
    return f'{pad}<varray name="{name}" >\n{body}{pad}</varray>\n'


def structure(frame, name=""):
    reciprocal = np.linalg.inv(frame["cell"]).T
    return (f"  <structure{name}>\n   <crystal>\n" + varray("basis", frame["cell"], 4) +
            f'    <i name="volume">{abs(np.linalg.det(frame["cell"])):16.8f} </i>\n' +
            varray("rec_basis", reciprocal, 4) + "   </crystal>\n" + varray("positions", frame["s"], 3) + "  </structure>\n")


def energies(free, without, zero, indent):
    pad = " " * indent
    return (f'{pad}<energy>\n{pad} <i name="e_fr_energy">{free:16.8f} </i>\n{pad} <i name="e_wo_entrp">{without:16.8f} </i>\n'
            f'{pad} <i name="e_0_energy">{zero:16.8f} </i>\n{pad}</energy>\n')


def vasprun():
    steps = list(frames())
    atoms = "".join(f"    <rc><c>{s:2s}</c><c>{1 if s == 'Au' else 2:4d}</c></rc>\n" for s in SYMBOLS)
    text = f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<modeling>
 <generator>
  <i name="program" type="string">vasp </i>
  <i name="version" type="string">6.3.2  </i>
 </generator>
 <incar>
  <i name="ENCUT">    400.00000000</i>
 </incar>
 <kpoints>
  <varray name="kpointlist" >
   <v>       0.00000000       0.00000000       0.00000000 </v>
  </varray>
  <varray name="weights" >
   <v>       1.00000000 </v>
  </varray>
 </kpoints>
 <parameters>
  <separator name="electronic" >
   <i name="ENMAX">    400.00000000</i>
   <separator name="electronic convergence" >
    <i type="int" name="NELM">     3</i>
   </separator>
  </separator>
  <separator name="ionic" >
   <i type="int" name="NSW">     2</i>
  </separator>
 </parameters>
 <atominfo>
  <atoms>       5 </atoms>
  <types>       2 </types>
  <array name="atoms" >
   <dimension dim="1">ion</dimension>
   <field type="string">element</field>
   <field type="int">atomtype</field>
   <set>
{atoms}   </set>
  </array>
  <array name="atomtypes" >
   <dimension dim="1">type</dimension>
   <field type="int">atomspertype</field>
   <field type="string">element</field>
   <set>
    <rc><c>   3</c><c>Au</c><c>    196.96600000</c><c>     11.00000000</c><c>  PAW_PBE Au 04Oct2007                  </c></rc>
    <rc><c>   2</c><c>Li</c><c>      7.01000000</c><c>      3.00000000</c><c>  PAW_PBE Li_sv 10Sep2004               </c></rc>
   </set>
  </array>
 </atominfo>
""" + structure(steps[0], ' name="initialpos" ')
    for step, frame in enumerate(steps):
        kb = frame["kbar"]
        stress = [[kb[0], kb[3], kb[5]], [kb[3], kb[1], kb[4]], [kb[5], kb[4], kb[2]]]
        free, width = frame["free"], frame["width"]
        text += " <calculation>\n"
        for k in range(2 + step):
            text += ('  <scstep>\n   <time name="dav">    0.10    0.11</time>\n' +
                     energies(free + 0.3, free + 0.3 + 2 * width, free + 0.3 + width, 3) + "  </scstep>\n")
        text += structure(frame) + varray("forces", frame["f"], 2) + varray("stress", stress, 2)
        text += energies(free, free + 2 * width, 2 * width, 2) + '  <time name="totalsc">    1.00    1.10</time>\n </calculation>\n'
    return text + structure(steps[-1], ' name="finalpos" ') + "</modeling>\n"


def expected(folder):
    lines = [f"# read by ASE {ase_version}"]
    for name in ("OUTCAR", "vasprun.xml"):
        for atoms in read(folder / name, index=":"):
            lines += [f"{name} {len(atoms)} {atoms.get_potential_energy():.17g}",
                      " ".join(f"{x:.17g}" for x in atoms.cell.array.ravel()),
                      " ".join(f"{x:.17g}" for x in atoms.get_stress(voigt=False).ravel())]
            lines += [f"{s} " + " ".join(f"{x:.17g}" for x in [*p, *f])
                      for s, p, f in zip(atoms.symbols, atoms.positions, atoms.get_forces(apply_constraint=False))]
    return "\n".join(lines) + "\n"


def main(arguments):
    folder = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parent / "vasp")
    folder.mkdir(exist_ok=True)
    (folder / "OUTCAR").write_text(outcar_text())
    (folder / "vasprun.xml").write_text(vasprun())
    (folder / "expected.txt").write_text(expected(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
