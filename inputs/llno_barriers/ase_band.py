#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The barrier of a band of nnpmd with any calculator of ASE: its ends relaxed, then the climbing-image band, from its images.

usage: ase_band.py BAND.extxyz OUT.extxyz MODULE:CLASS [KEY=VALUE ...]

E.g. ase_band.py nnp/ab-p-105/band.extxyz chgnet.extxyz chgnet.model.dynamics:CHGNetCalculator use_device=cpu. Every step is in OUT.extxyz (the band)
and on the screen: longest force, barriers. The cell stays. FMAX (0.05 eV/A) and STEPS (60) from the environment."""
import ast
import importlib
import os
import sys

import numpy as np
from ase.io import read, write
from ase.mep import NEB
from ase.optimize import BFGS, FIRE

FMAX, STEPS = float(os.environ.get("FMAX", "0.05")), int(os.environ.get("STEPS", "60"))


def make_calculator(name, arguments):
    module, _, attribute = name.partition(":")

    def value_of(text):
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text
    return getattr(importlib.import_module(module), attribute)(**{key: value_of(text) for key, text in (a.split("=", 1) for a in arguments)})


def show(images, out, what):
    energies = np.array([image.get_potential_energy() for image in images])
    top = energies.max()
    print(f"{what}: barrier {top - energies[0]:.4f} eV forward, {top - energies[-1]:.4f} eV back, image {energies.argmax()} of 0 to "
          f"{len(images) - 1}", flush=True)
    write(out + ".new", images, format="extxyz")
    os.replace(out + ".new", out)


def main(band, out, name, *arguments):
    images = read(band, ":")
    calculator = make_calculator(name, arguments)
    for image in images:
        image.calc = calculator
    for end in (images[0], images[-1]):
        BFGS(end, logfile=None, maxstep=0.1).run(fmax=FMAX, steps=STEPS)
        end.calc = make_calculator(name, arguments)  # keeps what it has found
        end.get_potential_energy()
    for climb, fmax, steps in ((False, 0.3, STEPS // 3), (True, FMAX, STEPS)):
        neb = NEB(images, k=1.0, climb=climb, method="improvedtangent", allow_shared_calculator=True)
        optimiser = (BFGS if climb else FIRE)(neb, logfile="-", **({"maxstep": 0.1} if climb else {}))
        converged = optimiser.run(fmax=fmax, steps=steps)
        show(images, out, ("climbing" if climb else "band") + ("" if converged else ", not converged"))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
