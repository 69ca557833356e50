#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Man pages and completions of every program: sound to the tools that read them, and complete.

test_pages.py CMAKE SOURCE_DIR SCRATCH PROGRAM...

Each page passes groff's warnings (and mandoc's, where there is one) and has every option of --help. Each script passes
bash -n (zsh -n); the one for bash is used: it completes options, choices and commands.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

cmake, source, scratch = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
programs = [pathlib.Path(p) for p in sys.argv[4:]]
shutil.rmtree(scratch, ignore_errors=True)
man, share = scratch / "man1", scratch / "share"
failures = 0


def check(ok, text):
    global failures
    if not ok:
        failures += 1
        print("FAILED", text)


def run(*command, **more):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, **more)


def check_roff(path):
    check(path.read_text().startswith(".TH NNPMD"), f"{path}: heading")
    if shutil.which("groff"):
        done = run("groff", "-man", "-ww", "-z", "-rCHECKSTYLE=1", path)
        check(done.returncode == 0 and not done.stderr, f"{path}: {done.stderr[:300]}")
    if shutil.which("mandoc"):
        done = run("mandoc", "-T", "lint", "-W", "warning", path)
        check(done.returncode == 0, f"{path}: {done.stdout[:300]}")


def check_page(path, program, command=()):
    check_roff(path)
    text = path.read_text()
    listed = set(re.findall(r"^ +(?:-\w, +)?--([a-z][\w-]*)", run(program, *command, "--help").stdout, re.M)) - {"usage"}
    shown = set(re.findall(r"\\fB\\-\\-((?:\\-|\w)+)\\fR", text))
    missing = sorted(listed - {name.replace("\\-", "-") for name in shown})
    check(len(listed) > 3 or command == () and program.name == "nnpmd-dataset", f"{path}: options of --help: {listed}")
    check(not missing, f"{path}: without {missing}")


def complete(program, *words):
    """What bash offers for the last word."""
    quoted = " ".join(f"'{w}'" for w in (program.name, *words))
    script = (f"source '{share}/bash-completion/completions/{program.name}'; COMP_WORDS=({quoted}); "
              f"COMP_CWORD={len(words)}; $(complete -p {program.name} | sed 's/.*-F \\([^ ]*\\) .*/\\1/'); "
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = run("bash", "-c", script, cwd=scratch)
    check(not done.stderr, f"{program.name} {words}: {done.stderr}")
    return done.stdout.split()


for program in programs:
    done = run(cmake, f"-DPROGRAM={program}", f"-DMAN={man}", f"-DSHARE={share}", "-P", source / "cmake/pages.cmake")
    check(done.returncode == 0 and not done.stderr, f"{program.name}: {done.stderr}")
    check_page(man / f"{program.name}.1", program)
    for shell, path in (("bash", f"bash-completion/completions/{program.name}"), ("zsh", f"zsh/site-functions/_{program.name}")):
        if shutil.which(shell):
            done = run(shell, "-n", share / path)
            check(done.returncode == 0 and not done.stderr, f"{path}: {done.stderr}")
    done = run(program, "--completion", "fish")
    check(done.returncode == 2 and "expected bash or zsh" in done.stderr, f"{program.name}: {done.stderr}")
    if program.name == "nnpmd":
        check("--self-test" in complete(program, "--se"), "nnpmd --se")
        check(complete(program, "--completion", "") == ["bash", "zsh"], "nnpmd --completion")
        (scratch / "input.yaml").write_text("")
        check(complete(program, "inp") == ["input.yaml"], "nnpmd inp")
        check(complete(program, "--restart", "inp") == ["input.yaml"], "nnpmd --restart inp")
    if program.name == "nnpmd-msd":
        check("auto" in complete(program, "--unwrap", "a"), "nnpmd-msd --unwrap a")
    if program.name == "nnpmd-dataset":
        check("convert" in complete(program, "con"), "nnpmd-dataset con")
        check("--to-format" in complete(program, "convert", "--to"), "nnpmd-dataset convert --to")
        commands = sorted(p.stem.replace("nnpmd-dataset-", "") for p in man.glob("nnpmd-dataset-*.1"))
        check("convert" in commands and "label" in commands, f"pages of commands: {commands}")
        for command in commands:
            check_page(man / f"nnpmd-dataset-{command}.1", program, (command,))
(man / "nnpmd-ase-label.1").write_text(run(sys.executable, source / "tools/nnpmd_ase_label.py", "--man").stdout)
check_roff(man / "nnpmd-ase-label.1")
pages = sorted(man.glob("*.1"))
readers = [name for name in ("groff", "mandoc", "bash", "zsh") if shutil.which(name)]
print(f"{len(pages)} man pages of {len(programs)} programs, read by {', '.join(readers)}; {failures} failures")
sys.exit(1 if failures or len(pages) < len(programs) else 0)
