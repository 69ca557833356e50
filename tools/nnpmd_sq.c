/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-sq: partial, X-ray and neutron structure factors. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/kinds.h"
#include "analysis/rdf.h"
#include "analysis/scattering.h"
#include "analysis/structure_factor.h"
#include "base/memory.h"
#include "frames.h"

typedef struct sq_options {
  int method;
  double q_max, q_width; /* 1/A */
  int64_t vectors;
  double cutoff, width; /* A */
  bool lorch;
} sq_options;

enum { DIRECT, FROM_G, DEBYE };

static const nmd_option sq_option_list[] = {
    {"method", NMD_OPT_CHOICE, offsetof(sq_options, method), .fallback = "direct", .choices = "direct|g|debye",
     .doc = "direct: at the wave vectors of the cell; g: transform of g(r); debye: sum over the pairs of a cluster"},
    {"q-max", NMD_OPT_REAL, offsetof(sq_options, q_max), NMD_DIM_NONE, "15", 0, 0, .min_open = 1,
     .doc = "largest Q in 1/A"},
    {"q-width", NMD_OPT_REAL, offsetof(sq_options, q_width), NMD_DIM_NONE, "0.05", 0, 0, .min_open = 1,
     .doc = "distance of the points in Q, in 1/A"},
    {"vectors", NMD_OPT_INT, offsetof(sq_options, vectors), .fallback = "60", .min = 1, .max = 100000000,
     .doc = "direct: about as many wave vectors in each bin at most, chosen evenly"},
    {"cutoff", NMD_OPT_REAL, offsetof(sq_options, cutoff), NMD_DIM_LENGTH, "10 A", 0, 0, .min_open = 1,
     .doc = "g: where g(r) ends; at most half the cell is wise"},
    {"width", NMD_OPT_REAL, offsetof(sq_options, width), NMD_DIM_LENGTH, "0.02 A", 0, 0, .min_open = 1,
     .doc = "g: bins of g(r)"},
    {"lorch", NMD_OPT_BOOL, offsetof(sq_options, lorch), .fallback = "false",
     .doc = "g: Lorch's window against the ripples of the cut-off"},
};
static const nmd_option_table sq_table = {"sq", "structure factors", sizeof(sq_options), NMD_COUNT(sq_option_list),
                                          sq_option_list};

enum { Q_MAX = 1000000 };

typedef struct job {
  const sq_options *options;
  int kinds, pairs, n_q;
  nmd_rdf rdf;
  nmd_sq direct;
  nmd_blocks debye;  /* frame values [pairs][n_q] */
  double *q;         /* [n_q] */
  double *s, *error; /* [pairs][n_q] */
  double fraction[NMD_ELEMENT_MAX];
  double *xray, *xray_error, *neutron, *neutron_error; /* [n_q]; NaN: not defined */
} job;

static nmd_status begin(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first) {
  job *j = context;
  const sq_options *o = j->options = t->options;
  const double bins = ceil(o->cutoff / o->width * (1 - 1e-12)), points = floor(o->q_max / o->q_width * (1 + 1e-12));
  (void)first;
  if (!(bins <= Q_MAX && points >= 1 && points <= Q_MAX))
    NMD_FAIL(OUT_OF_RANGE, "%.0f bins of g(r), %.0f points in Q: expected at least 1 and at most %d", bins, points,
             Q_MAX);
  j->kinds = frames->species.n;
  j->pairs = nmd_kind_pairs(j->kinds);
  j->n_q = (int)points;
  for (int k = 0; k < j->kinds; k++) j->fraction[k] = frames->population[k] / (double)frames->n;
  const double width = o->method == FROM_G ? bins * (j->pairs + j->kinds * j->kinds) : points * (j->pairs + 2);
  NMD_TRY(nmd_tool_claim_memory(t, (int64_t)(8 * (NMD_BLOCKS_MAX + 1) * width), "sums of all blocks",
                                "take fewer points, or fewer elements"));
  NMD_TRY(NMD_ALLOC(j->q, (int64_t)(5 + 2 * j->pairs) * j->n_q));
  j->s = j->q + j->n_q;
  j->error = j->s + j->pairs * j->n_q;
  j->xray = j->error + j->pairs * j->n_q;
  j->xray_error = j->xray + j->n_q;
  j->neutron = j->xray_error + j->n_q;
  j->neutron_error = j->neutron + j->n_q;
  for (int k = 0; k < j->n_q; k++) j->q[k] = (k + 0.5) * o->q_width;
  if (o->method == FROM_G) return nmd_rdf_init(&j->rdf, j->kinds, o->cutoff, (int)bins);
  if (o->method == DIRECT) return nmd_sq_init(&j->direct, j->kinds, j->n_q * o->q_width, j->n_q, (int)o->vectors);
  return nmd_blocks_init(&j->debye, j->pairs * j->n_q);
}

