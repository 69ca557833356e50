/* SPDX-License-Identifier: BSD-3-Clause */
/* Angular functions pair by pair: G = 2 sum_{j<k} u^zeta exp(-eta T) fc(r_ij) fc(r_ik) [fc(r_jk)],
 * u = (1 + lambda c)/2, T = (r_ij - rs)^2 + (r_ik - rs)^2 [+ (r_jk - rs)^2]; the brackets belong to the narrow ones.
 * J. Behler, J. Chem. Phys. 134, 074106 (2011), eqs 9-10.
 *
 * Pass 1 walks over all pairs of a group and writes those that count (r_jk < rc for narrow functions, about 45 %) one
 * behind the other into a stream; the expensive part then works on full vectors. Per stream entry it keeps c, 1/(r_j
 * r_k), fc(r_jk), its slope and one exponential per eta. Pass 2 collapses all functions of a pair to four numbers (B,
 * a, hc, Q), dE/dx_j = sum_k B x_k + x_j sum_k (a - hc / r_j^2 + Q fc'(r_j) / (fc(r_j) r_j)), symmetric in j and k, and
 * a second walk in the same order hands them out. */
#include "nnp/kernel_cutoff.h"
#include "nnp/kernel_parts.h"

enum {
  STREAM_ARRAYS = 5, /* dot, inverse, f, slope, weight; then one per eta */
  U = 4,             /* vectors worked on together */
  CHUNK = 16 * U * W /* pairs whose sums are added up in a vector before they go to G, which is in double */
};

typedef struct stream {
  real *dot, *inverse; /* x_j . x_k, 1 / (r_j r_k) */
  real *f, *slope;     /* r_jk^2 and the sum of (r - rs)^2 of j and k, later fc(r_jk) and dfc/dr / r_jk */
  real *weight;        /* fc(r_j) fc(r_k) */
  real *x;             /* [n_eta][capacity] exp(-eta T) fc(r_j) fc(r_k) */
} stream;

static stream stream_of(const nmd_scratch *s, const nmd_triple_stream *where) {
  real *p = s->stream + where->first;
  const size_t n = where->capacity;
  return (stream){p, p + n, p + 2 * n, p + 3 * n, p + 4 * n, p + STREAM_ARRAYS * n};
}

/* Per neighbour: its part of T, and fc'/(fc r) with the shift's part folded in (a shifted group has one eta). */
static void prepare_neighbours(const nmd_plan_triples *t, const nmd_scratch *s, int from, int to) {
  const real *fc = s->fc + (size_t)t->cut * (size_t)s->capacity, *dfc = s->dfc + (size_t)t->cut * (size_t)s->capacity;
  const real pull = (real)(t->rs != 0.0 ? 2.0 * t->eta[0] * t->rs : 0.0), rs = (real)t->rs;
  for (int i = from; i < to; i += W) {
    const vr r = v_load(s->r + i), f = v_load(fc + i), d = r - rs, zero = v_set(0.0);
    const vr logarithmic = v_select_less(zero, f, v_load(dfc + i) / v_max(f, v_set(NMD_SMALLEST)), zero);
    v_store(s->shifted + i, d * d);
    v_store(s->ratio + i, (logarithmic + pull) * v_load(s->inverse + i));
  }
}

/* The walk over the pairs of a group goes by two rows (j and j + 1) and, for both at once, by vectors of k from `from`
 * to the end of the species; k beside j in the same vector is masked. Both walks and so the stream have this order. */
typedef struct rows {
  int from, to;
  unsigned all[2], head[2]; /* lanes of row j, j + 1 that may count: everywhere, and in the first vector */
} rows;

NMD_INLINE rows rows_of(const nmd_plan_triples *t, const nmd_scratch *s, int j) {
  const unsigned all = (1u << W) - 1u;
  rows w = {s->start[t->b], s->start[t->b + 1], {0, 0}, {0, 0}};
  if (t->a == t->b) w.from = (j + 1) / W * W; /* each unordered pair once */
  for (int i = 0; i < 2; i++) {               /* the row behind the last one is padding, far away */
    w.all[i] = s->r[j + i] < (real)t->rc ? all : 0u;
    w.head[i] = t->a == t->b ? w.all[i] << (j + i + 1 - w.from) & all : w.all[i];
  }
  return w;
}

