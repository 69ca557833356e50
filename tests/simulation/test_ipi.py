#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The stage that a server with the socket protocol of i-PI drives: a server of this test's own sends positions and cells,
and compares what comes back with nnpmd-eval. Where i-PI itself is there (beside the interpreter NNPMD_PYTHON, or in the PATH) it
drives a short run at constant temperature.

usage: test_ipi.py NNPMD NNPMD_EVAL MPIEXEC SOURCE SCRATCH
"""
import array
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

from checks import check, finish

program, eval_program, mpiexec, source, scratch = sys.argv[1:6]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)
BOHR, HARTREE = 0.529177210903, 27.211386245988
MODEL = os.path.join(source, "potentials", "AuLi-starter")

INPUT = """
output_folder: {name}
structure: {{file: crystal.extxyz}}
potential:
  nnp: {{folder: {model}, length_unit: A, energy_unit: eV}}
stages:
  - ipi: {{{options}}}
outputs:
  - trajectory: {{every: 1, digits: 17, coordinates: unwrapped}}
  - thermo: {{every: 1, screen: false}}
"""


def crystal():
    a, atoms = 3.15, []
    random.seed(8)
    for i in range(3):
        for j in range(3):
            for k in range(3):
                for symbol, s in (("Au", 0.0), ("Li", 0.5)):
                    atoms.append((symbol, [(n + s) * a + random.gauss(0, 0.05) for n in (i, j, k)]))
    return atoms, [[3 * a, 0, 0], [0, 3 * a, 0], [0, 0, 3 * a]]


def write_extxyz(path, symbols, frames):
    with open(path, "w") as out:
        for cell, positions in frames:
            out.write('%d\nLattice="%s" Properties=species:S:1:pos:R:3\n' %
                      (len(symbols), " ".join("%.17g" % x for row in cell for x in row)))
            for symbol, x in zip(symbols, positions):
                out.write("%s %.17g %.17g %.17g\n" % (symbol, *x))


class Server:
    """The side of i-PI: one client."""

    def __init__(self, address):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.listening = socket.socket(family, socket.SOCK_STREAM)
        self.listening.bind(address)
        self.listening.listen(1)
        self.listening.settimeout(60)

    def accept(self):
        self.client, _ = self.listening.accept()
        self.client.settimeout(60)

    def say(self, text, data=b""):
        self.client.sendall(text.ljust(12).encode() + data)

    def hear(self, n):
        data = b""
        while len(data) < n:
            piece = self.client.recv(n - len(data))
            if not piece:
                raise RuntimeError("the client has gone")
            data += piece
        return data

    def status(self):
        self.say("STATUS")
        return self.hear(12).decode().strip()

    def evaluate(self, cell, positions):
        """Energy (eV), forces (eV/A), virial (eV)."""
        while self.status() != "READY":
            pass
        columns = [cell[b][a] / BOHR for a in range(3) for b in range(3)]
        self.say("POSDATA", struct.pack("18d", *columns, *([0.0] * 9)) + struct.pack("i", len(positions)) +
                 array.array("d", [x / BOHR for p in positions for x in p]).tobytes())
        while self.status() != "HAVEDATA":
            time.sleep(0.01)
        self.say("GETFORCE")
        assert self.hear(12).decode() == "FORCEREADY  "
        energy, n = struct.unpack("=di", self.hear(12))
        assert n == len(positions)
        forces = struct.unpack("%dd" % (3 * n), self.hear(24 * n))
        virial = struct.unpack("9d", self.hear(72))
        self.hear(struct.unpack("i", self.hear(4))[0])
        return energy * HARTREE, [f * HARTREE / BOHR for f in forces], [v * HARTREE for v in virial]

    def close(self):
        self.client.close()
        self.listening.close()


def start(name, ranks, options):
    path = os.path.join(scratch, name + ".yaml")
    with open(path, "w") as out:
        out.write(INPUT.format(name=name, model=MODEL, options=options))
    launcher = [mpiexec, "-n", str(ranks)] if ranks > 1 else []
    return subprocess.Popen(launcher + [program, path], cwd=scratch, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)


def end(what, run, expect):
    out, err = run.communicate(timeout=60)
    check(what + ": exit code %d" % expect, run.returncode == expect, "%d %s" % (run.returncode, err[-200:] if run.returncode
                                                                                 != expect else ""))
    return out, err


def journey(atoms, cell):
    """Structures as a server of replicas sends them: small steps, other cells, far jumps, other images."""
    frames, positions = [], [list(x) for _, x in atoms]
    for k in range(6):
        strained = [[c * (1 + 0.01 * k * (1 if a == b else 0)) + (0.05 * k if b > a else 0) for a, c in enumerate(row)]
                    for b, row in enumerate(cell)]
        moved = []
        for i, x in enumerate(positions):
            shift = [(k * (i % 3) - i % 2 if k > 3 else 0) * sum(strained[d][a] for d in range(3)) for a in range(3)]
            fraction = [x[a] / cell[a][a] for a in range(3)]
            at = [sum(fraction[d] * strained[d][a] for d in range(3)) for a in range(3)]
            moved.append([p + s + random.gauss(0, 0.02) + (1.7 * k if k in (2, 5) else 0) for p, s in zip(at, shift)])
        frames.append((strained, moved))
    return frames


def compare(name, answers, frames, symbols):
    path, out = os.path.join(scratch, "frames.extxyz"), os.path.join(scratch, "frames.json")
    write_extxyz(path, symbols, frames)
    subprocess.run([eval_program, MODEL, path, "-j", out, "-o", os.path.join(scratch, "ignored.extxyz")], check=True)
    worst = [0.0, 0.0, 0.0]
    for (energy, forces, virial), e in zip(answers, json.load(open(out))):
        v = e["virial_eV"]
        symmetric = [0.5 * (v[3 * a + b] + v[3 * b + a]) for a in range(3) for b in range(3)]
        worst[0] = max(worst[0], abs(energy - e["energy_eV"]) / len(symbols))
        worst[1] = max(worst[1], max(abs(f - g) for f, g in zip(forces, e["forces_eV_per_A"])))
        worst[2] = max(worst[2], max(abs(f - g) for f, g in zip(virial, symmetric)))
    check(name + ": energies (eV/atom)", worst[0] < 1e-12, "%.2g" % worst[0])
    check(name + ": forces (eV/A)", worst[1] < 1e-11, "%.2g" % worst[1])
    check(name + ": virials (eV)", worst[2] < 1e-9, "%.2g" % worst[2])
    lines = open(os.path.join(scratch, name, "trajectory.extxyz")).read().split("\n")
    n = len(symbols) + 2
    last = [[float(x) for x in line.split()[1:4]] for line in lines[-n + 1:-1]]
    check(name + ": one frame an evaluation", len(lines) == 1 + n * (1 + len(frames)), (len(lines) - 1) / n - 1)
    off = max(abs(a - b) for x, y in zip(last, frames[-1][1]) for a, b in zip(x, y))
    check(name + ": unwrapped positions are the server's (A)", off < 1e-10, "%.2g" % off)


def drive(name, ranks, address, options, frames, symbols):
    server = Server(address)
    run = start(name, ranks, options)
    server.accept()
    server.say("INIT", struct.pack("ii", 3, 5) + b"hello")
    answers = [server.evaluate(*frame) for frame in frames]
    server.say("EXIT")
    end(name, run, 0)
    server.close()
    compare(name, answers, frames, symbols)


atoms, cell = crystal()
symbols = [symbol for symbol, _ in atoms]
write_extxyz(os.path.join(scratch, "crystal.extxyz"), symbols, [(cell, [x for _, x in atoms])])
frames = journey(atoms, cell)
path = os.path.join(scratch, "socket")
if len(path) > 90:  # of 107 that a socket's path may have
    path = "/tmp/nnpmd_test_%d" % os.getpid()
drive("unix", 1, path, "socket: %s" % path, frames, symbols)
os.remove(path)
drive("four", 4, path, "socket: %s" % path, frames, symbols)
os.remove(path)
probe = socket.socket()
probe.bind(("127.0.0.1", 0))
port = probe.getsockname()[1]
probe.close()
drive("inet", 2, ("127.0.0.1", port), "host: 127.0.0.1, port: %d" % port, frames[:2], symbols)

# a server that is gone, thinks forever, has other atoms, or speaks another language; none at all
server = Server(path)
run = start("gone", 1, "socket: %s" % path)
server.accept()
server.evaluate(*frames[0])
server.close()
end("a server that closes", run, 0)
os.remove(path)

server = Server(path)
run = start("idle", 2, "socket: %s" % path)
server.accept()
server.evaluate(*frames[0])
time.sleep(0.3)
run.send_signal(signal.SIGUSR2)  # mpiexec hands it on to all ranks
out, err = end("a signal while the server thinks", run, 75)
check("... leaves a checkpoint", os.path.exists(os.path.join(scratch, "idle", "run.checkpoint")), err.strip()[-120:])
server.close()
os.remove(path)

server = Server(path)
run = start("other", 2, "socket: %s" % path)
server.accept()
assert server.status() == "READY"
server.say("POSDATA", struct.pack("18d", *([1.0] * 18)) + struct.pack("i", 3) + b"\0" * 72)
out, err = end("another number of atoms", run, 2)
check("... is named", "sends 3 atoms, the structure has 54" in err, err.strip())
server.close()
os.remove(path)

server = Server(path)
run = start("foreign", 1, "socket: %s" % path)
server.accept()
server.say("HELLO WORLD")
out, err = end("another protocol", run, 2)
check("... is named", 'says "HELLO WORLD "; expected STATUS' in err, err.strip())
server.close()
os.remove(path)

server = Server(path)
run = start("hasty", 1, "socket: %s" % path)
server.accept()
server.say("GETFORCE")
out, err = end("forces of nothing", run, 2)
check("... is named", 'says "GETFORCE    " before positions' in err, err.strip())
server.close()
os.remove(path)

out, err = end("no server", start("nobody", 1, "socket: %s, patience: 1 s" % path), 2)
check("... is named", "nobody listens there after 1 s" in err, err.strip())
out, err = end("socket and port", start("both", 1, "socket: x, port: 5"), 2)
check("... are refused", "ipi: socket and port both given; expected one of them" in err, err.strip())

IPI_INPUT = """<simulation verbosity='low'>
  <output prefix='run'>
    <properties stride='1' filename='out'>[step, conserved{electronvolt}, temperature{kelvin}, potential{electronvolt}]</properties>
  </output>
  <total_steps>100</total_steps>
  <prng><seed>123</seed></prng>
  <ffsocket mode='unix' name='nnpmd' pbc='False'><address>%s</address></ffsocket>
  <system>
    <initialize nbeads='1'><file mode='xyz'>init.xyz</file><velocities mode='thermal' units='kelvin'>300</velocities></initialize>
    <forces><force forcefield='nnpmd'></force></forces>
    <motion mode='dynamics'><dynamics mode='nvt'><timestep units='femtosecond'>2</timestep>
      <thermostat mode='svr'><tau units='femtosecond'>50</tau></thermostat></dynamics></motion>
    <ensemble><temperature units='kelvin'>300</temperature></ensemble>
  </system>
