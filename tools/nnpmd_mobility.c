/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-mobility: diffusion by the place where it begins: at a grain boundary, near an interface, in the bulk. */
#include <math.h>

#include "analysis/mobility.h"
#include "base/text.h"
#include "base/units.h"
#include "tool.h"

typedef struct mobility_options {
  int axis, drift;
  nmd_text_list planes, edges, framework;
  double lag;
} mobility_options;

#define AT(member) offsetof(mobility_options, member)
static const nmd_option mobility_option_list[] = {
    {"axis", NMD_OPT_CHOICE, AT(axis), .fallback = "c", .choices = "a|b|c", .doc = "cell vector that the planes cut"},
    {"planes", NMD_OPT_TEXT_LIST, AT(planes), .fallback = "0",
     .doc = "where they are, in fractions of that vector, e.g. 0,0.5"},
    {"edges", NMD_OPT_TEXT_LIST, AT(edges), .fallback = "4 A",
     .doc =
         "distances from the nearest plane at which one region ends and the next begins, ascending, e.g. \"3 A,6 A\""},
    {"lag", NMD_OPT_REAL, AT(lag), NMD_DIM_TIME, "10 ps", 0, -1, .min_open = 1,
     .doc = "time over which displacements are taken (and half of it)"},
    {"drift", NMD_OPT_CHOICE, AT(drift), .fallback = "framework", .choices = NMD_DRIFT_CHOICES,
     .doc = "drift to take out of all paths: of the centre of mass of all atoms, or of the framework"},
    {"framework", NMD_OPT_TEXT_LIST, AT(framework), .fallback = "",
     .doc = "elements of the framework; default: those that are not looked at"},
};
static const nmd_option_table mobility_table = {"mobility", "diffusion by place", sizeof(mobility_options),
                                                NMD_COUNT(mobility_option_list), mobility_option_list};

static nmd_status read_planes(const nmd_text_list *list, nmd_mobility_options *to) {
  if (list->n < 1 || list->n > NMD_MOBILITY_PLANES)
    NMD_FAIL(OUT_OF_RANGE, "--planes: %d given; expected 1 to %d", list->n, NMD_MOBILITY_PLANES);
  for (int k = 0; k < list->n; k++)
    if (!nmd_parse_real(list->items[k], &to->plane[k]))
      NMD_FAIL(BAD_NUMBER, "--planes: \"%s\"; expected fractions of the cell vector, e.g. 0,0.5", list->items[k]);
  to->n_planes = list->n;
  return NMD_OK;
}

static nmd_status read_edges(const nmd_text_list *list, nmd_mobility_options *to) {
  if (list->n < 1 || list->n > NMD_MOBILITY_REGIONS - 1)
    NMD_FAIL(OUT_OF_RANGE, "--edges: %d given; expected 1 to %d", list->n, NMD_MOBILITY_REGIONS - 1);
  for (int k = 0; k < list->n; k++) {
    const nmd_status status = nmd_quantity_parse(list->items[k], NMD_DIM_LENGTH, &to->edge[k]);
    if (status != NMD_OK) return nmd_fail_prefix(status, "--edges");
    if (!(to->edge[k] > (k > 0 ? to->edge[k - 1] : 0)))
      NMD_FAIL(OUT_OF_RANGE, "--edges: %s; expected ascending lengths above 0 A", list->items[k]);
  }
  to->n_edges = list->n;
  return NMD_OK;
}

static nmd_status check_species(const nmd_paths *p) {
  int chosen = 0;
  for (int k = 0; k < p->species.n; k++) chosen += p->chosen[k] > 0;
  if (chosen == 1) return NMD_OK;
  NMD_FAIL(CONFLICT, "%d elements are looked at; expected one, e.g. --species Li", chosen);
}

static void put_region(tool *t, const nmd_mobility_options *o, const nmd_mobility *m, int k) {
  static const char *const names[4] = {"D_x", "D_y", "D_z", "D"};
  const double from = k > 0 ? o->edge[k - 1] : 0, to = k < o->n_edges ? o->edge[k] : INFINITY;
  nmd_buffer_printf(&t->text, "%g %g %.3f", from, to, m->atoms[k]);
  nmd_json_open(&t->json, NULL, '{');
  nmd_json_real(&t->json, "from_A", from);
  nmd_json_real(&t->json, "to_A", to);
  nmd_json_real(&t->json, "atoms", m->atoms[k]);
  for (int d = 0; d < 4; d++) {
    nmd_buffer_printf(&t->text, " %.5g %.2g", 1e3 * m->D[k][d], 1e3 * m->sigma[k][d]);
    nmd_json_open(&t->json, names[d], '{');
    nmd_json_real(&t->json, "A2_per_ps", 1e3 * m->D[k][d]);
    nmd_json_real(&t->json, "sigma", 1e3 * m->sigma[k][d]);
    nmd_json_close(&t->json);
  }
  nmd_buffer_text(&t->text, "\n");
  nmd_json_close(&t->json);
}

