#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fine-tunes the universal potential CHGNet 0.3.0 on PBE cells, labels structures with the result, and makes the second level of the fit.

usage: chgnet_pbe.py tune PBE.extxyz MODEL.pt [--only train] [--epochs 18] [--validate 0.15] [--seed 1]
       chgnet_pbe.py label MODEL.pt[,MODEL.pt...] STRUCTURES.extxyz LABELLED.extxyz
       chgnet_pbe.py vary MODEL.pt PBE.extxyz STRUCTURES.extxyz [--only train] [--count 2] [--trust 0.04]
       chgnet_pbe.py join MODEL.pt CHGNET.extxyz VARIED.extxyz FILLED.extxyz [--own 0.045] [--gold 0.02] [--varied 0.06] [--largest 10]
       chgnet_pbe.py errors MODEL.pt[,MODEL.pt...] PBE.extxyz [--only hold]

Needs the packages chgnet (0.4.2) and ase. PBE.extxyz holds energy (eV), forces (eV/A) and stress (eV/A^3, ASE's sign); keys
`set` (chosen by --only; default all) and `group` (cells of one parent structure, validated together). Energies of the labels are on
the scale of PBE.extxyz: the energies of free atoms of the two codes differ, and the differences are fitted first. join puts the
structures of CHGNET.extxyz (labels of CHGNet itself; forces only, energies on that scale) beside the varied cells, with weights.
"""
import argparse
import gc
import hashlib
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import ase.io
import numpy as np
import torch
from ase.calculators.singlepoint import SinglePointCalculator
from ase.neighborlist import neighbor_list
from chgnet.model import CHGNet
from pymatgen.io.ase import AseAtomsAdaptor

GPA = 160.21766208                                  # 1 eV/A^3 in GPa, as in CHGNet
SCALE = {"energy": 0.005, "force": 0.05, "stress": 0.5}   # eV/atom, eV/A, GPa: residuals that count the same
WEIGHT = {"energy": 1.0, "force": 1.0, "stress": 0.3}
TAIL = 3.0                                          # residuals above this many scales count linearly
BATCH = 8


def load_model(state=None):
    model = CHGNet.load(use_device="cpu", verbose=False)
    model.graph_converter.set_isolated_atom_response("ignore")
    if state is not None:
        model.load_state_dict(state)
    return model


def counts(atoms, elements):
    return np.array([np.count_nonzero(atoms.numbers == z) for z in elements], float)


class Sample:
    """One cell: its graph, and its labels on CHGNet's scale (energy per atom in eV, eV/A, GPa)."""

    def __init__(self, model, atoms):
        self.atoms = atoms
        self.graph = model.graph_converter(AseAtomsAdaptor.get_structure(atoms))
        self.energy = atoms.get_potential_energy() / len(atoms)
        self.force = torch.tensor(atoms.get_forces(), dtype=torch.float32)
        self.stress = torch.tensor(atoms.get_stress(voigt=False) * GPA, dtype=torch.float32)


def read_samples(model, path, only):
    cells = [a for a in ase.io.iread(path, ":") if only is None or a.info.get("set") == only]
    if not cells:
        sys.exit(f"{path}: no cell with set={only}, expected at least one")
    return [Sample(model, a) for a in cells]


def predict(model, samples):
    """Energy per atom (eV), forces (eV/A) and stress (GPa) of each sample, on CHGNet's scale."""
    results = []
    model.requires_grad_(False)
    for start in range(0, len(samples), BATCH):
        part = samples[start:start + BATCH]
        out = model([s.graph for s in part], task="efs")
        for k in range(len(part)):
            results.append((float(out["e"][k]), out["f"][k].detach().numpy().astype(float),
                            out["s"][k].detach().numpy().astype(float)))
        del out
        gc.collect()  # derivatives that may be differentiated again are cycles, which only this frees
    model.requires_grad_(True)
    return results


def element_offsets(model, samples, elements):
    """Energies (eV) of each element by which the labels lie above the untouched model, by least squares."""
    base = predict(model, samples)
    share = np.array([counts(s.atoms, elements) / len(s.atoms) for s in samples])
    excess = np.array([s.energy - b[0] for s, b in zip(samples, base)])
    return np.linalg.lstsq(share, excess, rcond=None)[0]


def is_validated(atoms, fraction):
    group = str(atoms.info.get("group", atoms.info.get("id")))
    return int(hashlib.md5(group.encode()).hexdigest(), 16) % 1000 < 1000 * fraction


def huber(residual):
    return torch.nn.functional.huber_loss(residual, torch.zeros_like(residual), delta=TAIL)


def batch_loss(model, part, shift):
    out = model([s.graph for s in part], task="efs")
    energy = torch.tensor([s.energy - d for s, d in zip(part, shift)], dtype=torch.float32)
    loss = WEIGHT["energy"] * huber((out["e"] - energy) / SCALE["energy"])
    force = torch.cat(out["f"]) - torch.cat([s.force for s in part])
    loss = loss + WEIGHT["force"] * huber(force / SCALE["force"])
    stress = torch.stack(list(out["s"])) - torch.stack([s.stress for s in part])
    return loss + WEIGHT["stress"] * huber(stress / SCALE["stress"])


def errors(model, samples, shift):
    """Root mean squares: energy (meV/atom), force (meV/A), stress (GPa)."""
    found = predict(model, samples)
    energy = [r[0] + d - s.energy for r, s, d in zip(found, samples, shift)]
    force = np.concatenate([(r[1] - s.force.numpy()).ravel() for r, s in zip(found, samples)])
    stress = np.concatenate([(r[2] - s.stress.numpy()).ravel() for r, s in zip(found, samples)])
    return [1e3 * float(np.sqrt(np.mean(np.square(energy)))), 1e3 * float(np.sqrt(np.mean(force**2))),
            float(np.sqrt(np.mean(stress**2)))]


def train_epochs(model, samples, shift, held, held_shift, args):
    """Adam with a cosine schedule; returns the running average of the weights, which is what is kept."""
    steps = args.epochs * -(-len(samples) // BATCH)
    adam = torch.optim.Adam(model.parameters(), lr=args.rate)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps, eta_min=args.rate / 50)
    mean = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99))
    start = time.time()
    for epoch in range(1, args.epochs + 1):
        order, total = np.random.permutation(len(samples)), 0.0
        for first in range(0, len(order), BATCH):
            pick = order[first:first + BATCH]
            adam.zero_grad()
            loss = batch_loss(model, [samples[k] for k in pick], [shift[k] for k in pick])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            adam.step()
            plan.step()
            mean.update_parameters(model)
            total += float(loss.detach()) * len(pick)
        line = f"epoch {epoch}: loss {total / len(order):.4f}"
        if held and (epoch % 3 == 0 or epoch == args.epochs):
            line += ", kept out {:.1f} meV/atom, {:.1f} meV/A, {:.2f} GPa".format(*errors(mean.module, held, held_shift))
        print(f"{line}, {time.time() - start:.0f} s", flush=True)
    return mean.module


