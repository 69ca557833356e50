# SPDX-License-Identifier: BSD-3-Clause
"""The calculator for ASE."""
import numpy as np
from ase.calculators.calculator import Calculator, all_changes

from .model import Model


class NNPMD(Calculator):
    """Energy, energies, forces, stress and stresses of a nnpmd potential.

    NNPMD("potentials/AuLi") or NNPMD(Model.from_input(text, numbers)); a model may serve several calculators.
    stress: Voigt order xx yy zz yz xz xy, eV/A^3; energies and stresses are per atom. A structure that is not periodic
    along all three axes has no stress. results["extrapolations"]: symmetry functions outside the training range. A
    committee also gives results["sigma"] (eV, spread of its energies), results["sigma_energies"] and, with spread=True,
    results["sigma_forces"] (eV/A, one more evaluation a member), both per atom.
    """

    implemented_properties = ["energy", "free_energy", "energies", "forces", "stress", "stresses"]

    def __init__(self, model, length_unit="A", energy_unit="eV", precision="double", spread=False, **kwargs):
        super().__init__(**kwargs)
        self.spread = spread
        self.model = model if isinstance(model, Model) else Model(model, length_unit, energy_unit, precision)

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        atoms = self.atoms
        whole_cell = np.linalg.matrix_rank(atoms.cell.array) == 3
        if not whole_cell and atoms.pbc.any():
            raise ValueError("periodic along %s, but the cell %s has no volume; give all three vectors (vacuum included)"
                             % (atoms.pbc.tolist(), atoms.cell.array.tolist()))
        found = self.model.evaluate(atoms.numbers, atoms.positions, atoms.cell.array if whole_cell else None, atoms.pbc,
                                    self.spread)
        self.results = {"energy": found.energy, "free_energy": found.energy, "energies": found.energies,
                        "forces": found.forces, "extrapolations": found.extrapolations}
        if found.members > 1:
            self.results.update(sigma=found.sigma, sigma_energies=found.sigma_energies)
            if self.spread:
                self.results["sigma_forces"] = found.sigma_forces
        if found.stress is not None:
            self.results["stress"] = _voigt(found.stress)
            self.results["stresses"] = _voigt(found.stresses)


def _voigt(tensors):
    """[..., 3, 3] -> [..., 6], symmetrised."""
    symmetric = 0.5 * (tensors + np.swapaxes(tensors, -1, -2))
    return symmetric[..., [0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