static void report(tool *t, const nmd_paths *p, const nmd_mobility_options *o, const nmd_mobility *m) {
  nmd_tool_note(t, "frames: %lld every %.6g ps, atoms: %lld; paths: %s", (long long)p->n_frames, 1e-3 * p->spacing,
                (long long)p->n_selected, p->facts.unwrap_text);
  nmd_tool_note(t,
                "by distance from the nearest of %d planes across %c, where a displacement begins; D from the squares "
                "over %.6g and %.6g ps; errors from %d blocks of time",
                o->n_planes, "abc"[o->axis], 0.5e-3 * m -> lag, 1e-3 * m -> lag, m -> n_blocks);
  nmd_tool_columns(t, "from to atoms D_x sigma_x D_y sigma_y D_z sigma_z D sigma",
                   "A A 1 A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps");
  nmd_json_open(&t->json, "regions", '[');
  for (int k = 0; k < m->n_regions; k++) put_region(t, o, m, k);
  nmd_json_close(&t->json);
}

/* D of each region along x, y and z. */
static void put_plot(tool *t, const nmd_mobility_options *o, const nmd_mobility *m) {
  nmd_buffer_text(&t->plot, "$d << EOD\n");
  for (int k = 0; k < m->n_regions; k++) {
    nmd_buffer_printf(&t->plot, "%d \"%s%g A\"", k, k < o->n_edges ? "below " : "above ",
                      o->edge[k < o->n_edges ? k : k - 1]);
    for (int d = 0; d < 3; d++) nmd_buffer_printf(&t->plot, " %.9g %.9g", 1e3 * m->D[k][d], 1e3 * m->sigma[k][d]);
    nmd_buffer_text(&t->plot, "\n");
  }
  nmd_buffer_text(
      &t->plot, "EOD\nset ylabel 'D (A^2/ps)'\nset yrange [0:*]\nset offsets 0.5, 0.5, 0, 0\nplot for [d=0:2] $d using "
                "($1+0.1*d):(column(3+2*d)):(column(4+2*d)):xtic(2) with yerrorbars pt 7 title word('x y z', d+1)\n");
}

static nmd_status count(tool *t, const nmd_paths *p, const nmd_mobility_options *o) {
  nmd_mobility m;
  NMD_TRY(check_species(p));
  NMD_TRY(nmd_mobility_count(p, t->comm, o, &m));
  if (!t->root) return NMD_OK;
  report(t, p, o, &m);
  if (t->output->plot) put_plot(t, o, &m);
  return NMD_OK;
}

static nmd_status run(tool *t) {
  const mobility_options *o = t->options;
  nmd_mobility_options to = {.axis = o->axis, .lag = o->lag};
  const nmd_paths_options options = {.trajectory = t->trajectory,
                                     .drift = (nmd_drift_choice)o->drift,
                                     .framework = &o->framework,
                                     .memory = t->memory_limit};
  nmd_paths paths;
  NMD_TRY(read_planes(&o->planes, &to));
  NMD_TRY(read_edges(&o->edges, &to));
  NMD_TRY(nmd_paths_load(t->comm, (const char *const *)t->words, t->n_words, &options, &paths));
  const nmd_status status = count(t, &paths, &to);
  nmd_paths_free(&paths);
  return nmd_comm_agree(t->comm, status);
}

int main(int argc, char **argv) {
  const nmd_tool definition = {
      .program = "nnpmd-mobility",
      .words = "TRAJECTORY...",
      .summary = "diffusion of an element by the place where it begins",
      .description = "Mean squared displacements of the atoms of one element, sorted by their distance from planes "
                     "(grain boundaries, interfaces) at the time at which the displacement begins, and from them D of "
                     "each region along x, y and z, with errors from blocks of time.",
      .options = &mobility_table,
      .min_words = 1,
      .run = run,
  };
  return nmd_tool_main(&definition, argc, argv);
}
