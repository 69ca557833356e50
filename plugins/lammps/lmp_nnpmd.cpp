// SPDX-License-Identifier: BSD-3-Clause
// LAMMPS' library with pair_style nnpmd in it, for a LAMMPS without the PLUGIN package: lmp_nnpmd [options of lmp] -in INPUT
#include <mpi.h>

#include <cstdio>
#include <cstring>
#include <exception>

#include "fmt_compat.h"
#include "force.h"
#include "lammps.h"
#define LAMMPS_LIB_MPI 1
#include "library.h"
#include "pair_nnpmd.h"

static LAMMPS_NS::Pair *create(LAMMPS_NS::LAMMPS *lammps) { return new LAMMPS_NS::PairNNPMD(lammps); }

int main(int argc, char **argv) {
  const char *input = nullptr;
  for (int k = 1; k + 1 < argc; k++)
    if (strcmp(argv[k], "-in") == 0) input = argv[k + 1];
  if (input == nullptr) {
    fprintf(stderr, "usage: lmp_nnpmd [options of lmp] -in INPUT\n");
    return 2;
  }
  MPI_Init(&argc, &argv);
  int code = 0;
  try {
    void *handle = lammps_open(argc, argv, MPI_COMM_WORLD, nullptr);
    LAMMPS_NS::LAMMPS *lammps = static_cast<LAMMPS_NS::LAMMPS *>(handle);
    (*lammps->force->pair_map)["nnpmd"] = create;
    lammps_file(handle, input);
    lammps_close(handle);
  } catch (const std::exception &problem) {
    fprintf(stderr, "lmp_nnpmd: %s\n", problem.what());
    MPI_Abort(MPI_COMM_WORLD, 1);
    code = 1;
  }
  MPI_Finalize();
  return code;
}
