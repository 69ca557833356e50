#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The tools msd, diffusion, conductivity and arrhenius as a user starts them: numbers, messages, restarts, ranks, memory.

usage: test_tools.py BINARY_DIR MPIEXEC WORK_DIR
"""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

binaries, mpiexec, work = sys.argv[1:4]
shutil.rmtree(work, ignore_errors=True)
os.makedirs(work)
os.chdir(work)
failures = 0


def check(condition, what):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", what)


def run(tool, *arguments, ranks=0):
    command = [os.path.join(binaries, "nnpmd-" + tool), *map(str, arguments)]
    if ranks:
        command = [mpiexec, "-n", str(ranks), *command]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def fails(code, exit_code, part, tool, *arguments):
    """code: the status expected, for tools/check_messages.py; seen from outside as exit code and text."""
    returned, _, text = run(tool, *arguments)
    check(returned == exit_code and part in text, f"{code}: {tool} {arguments}: exit code {returned}, {text!r}")


def walk(path, frames, step, rattle, first=0, shuffle=False, wrap=True):
    """20 Li that walk and 10 O that rattle in a cube of 12 A; a dump with one frame in 10 steps."""
    rng = random.Random(11)
    home = [[rng.uniform(0, 12) for _ in range(3)] for _ in range(30)]
    place = [list(h) for h in home]
    with open(path, "w") as out:
        for frame in range(frames):
            rows = []
            for i in range(30):
                for d in range(3):
                    if i < 20:
                        place[i][d] += rng.gauss(0, step)
                    else:
                        place[i][d] = home[i][d] + rng.gauss(0, rattle)
                cells = [int(x // 12) if wrap else 0 for x in place[i]]
                x = [p - 12 * c for p, c in zip(place[i], cells)]
                rows.append(f"{i + 1} {'Li' if i < 20 else 'O'} {x[0]:.8f} {x[1]:.8f} {x[2]:.8f} {cells[0]} {cells[1]} {cells[2]}\n")
            if frame < first:
                continue
            if shuffle:
                random.Random(frame).shuffle(rows)
            out.write(f"ITEM: TIMESTEP\n{10 * frame}\nITEM: NUMBER OF ATOMS\n30\nITEM: BOX BOUNDS pp pp pp\n0 12\n0 12\n0 12\n"
                      "ITEM: ATOMS id element x y z ix iy iz\n" + "".join(rows))


def species(path, name="Li"):
    return json.loads(pathlib.Path(path).read_text())["species"][name]


step = 0.2
walk("whole.lammpstrj", 400, step, 0.1)
common = ["--timestep", "1 fs", "--quiet"]
code, table, _ = run("msd", "whole.lammpstrj", *common, "--json", "whole.json", "--drift", "none")
check(code == 0, "msd runs")
check("# time Li O\n# ps A^2 A^2\n" in table and "# input: whole.lammpstrj (" in table, "header with names, units, checksum")
li = species("whole.json")
truth = step ** 2 / 2 / 0.01  # A^2/ps: a step in 10 fs
D = li["D_A2_per_ps"]
check(set(D) >= {"value", "sigma", "ci68", "ci95", "method", "fit_start_ps", "n_eff"}, "keys of D")
check(abs(D["value"] - truth) < 4 * D["sigma"] and D["sigma"] < 0.1 * truth, f"D {D['value']} +- {D['sigma']}, expected {truth}")
check(abs(li["D_cm2_per_s"]["value"] / D["value"] - 1e-4) < 1e-12, "cm^2/s")
check(species("whole.json", "O")["D_A2_per_ps"] is None, "no D of atoms that rattle")

_, _, said = run("msd", "whole.lammpstrj", "--timestep", "1 fs", "--drift", "com")
check("the centre of mass moved by" in said and "off a straight line: was a Langevin thermostat on" in said, f"wandering centre: {said}")
with open("even.lammpstrj", "w") as out:
    for frame in range(40):
        out.write(f"ITEM: TIMESTEP\n{10 * frame}\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 12\n0 12\n0 12\n"
                  f"ITEM: ATOMS id element xu yu zu\n1 Li {0.1 * frame + 1.0 * (frame % 2)} 1 1\n2 Li {0.1 * frame - 1.0 * (frame % 2)} 2 2\n")
_, _, said = run("msd", "even.lammpstrj", "--timestep", "1 fs")
check("the centre of mass moves evenly, by 3.9 A" in said and "Langevin" not in said, f"even motion: {said}")

# The same run in another order of atoms, on two ranks, in three files with overlap, in blocks of memory.
walk("shuffled.lammpstrj", 400, step, 0.1, shuffle=True)
walk("late.lammpstrj", 400, step, 0.1, first=250)
for frames, name in ((150, "early"), (300, "middle")):
    walk(name + ".lammpstrj", frames, step, 0.1)
same = {
    "order": ["shuffled.lammpstrj"],
    "restarts": ["early.lammpstrj", "middle.lammpstrj", "late.lammpstrj"],
    "unwrapped": ["whole.lammpstrj", "--unwrap", "nearest"],
    "selection": ["whole.lammpstrj", "--species", "Li"],
}
for name, arguments in same.items():
    code, _, text = run("msd", *arguments, *common, "--json", "other.json")
    check(code == 0 and max(abs(a - b) for a, b in zip(li["msd_A2"], species("other.json")["msd_A2"])) < 1e-9, f"{name}: {text}")
code, _, text = run("msd", "whole.lammpstrj", *common, "--json", "other.json", ranks=2)
check(code == 0 and max(abs(a - b) for a, b in zip(li["msd_A2"], species("other.json")["msd_A2"])) < 1e-9, f"two ranks: {text}")
walk("large.lammpstrj", 4000, step, 0.1)
run("msd", "large.lammpstrj", *common, "--json", "roomy.json")
code, table, text = run("msd", "large.lammpstrj", *common, "--json", "other.json", "--memory", "1 MB")
check(code == 0 and "in blocks of 10 atoms" in table, f"blocks: {text} {table[:800]}")
check(species("roomy.json")["msd_A2"] == species("other.json")["msd_A2"], "blocks of memory give the same numbers")

# Directions, the charge, extras.
code, _, text = run("diffusion", "whole.lammpstrj", *common, "--species", "Li", "--temperature", "300", "--json", "d300.json", "--plot")
check(code == 0, f"diffusion: {text}")
directions = species("d300.json")["directions"]
check(all(abs(directions[d]["D_A2_per_ps"]["value"] - truth) < 5 * directions[d]["D_A2_per_ps"]["sigma"] for d in "xyzc"), "D along axes")
check(pathlib.Path("nnpmd-diffusion.gnuplot").exists(), "plot script")
_, _, said = run("diffusion", "whole.lammpstrj", "--timestep", "1 fs", "--species", "Li", "--hop-length", "1 A")
check("order of magnitude" not in said, f"hundreds of hops: {said}")
code, _, said = run("diffusion", "whole.lammpstrj", "--timestep", "1 fs", "--species", "Li", "--hop-length", "3 A", "--frames", "100")
check(code == 0 and "Li: D rests on about" in said and "so it is an order of magnitude; expected 30 hops or more" in said, f"few hops: {said}")
code, _, text = run("conductivity", "whole.lammpstrj", *common, "--charges", "Li:1", "--temperature", "300", "--json", "c.json",
                    "--drift", "framework")
check(code == 0, f"conductivity: {text}")
result = json.loads(pathlib.Path("c.json").read_text()) if code == 0 else {}
if result:
    low, high = result["haven_ratio"]["ci95"]
    check(low < 1.0 < high or abs(result["haven_ratio"]["value"] - 1) < 0.5, f"Haven ratio of independent walkers {result['haven_ratio']}")
    e, k = 1.602176634e-19, 1.380649e-23
    expected = 20 * e * e * truth * 1e-8 / (1728e-30 * k * 300)
    check(abs(result["sigma_nernst_einstein_S_per_m"]["value"] / expected - 1) < 0.3, "Nernst-Einstein in S/m")
code, table, text = run("msd", "whole.lammpstrj", *common, "--collective", "--charges", "Li:1", "--tensor", "--non-gaussian", "--van-hove", "0.1 ps",
                        "--direction", "ab", "--json", "x.json")
check(code == 0 and "Li_xy" in table and "charge distinct" in table, f"msd with everything: {text}")
check(abs(sum(species("x.json")["van_hove_self"][0]["density_per_A"]) * 0.05 - 1) < 1e-6, "van Hove function")

# Activation energy, from JSON and from a table.
for T, s in ((400, 0.24), (500, 0.27)):
    walk(f"t{T}.lammpstrj", 300, s, 0.1)
    run("diffusion", f"t{T}.lammpstrj", *common, "--species", "Li", "--temperature", T, "--json", f"d{T}.json")
code, table, text = run("arrhenius", "d300.json", "d400.json", "d500.json", "--direction", "xyz,c", "--json", "a.json", "--quiet")
check(code == 0 and "E_a = " in table, f"arrhenius: {text}")
pathlib.Path("table.txt").write_text("# T D sigma\n300 1.0 0.01\n400 2.0 0.02\n500 3.0 0.03 20\n")
check(run("arrhenius", "table.txt", "--quiet")[0] == 0, "arrhenius of a table")

# Messages.
# Two halves of the cell are alike; so are two ranks and one.
place = ["whole.lammpstrj", *common, "--species", "Li", "--axis", "b", "--edges", "3 A", "--lag", "200 fs"]
for ranks, name in ((0, "one.json"), (2, "two.json")):
    code, table, text = run("mobility", *place, "--json", name, ranks=ranks)
    check(code == 0, f"mobility: {text}")
one, two = (json.loads(pathlib.Path(name).read_text())["regions"] for name in ("one.json", "two.json"))
check(abs(sum(r["atoms"] for r in one) - 20) < 1e-9 and one[1]["to_A"] is None, f"regions: {one}")
for a, b in zip(one, two):
    check(abs(a["D"]["A2_per_ps"] - b["D"]["A2_per_ps"]) < 1e-9 * truth, f"two ranks: {a}, {b}")
    check(abs(a["D"]["A2_per_ps"] - truth) < 4 * a["D"]["sigma"] and 0 < a["D"]["sigma"] < 0.2 * truth, f"mobility {a}, expected {truth}")
fails("NMD_OUT_OF_RANGE", 2, "expected ascending lengths above 0 A", "mobility", "whole.lammpstrj", *common, "--edges", "3 A,2 A")
fails("NMD_BAD_NUMBER", 2, "expected fractions of the cell vector", "mobility", *place, "--planes", "half")
fails("NMD_CONFLICT", 2, "2 elements are looked at; expected one", "mobility", "whole.lammpstrj", *common, "--drift", "none")
fails("NMD_USAGE", 2, "did you mean --timestep?", "msd", "whole.lammpstrj", "--timestp", "1 fs")
fails("NMD_USAGE", 2, "TRAJECTORY...", "msd")
fails("NMD_MISSING_KEY", 2, "--timestep", "msd", "whole.lammpstrj")
fails("NMD_WRONG_UNIT", 2, "--timestep: timestep:", "msd", "whole.lammpstrj", "--timestep", "1 eV")
fails("NMD_BAD_CHOICE", 2, "expected x, y, z", "msd", "whole.lammpstrj", *common, "--direction", "sideways")
fails("NMD_BAD_CHOICE", 2, "expected element:charge", "conductivity", "whole.lammpstrj", *common, "--charges", "Xe:1", "--temperature", "300",
      "--species", "Li")
fails("NMD_BAD_NUMBER", 2, "--memory", "msd", "whole.lammpstrj", *common, "--memory", "lots")
fails("NMD_NO_ANSWER", 3, "a run of about", "diffusion", "whole.lammpstrj", *common, "--species", "O")
fails("NMD_OUT_OF_RANGE", 2, "at least two temperatures", "arrhenius", "d300.json")
text = pathlib.Path("whole.lammpstrj").read_text()
pathlib.Path("cut.lammpstrj").write_text(text[:-100])
code, _, said = run("msd", "cut.lammpstrj", "--timestep", "1 fs", "--json", "cut.json")
check(code == 0 and "the last frame is cut off" in said and json.loads(pathlib.Path("cut.json").read_text())["n_frames"] == 399, f"cut file: {said}")
fails("NMD_FILE_TRUNCATED", 2, "frame 399", "msd", "cut.lammpstrj", *common, "--strict")
pathlib.Path("bad.lammpstrj").write_text(text.replace("ITEM: TIMESTEP\n1000\n", "ITEM: TIMESTEP\n990\n"))
fails("NMD_CONFLICT", 2, "frame 100: time goes back", "msd", "bad.lammpstrj", *common)
code, text, _ = run("msd", "--help")
check(code == 0 and "--direction TEXT" in text, "--help")
code, text, _ = run("arrhenius", "--man")
check(code == 0 and text.startswith(".TH NNPMD-ARRHENIUS 1"), "--man")

print(f"test_tools: {failures} failed")
sys.exit(1 if failures else 0)
