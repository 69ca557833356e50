// SPDX-License-Identifier: BSD-3-Clause
// pair_style nnpmd FOLDER [length_unit A|bohr] [energy_unit eV|hartree] [precision double|mixed]
// pair_coeff * * ELEMENT_OF_TYPE_1 ELEMENT_OF_TYPE_2 ...
//
// LAMMPS keeps atoms, ghosts and the integration; libnnpmd (nnpmd_part of its C API) evaluates each rank's atoms.
#ifndef NNPMD_LAMMPS_PAIR_NNPMD_H
#define NNPMD_LAMMPS_PAIR_NNPMD_H

#include <string>
#include <vector>

#include "fmt_compat.h"
#include "nnpmd/nnpmd.h"
#include "pair.h"

namespace LAMMPS_NS {

class PairNNPMD : public Pair {
 public:
  explicit PairNNPMD(class LAMMPS *lammps);
  ~PairNNPMD() override;
  void compute(int eflag, int vflag) override;
  void settings(int narg, char **arg) override;
  void coeff(int narg, char **arg) override;
  void init_style() override;
  double init_one(int i, int j) override;

 private:
  nnpmd_model *model = nullptr;
  nnpmd_part *part = nullptr;
  std::string folder;
  std::vector<int> number_of_type;                       // [ntypes + 1]
  std::vector<int> number;                               // [nall]
  std::vector<double> position, forces, energies, virials; // [3 nall], [3 nall], [nlocal], [9 nall]
  char error_text[NNPMD_ERROR_MAX];

  void allocate();
  [[noreturn]] void stop(const std::string &text);
  void gather(int nall);
  void book(const nnpmd_results &results, int nlocal, int nall);
};

}  // namespace LAMMPS_NS

#endif