</simulation>
"""


def drive_by_ipi():
    beside = os.path.join(os.path.dirname(os.environ.get("NNPMD_PYTHON", "")), "i-pi")
    server_program = beside if os.path.isabs(beside) and os.path.exists(beside) else shutil.which("i-pi")
    if server_program is None:
        print("i-PI is not there: not driven by it")
        return
    name = "nnpmd_test_%d" % os.getpid()
    with open(os.path.join(scratch, "ipi.xml"), "w") as out:
        out.write(IPI_INPUT % name)
    with open(os.path.join(scratch, "init.xyz"), "w") as out:
        out.write("%d\n# CELL(abcABC): %.10f %.10f %.10f 90 90 90 positions{angstrom} cell{angstrom}\n" %
                  (len(atoms), cell[0][0], cell[1][1], cell[2][2]))
        out.writelines("%s %.12f %.12f %.12f\n" % (symbol, *x) for symbol, x in atoms)
    server = subprocess.Popen([server_program, "ipi.xml"], cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end("driven by i-PI", start("ipi", 2, "socket: %s" % name), 0)
    server.wait(timeout=60)
    theirs = [[float(c) for c in line.split()] for line in open(os.path.join(scratch, "run.out")) if line[0] != "#"]
    lines = open(os.path.join(scratch, "ipi", "thermo.dat")).read().split("\n")
    column = lines[0].split().index("E_potential") - 1
    ours = [float(line.split()[column]) for line in lines if line and line[0] != "#"][1:]  # the first: of the structure file
    check("driven by i-PI: 100 steps", len(theirs) == 101 and len(ours) >= 101, "%d, %d" % (len(theirs), len(ours)))
    off = max(abs(a[3] - b) for a, b in zip(theirs, ours))
    check("driven by i-PI: both have the same energies (eV)", off < 1e-4, "%.2g" % off)  # other constants: 1e-7
    drift = max(row[1] for row in theirs) - min(row[1] for row in theirs)
    heat = sum(row[2] for row in theirs[50:]) / len(theirs[50:])
    check("driven by i-PI: conserved (eV), temperature (K)", drift < 0.02 and 150 < heat < 450, "%.2g, %.0f" % (drift, heat))


drive_by_ipi()
finish()
