/* SPDX-License-Identifier: BSD-3-Clause */
/* Arithmetic and memory traffic of each unit of work of nnp/cost.h, counted by hand in the kernels: floating-point
 * operations (a multiply-add is two) and bytes loaded and stored per lane, both passes. Sums and spills that the
 * compiler adds are not in it, nor are lanes that hold padding. */
#ifndef NNPMD_BENCH_WORK_H
#define NNPMD_BENCH_WORK_H

#include "nnp/cost.h"

typedef struct bench_work {
  double flops, bytes;
} bench_work;

/* Monomials of degree d; pass 1 makes those of all degrees to L and adds up two, pass 2 makes those below L and three
 * derivatives of two. */
#define MONOMIALS(d) (((d) + 1) * ((d) + 2) / 2)
#define MADE(L) (((L) + 1) * ((L) + 2) * ((L) + 3) / 6 - 1)
#define SET_WORK(L)                                                                                                    \
  { 2 + MADE(L) + MONOMIALS(L) + MONOMIALS((L)-1) + MADE((L)-1) + 6 * (MONOMIALS((L)-1) + MONOMIALS((L)-2)) + 30, 144 }

/* Units that are not named cost time, but no arithmetic to speak of. */
static const bench_work bench_lane_work[NMD_COST_UNIT_COUNT] = {
    [NMD_COST_NEIGHBOUR_VECTOR] = {5, 60},     [NMD_COST_CUT_VECTOR] = {45, 24},
    [NMD_COST_USE_VECTOR] = {39, 64},          [NMD_COST_COMPACT_VECTOR] = {22, 48},
    [NMD_COST_SET_VECTOR_1] = SET_WORK(1),     [NMD_COST_SET_VECTOR_2] = SET_WORK(2),
    [NMD_COST_SET_VECTOR_3] = SET_WORK(3),     [NMD_COST_SET_VECTOR_4] = SET_WORK(4),
    [NMD_COST_SET_VECTOR_5] = SET_WORK(5),     [NMD_COST_SET_VECTOR_6] = SET_WORK(6),
    [NMD_COST_FORM_VECTOR] = {4, 16},          [NMD_COST_WALK_VECTOR] = {15, 72},
    [NMD_COST_PAIR_VECTOR] = {50, 160},        [NMD_COST_SIDE_POLYNOMIAL] = {29, 24},
    [NMD_COST_SIDE_COSINE] = {63, 24},         [NMD_COST_SIDE_TANH] = {62, 24},
    [NMD_COST_SIDE_EXPONENTIAL] = {57, 24},    [NMD_COST_ETA_VECTOR] = {8, 16},
    [NMD_COST_EXPONENTIAL_VECTOR] = {27, 0},   [NMD_COST_PRODUCT_VECTOR] = {1, 0},
    [NMD_COST_POWER_VECTOR] = {75, 0},         [NMD_COST_TERM_VECTOR] = {6, 0},
    [NMD_COST_GENERIC_VECTOR] = {80, 150},     [NMD_COST_GENERIC_ANGLE] = {72, 0},
    [NMD_COST_GENERIC_WINDOW] = {28, 16},      [NMD_COST_GENERIC_POWER] = {20, 16},
    [NMD_COST_GENERIC_REAL_POWER] = {160, 16}, [NMD_COST_GENERIC_FACTOR] = {14, 32},
    [NMD_COST_GENERIC_GAUSSIAN] = {150, 32},   [NMD_COST_GENERIC_COMPACT] = {42, 32},
    [NMD_COST_GENERIC_TERM] = {6, 24},         [NMD_COST_NETWORK_VECTOR] = {2, 8},
    [NMD_COST_NETWORK_ACTIVATION] = {35, 24},
};

/* Per neighbour, not per lane: distance, direction, zeroing; final sum and scatter. */
static const bench_work bench_neighbour_work = {17, 260};

typedef struct bench_units { /* what a phase of bench_profile consists of */
  const char *name;
  nmd_cost_unit first, last;
} bench_units;

static const bench_units bench_phase_units[BENCH_PHASES] = {
    [BENCH_GATHER] = {"gather and scatter", NMD_COST_CENTRE, NMD_COST_NEIGHBOUR_VECTOR},
    [BENCH_RADIAL] = {"radial", NMD_COST_CUT_VECTOR, NMD_COST_SUM},
    [BENCH_MOMENTS] = {"moments", NMD_COST_SET, NMD_COST_FORM_VECTOR},
    [BENCH_TRIPLES] = {"streams of pairs", NMD_COST_STREAM, NMD_COST_TERM_VECTOR},
    [BENCH_GENERIC] = {"generic", NMD_COST_GENERIC, NMD_COST_GENERIC_TERM},
    [BENCH_NETWORK] = {"network", NMD_COST_NETWORK, NMD_COST_NETWORK_ACTIVATION},
};

#endif
