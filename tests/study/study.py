# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of study programs share: folders with an input, runs of the program there, its files, what failed."""
import os
import shutil
import subprocess


class Checks:
    def __init__(self):
        self.failures = 0

    def check(self, ok, text):
        if not ok:
            self.failures += 1
            print("FAILED:", text)


class Study(Checks):
    def __init__(self, program, mpiexec, scratch):
        super().__init__()
        self.program, self.mpiexec, self.scratch = program, mpiexec, scratch

    def folder(self, name, text):
        """A fresh folder with this input."""
        path = os.path.join(self.scratch, name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        with open(os.path.join(path, "study.yaml"), "w") as out:
            out.write(text)
        return path

    def command(self, ranks=1, more=()):
        return ([self.mpiexec, "-n", str(ranks)] if ranks > 1 else []) + [self.program, "study.yaml", *more]

    def run(self, path, ranks=1, more=()):
        return subprocess.run(self.command(ranks, more), cwd=path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, timeout=250)

    def refuses(self, path, changes):
        """Each change of the input ends with exit code 2 and all its parts in the last line."""
        for change, parts in changes:
            answer = self.run(path, more=["--check", "--set", change])
            last = answer.stdout.strip().splitlines()[-1]
            self.check(answer.returncode == 2, "%s: exit code %d: %s" % (change, answer.returncode, answer.stdout))
            for part in parts:
                self.check(part in last, "%s: '%s' is not in: %s" % (change, part, last))


    def moved(self, model):
        """A copy of a model in another folder."""
        path = os.path.join(self.scratch, "moved")
        shutil.rmtree(path, ignore_errors=True)
        return shutil.copytree(model, path)


def read(path, name):
    with open(os.path.join(path, "out", name)) as file:
        return file.read()


def rows(path, name):
    return [line.split() for line in read(path, name).splitlines() if line and not line.startswith("#")]
