#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The descriptions of packages, as far as they can be judged without the package managers: test_packaging.py SOURCE_DIR

Spack: Python that defines the package with a stand-in for Spack's names; its CMake options exist. Apptainer: sections, shell
syntax, copied files exist, Debian packages those of tools/setup.sh. Module file: filled in, Tcl reads it (if tclsh is here).
"""
import pathlib
import re
import shutil
import subprocess
import sys
import types

root = pathlib.Path(sys.argv[1])
folder = root / "tools/packaging"
failures = []


def check(ok, text):
    if not ok:
        failures.append(text)
        print("FAILED", text)


def check_spack():
    seen = {"variant": [], "depends_on": [], "version": [], "license": []}
    package = types.ModuleType("spack.package")

    class CMakePackage:
        run_tests = False
        spec = types.SimpleNamespace(satisfies=lambda text: True)

        def define(self, name, value):
            return f"-D{name}={value}"

        def define_from_variant(self, name, variant):
            check(variant in [args[0] for args in seen["variant"]], f"spack: variant {variant}")
            return f"-D{name}=ON"

    package.CMakePackage = CMakePackage
    for name in seen:
        setattr(package, name, lambda *args, _name=name, **kwargs: seen[_name].append(args))
    for name in ("run_after", "on_package_attributes"):
        setattr(package, name, lambda *args, **kwargs: lambda function: function)
    for name in ("working_dir", "ctest", "Executable", "join_path"):
        setattr(package, name, None)
    sys.modules["spack"], sys.modules["spack.package"] = types.ModuleType("spack"), package
    source = (folder / "spack/nnpmd/package.py").read_text()
    names = {}
    exec(compile(source, "package.py", "exec"), names)
    options = names["Nnpmd"]().cmake_args()
    known = "\n".join(p.read_text() for p in [root / "CMakeLists.txt", *root.glob("cmake/*.cmake")])
    for option in options:
        name = re.match(r"-D(\w+)=", option).group(1)
        ours = name.startswith("NMD_")
        check(not ours or f"option({name} " in known, f"spack: {name} is no option of CMakeLists.txt")
    needed = {args[0].split("@")[0].split()[0] for args in seen["depends_on"]}
    check({"mpi", "openblas", "fftw", "libyaml", "xxhash", "random123", "cmake"} <= needed, f"spack: depends on {needed}")
    print(f"spack: {len(options)} options, {len(needed)} dependencies")


def check_apptainer():
    text = (folder / "nnpmd.def").read_text()
    stages = re.findall(r"^Stage: (\w+)", text, re.M)
    check(stages == ["build", "final"], f"apptainer: stages {stages}")
    posts = re.findall(r"^%(?:post|test|runscript|environment)\n((?:    .*\n|\n)+)", text, re.M)
    check(len(posts) == 5, f"apptainer: {len(posts)} scripts")
    for post in posts:
        done = subprocess.run(["bash", "-n"], input=post, text=True, capture_output=True)
        check(done.returncode == 0, "apptainer: " + done.stderr)
    copied = re.search(r"^%files\n((?:    .*\n)+)", text, re.M).group(1)
    for words in map(str.split, copied.splitlines()):  # one source and its place a line
        check(len(words) == 2 and words[1] == "/source/" + words[0], f"apptainer: {words}")
        check((root / words[0]).exists(), f"apptainer: {words[0]} does not exist")
    setup = (root / "tools/setup.sh").read_text()
    for package in re.findall(r"\b(lib[\w.+-]+-dev)\b", posts[0]):
        check(package in setup, f"apptainer: {package} is not in tools/setup.sh")
    wanted = set(re.findall(r"\b(lib[\w.+-]+-dev)\b", setup)) - {"libcunit1-dev"}
    check(wanted <= set(re.findall(r"\b(lib[\w.+-]+-dev)\b", posts[0])), f"apptainer: of setup.sh's {wanted}")


def check_module():
    text = re.sub(r"@(\w+)@", r"VALUE_\1", (folder / "modulefile.in").read_text())
    check(text.startswith("#%Module1.0"), "module file: first line")
    tclsh = shutil.which("tclsh")
    if tclsh is None:
        return print("module file: no tclsh, not read")
    words = "module-whatis conflict prereq prepend-path setenv"
    stand_in = "".join(f"proc {word} args {{}}\n" for word in words.split())
    done = subprocess.run([tclsh], input=stand_in + text + "\nModulesHelp\nputs $prefix\n", text=True, capture_output=True)
    check(done.returncode == 0 and done.stdout.strip() == "VALUE_NMD_MODULE_PREFIX", "module file: " + done.stderr)


check_spack()
check_apptainer()
check_module()
sys.exit(1 if failures else 0)
