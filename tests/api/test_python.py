#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The Python package over the library, and the ASE calculator, against nnpmd-eval and against themselves.

usage: test_python.py NNPMD_EVAL LIBRARY SOURCE_FOLDER          exit code 77: numpy or ASE are missing

Runs itself again under the interpreter of the environment variable NNPMD_PYTHON, where that is set and has more.
"""
import json
import os
import subprocess
import sys
import tempfile
import threading

if os.environ.get("NNPMD_PYTHON") and not os.environ.get("NNPMD_PYTHON_RUNS"):
    os.execvpe(os.environ["NNPMD_PYTHON"], [os.environ["NNPMD_PYTHON"]] + sys.argv,
               dict(os.environ, NNPMD_PYTHON_RUNS="1"))
eval_program, library, source = sys.argv[1:4]
os.environ["NNPMD_LIBRARY"] = library
sys.path.insert(0, os.path.join(source, "python"))
try:
    import numpy as np
    import ase.build
    import ase.io
    from ase import Atoms
    from ase.optimize import BFGS
except ImportError as problem:
    print("skipped:", problem)
    sys.exit(77)
import nnpmd
from nnpmd.ase import NNPMD

FOLDER = os.path.join(source, "potentials", "AuLi-starter")
failures = []


def check(what, value, expected, tolerance):
    worst = float(np.max(np.abs(np.asarray(value) - np.asarray(expected)))) if np.size(expected) else 0.0
    ok = worst <= tolerance
    print("%-55s %-8s %.3g (at most %.3g)" % (what, "ok" if ok else "FAILED", worst, tolerance))
    if not ok:
        failures.append(what)


def raises(what, part, function):
    try:
        function()
    except (nnpmd.Error, ValueError, ImportError) as problem:
        text = str(problem)
        print("%-55s %-8s %s" % (what, "ok" if part in text else "FAILED", text))
        if part not in text:
            failures.append(what)
    else:
        failures.append(what)
        print(what, "FAILED: nothing raised")


def structures():
    random = np.random.RandomState(5)
    b2 = ase.build.bulk("AuLi", "cesiumchloride", a=3.3).repeat((2, 3, 2))
    b2.set_cell(b2.cell.array @ (np.eye(3) + 0.03 * random.normal(size=(3, 3))), scale_atoms=True)
    gold = ase.build.bulk("Au", "fcc", a=4.1)  # a cell smaller than the cut-off
    slab = ase.build.fcc100("Au", (2, 2, 3), a=4.17, vacuum=4.0)
    cluster = Atoms("Au2Li3", random.uniform(0, 4.5, (5, 3)) * [1, 1, 2.2])
    for atoms in (b2, gold, slab):
        atoms.rattle(0.08, seed=2)
    return {"B2, triclinic": b2, "gold, one atom": gold, "slab, two periodic axes": slab, "cluster, no cell": cluster}


def compare_with_eval(folder):
    for name, atoms in structures().items():
        atoms.calc = NNPMD(FOLDER)
        path, out = os.path.join(folder, "x.extxyz"), os.path.join(folder, "out.json")
        with open(path, "w") as file:  # 17 digits, as ASE's writer does not
            lattice = "" if atoms.cell.rank < 3 else 'Lattice="%s" ' % " ".join("%.17g" % x for x in atoms.cell.array.ravel())
            file.write('%d\n%sProperties=species:S:1:pos:R:3 pbc="%s"\n' % (len(atoms), lattice,
                                                                            " ".join("FT"[int(p)] for p in atoms.pbc)))
            for symbol, x in zip(atoms.get_chemical_symbols(), atoms.positions):
                file.write("%s %.17g %.17g %.17g\n" % (symbol, *x))
        subprocess.run([eval_program, FOLDER, path, "-o", os.path.join(folder, "out.extxyz"), "-j", out], check=True)
        result = json.load(open(out))[0]
        scale = abs(result["energy_eV"])
        check(name + ": energy / eV", atoms.get_potential_energy(), result["energy_eV"], 1e-12 * scale)
        check(name + ": forces", atoms.get_forces().ravel(), result["forces_eV_per_A"], 1e-12)
        check(name + ": energies", atoms.get_potential_energies(), result["atom_energy_eV"], 1e-12 * scale)
        check(name + ": extrapolations", atoms.calc.results["extrapolations"], result["extrapolations"], 0)
        if atoms.pbc.all():
            virial = np.array(result["virial_eV"]).reshape(3, 3)
            check(name + ": stress", atoms.get_stress(voigt=False), -0.5 * (virial + virial.T) / atoms.get_volume(), 1e-13)
            check(name + ": stresses sum up", atoms.get_stresses().mean(axis=0), atoms.get_stress(), 1e-13)


def numerical(atoms):
    """Forces and stress as derivatives of the energy."""
    atoms.calc = NNPMD(FOLDER)
    force, stress = atoms.get_forces(), atoms.get_stress(voigt=False)
    for i, a in [(0, 0), (5, 1), (11, 2)]:
        energies = []
        for sign in (1, -1):
            moved = atoms.copy()
            moved.calc = atoms.calc
            moved.positions[i, a] += sign * 1e-4
            energies.append(moved.get_potential_energy())
        check("force %d %d by differences" % (i, a), force[i, a], -(energies[0] - energies[1]) / 2e-4, 2e-6)
    for a, b in [(0, 0), (1, 2)]:
        energies = []
        for sign in (1, -1):
            strain = np.eye(3)
            strain[a, b] += sign * 5e-5
            strain[b, a] += sign * 5e-5
            moved = atoms.copy()
            moved.calc = atoms.calc
            moved.set_cell(atoms.cell.array @ strain, scale_atoms=True)
            energies.append(moved.get_potential_energy())
        slope = (energies[0] - energies[1]) / 2e-4 / atoms.get_volume()
        check("stress %d %d by differences" % (a, b), stress[a, b], slope, 1e-7)


def shifted(atoms):
    """Atoms may lie outside of the cell, along open axes too."""
    atoms.calc = NNPMD(FOLDER)
    energy = atoms.get_potential_energy()
    moved = atoms.copy()
    moved.calc = atoms.calc
    moved.positions += [31.0, -17.0, 23.5]
    check("shifted by far: energy", moved.get_potential_energy(), energy, 1e-11 * abs(energy))


def optimise():
    atoms = structures()["B2, triclinic"]
    atoms.calc = NNPMD(FOLDER)
    before = atoms.get_potential_energy()
    BFGS(atoms, logfile=None).run(fmax=1e-3, steps=200)
    check("optimiser of ASE: largest force", np.abs(atoms.get_forces()).max(), 0, 1e-3)
    if not atoms.get_potential_energy() < before:
        failures.append("the optimiser went uphill")


def phonons():
    try:
        from phonopy import Phonopy
        from phonopy.structure.atoms import PhonopyAtoms
    except ImportError:
        print("phonopy is not there: skipped")
        return
    cell = ase.build.bulk("Au", "fcc", a=4.17)
    phonon = Phonopy(PhonopyAtoms(cell.get_chemical_symbols(), cell=cell.cell.array, scaled_positions=[[0, 0, 0]]),
                     np.diag([3, 3, 3]))
    phonon.generate_displacements(distance=0.01)
    model, forces = nnpmd.Model(FOLDER), []
    for displaced in phonon.supercells_with_displacements:
        atoms = Atoms(displaced.symbols, cell=displaced.cell, scaled_positions=displaced.scaled_positions, pbc=True)
        atoms.calc = NNPMD(model)
        forces.append(atoms.get_forces())
    phonon.forces = forces
    phonon.produce_force_constants()
    phonon.symmetrize_force_constants()
    phonon.run_qpoints([[0, 0, 0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.5]])
    try:
        frequencies = phonon.qpoints.frequencies
    except AttributeError:  # before version 4
        frequencies = phonon.get_qpoints_dict()["frequencies"]
    print("phonons of gold (THz): Gamma %s, X %s, L %s" % tuple(np.round(f, 3) for f in frequencies))
    check("phonopy: acoustic modes at Gamma (THz)", frequencies[0], 0, 1e-3)
    if not (frequencies[1:] > 0.5).all() or not (frequencies < 8).all():
        failures.append("phonon frequencies of gold %s" % frequencies)


def errors():
    model = nnpmd.Model(FOLDER)
    raises("missing folder", "/nowhere", lambda: nnpmd.Model("/nowhere"))
    raises("unit", "bohr", lambda: nnpmd.Model(FOLDER, length_unit="m"))
    raises("element", "which the model does not know", lambda: model.evaluate([8], [[0, 0, 0]]))
    raises("shape", "expected", lambda: model.evaluate([3, 3], [[0, 0, 0]]))
    raises("no volume", "cell", lambda: model.evaluate([3], [[0, 0, 0]], np.zeros((3, 3))))
    flat = Atoms("Li", pbc=True)
    flat.calc = NNPMD(model)
    raises("periodic without cell", "no volume", flat.get_potential_energy)
    if model.elements != [3, 79] or not 5 < model.cutoff < 9:
        failures.append("elements or cutoff")


def committee(folder):
    """Mean and spread against the members as models of their own."""
    for k in range(1, 4):
        member = os.path.join(folder, "committee", str(k))
        os.makedirs(member)
        for name in ("input.nn", "scaling.data", "weights.003.data", "weights.079.data"):
            text = open(os.path.join(FOLDER, name)).read()
            if name.startswith("weights"):
                rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
                text = "".join("%.17g %s\n" % (float(row[0]) * (1 + 0.03 * k), " ".join(row[1:])) for row in rows)
            with open(os.path.join(member, name), "w") as file:
                file.write(text)
    atoms, members = structures()["B2, triclinic"], []
    for k in range(1, 4):
        members.append(nnpmd.Model(os.path.join(folder, "committee", str(k))).evaluate(
            atoms.numbers, atoms.positions, atoms.cell.array, spread=True))
    atoms.calc = NNPMD(os.path.join(folder, "committee"), spread=True)
    n = len(atoms)
    forces = np.array([m.forces for m in members])
    check("committee: energy per atom", atoms.get_potential_energy() / n, np.mean([m.energy for m in members]) / n, 1e-12)
    check("committee: forces", atoms.get_forces(), forces.mean(axis=0), 1e-12)
    results = atoms.calc.results
    check("committee: sigma per atom", results["sigma"] / n, np.std([m.energy for m in members], ddof=1) / n, 1e-12)
    check("committee: sigma_energies", results["sigma_energies"], np.std([m.energies for m in members], axis=0, ddof=1),
          1e-12)
    check("committee: sigma_forces", results["sigma_forces"], np.sqrt(forces.var(axis=0, ddof=1).sum(axis=1)), 1e-12)
    check("a model alone: no spread", [members[0].sigma, *members[0].sigma_forces], 0, 0)
    if not results["sigma_forces"].min() > 1e-5:
        failures.append("the members are alike")


def threads():
    """A model may be shared by threads; ctypes lets them run at once."""
    atoms, model, energies = structures()["B2, triclinic"], nnpmd.Model(FOLDER), {}

    def work(k):
        for _ in range(10):
            energies[k] = model.evaluate(atoms.numbers, atoms.positions, atoms.cell.array).energy

    workers = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    check("threads: energies", list(energies.values()), energies[0], 0)


with tempfile.TemporaryDirectory() as scratch:
    compare_with_eval(scratch)
    committee(scratch)
numerical(structures()["B2, triclinic"])
for name in ("slab, two periodic axes", "cluster, no cell", "B2, triclinic"):
    shifted(structures()[name])
floor = nnpmd.Model.from_input("sum: {terms: [{zbl: {inner: 1, outer: 3}}]}", [3, 79])
check("from_input: pair beyond the floor", floor.evaluate([3, 79], [[0, 0, 0], [0, 0, 3.0]]).energy, 0, 0)
errors()
threads()
optimise()
phonons()
print("nnpmd %s, library %s: %d failures" % (nnpmd.__version__, nnpmd.library_version(), len(failures)))
sys.exit(1 if failures else 0)