typedef struct row_start { /* of one j, in all lanes */
  vr x, y, z, inverse, fc, square;
} row_start;

static inline row_start row_start_of(const nmd_scratch *s, const real *fc, int j) {
  return (row_start){v_set(s->x[j]),       v_set(s->y[j]), v_set(s->z[j]),
                     v_set(s->inverse[j]), v_set(fc[j]),   v_set(s->shifted[j])};
}

/* Compact the pairs that count. */
NMD_INLINE void collect(const bool narrow, const nmd_plan_triples *t, const nmd_scratch *s, stream q,
                        nmd_triple_stream *where) {
  const bool shift = !narrow || t->rs != 0.0; /* the squares have to be kept */
  const real *fc = s->fc + (size_t)t->cut * (size_t)s->capacity;
  const real *xs = s->x, *ys = s->y, *zs = s->z, *rs = s->r, *inverses = s->inverse, *squares = s->shifted;
  const vr limit = v_set((real)t->rc), limit2 = v_set((real)(t->rc * t->rc));
  const int first = s->start[t->a], last = first + s->count[t->a];
  uint16_t *mask = s->masks + where->first_mask;
  size_t n = 0;
  for (int j = first; j < last; j += 2) {
    rows w = rows_of(t, s, j);
    const row_start row[2] = {row_start_of(s, fc, j), row_start_of(s, fc, j + 1)};
    for (int k = w.from; k < w.to; k += W) {
      const vr xk = v_load(xs + k), yk = v_load(ys + k), zk = v_load(zs + k), ik = v_load(inverses + k),
               fk = v_load(fc + k);
      const unsigned inside = v_bits_less(v_load(rs + k), limit);
#pragma GCC unroll 2
      for (int i = 0; i < 2; i++) {
        const vr dx = xk - row[i].x, dy = yk - row[i].y, dz = zk - row[i].z, r2 = dx * dx + dy * dy + dz * dz;
        unsigned bits = w.head[i] & inside;
        if (narrow) bits &= v_bits_less(r2, limit2);
        *mask++ = (uint16_t)bits;
        v_compress_store(q.dot + n, bits, row[i].x * xk + row[i].y * yk + row[i].z * zk);
        v_compress_store(q.inverse + n, bits, row[i].inverse * ik);
        v_compress_store(q.weight + n, bits, row[i].fc * fk);
        if (narrow) v_compress_store(q.f + n, bits, r2);
        if (shift) v_compress_store(q.slope + n, bits, row[i].square + v_load(squares + k));
        n += (size_t)__builtin_popcount(bits);
        w.head[i] = w.all[i];
      }
    }
  }
  where->n = n;
  for (size_t i = n; i < n + U * W; i++) { /* fill the last vectors with pairs of weight zero */
    q.dot[i] = q.inverse[i] = q.weight[i] = 0.0;
    q.f[i] = q.slope[i] = (real)(t->rc * t->rc);
  }
}

typedef struct block { /* U vectors, worked on together: their chains of dependent operations overlap */
  vr v[U];
} block;

#define EACH for (int u = 0; u < U; u++)

NMD_INLINE block block_load(const real *p) {
  block b;
  EACH b.v[u] = v_load(p + u * W);
  return b;
}

NMD_INLINE void block_store(real *p, block b) { EACH v_store(p + u * W, b.v[u]); }

NMD_INLINE void run_program(const nmd_program *p, block input, block *registers) {
  for (const nmd_step *step = p->steps, *end = step + p->n_steps; step < end; step++) {
    block *to = &registers[step->to];
    const block *a = &registers[step->a], *b = &registers[step->b];
    const real value = (real)step->value;
    switch (step->kind) {
      case NMD_STEP_PRODUCT: EACH to->v[u] = a->v[u] * b->v[u]; break;
      case NMD_STEP_BASE: EACH to->v[u] = v_max(input.v[u] * ((real)0.5 * value) + (real)0.5, v_set(0.0)); break;
      case NMD_STEP_POSITIVE: EACH to->v[u] = v_select_less(v_set(0.0), a->v[u], v_set(1.0), v_set(0.0)); break;
      case NMD_STEP_POWER:
        EACH to->v[u] =
            v_select_less(v_set(0.0), a->v[u], v_exp(value * v_log(v_max(a->v[u], v_set(NMD_SMALLEST)))), v_set(0.0));
        break;
      case NMD_STEP_EXPONENTIAL: EACH to->v[u] = v_exp(-value * input.v[u]); break;
    }
  }
}

