/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/radii.h"

static const unsigned char radius_in_pm[] = {
    31,  28,  128, 96,  84,  76,  71,  66,  57,  58,  166, 141, 121, 111, 107, 105, 102, 106, 203, 176,
    170, 160, 153, 139, 139, 132, 126, 124, 132, 122, 122, 120, 119, 120, 120, 116, 220, 195, 190, 175,
    164, 154, 147, 146, 142, 139, 145, 144, 142, 139, 139, 138, 139, 140, 244, 215, 207, 204, 203, 201,
    199, 198, 198, 196, 194, 192, 192, 189, 190, 187, 187, 175, 170, 162, 151, 144, 141, 136, 136, 132,
    145, 146, 148, 140, 150, 150, 255, 221, 215, 206, 200, 196, 190, 187, 180, 169,
};

double nmd_covalent_radius(int atomic_number) {
  if (atomic_number == 87) return 2.60; /* Fr, beyond a byte */
  const int n = (int)sizeof radius_in_pm;
  return atomic_number >= 1 && atomic_number <= n ? 0.01 * radius_in_pm[atomic_number - 1] : 1.5;
}
