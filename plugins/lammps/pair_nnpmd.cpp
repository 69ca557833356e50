// SPDX-License-Identifier: BSD-3-Clause
#include "pair_nnpmd.h"

#include <cstring>
#include <stdexcept>

#include "atom.h"
#include "comm.h"
#include "force.h"
#include "memory.h"
#include "neighbor.h"
#include "update.h"
#if __has_include("exceptions.h")  // some packages of headers lack what error.h includes
#include "error.h"
#define NNPMD_HAS_ERROR 1
#endif

using namespace LAMMPS_NS;

// A failure on any rank ends the run: error->one, or an exception where there is no error.h.
void PairNNPMD::stop(const std::string &text) {
#ifdef NNPMD_HAS_ERROR
  error->one(FLERR, "{}", text);
#endif
  throw std::runtime_error("pair_style nnpmd: " + text);
}

PairNNPMD::PairNNPMD(LAMMPS *lammps) : Pair(lammps) {
  single_enable = 0;
  restartinfo = 0;
  one_coeff = 1;
  manybody_flag = 1;
  no_virial_fdotr_compute = 1;  // the virial comes with the forces
}

PairNNPMD::~PairNNPMD() {
  nnpmd_part_free(part);
  nnpmd_free(model);
  if (allocated) {
    memory->destroy(setflag);
    memory->destroy(cutsq);
  }
}

void PairNNPMD::allocate() {
  const int n = atom->ntypes + 1;
  memory->create(setflag, n, n, "pair:setflag");
  memory->create(cutsq, n, n, "pair:cutsq");
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) setflag[i][j] = 0, cutsq[i][j] = 0.0;
  allocated = 1;
}

void PairNNPMD::settings(int narg, char **arg) {
  if (narg < 1 || narg % 2 == 0)
    stop("expected pair_style nnpmd FOLDER [length_unit A|bohr] [energy_unit eV|hartree] [precision double|mixed]");
  nnpmd_options options = {};
  for (int k = 1; k < narg; k += 2) {
    if (strcmp(arg[k], "length_unit") == 0) options.length_unit = arg[k + 1];
    else if (strcmp(arg[k], "energy_unit") == 0) options.energy_unit = arg[k + 1];
    else if (strcmp(arg[k], "precision") == 0) options.precision = arg[k + 1];
    else stop(std::string("unknown keyword ") + arg[k] + "; expected length_unit, energy_unit or precision");
  }
  nnpmd_part_free(part);
  nnpmd_free(model);
  part = nullptr;
  folder = arg[0];
  if (nnpmd_load(arg[0], &options, &model, error_text, sizeof error_text) != NNPMD_OK) stop(error_text);
}

// One symbol a type; the model says which it knows.
void PairNNPMD::coeff(int narg, char **arg) {
  static const char *const symbols[] = {
      "X",  "H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al", "Si", "P",  "S",  "Cl", "Ar", "K",
      "Ca", "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y",
      "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I",  "Xe", "Cs", "Ba", "La", "Ce", "Pr",
      "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W",  "Re", "Os", "Ir", "Pt", "Au",
      "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U",  "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es"};
  const int n = atom->ntypes;
  if (narg != 2 + n || strcmp(arg[0], "*") != 0 || strcmp(arg[1], "*") != 0)
    stop("expected pair_coeff * * and the element of each of the " + std::to_string(n) + " types");
  if (!allocated) allocate();
  number_of_type.assign(n + 1, 0);
  for (int t = 1; t <= n; t++) {
    for (int z = 1; z < (int)(sizeof symbols / sizeof *symbols); z++)
      if (strcmp(arg[1 + t], symbols[z]) == 0) number_of_type[t] = z;
    if (number_of_type[t] == 0) stop(std::string("pair_coeff: \"") + arg[1 + t] + "\" is no chemical symbol");
  }
  for (int i = 1; i <= n; i++)
    for (int j = i; j <= n; j++) setflag[i][j] = 1;
}

void PairNNPMD::init_style() {
  if (strcmp(update->unit_style, "metal") != 0) stop("works in units metal only");
  if (force->newton_pair == 0) stop("needs newton on: forces on ghosts are sent home");
  nnpmd_part_free(part);
  if (nnpmd_part_create(model, neighbor->skin, &part, error_text, sizeof error_text) != NNPMD_OK) stop(error_text);
}

double PairNNPMD::init_one(int, int) { return nnpmd_cutoff(model); }

void PairNNPMD::gather(int nall) {
  number.resize(nall);
  position.resize(3 * (size_t)nall);
  forces.resize(3 * (size_t)nall);
  for (int i = 0; i < nall; i++) {
    number[i] = number_of_type[atom->type[i]];
    for (int a = 0; a < 3; a++) position[3 * (size_t)i + a] = atom->x[i][a];
  }
}

void PairNNPMD::compute(int eflag, int vflag) {
  ev_init(eflag, vflag);
  const int nlocal = atom->nlocal, nall = nlocal + atom->nghost;
  gather(nall);
  nnpmd_neighbourhood given = {nlocal, nall, number.data(), position.data(), neighbor->ago == 0};
  nnpmd_results results = {};
  results.force = forces.data();
  if (eflag_atom) {
    energies.resize(nlocal);
    results.atom_energy = energies.data();
  }
  if (vflag_atom) {
    virials.resize(9 * (size_t)nall);
    results.atom_virial = virials.data();
  }
  if (nnpmd_part_evaluate(part, &given, &results, error_text, sizeof error_text) != NNPMD_OK) stop(error_text);
  book(results, nlocal, nall);
}

// LAMMPS wants xx, yy, zz, xy, xz, yz.
void PairNNPMD::book(const nnpmd_results &results, int nlocal, int nall) {
  static const int first[6] = {0, 1, 2, 0, 0, 1}, second[6] = {0, 1, 2, 1, 2, 2};
  for (int i = 0; i < nall; i++)
    for (int a = 0; a < 3; a++) atom->f[i][a] += forces[3 * (size_t)i + a];
  if (eflag_global) eng_vdwl += results.energy;
  for (int k = 0; k < 6 && vflag_global; k++)
    virial[k] += 0.5 * (results.virial[3 * first[k] + second[k]] + results.virial[3 * second[k] + first[k]]);
  for (int i = 0; i < nlocal && eflag_atom; i++) eatom[i] += energies[i];
  for (int i = 0; i < nall && vflag_atom; i++)
    for (int k = 0; k < 6; k++)
      vatom[i][k] += 0.5 * (virials[9 * (size_t)i + 3 * first[k] + second[k]] +
                            virials[9 * (size_t)i + 3 * second[k] + first[k]]);
}
