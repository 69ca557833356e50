/* SPDX-License-Identifier: BSD-3-Clause */
/* Written by lammps_lj_eos.py --steps 100000 with LAMMPS (29 Sep 2021 - Update 2): density, temperature, pressure and its
 * error, energy an atom and its error; reduced units. */
#ifndef NNPMD_TESTS_PHYSICS_LAMMPS_LJ_EOS_H
#define NNPMD_TESTS_PHYSICS_LAMMPS_LJ_EOS_H

static const double lammps_lj[][6] = {
    {0.30, 1.50, 0.31766, 0.00127, -1.73052, 0.00238},
    {0.60, 1.20, 0.52071, 0.00373, -3.46307, 0.00119},
    {0.80, 1.00, 1.68265, 0.00635, -4.68988, 0.00123},
    {0.90, 2.00, 9.97619, 0.01301, -4.07196, 0.00241},
};

#endif
