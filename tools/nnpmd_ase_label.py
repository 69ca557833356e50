#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Labels structure.extxyz with a calculator of ASE; the command for nnpmd-dataset label.

usage: nnpmd-ase-label MODULE:CLASS [KEY=VALUE ...]

Reads structure.extxyz in the current folder, calculates energy, forces and (when periodic along all axes) stress of each
frame with CLASS(KEY=VALUE, ...), and writes result.extxyz: all digits, frame by frame. Values are Python literals or
text. Examples:
    nnpmd-ase-label ase.calculators.emt:EMT
    nnpmd-ase-label chgnet.model.dynamics:CHGNetCalculator use_device=cpu
"""
import ast
import datetime
import importlib
import os
import sys


def parse(argument):
    key, separator, value = argument.partition("=")
    if not separator:
        sys.exit(f"nnpmd-ase-label: '{argument}'; expected KEY=VALUE")
    try:
        return key, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return key, value


def make_calculator(name, arguments):
    module, separator, attribute = name.partition(":")
    if not separator:
        sys.exit(f"nnpmd-ase-label: '{name}'; expected MODULE:CLASS, e.g. ase.calculators.emt:EMT")
    return getattr(importlib.import_module(module), attribute)(**dict(map(parse, arguments)))


def text_of(numbers):
    return " ".join(repr(float(x)) for x in numbers)


def frame_of(atoms):
    head = f'Lattice="{text_of(atoms.cell.array.ravel())}" ' if atoms.cell.rank == 3 else ""
    head += "Properties=species:S:1:pos:R:3:forces:R:3 pbc=\"" + " ".join("FT"[int(p)] for p in atoms.pbc) + '"'
    head += f" energy={float(atoms.get_potential_energy())!r}"
    if atoms.pbc.all():
        head += f' stress="{text_of(atoms.get_stress(voigt=False).ravel())}"'
    rows = [f"{symbol} {text_of([*x, *f])}" for symbol, x, f in zip(atoms.symbols, atoms.positions, atoms.get_forces())]
    return "\n".join([str(len(atoms)), head, *rows]) + "\n"


def print_man():
    """The text above in roff."""
    summary, usage, *paragraphs = __doc__.replace("\\", "\\e").replace("-", "\\-").strip().split("\n\n")
    name, _, words = usage.removeprefix("usage: ").partition(" ")
    date = datetime.date.fromtimestamp(os.path.getmtime(__file__))
    print(f".TH NNPMD\\-ASE\\-LABEL 1 {date} nnpmd\n.SH NAME\n{name} \\- {summary[0].lower() + summary[1:].rstrip('.')}\n"
          f".SH SYNOPSIS\n.B {name}\n{words}\n.SH DESCRIPTION")
    text, _, examples = "\n.PP\n".join(paragraphs).partition("Examples:\n")
    lines = "\n".join(line.strip() for line in examples.splitlines())
    print(f"{text.rstrip()}\n.SH EXAMPLES\n.nf\n{lines}\n.fi")


def main(arguments):
    if arguments[:1] == ["--man"]:
        return print_man()
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.exit(__doc__)
    from ase.io import iread  # here: texts need no ASE

    calculator = make_calculator(arguments[0], arguments[1:])
    with open("result.extxyz", "w", encoding="utf-8") as out:
        for atoms in iread("structure.extxyz", index=":"):
            atoms.calc = calculator
            out.write(frame_of(atoms))
            out.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