def tune(args):
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    model = load_model()
    samples = read_samples(model, args.input[0], args.only)
    elements = sorted({int(z) for s in samples for z in s.atoms.numbers})
    held = [s for s in samples if is_validated(s.atoms, args.validate)]
    samples = [s for s in samples if not is_validated(s.atoms, args.validate)]
    offsets = element_offsets(model, samples, elements)
    shift, held_shift = ([float(counts(s.atoms, elements) @ offsets) / len(s.atoms) for s in part] for part in (samples, held))
    print(f"{len(samples)} cells to fit, {len(held)} kept out; offsets {dict(zip(elements, offsets.round(4)))} eV")
    print("untouched: {:.1f} meV/atom, {:.1f} meV/A, {:.2f} GPa".format(*errors(model, samples, shift)))
    if held:
        print("untouched, kept out: {:.1f} meV/atom, {:.1f} meV/A, {:.2f} GPa".format(*errors(model, held, held_shift)), flush=True)
    if args.start:
        model.load_state_dict(torch.load(args.start, weights_only=True)["state"])
    final = train_epochs(model, samples, shift, held, held_shift, args)
    print("fitted: {:.1f} meV/atom, {:.1f} meV/A, {:.2f} GPa".format(*errors(final, samples, shift)))
    torch.save({"state": final.state_dict(), "elements": elements, "offsets": offsets.tolist()}, args.input[1])


def mean_labels(models, samples):
    """Labels on the scale of the PBE cells: total energy (eV), forces (eV/A), stress (eV/A^3), means over the models."""
    every = []
    for path in models:
        kept = torch.load(path, weights_only=True)
        found = predict(load_model(kept["state"]), samples)
        shift = [counts(s.atoms, kept["elements"]) @ np.array(kept["offsets"]) for s in samples]
        every.append([(r[0] * len(s.atoms) + d, r[1], (r[2] + r[2].T) / 2 / GPA) for r, s, d in zip(found, samples, shift)])
    return [tuple(sum(parts) / len(every) for parts in zip(*one)) for one in zip(*every)]


def label(args):
    model = load_model()
    models, source, target = args.input[0].split(","), args.input[1], args.input[2]
    cells = ase.io.read(source, ":")
    for first in range(0, len(cells), 200):
        part = cells[first:first + 200]
        for atoms in part:
            atoms.calc = SinglePointCalculator(atoms, energy=0.0, forces=np.zeros((len(atoms), 3)), stress=np.zeros(6))
        samples = [Sample(model, a) for a in part]
        for atoms, (energy, forces, stress) in zip(part, mean_labels(models, samples)):
            voigt = stress.flat[[0, 4, 8, 5, 2, 1]]
            atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces, stress=voigt)
        ase.io.write(target, part, append=first > 0)
        print(f"{first + len(part)} of {len(cells)}", flush=True)