/* r_jk: fc and dfc/dr / r into the stream, its part into T. */
NMD_INLINE block third_side(nmd_cutoff_kind kind, v_cutoff cut, const nmd_plan_triples *t, stream q, size_t i,
                            block dot, block *T) {
  const block r2 = block_load(q.f + i);
  const bool shift = t->rs != 0.0;
  const real rs = (real)t->rs, pull = (real)(2.0 * t->eta[0] * t->rs);
  block f, slope, sum = {0};
  if (shift) sum = block_load(q.slope + i);
  EACH {
    vr r, inverse = v_rsqrt(v_max(r2.v[u], v_set(NMD_TINY)), &r);
    inverse =
        v_select_less(r2.v[u], v_set((real)1e-12), v_set(0.0), inverse); /* j on top of k: no direction, no force */
    f.v[u] = v_cutoff_value(kind, cut, r, &slope.v[u]);
    slope.v[u] *= inverse;
    if (shift) {
      const vr d = r - rs;
      T->v[u] = sum.v[u] + d * d;
      slope.v[u] += pull * inverse * f.v[u];
    } else {
      T->v[u] = 2.0 * (r2.v[u] + dot.v[u]); /* r_j^2 + r_k^2 = r_jk^2 + 2 x_j . x_k */
    }
  }
  block_store(q.f + i, f);
  block_store(q.slope + i, slope);
  return f;
}

NMD_INLINE void stream_values(const bool narrow, nmd_cutoff_kind kind, v_cutoff cut, const nmd_plan_triples *t,
                              stream q, size_t from, size_t to, size_t capacity, vr *out) {
  block radial[NMD_MAX_REGISTERS], angular[NMD_MAX_REGISTERS];
  const nmd_program *radial_program = &t->radial, *angular_program = &t->angular;
  const int n_eta = t->n_eta;
  for (size_t i = from; i < to; i += U * W) {
    const block dot = block_load(q.dot + i), inverse = block_load(q.inverse + i), weight = block_load(q.weight + i);
    block T, f, c;
    if (narrow)
      f = third_side(kind, cut, t, q, i, dot, &T);
    else
      T = block_load(q.slope + i);
    EACH c.v[u] = dot.v[u] * inverse.v[u];
    run_program(radial_program, T, radial);
    run_program(angular_program, c, angular);
    for (int e = 0; e < n_eta; e++) {
      block x = radial[t->exponential[e]];
      EACH x.v[u] *= weight.v[u];
      block_store(q.x + (size_t)e * capacity + i, x);
      if (narrow) EACH x.v[u] *= f.v[u];
      for (int k = t->first_term[e], end = t->first_term[e + 1]; k < end; k++) {
        const block *value = &angular[t->angles[t->terms[k].angle].value];
        vr sum = out[k];
        EACH sum += x.v[u] * value->v[u];
        out[k] = sum;
      }
    }
  }
}

#define STREAM_CASE(kind)                                                                                              \
  case kind:                                                                                                           \
    stream_values(true, kind, v_cutoff_of(kind, plan->cutoff_alpha, t->rc), t, q, from, to, capacity, sums);           \
    break;

static void narrow_values(const nmd_element_plan *plan, const nmd_plan_triples *t, stream q, size_t from, size_t to,
                          size_t capacity, vr *sums) {
  switch (plan->cutoff_kind) {
    STREAM_CASE(NMD_CUTOFF_HARD)
    STREAM_CASE(NMD_CUTOFF_COSINE)
    STREAM_CASE(NMD_CUTOFF_TANH3)
    STREAM_CASE(NMD_CUTOFF_TANH3_NORMALISED)
    STREAM_CASE(NMD_CUTOFF_EXP)
    STREAM_CASE(NMD_CUTOFF_POLY1)
    STREAM_CASE(NMD_CUTOFF_POLY2)
    STREAM_CASE(NMD_CUTOFF_POLY3)
    STREAM_CASE(NMD_CUTOFF_POLY4)
  }
}

