# SPDX-License-Identifier: BSD-3-Clause
"""Behler-Parrinello potentials of nnpmd: the C library through ctypes.

    model = nnpmd.Model("potentials/AuLi")
    results = model.evaluate(numbers, positions, cell)     # results.energy, .forces, .stress, ...

Units: eV, A. The ASE calculator is nnpmd.ase.NNPMD.
"""
from ._library import Error, library_version
from ._version import __version__
from .model import Model, Results

__all__ = ["Model", "Results", "Error", "library_version", "__version__"]