def varied(atoms, generator):
    """A supercell of some 6 to 16 atoms, strained and rattled; None where two atoms come too close."""
    repeat = np.ones(3, int)
    while len(atoms) * np.prod(repeat) < 6:
        lengths = atoms.cell.lengths() * repeat
        repeat[int(np.argmin(lengths))] += 1
    copy = atoms.repeat([int(n) for n in repeat])
    strain = generator.normal(0, 0.03, (3, 3))
    strain = (strain + strain.T) / 2 + np.eye(3) * generator.uniform(-0.03, 0.04)
    copy.set_cell(copy.cell.array @ (np.eye(3) + strain), scale_atoms=True)
    copy.positions += generator.normal(0, generator.choice([0.04, 0.08, 0.14, 0.2]), copy.positions.shape)
    bonds = np.where(copy.numbers == 3, 0.95, 1.2)  # A; half the closest contact that is allowed
    i, j, distance = neighbor_list("ijd", copy, 2.4)
    return None if np.any(distance < bonds[i] + bonds[j]) else copy


def vary(args):
    """Strained and rattled cells, of those only on which the model is within --trust of PBE: elsewhere its labels would mislead."""
    generator, structures = np.random.default_rng(args.seed), []
    samples = read_samples(load_model(), args.input[1], args.only)
    found = mean_labels(args.input[0].split(","), samples)
    trusted = [s.atoms for s, r in zip(samples, found) if abs(r[0] / len(s.atoms) - s.energy) < args.trust]
    for atoms in trusted:
        for k in range(args.count):
            copy = varied(atoms, generator)
            if copy is not None:
                copy.calc = None
                copy.info = {"kind": "varied", "group": str(atoms.info["group"]), "set": atoms.info.get("set", "train"), "id": f"varied_{atoms.info['id']}_{k}"}
                structures.append(copy)
    ase.io.write(args.input[2], structures)
    print(f"{len(structures)} structures of {len(trusted)} cells, {len(samples) - len(trusted)} cells not trusted")


def join(args):
    """CHGNet's own forces without its stresses (PBE's differ), up to --largest eV/A but for close contacts, and the varied cells as they are."""
    kept = torch.load(args.input[0], weights_only=True)
    offset = dict(zip(kept["elements"], kept["offsets"]))
    frames = []
    for atoms in ase.io.read(args.input[1], ":"):
        forces, energy = atoms.get_forces(), atoms.get_potential_energy() + sum(offset[int(z)] for z in atoms.numbers)
        if atoms.info["kind"] == "short" or np.linalg.norm(forces, axis=1).max() <= args.largest:
            weight = args.gold if np.all(atoms.numbers == 79) else args.own
            atoms.info = {key: atoms.info[key] for key in ("kind", "group", "id")} | {"set": "train", "weight": weight}
            atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces)
            frames.append(atoms)
    own = len(frames)
    for atoms in ase.io.read(args.input[2], ":"):
        atoms.info["weight"] = args.varied
        frames.append(atoms)
    ase.io.write(args.input[3], frames)
    print(f"{own} structures with the forces of CHGNet, {len(frames) - own} varied cells")


def show_errors(args):
    samples = read_samples(load_model(), args.input[1], args.only)
    found = mean_labels(args.input[0].split(","), samples)
    energy = [1e3 * (r[0] / len(s.atoms) - s.energy) for r, s in zip(found, samples)]
    force = [1e3 * (r[1] - s.force.numpy()) for r, s in zip(found, samples)]
    for s, e, f in zip(samples, energy, force):
        print("{:32s} {:8.1f} meV/atom {:8.1f} meV/A".format(str(s.atoms.info.get("id")), e, np.sqrt(np.mean(f**2))))
    every = np.concatenate([f.ravel() for f in force])
    print(f"{len(samples)} cells: {np.sqrt(np.mean(np.square(energy))):.1f} meV/atom, {np.sqrt(np.mean(every**2)):.1f} meV/A")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["tune", "label", "vary", "join", "errors"])
    parser.add_argument("input", nargs="+")
    parser.add_argument("--only", help="take the cells with this value of `set`")
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--validate", type=float, default=0.0, help="part of the groups kept out and watched")
    parser.add_argument("--count", type=int, default=2, help="structures made of each cell")
    parser.add_argument("--trust", type=float, default=0.04, help="largest error of the model on such a cell (eV/atom)")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--start", help="model to start from in place of CHGNet 0.3.0 itself")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own", type=float, default=0.045, help="weight of a structure of CHGNet's")
    parser.add_argument("--gold", type=float, default=0.02, help="the same of gold alone, whose melt CHGNet has 115 meV/atom too low")
    parser.add_argument("--varied", type=float, default=0.06, help="weight of a varied cell")
    parser.add_argument("--largest", type=float, default=10.0, help="largest force of a structure of CHGNet's (eV/A)")
    args = parser.parse_args()
    torch.set_num_threads(1)
    {"tune": tune, "label": label, "vary": vary, "join": join, "errors": show_errors}[args.action](args)


if __name__ == "__main__":
    main()
