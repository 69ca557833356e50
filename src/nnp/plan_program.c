/* SPDX-License-Identifier: BSD-3-Clause */
/* The programs of a triple group: integer powers of u and exponentials whose eta are multiples of each other are made
 * by as few products as a short search finds. */
#include <math.h>

#include "base/memory.h"
#include "nnp/plan_parts.h"

enum {
  STEPS_MAX = NMD_MAX_REGISTERS,
  LARGEST_MULTIPLE = 32 /* exp(-m eta T) = exp(-eta T)^m: the error grows like m */
};

typedef struct chain {          /* registers that hold powers of one base */
  int reg[NMD_MAX_CHAINED + 1]; /* -1: not there */
} chain;

static int step(nmd_program *p, nmd_step_kind kind, int a, int b, double value) {
  NMD_ASSERT(p->n_steps < STEPS_MAX);
  p->steps[p->n_steps++] = (nmd_step){kind, p->n_registers, a, b, value};
  return p->n_registers++;
}

static chain chain_of(int base) {
  chain c;
  for (int i = 0; i <= NMD_MAX_CHAINED; i++) c.reg[i] = -1;
  c.reg[1] = base;
  return c;
}

/* base^n as the product of two powers that are there; false if there are none */
static bool one_product(nmd_program *p, chain *c, int n) {
  for (int i = n / 2; i >= 1; i--)
    if (c->reg[i] >= 0 && c->reg[n - i] >= 0) {
      c->reg[n] = step(p, NMD_STEP_PRODUCT, c->reg[i], c->reg[n - i], 0.0);
      return true;
    }
  return false;
}

static int power(nmd_program *p, chain *c, int n) {
  if (c->reg[n] >= 0 || one_product(p, c, n)) return c->reg[n];
  if (n % 2 == 0 && one_product(p, c, n / 2)) return power(p, c, n);
  for (int i = n - 2; i >= 1; i--) /* two products */
    if (c->reg[i] >= 0 && one_product(p, c, n - i)) return power(p, c, n);
  power(p, c, n - n / 2);
  power(p, c, n / 2);
  return power(p, c, n);
}

static nmd_status program_init(nmd_program *p) { return NMD_ALLOC(p->steps, STEPS_MAX); }

static void write_radial(nmd_plan_triples *group) {
  nmd_program *p = &group->radial;
  chain chains[NMD_MAX_EXPONENTS];
  for (int e = 0; e < group->n_eta; e++) {
    int base = 0, m = 0;
    for (base = 0; base < e; base++) {
      const double ratio = group->eta[e] / group->eta[base];
      if (chains[base].reg[1] < 0 || !(group->eta[base] > 0.0) || !(ratio < LARGEST_MULTIPLE + 0.5)) continue;
      m = (int)lrint(ratio);
      if (fabs(ratio - m) <= 4e-16 * m) break;
    }
    chains[e] = chain_of(-1);
    if (base < e) {
      group->exponential[e] = power(p, &chains[base], m);
    } else {
      group->exponential[e] = step(p, NMD_STEP_EXPONENTIAL, 0, 0, group->eta[e]);
      chains[e] = chain_of(group->exponential[e]);
    }
  }
}

static bool chainable(double zeta) { return zeta == floor(zeta) && zeta >= 1.0 && zeta <= NMD_MAX_CHAINED; }

static void write_angular(nmd_plan_triples *group, nmd_program *p, bool gradient) {
  chain c = chain_of(-1);
  int base = -1, positive = -1;
  for (int i = 0; i < group->n_angles; i++) {
    nmd_plan_angle *angle = &group->angles[i];
    int value, low = -1;
    if (i == 0 || angle->lambda != angle[-1].lambda) {
      base = step(p, NMD_STEP_BASE, 0, 0, angle->lambda);
      c = chain_of(base);
      positive = -1;
    }
    if (!chainable(angle->zeta)) {
      low = step(p, NMD_STEP_POWER, base, 0, angle->zeta - 1.0);
      value = step(p, NMD_STEP_PRODUCT, base, low, 0.0);
    } else if (angle->zeta == 1.0) {
      value = base;
      if (gradient) low = positive = positive >= 0 ? positive : step(p, NMD_STEP_POSITIVE, base, 0, 0.0);
    } else {
      if (gradient) low = power(p, &c, (int)angle->zeta - 1);
      value = power(p, &c, (int)angle->zeta);
    }
    if (gradient) {
      angle->gradient_value = value;
      angle->low = low;
    } else {
      angle->value = value;
    }
  }
}

nmd_status nmd__plan_write_programs(nmd_plan_triples *group) {
  NMD_TRY(program_init(&group->radial));
  NMD_TRY(program_init(&group->angular));
  NMD_TRY(program_init(&group->angular_gradient));
  NMD_TRY(NMD_ALLOC(group->exponential, group->n_eta));
  write_radial(group);
  write_angular(group, &group->angular, false);
  write_angular(group, &group->angular_gradient, true);
  return NMD_OK;
}
