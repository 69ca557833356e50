/* SPDX-License-Identifier: BSD-3-Clause */
/* Statistics of correlated series, for tests of sampling. Everything is Local. */
#ifndef NNPMD_TESTS_SUPPORT_STATISTICS_H
#define NNPMD_TESTS_SUPPORT_STATISTICS_H

typedef struct test_estimate {
  double value, error; /* one standard deviation */
} test_estimate;

/* Integrated autocorrelation time in samples (>= 0.5), summed up to six times itself (A. Sokal, Monte Carlo Methods in
 * Statistical Mechanics (1989), section 3). */
double test_correlation_time(const double *series, int n);
/* Mean; error the larger of sigma sqrt(2 tau / n) and that of 16 blocks. */
test_estimate test_mean(const double *series, int n);
/* Every second-correlation-time-th sample into `out` [n]; returns how many. */
int test_decorrelate(const double *series, int n, double *out);
/* Line through the points by least squares; error from the scatter about it. */
test_estimate test_slope(const double *x, const double *y, int n);
/* Slope of a series against its index, per sample: line through the means of blocks; the error counts scatter about the
 * line and a random walk. */
test_estimate test_drift(const double *series, int n, int blocks);
/* RMS of a series about the straight line of each window of `window` samples. */
double test_fluctuation(const double *series, int n, int window);

/* Samples of one quantity E in two ensembles whose distributions obey P_2(E) / P_1(E) = exp(a + b E): the most likely b
 * (logistic regression, as in M. R. Shirts, J. Chem. Theory Comput. 9, 909 (2013)) and its error. Uncorrelated samples.
 * *deviation (NULL: not wanted): chi squared per degree of freedom of the binned log ratios about that line. */
test_estimate test_ratio_slope(const double *first, int n_first, const double *second, int n_second,
                               double *deviation);
/* Kolmogorov-Smirnov: probability that n samples (sorted here) of a standard normal deviate as much or more. */
double test_normal_probability(double *samples, int n);

#endif
