#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the layers of the source (docs/architecture.md): who may include whom, and who may call what.

usage: check_layers.py [--self-test] [ROOT]

A file includes headers of its own module and of modules in lower layers only, and no chain of includes comes back to
where it began. MPI, BLAS, FFTW, printing and ending the process each belong to named places. One line a breach, exit 1.
"""
import pathlib
import re
import sys
import tempfile

LAYERS = [
    ["base"],
    ["system", "nnp"],
    ["parallel"],
    ["neighbour", "io"],
    ["electrostatics", "analysis", "lattice", "build"],
    ["potential", "dynamics", "training", "dataset"],
    ["output"],
    ["simulation"],
    ["fit", "study"],
    ["programs", "api"],
]
LAYER = {module: number for number, modules in enumerate(LAYERS) for module in modules}

# Beyond the layers: models name chemical elements, and the table of elements knows no box.
ALLOWED = {("nnp", "system/element.h")}

# (what, pattern, modules that may, single files that may)
OWNERS = [
    ("MPI", r"\bP?MPI_\w+|#\s*include\s*<mpi\.h>", {"parallel"}, r"electrostatics/fft_mpi\.c|io/\w+_mpi\.c"),
    ("OpenMP", r"\bomp_\w+|#\s*pragma\s+omp|#\s*include\s*<omp\.h>", set(), r"base/team\.c"),
    ("BLAS / LAPACK", r"\b(?:cblas_|LAPACKE?_|openblas_)\w+|\b[sdcz](?:ge|sy|po|tr|he)[a-z]{2,4}_\s*\("
     r"|#\s*include\s*<(?:openblas/)?(?:cblas|lapacke?|f77blas|openblas_config)\.h>",
     {"nnp", "training", "analysis", "lattice"}, None),
    ("FFTW", r"\bfftw[fl]?_\w+|#\s*include\s*<fftw3[\w-]*\.h>", {"analysis", "electrostatics"}, None),
    # NMD_ASSERT, for errors of the programmer only, ends the process in base/status.c; nmd_comm_abort all of them.
    ("printing or ending the process", r"\b(?:v?printf|puts|putchar|perror|exit|_exit|_Exit|abort|quick_exit)\s*\(|"
     r"\b(?:stdout|stderr)\b", {"programs"}, r"base/status\.c|parallel/comm\.c"),
]

TOKENS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)


def without_comments(text, keep_strings):
    """The text with comments (and strings) blanked, lines kept."""
    def blank(match):
        token = match.group()
        if token[0] in "\"'" and keep_strings:
            return token
        return re.sub(r"[^\n]", " ", token)
    return TOKENS.sub(blank, text)


def module_of(path):
    """src/<module>/x.c; src/main.c and tools/x.c are programs."""
    parts = path.parts
    return parts[1] if parts[0] == "src" and len(parts) > 2 else "programs"


def check_includes(root, path, text, graph):
    own = module_of(path)
    if own not in LAYER:
        yield f"{path}:1: module {own} is in no layer; add it to the table of tools/check_layers.py"
        return
    for match in INCLUDE.finditer(text):
        target = match.group(1)
        line = text.count("\n", 0, match.start()) + 1
        if not (root / "src" / target).is_file():
            continue  # generated or of another project; the compiler says if it is missing
        graph.setdefault(f"src/{target}", set())
        graph.setdefault(str(path), set()).add(f"src/{target}")
        module = module_of(pathlib.PurePath("src") / target)
        if module != own and LAYER.get(module, 99) >= LAYER[own] and (own, target) not in ALLOWED:
            yield (f'{path}:{line}: "{target}": {own} (layer {LAYER[own]}) may include its own headers and those of '
                   f"lower layers; {module} is in layer {LAYER.get(module, '?')}")


def check_owners(path, text):
    own = module_of(path)
    inside = str(pathlib.PurePath(*path.parts[1:]))
    for what, pattern, modules, files in OWNERS:
        if own in modules or (files and re.fullmatch(files, inside)):
            continue
        for match in re.finditer(pattern, text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {match.group().strip()}: {what} belongs to {', '.join(sorted(modules))}"


def find_cycles(graph):
    state = {}

    def visit(node, trail):
        state[node] = "open"
        for target in sorted(graph.get(node, ())):
            if state.get(target) == "open":
                yield "include cycle: " + " -> ".join(trail[trail.index(target):] + [target])
            elif target not in state:
                yield from visit(target, trail + [target])
        state[node] = "done"

    for node in sorted(graph):
        if node not in state:
            yield from visit(node, [node])


def check(root):
    root = pathlib.Path(root)
    files = sorted(p for pattern in ("src/**/*.[ch]", "tools/*.[ch]") for p in root.glob(pattern))
    breaches, graph = [], {}
    for file in files:
        path = pathlib.PurePath(file.relative_to(root))
        text = file.read_text(encoding="utf-8")
        breaches += check_includes(root, path, without_comments(text, keep_strings=True), graph)
        breaches += check_owners(path, without_comments(text, keep_strings=False))
    return len(files), breaches + list(find_cycles(graph))


SELF_TEST = [
    ({"src/base/a.h": "", "src/system/b.h": '#include "base/a.h"\n'}, None),
    ({"src/base/a.h": '#include "system/b.h"\n', "src/system/b.h": ""}, "may include its own"),
    ({"src/nnp/a.h": '#include "system/b.h"\n', "src/system/b.h": ""}, "may include its own"),
    ({"src/nnp/a.h": '#include "system/element.h"\n', "src/system/element.h": ""}, None),
    ({"src/base/a.h": '#include "base/b.h"\n', "src/base/b.h": '#include "base/a.h"\n'}, "include cycle"),
    ({"src/new/a.h": ""}, "in no layer"),
    ({"src/io/a.c": "int x = MPI_Init(0, 0);\n"}, "MPI belongs"),
    ({"src/nnp/a.c": "#pragma omp parallel\n"}, "OpenMP belongs"),
    ({"src/base/team.c": "#include <omp.h>\n"}, None),
    ({"src/io/a_mpi.c": "int x = MPI_Init(0, 0);\n", "src/parallel/c.c": "#include <mpi.h>\n"}, None),
    ({"src/system/a.c": "#include <cblas.h>\n"}, "BLAS"),
    ({"src/dynamics/a.c": "void f(void) { dgemm_(0); }\n"}, "BLAS"),
    ({"src/nnp/a.c": "void f(void) { cblas_dgemm(0); openblas_set_num_threads(1); }\n"}, None),
    ({"src/output/a.c": "void *p = fftw_malloc;\n"}, "FFTW"),
    ({"src/base/a.c": "void f(void) { printf(0); }\n"}, "printing"),
    ({"src/base/a.c": "void f(void) { snprintf(0); fprintf(file, 0); } /* exit(1), MPI_ */\nchar *s = \"exit(1)\";\n"},
     None),
    ({"src/base/a.c": "void f(void) { fputs(0, stderr); }\n"}, "printing"),
    ({"src/main.c": "int main(void) { printf(0); exit(0); }\n", "tools/x.c": "void f(void) { exit(0); }\n"}, None),
]


def self_test():
    failures = 0
    for number, (files, expected) in enumerate(SELF_TEST):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            breaches = check(folder)[1]
        good = not breaches if expected is None else any(expected in b for b in breaches)
        if not good:
            failures += 1
            print(f"self-test {number}: expected {expected}, got {breaches}")
    print(f"check_layers self-test: {len(SELF_TEST)} cases, {failures} failed")
    return failures


def main(arguments):
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    n_files, breaches = check(arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent)
    for breach in breaches:
        print(breach)
    print(f"check_layers: {n_files} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