static void group_values(const nmd_element_plan *plan, const nmd_plan_triples *t, nmd_scratch *s,
                         nmd_triple_stream *where) {
  const stream q = stream_of(s, where);
  vr *sums = (vr *)s->terms;
  prepare_neighbours(t, s, s->start[t->a], s->start[t->a + 1]);
  if (t->b != t->a) prepare_neighbours(t, s, s->start[t->b], s->start[t->b + 1]);
  if (t->narrow)
    collect(true, t, s, q, where);
  else
    collect(false, t, s, q, where);
  for (size_t from = 0; from < where->n; from += CHUNK) {
    const size_t to = where->n - from < CHUNK ? where->n : from + CHUNK;
    for (int k = 0; k < t->n_terms; k++) sums[k] = v_set(0.0);
    if (t->narrow)
      narrow_values(plan, t, q, from, to, where->capacity, sums);
    else
      stream_values(false, NMD_CUTOFF_HARD, (v_cutoff){0}, t, q, from, to, where->capacity, sums);
    for (int k = 0; k < t->n_terms; k++) s->G[t->terms[k].function] += t->terms[k].coefficient * v_sum(sums[k]);
  }
}

void NMD_KERNEL(triples)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_triples; i++) group_values(plan, &plan->triples[i], s, &s->streams[i]);
}

/* All functions of a pair become B (over inverse), a (over slope), hc (over dot) and Q (over f). */
NMD_INLINE void stream_gradient(const bool narrow, const nmd_plan_triples *t, stream q, const nmd_triple_stream *where,
                                const real *g, const real *h) {
  block angular[NMD_MAX_REGISTERS];
  const nmd_program *program = &t->angular_gradient;
  const size_t capacity = where->capacity, n = where->n;
  const int n_eta = t->n_eta;
  for (size_t i = 0; i < n; i += U * W) {
    const block inverse = block_load(q.inverse + i);
    block c = block_load(q.dot + i), sum = {0}, sum_eta = {0}, sum_c = {0}, B, a, hc, Q;
    EACH c.v[u] *= inverse.v[u];
    run_program(program, c, angular);
    for (int e = 0; e < n_eta; e++) {
      const block x = block_load(q.x + (size_t)e * capacity + i);
      const real eta = (real)t->eta[e];
      block P = {0}, dP = {0};
      for (int k = t->first_term[e], end = t->first_term[e + 1]; k < end; k++) {
        const nmd_plan_angle *angle = &t->angles[t->terms[k].angle];
        const block *value = &angular[angle->gradient_value], *low = &angular[angle->low];
        EACH P.v[u] += g[k] * value->v[u];
        EACH dP.v[u] += h[k] * low->v[u];
      }
      EACH {
        const vr xP = x.v[u] * P.v[u];
        sum.v[u] += xP;
        sum_eta.v[u] += eta * xP;
        sum_c.v[u] += x.v[u] * dP.v[u];
      }
    }
    EACH {
      vr f = v_set(1.0), side = v_set(0.0);
      if (narrow) f = v_load(q.f + i + u * W);
      const vr pull = (real)-2 * f * sum_eta.v[u], angle = f * sum_c.v[u]; /* 2 dE/dT, dE/dc */
      if (narrow) side = sum.v[u] * v_load(q.slope + i + u * W) + pull;
      hc.v[u] = angle * c.v[u];
      B.v[u] = angle * inverse.v[u] - side;
      a.v[u] = side + pull;
      Q.v[u] = f * sum.v[u];
    }
    block_store(q.dot + i, hc);
    block_store(q.inverse + i, B);
    block_store(q.slope + i, a);
    block_store(q.f + i, Q);
  }
}

typedef struct row_sum { /* what one j collects from its k */
  vr x, y, z, a, hc, Q;
} row_sum;

NMD_INLINE void add_rows(nmd_scratch *s, int j, const row_sum *sum) {
  enum { PARTS = W > 8 ? W : 8 };
  vr parts[PARTS] = {0};
  real sums[PARTS] __attribute__((aligned(64)));
  for (int i = 0; i < 2; i++) {
    const real inverse = s->inverse[j + i];
    parts[4 * i] = sum[i].x;
    parts[4 * i + 1] = sum[i].y;
    parts[4 * i + 2] = sum[i].z;
    parts[4 * i + 3] = sum[i].a - sum[i].hc * (inverse * inverse) + sum[i].Q * s->ratio[j + i];
  }
  for (int i = 0; i < PARTS; i += W) v_store(sums + i, v_sum_each(parts + i));
  for (int i = 0; i < 2; i++) {
    s->gx[j + i] += sums[4 * i];
    s->gy[j + i] += sums[4 * i + 1];
    s->gz[j + i] += sums[4 * i + 2];
    s->alpha[j + i] += sums[4 * i + 3];
  }
}

