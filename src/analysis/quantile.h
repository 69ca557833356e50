/* SPDX-License-Identifier: BSD-3-Clause */
/* Quantiles of the distributions that intervals are made from. All Local, no errors. */
#ifndef NNPMD_ANALYSIS_QUANTILE_H
#define NNPMD_ANALYSIS_QUANTILE_H

double nmd_normal_cdf(double z);
double nmd_normal_quantile(double p);                  /* 0 < p < 1 */
double nmd_student_quantile(double p, double freedom); /* freedom > 0, need not be whole */
/* Of chi^2_freedom / freedom at the standard normal score z, by E. B. Wilson, M. M. Hilferty, PNAS 17, 684 (1931); good
 * to 1 % from freedom 3 on. 0 where the cube would be negative. */
double nmd_chi2_ratio(double z, double freedom);
/* Of the F distribution at the normal score z, by E. Paulson, Ann. Math. Stat. 13, 233 (1942): ratio of two such. */
double nmd_f_ratio(double z, double freedom1, double freedom2);

#endif
