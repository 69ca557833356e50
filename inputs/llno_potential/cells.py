#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Perovskite cells of Li(x)La((1-x)/3)NbO3 in many arrangements: cells.py NUMBER SEED OUT.extxyz (numpy, ase).

Cells of 2x2x2 to 4x2x2 units, x up to 0.55, La at random, in layers, stripes, zigzags, islands or spread; Li on empty A sites or
displaced towards the windows between them; lattice constants and positions a little off.
"""
import sys

import numpy as np
from ase import Atoms
from ase.io import write

UNIT = 3.97  # A
REPEATS = [(2, 2, 2), (3, 2, 2), (2, 2, 3), (4, 2, 2), (3, 3, 2), (2, 2, 4), (2, 3, 2)]
WEIGHTS = np.array([2, 6, 1, 3, 2, 2, 2]) / 18
PATTERNS = {"random": 0.3, "layers": 0.2, "striped": 0.15, "closed": 0.1, "zigzag": 0.1, "uniform": 0.15}


def contents(sites, rng):
    """Numbers of Li and La that balance 5 Nb: Li + 3 La = sites."""
    choices = [(li, (sites - li) // 3) for li in range(sites) if (sites - li) % 3 == 0 and li < 0.55 * sites]
    weights = np.array([1.0 if li > 0.01 * sites else 0.5 for li, _ in choices])
    return choices[rng.choice(len(choices), p=weights / weights.sum())]


def order(sites, repeat, pattern, rng):
    """A sites in the order in which La fills them."""
    layer = sites[:, 2] % 2 if repeat[2] % 2 == 0 else sites[:, 0] % 2
    x, y = sites[:, 0] % 2, sites[:, 1] % 2
    bonus = {"random": 0 * x, "layers": 2 * layer, "striped": 2 * layer + x, "zigzag": 2 * layer + (x + y) % 2,
             "closed": 2 * layer - x * y, "uniform": sites.sum(axis=1) % 2}
    return np.argsort(rng.random(len(sites)) + bonus[pattern])


def lithium(site, rng):
    """On the site, or off it along an axis."""
    shift = np.zeros(3)
    if rng.random() < 0.6:
        shift[rng.integers(3)] = rng.choice([-1, 1]) * rng.uniform(0.15, 0.45)
    return site + shift


def cell(rng):
    repeat = REPEATS[rng.choice(len(REPEATS), p=WEIGHTS)]
    sites = np.array(list(np.ndindex(*repeat)))
    n_li, n_la = contents(len(sites), rng)
    pattern = rng.choice(list(PATTERNS), p=list(PATTERNS.values()))
    filled = order(sites, repeat, pattern, rng)
    free = filled[n_la:]
    li = rng.permutation(free)[:n_li] if rng.random() < 0.6 else free[len(free) - n_li:]
    positions = [*sites[filled[:n_la]], *(lithium(site, rng) for site in sites[li]), *(sites + 0.5)]
    positions += [site + 0.5 + half for half in 0.5 * np.eye(3) for site in sites]
    symbols = ["La"] * n_la + ["Li"] * n_li + ["Nb"] * len(sites) + ["O"] * 3 * len(sites)
    box = UNIT * np.array(repeat) * (1 + rng.normal(0, 0.008, 3))
    atoms = Atoms(symbols, scaled_positions=np.array(positions, float) / repeat, cell=box, pbc=True)
    atoms.rattle(0.05, seed=int(rng.integers(1 << 30)))
    atoms.wrap()
    atoms.info = {"tag": "{}x{}x{}_Li{}_{}".format(*repeat, n_li, pattern)}
    return atoms


def main(number, seed, path):
    rng = np.random.default_rng(int(seed))
    write(path, [cell(rng) for _ in range(int(number))])


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