/* Hand the four numbers of each pair to j and k. */
static void distribute(const nmd_plan_triples *t, nmd_scratch *s, stream q, const nmd_triple_stream *where) {
  const real *xs = s->x, *ys = s->y, *zs = s->z, *inverses = s->inverse, *ratios = s->ratio;
  real *gxs = s->gx, *gys = s->gy, *gzs = s->gz, *alphas = s->alpha;
  const uint16_t *mask = s->masks + where->first_mask;
  const int first = s->start[t->a], last = first + s->count[t->a];
  const vr zero = v_set(0.0);
  size_t n = 0;
  for (int j = first; j < last; j += 2) {
    const rows w = rows_of(t, s, j);
    const vr x[2] = {v_set(xs[j]), v_set(xs[j + 1])}, y[2] = {v_set(ys[j]), v_set(ys[j + 1])};
    const vr z[2] = {v_set(zs[j]), v_set(zs[j + 1])};
    row_sum sum[2] = {{zero, zero, zero, zero, zero, zero}, {zero, zero, zero, zero, zero, zero}};
    for (int k = w.from; k < w.to; k += W, mask += 2) {
      const vr xk = v_load(xs + k), yk = v_load(ys + k), zk = v_load(zs + k);
      vr gx = zero, gy = zero, gz = zero, a_k = zero, hc_k = zero, Q_k = zero;
      if ((mask[0] | mask[1]) == 0) continue;
#pragma GCC unroll 2
      for (int i = 0; i < 2; i++) {
        const unsigned bits = mask[i];
        const vr B = v_expand_load(q.inverse + n, bits), a = v_expand_load(q.slope + n, bits);
        const vr hc = v_expand_load(q.dot + n, bits), Q = v_expand_load(q.f + n, bits);
        n += (size_t)__builtin_popcount(bits);
        sum[i].x += B * xk;
        sum[i].y += B * yk;
        sum[i].z += B * zk;
        sum[i].a += a;
        sum[i].hc += hc;
        sum[i].Q += Q;
        gx += B * x[i];
        gy += B * y[i];
        gz += B * z[i];
        a_k += a;
        hc_k += hc;
        Q_k += Q;
      }
      const vr inverse = v_load(inverses + k);
      v_add_to(gxs + k, gx);
      v_add_to(gys + k, gy);
      v_add_to(gzs + k, gz);
      v_add_to(alphas + k, a_k - hc_k * (inverse * inverse) + Q_k * v_load(ratios + k));
    }
    add_rows(s, j, sum); /* the padding behind an odd last row gets zeros */
  }
}

static void group_gradient(const nmd_plan_triples *t, nmd_scratch *s, const nmd_triple_stream *where) {
  const stream q = stream_of(s, where);
  real *g = s->terms, *h = s->terms + t->n_terms;
  for (int k = 0; k < t->n_terms; k++) {
    const nmd_plan_angle *angle = &t->angles[t->terms[k].angle];
    const double slope = t->terms[k].coefficient * s->dG[t->terms[k].function];
    g[k] = (real)slope;
    h[k] = (real)(slope * 0.5 * angle->lambda * angle->zeta);
  }
  prepare_neighbours(t, s, s->start[t->a], s->start[t->a + 1]);
  if (t->b != t->a) prepare_neighbours(t, s, s->start[t->b], s->start[t->b + 1]);
  if (t->narrow)
    stream_gradient(true, t, q, where, g, h);
  else
    stream_gradient(false, t, q, where, g, h);
  distribute(t, s, q, where);
}

void NMD_KERNEL(triples_gradient)(const nmd_element_plan *plan, nmd_scratch *s) {
  if (plan->n_triples == 0) return;
  for (int i = 0; i < s->n; i += W) v_store(s->alpha + i, v_set(0.0));
  for (int i = 0; i < plan->n_triples; i++) group_gradient(&plan->triples[i], s, &s->streams[i]);
  for (int i = 0; i < s->n; i += W) v_add_to(s->radial + i, v_load(s->alpha + i) * v_load(s->r + i));
}