static nmd_status visit(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame) {
  job *j = context;
  const nmd_structure *atoms = frame->atoms;
  const double(*x)[3] = (const double(*)[3])atoms->x;
  if (j->options->method == FROM_G) return nmd_rdf_add(&j->rdf, k, &atoms->box, atoms->n, x, frames->kind);
  if (j->options->method == DIRECT) return nmd_sq_add(&j->direct, k, &atoms->box, atoms->n, x, frames->kind);
  nmd_sq_debye(j->kinds, atoms->n, x, frames->kind, j->n_q, j->q, j->s);
  nmd_blocks_add(&j->debye, k, j->s);
  return NMD_OK;
}

/* S of all pairs from the mean g of all frames or of one block. */
static void from_g(const void *opaque, const double *mean, double *s) {
  const job *j = opaque;
  double atoms = 0;
  for (int a = 0; a < j->kinds; a++) atoms += mean[nmd_rdf_population(&j->rdf, a)];
  const double density = atoms / mean[nmd_rdf_volume(&j->rdf)], dr = j->rdf.cutoff / j->rdf.bins;
  for (int a = 0; a < j->kinds; a++)
    for (int b = a; b < j->kinds; b++, s += j->n_q)
      nmd_sq_from_g(j->rdf.bins, dr, mean + nmd_rdf_g(&j->rdf, a, b, 0), density, j->options->lorch, j->n_q, j->q, s);
}

static nmd_status finish(job *j, const nmd_comm *comm) {
  if (j->options->method == DEBYE) {
    nmd_blocks_reduce(&j->debye, comm);
    nmd_blocks_mean(&j->debye, j->s, j->error);
    return NMD_OK;
  }
  if (j->options->method == FROM_G) {
    nmd_blocks_reduce(&j->rdf.blocks, comm);
    return nmd_blocks_derive(&j->rdf.blocks, from_g, j, j->pairs * j->n_q, j->s, j->error);
  }
  nmd_blocks_reduce(&j->direct.blocks, comm);
  return nmd_sq_result(&j->direct, j->fraction, j->q, j->s, j->error);
}

/* The total at point i with given weights. Its error takes those of the partial ones for independent, which they are
 * not quite. */
static void total_at(const job *j, int i, const double *weight, double *value, double *error) {
  double sum = 1, square = 0;
  for (int p = 0; p < j->pairs; p++) {
    const double e = weight[p] * j->error[p * j->n_q + i];
    sum += weight[p] * (j->s[p * j->n_q + i] - 1);
    square += e * e;
  }
  *value = sum;
  *error = sqrt(square);
}

static nmd_status weigh(const tool_frames *frames, const job *j, double q, bool xray, double *weight) {
  double f[NMD_ELEMENT_MAX];
  for (int k = 0; k < j->kinds; k++)
    NMD_TRY(xray ? nmd_xray_form_factor(frames->species.atomic_number[k], q, &f[k])
                 : nmd_neutron_length(frames->species.atomic_number[k], &f[k]));
  return nmd_faber_ziman(j->kinds, j->fraction, f, weight);
}

/* A total that cannot be had (no scattering length, null mixture, Q too large) is left out with a remark. */
static nmd_status add_totals(tool *t, const tool_frames *frames, job *j) {
  double *weight;
  NMD_TRY(NMD_ALLOC(weight, j->pairs));
  for (int xray = 0; xray < 2; xray++) {
    double *value = xray ? j->xray : j->neutron, *error = xray ? j->xray_error : j->neutron_error;
    bool told = false;
    for (int i = 0; i < j->n_q; i++) {
      value[i] = error[i] = NAN;
      if (isnan(j->q[i])) continue; /* no wave vector of the cell there */
      if (weigh(frames, j, j->q[i], xray, weight) == NMD_OK) {
        total_at(j, i, weight, &value[i], &error[i]);
      } else if (!told) {
        nmd_tool_note(t, "no %s structure factor: %s", xray ? "X-ray" : "neutron", nmd_error_text());
        told = true;
      }
    }
  }
  nmd_free(weight);
  return NMD_OK;
}

