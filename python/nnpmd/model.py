# SPDX-License-Identifier: BSD-3-Clause
"""A potential, and what it says of a structure."""
import ctypes

import numpy as np

from ._library import Options, RawResults, Structure, check, lib


class Results:
    """energy (eV), energies [n], forces [n, 3] (eV/A), virial [3, 3], virials [n, 3, 3] (eV), stress and stresses
    (eV/A^3, sign of ASE: tension positive; None without a cell), extrapolations (number of symmetry functions outside
    the training range, over all atoms). members: models of the committee, whose spread is sigma (eV, of the energy),
    sigma_energies [n] (eV) and, if it was asked for, sigma_forces [n] (eV/A); of a model alone members is 1."""

    def __init__(self, raw, energies, forces, virials, volume, sigmas=(None, None)):
        self.members, self.sigma = raw.members, raw.sigma
        self.sigma_energies, self.sigma_forces = sigmas
        self.energy = raw.energy
        self.extrapolations = raw.extrapolations
        self.energies, self.forces, self.virials = energies, forces, virials
        self.virial = np.array(raw.virial).reshape(3, 3)
        self.stress = None if volume is None else -self.virial / volume
        self.stresses = None if volume is None else -virials / (volume / len(energies))


def _pointer(array):
    return None if array is None else array.ctypes.data


class Model:
    """A Behler-Parrinello model from a folder in the n2p2 / RuNNer format. Its files do not tell the units they were
    fitted in: length_unit "A" or "bohr", energy_unit "eV" or "hartree". precision "mixed" is faster than "double": single
    precision with sums in double. Threads may share a model."""

    def __init__(self, folder, length_unit="A", energy_unit="eV", precision="double"):
        self._handle = ctypes.c_void_p()
        options = Options(length_unit.encode(), energy_unit.encode(), precision.encode())
        check(lib.nnpmd_load, str(folder).encode(), ctypes.byref(options), ctypes.byref(self._handle))

    @classmethod
    def from_input(cls, potential, atomic_numbers):
        """Any potential of the program, as text of its input, for structures of these elements."""
        self = cls.__new__(cls)
        self._handle = ctypes.c_void_p()
        numbers = np.ascontiguousarray(sorted(set(np.asarray(atomic_numbers).tolist())), np.intc)
        check(lib.nnpmd_load_input, potential.encode(), _pointer(numbers), len(numbers), ctypes.byref(self._handle))
        return self

    def __del__(self):
        if getattr(self, "_handle", None):
            lib.nnpmd_free(self._handle)
            self._handle = None

    @property
    def cutoff(self):
        """Range of the potential (A)."""
        return lib.nnpmd_cutoff(self._handle)

    @property
    def elements(self):
        """Atomic numbers that structures may have."""
        numbers = np.zeros(lib.nnpmd_elements(self._handle, None, 0), np.intc)
        lib.nnpmd_elements(self._handle, _pointer(numbers), len(numbers))
        return numbers.tolist()

    def evaluate(self, numbers, positions, cell=None, pbc=True, spread=False):
        """numbers [n], positions [n, 3] (A), cell [3, 3] (rows, A) or None, pbc: flag or three of them; spread: of a
        committee also that of its forces, which takes one more evaluation a member. -> Results"""
        numbers = np.ascontiguousarray(numbers, np.intc)
        positions = np.ascontiguousarray(positions, float)
        if numbers.ndim != 1 or positions.shape != (len(numbers), 3):
            raise ValueError("numbers %s and positions %s; expected [n] and [n, 3]" % (numbers.shape, positions.shape))
        if cell is not None:
            cell = np.ascontiguousarray(cell, float).reshape(3, 3)
        periodic = np.ascontiguousarray(np.broadcast_to(pbc, 3) if cell is not None else [0, 0, 0], np.intc)
        structure = Structure(len(numbers), _pointer(numbers), _pointer(positions), _pointer(cell), _pointer(periodic))
        energies, forces = np.zeros(len(numbers)), np.zeros((len(numbers), 3))
        virials = np.zeros((len(numbers), 3, 3))
        sigmas = np.zeros(len(numbers)), np.zeros(len(numbers)) if spread else None
        raw = RawResults(force=_pointer(forces), atom_energy=_pointer(energies), atom_virial=_pointer(virials),
                         sigma_energy=_pointer(sigmas[0]), sigma_force=_pointer(sigmas[1]))
        check(lib.nnpmd_evaluate, self._handle, ctypes.byref(structure), ctypes.byref(raw))
        volume = None if cell is None or not periodic.all() else abs(np.linalg.det(cell))
        return Results(raw, energies, forces, virials, volume, sigmas)
