# SPDX-License-Identifier: BSD-3-Clause
"""The layout of VASP 6's OUTCAR, as far as readers look at it: text from labels.

Layout from the VASP wiki (OUTCAR) and from what ASE, pymatgen and dpdata look for. As in VASP there are energies of
electronic steps (one blank) beside those of ionic steps, and atoms stand in runs of one element.
"""
import itertools
import math

RULE = "-" * 104
SPECIES = {
    "Au": {"potcar": "PAW_PBE Au 04Oct2007", "hrf": "s1d10", "lines": """   LEXCH  = PE
   EATOM  =   885.6838 eV,   65.0962 Ry

   TITEL  = PAW_PBE Au 04Oct2007
   LULTRA =        F    use ultrasoft PP ?
   POMASS =  196.966; ZVAL   =   11.000    mass and valenz
"""},
    "Li": {"potcar": "PAW_PBE Li_sv 10Sep2004", "hrf": "1s2s2p", "lines": """   LEXCH  = PE
   EATOM  =   202.8040 eV,   14.9057 Ry

   TITEL  = PAW_PBE Li_sv 10Sep2004
   POMASS =    7.010; ZVAL   =    3.000    mass and valenz
"""}}
HEAD = """ vasp.6.3.2 27Jun22 (build Nov 10 2022 12:34:56) complex

 executed on             LinuxIFC date 2023.01.05  10:11:12
 running on    4 total cores
 distrk:  each k-point on    4 cores,    1 groups
 distr:  one band on NCORE=   1 cores,    4 groups


{rule}


 INCAR:
   ENCUT = 400
   ISMEAR = 1
   IBRION = 0
{potcars}
 Dimension of arrays:
   k-points           NKPTS =      1   k-points in BZ     NKDIM =      1   number of bands    NBANDS=     28
   number of dos      NEDOS =    301   number of ions     NIONS ={ions:7d}
   total plane-waves  NPLWV =  27000
   dimension x,y,z NGX =    30 NGY =   30 NGZ =   30
   support grid    NGXF=    60 NGYF=   60 NGZF=   60
   ions per type =            {counts}
   ISPIN  =      1    spin polarized calculation?

 k-points in reciprocal lattice and weights: K-Points
   0.00000000  0.00000000  0.00000000       1.000
"""
STEP_TABLE = """
  FORCE on cell =-STRESS in cart. coord.  units (eV):
  Direction    XX          YY          ZZ          XY          YZ          ZX
  --------------------------------------------------------------------------------------
  Total  {total}
  in kB  {kbar}
  external pressure = {pressure:11.2f} kB  Pullay stress =        0.00 kB

 VOLUME and BASIS-vectors are now :
 -----------------------------------------------------------------------------
  energy-cutoff  :      400.00
  volume of cell :{volume:13.2f}
      direct lattice vectors                 reciprocal lattice vectors
{lattice}
  length of vectors
{lengths}


 FORCES acting on ions
    electron-ion (+dipol)            ewald-force                    non-local-force                 convergence-correction
 -----------------------------------------------------------------------------------------------
   0.100E+01 0.200E+01 0.300E+01   -.100E+01 -.200E+01 -.300E+01   0.000E+00 0.000E+00 0.000E+00   0.000E+00 0.000E+00 0.000E+00
 -----------------------------------------------------------------------------------------------

 POSITION                                       TOTAL-FORCE (eV/Angst)
 -----------------------------------------------------------------------------------
{table}
 -----------------------------------------------------------------------------------
    total drift:                                0.000012     -0.000034      0.000056


{rule}



  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)
  ---------------------------------------------------
  free  energy   TOTEN  = {free:17.8f} eV

  energy  without entropy={without:17.8f}  energy(sigma->0) ={zero:17.8f}

"""


def cross(a, b):
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def lattice_lines(cell):
    a, b, c = cell
    volume = dot(a, cross(b, c))
    reciprocal = [[x / volume for x in v] for v in (cross(b, c), cross(c, a), cross(a, b))]
    return "\n".join("    " + "".join(f"{x:13.9f}" for x in p) + "    " + "".join(f"{x:13.9f}" for x in q)
                     for p, q in zip(cell, reciprocal))


def electronic(step, k, energy):
    return f"""--------------------------------------- Iteration {step:6d}({k:4d})  ---------------------------------------


  Free energy of the ion-electron system (eV)
  ---------------------------------------------------
  free energy    TOTEN  = {energy + 1:17.8f} eV

  energy without entropy ={energy + 1:17.8f}  energy(sigma->0) ={energy + 2:17.8f}


{RULE}


"""


def ionic(step):
    cell, kbar = step["cell"], step["kbar"]
    volume = abs(dot(cell[0], cross(cell[1], cell[2])))
    return STEP_TABLE.format(
        total="".join(f"{x / 10:12.5f}" for x in kbar), kbar="".join(f"{x:12.5f}" for x in kbar),
        pressure=sum(kbar[:3]) / 3, volume=volume, lattice=lattice_lines(cell), rule=RULE,
        lengths="    " + "".join(f"{math.sqrt(dot(v, v)):13.9f}" for v in cell),
        table="\n".join("".join(f"{x:13.5f}" for x in p) + "   " + "".join(f"{x:14.6f}" for x in f)
                        for p, f in zip(step["x"], step["f"])),
        free=step["free"], without=step["without"], zero=step["zero"])


def outcar(symbols, steps, converged=None):
    """Text of an OUTCAR. symbols: element of each atom, in runs; steps: dicts of cell [3][3] and x [n][3] (A), f [n][3]
    (eV/A), kbar (XX YY ZZ XY YZ ZX, compression positive), free, without, zero (eV); converged: a bool for each step."""
    runs = [(element, len(list(run))) for element, run in itertools.groupby(symbols)]
    potcars = [f" POTCAR:    {SPECIES[e]['potcar']}\n" for e, _ in runs]
    blocks = "".join(f"{p}   VRHFIN ={e}: {SPECIES[e]['hrf']}\n{SPECIES[e]['lines']}" for p, (e, _) in zip(potcars, runs))
    text = HEAD.format(rule=RULE, potcars="".join(potcars) + blocks, ions=len(symbols),
                       counts="".join(f"{n:4d}" for _, n in runs))
    text += "\n      direct lattice vectors                 reciprocal lattice vectors\n"
    text += lattice_lines(steps[0]["cell"]) + "\n\n"
    for number, step in enumerate(steps, 1):
        text += electronic(number, 1, step["free"]) + electronic(number, 2, step["free"])
        good = converged is None or converged[number - 1]
        text += "------------------------ aborting loop " + (
            "because EDIFF is reached" if good else "EDIFF was not reached (unconverged)") + " " + "-" * 40 + "\n"
        text += ionic(step)
    return text