static void put_table(tool *t, const tool_frames *frames, const job *j) {
  nmd_buffer names = {0}, units = {0};
  static const char *const methods[] = {"at the wave vectors of the cell", "from g(r)",
                                        "by Debye's equation, of a cluster"};
  nmd_tool_note(t,
                "Faber-Ziman structure factors %s; X-ray form factors: Waasmaier and Kirfel (1995); neutron scattering "
                "lengths: Rauch and Waschkowski (2003)",
                methods[j->options->method]);
  nmd_buffer_text(&names, "Q S_xray error_xray S_neutron error_neutron");
  nmd_buffer_text(&units, "1/A 1 1 1 1");
  for (int a = 0; a < j->kinds; a++)
    for (int b = a; b < j->kinds; b++) {
      const char *one = tool_kind(frames, a), *two = tool_kind(frames, b);
      nmd_buffer_printf(&names, " S_%s-%s error_%s-%s", one, two, one, two);
      nmd_buffer_text(&units, " 1 1");
    }
  nmd_tool_columns(t, names.data != NULL ? names.data : "", units.data != NULL ? units.data : "");
  nmd_buffer_free(&names);
  nmd_buffer_free(&units);
  for (int i = 0; i < j->n_q; i++) {
    if (isnan(j->q[i])) continue;
    nmd_buffer_printf(&t->text, "%.8g %.10g %.4g %.10g %.4g", j->q[i], j->xray[i], j->xray_error[i], j->neutron[i],
                      j->neutron_error[i]);
    for (int p = 0; p < j->pairs; p++)
      nmd_buffer_printf(&t->text, " %.10g %.4g", j->s[p * j->n_q + i], j->error[p * j->n_q + i]);
    nmd_buffer_text(&t->text, "\n");
  }
}

static void put_json(tool *t, const tool_frames *frames, const job *j) {
  nmd_json *json = &t->json;
  nmd_json_int(json, "frames", frames->frames);
  nmd_json_reals(json, "Q_per_A", j->q, j->n_q, 1);
  nmd_json_reals(json, "S_xray", j->xray, j->n_q, 1);
  nmd_json_reals(json, "S_xray_error", j->xray_error, j->n_q, 1);
  nmd_json_reals(json, "S_neutron", j->neutron, j->n_q, 1);
  nmd_json_reals(json, "S_neutron_error", j->neutron_error, j->n_q, 1);
  nmd_json_open(json, "partials", '{');
  int p = 0;
  for (int a = 0; a < j->kinds; a++)
    for (int b = a; b < j->kinds; b++, p++) {
      char name[16];
      snprintf(name, sizeof name, "%s-%s", tool_kind(frames, a), tool_kind(frames, b));
      nmd_json_open(json, name, '{');
      nmd_json_reals(json, "S", j->s + p * j->n_q, j->n_q, 1);
      nmd_json_reals(json, "S_error", j->error + p * j->n_q, j->n_q, 1);
      nmd_json_close(json);
    }
  nmd_json_close(json);
}

static nmd_status report(void *context, tool *t, const tool_frames *frames) {
  job *j = context;
  NMD_TRY(finish(j, t->comm));
  if (!t->root) return NMD_OK;
  NMD_TRY(add_totals(t, frames, j));
  put_table(t, frames, j);
  put_json(t, frames, j);
  tool_plot_table(t);
  nmd_buffer_text(&t->plot, "set xlabel 'Q (1/Å)'\nset ylabel 'S(Q)'\nset key top right\n"
                            "plot $data using 1:2 with lines lw 2 title 'X-ray', $data using 1:4 with lines lw 2 title "
                            "'neutron'\n");
  return NMD_OK;
}

static const tool_visitor visitor = {begin, visit, report};

static nmd_status run(tool *t) {
  job j = {0};
  t->trajectory.timeless = true;
  if (((const sq_options *)t->options)->method != DEBYE) t->trajectory.unwrap = NMD_UNWRAP_NONE;
  const nmd_status status = tool_frames_visit(t, &visitor, false, &j);
  nmd_rdf_free(&j.rdf);
  nmd_sq_free(&j.direct);
  nmd_blocks_free(&j.debye);
  nmd_free(j.q);
  return status;
}

static const nmd_tool definition = {
    .program = "nnpmd-sq",
    .words = "TRAJECTORY...",
    .summary = "partial, X-ray and neutron structure factors S(Q)",
    .description =
        "Partial structure factors in the convention of Faber and Ziman, and the totals that X-ray and neutron "
        "diffraction measure, weighted with tabulated form factors and scattering lengths.\n\n"
        "Direct sums at the wave vectors of the periodic cell are exact down to the smallest Q of the cell; the "
        "transform of g(r) is cheap and smooth, but the cut-off of g limits its resolution at small Q; Debye's "
        "equation is for clusters without a periodic cell. Under mpirun the ranks share the frames.",
    .options = &sq_table,
    .min_words = 1,
    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
