/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-sites: occupancy of the sites of a reference lattice, hops between them, residence times and directions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/sites.h"
#include "base/memory.h"
#include "base/vec3.h"
#include "frames.h"

typedef struct sites_options {
  char *lattice;
  nmd_text_list site_elements;
  double core, tolerance;
  bool drift;
  char *hops;
} sites_options;

static const nmd_option sites_option_list[] = {
    {"lattice", NMD_OPT_PATH, offsetof(sites_options, lattice), .fallback = NULL,
     .doc = "structure whose atoms mark the sites (ideal positions, same cell and origin as the run)"},
    {"site-elements", NMD_OPT_TEXT_LIST, offsetof(sites_options, site_elements), .fallback = "",
     .doc = "which atoms of that structure are sites; default: those of --species"},
    {"core", NMD_OPT_REAL, offsetof(sites_options, core), NMD_DIM_LENGTH, "1 A", 0, -1,
     .doc = "an atom has hopped when it is this near to another site; 0: when another site is nearer"},
    {"tolerance", NMD_OPT_REAL, offsetof(sites_options, tolerance), NMD_DIM_LENGTH, "0.5 A", 0, -1,
     .doc = "hops whose vectors differ by less are of one direction"},
    {"framework", NMD_OPT_BOOL, offsetof(sites_options, drift), .fallback = "true",
     .doc = "take the drift of the other atoms (those not in --species) out of the paths"},
    {"hops", NMD_OPT_PATH, offsetof(sites_options, hops), .fallback = "",
     .doc = "also write every hop: time, id, from, to, vector, whether it goes back"},
};
static const nmd_option_table sites_table = {"sites", "sites and hops", sizeof(sites_options),
                                             NMD_COUNT(sites_option_list), sites_option_list};

typedef struct job {
  nmd_selection selection; /* of the mobile atoms; the tool's own, as all atoms are read */
  nmd_structure lattice;
  nmd_sites sites;
  int *site_number; /* [sites] atom of the lattice file, from 1 */
  int64_t n;        /* mobile atoms */
  int64_t *mobile;  /* [n] index among all atoms */
  double (*x)[3];   /* [n] A */
  nmd_structure first;
  double *time; /* [frames] fs */
  int64_t frames, capacity;
  bool drift;
} job;

static nmd_status find_mobile(job *j, const nmd_structure *atoms) {
  NMD_TRY(NMD_ALLOC(j->mobile, atoms->n));
  for (int64_t i = 0; i < atoms->n; i++)
    if (nmd_selection_has(&j->selection, atoms->id[i], atoms->atomic_number[i])) j->mobile[j->n++] = i;
  if (j->n == 0) NMD_FAIL(MISSING_KEY, "no atom to follow; expected --species or --ids with some of the run's atoms");
  j->drift = j->drift && j->n < atoms->n;
  NMD_TRY(NMD_ALLOC(j->x, j->n));
  return nmd_structure_copy(atoms, &j->first);
}

static nmd_status find_sites(tool *t, job *j) {
  const sites_options *o = t->options;
  nmd_selection wanted;
  double(*position)[3];
  const nmd_read_options read = {.elements = t->read.elements, .n_elements = t->read.n_elements};
  NMD_TRY(nmd_structure_read(o->lattice, &read, 0, &j->lattice));
  NMD_TRY(nmd_selection_init(&wanted, o->site_elements.n > 0 ? &o->site_elements : &t->input->species, NULL));
  nmd_status status = NMD_ALLOC(position, j->lattice.n);
  if (status == NMD_OK) status = NMD_ALLOC(j->site_number, j->lattice.n);
  int n = 0;
  for (int64_t i = 0; status == NMD_OK && i < j->lattice.n; i++) {
    if (!nmd_selection_has(&wanted, i + 1, j->lattice.atomic_number[i])) continue;
    memcpy(position[n], j->lattice.x[i], sizeof *position);
    j->site_number[n++] = (int)i + 1;
  }
  if (status == NMD_OK)
    status = nmd_sites_init(&j->sites, &j->lattice.box, n, (const double(*)[3])position, j->n, o->core);
  if (status == NMD_OUT_OF_RANGE) status = nmd_fail_prefix(status, "%s", o->lattice);
  nmd_free(position);
  nmd_selection_free(&wanted);
  return status;
}

static nmd_status begin(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first) {
  job *j = context;
  NMD_TRY(nmd_tool_claim_memory(t, 8 * 12 * frames->n, "positions", "select fewer atoms"));
  NMD_TRY(find_mobile(j, first->atoms));
  return find_sites(t, j);
}

/* Mean fractional displacement of the framework since the first frame. */
static void framework_shift(const job *j, const nmd_structure *atoms, double shift[3]) {
  double sum[3] = {0, 0, 0}, s[3], s0[3];
  int64_t m = 0;
  for (int64_t i = 0; i < atoms->n && j->drift; i++) {
    if (m < j->n && j->mobile[m] == i) {
      m++;
      continue;
    }
    nmd_box_to_fractional(&atoms->box, atoms->x[i], s);
    nmd_box_to_fractional(&j->first.box, j->first.x[i], s0);
    for (int d = 0; d < 3; d++) sum[d] += s[d] - s0[d];
  }
  for (int d = 0; d < 3; d++) sum[d] = j->drift ? sum[d] / (double)(atoms->n - j->n) : 0;
  nmd_row_times(sum, atoms->box.h, shift);
}

static nmd_status visit(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame) {
  job *j = context;
  double shift[3];
  (void)frames;
  if (k >= j->capacity) {
    NMD_TRY(NMD_GROW(j->time, j->capacity, 2 * k + 256));
    j->capacity = 2 * k + 256;
  }
  j->time[k] = frame->time;
  j->frames = k + 1;
  framework_shift(j, frame->atoms, shift);
  for (int64_t m = 0; m < j->n; m++)
    for (int d = 0; d < 3; d++) j->x[m][d] = frame->atoms->x[j->mobile[m]][d] - shift[d];
  return nmd_sites_add(&j->sites, &frame->atoms->box, (const double(*)[3])j->x);
}

static void put_rates(tool *t, const job *j) {
  const nmd_sites *s = &j->sites;
  const double spacing = j->frames > 1 ? (j->time[j->frames - 1] - j->time[0]) / (double)(j->frames - 1) : NAN;
  const double exposure = 1e-3 * spacing * (double)(j->frames - 1) * (double)s->n; /* ion ps */
  const double hops = (double)s->n_hops, rate = hops / exposure, error = sqrt(hops) / exposure;
  const double residence = 1e-3 * spacing * s->residence / (double)s->n_residence;
  int64_t back = 0;
  double squares = 0;
  for (int64_t h = 0; h < s->n_hops; h++) {
    back += s->hop[h].back;
    squares += nmd_dot(s->hop[h].vector, s->hop[h].vector);
  }
  const double uncorrelated = squares / (6 * exposure);
  nmd_tool_note(t, "%lld atoms on %d sites, %lld hops in %g ps", (long long)s->n, s->n_sites, (long long)s->n_hops,
                1e-3 * spacing * (double)(j->frames - 1));
  nmd_tool_note(t, "jump rate %.6g +- %.2g 1/ps an atom (counting error)", rate, error);
  nmd_tool_note(t,
                "mean residence time between two hops %.6g ps (%lld stays); back to the site before: %.4f of the hops",
                residence, (long long)s->n_residence, back / fmax(hops, 1));
  nmd_tool_note(t, "D if hops were uncorrelated: %.6g A^2/ps; back-jumps make the true one smaller (nnpmd-msd)",
                uncorrelated);
  if ((double)s->unassigned > 1e-3 * (double)s->n * (double)s->frames)
    nmd_tool_note(t, "%.4f of the positions came before the atom was near any site: is the lattice the right one?",
                  (double)s->unassigned / ((double)s->n * (double)s->frames));
  nmd_json *json = &t->json;
  nmd_json_int(json, "frames", s->frames);
  nmd_json_int(json, "hops", s->n_hops);
  nmd_json_real(json, "jump_rate_per_ps", rate);
  nmd_json_real(json, "jump_rate_error_per_ps", error);
  nmd_json_real(json, "residence_time_ps", residence);
  nmd_json_int(json, "stays", s->n_residence);
  nmd_json_real(json, "back_fraction", back / fmax(hops, 1));
  nmd_json_real(json, "D_uncorrelated_A2_per_ps", uncorrelated);
  nmd_json_real(json, "unassigned_fraction", (double)s->unassigned / ((double)s->n * (double)s->frames));
}

static nmd_status put_directions(tool *t, const job *j) {
  const sites_options *o = t->options;
  double(*direction)[3] = NULL;
  int64_t *count = NULL;
  int n;
  NMD_TRY(nmd_sites_directions(&j->sites, o->tolerance, &n, &direction, &count));
  nmd_json_open(&t->json, "directions", '[');
  for (int k = 0; k < n; k++) {
    const double *v = direction[k], share = (double)count[k] / (double)j->sites.n_hops;
    if (k < 24)
      nmd_tool_note(t, "hops along (%.3f %.3f %.3f) A, length %.3f A: %lld (%.4f)", v[0], v[1], v[2], nmd_norm(v),
                    (long long)count[k], share);
    nmd_json_open(&t->json, NULL, '{');
    nmd_json_reals(&t->json, "vector_A", v, 3, 1);
    nmd_json_real(&t->json, "length_A", nmd_norm(v));
    nmd_json_int(&t->json, "hops", count[k]);
    nmd_json_close(&t->json);
  }
  nmd_json_close(&t->json);
  if (n > 24) nmd_tool_note(t, "and %d more directions (in the JSON)", n - 24);
  nmd_free(direction);
  nmd_free(count);
  return NMD_OK;
}

static void put_table(tool *t, const job *j) {
  const nmd_sites *s = &j->sites;
  const double frames = (double)s->frames;
  nmd_tool_columns(t, "site element sa sb sc occupancy empty multiple arrivals", "- - 1 1 1 1 1 1 1");
  nmd_json_open(&t->json, "sites", '[');
  for (int k = 0; k < s->n_sites; k++) {
    int64_t arrivals = 0;
    for (int64_t h = 0; h < s->n_hops; h++) arrivals += s->hop[h].to == k;
    const double occupancy = (double)s->occupied[k] / frames;
    nmd_buffer_printf(&t->text, "%d %s %.6f %.6f %.6f %.6f %.6f %.6f %lld\n", j->site_number[k],
                      nmd_element_symbol(j->lattice.atomic_number[j->site_number[k] - 1]), s->s[k][0], s->s[k][1],
                      s->s[k][2], occupancy, (double)s->empty[k] / frames, (double)s->multiple[k] / frames,
                      (long long)arrivals);
    nmd_json_open(&t->json, NULL, '{');
    nmd_json_int(&t->json, "site", j->site_number[k]);
    nmd_json_reals(&t->json, "fractional", s->s[k], 3, 1);
    nmd_json_real(&t->json, "occupancy", occupancy);
    nmd_json_int(&t->json, "arrivals", arrivals);
    nmd_json_close(&t->json);
  }
  nmd_json_close(&t->json);
}

/* Hops made so far: a steady rate is a straight line. */
static void put_plot(tool *t, const job *j) {
  const nmd_sites *s = &j->sites;
  const double begin = 1e-3 * j->time[0], end = 1e-3 * j->time[j->frames - 1];
  nmd_buffer_printf(&t->plot, "$data << EOD\n%.6g 0\n", begin);
  for (int64_t h = 0; h < s->n_hops; h++)
    nmd_buffer_printf(&t->plot, "%.8g %lld\n", 1e-3 * j->time[s->hop[h].frame], (long long)h + 1);
  nmd_buffer_printf(
      &t->plot,
      "%.8g %lld\nEOD\nset xlabel 'time (ps)'\nset ylabel 'hops so far'\nplot $data using 1:2 with steps lw 2 "
      "title 'hops of all atoms', (x - %.8g) * %.8g title 'mean rate' dt 2 lc rgb 'black'\n",
      end, (long long)s->n_hops, begin, (double)s->n_hops / (end - begin));
}

static nmd_status write_hops(tool *t, const job *j) {
  const sites_options *o = t->options;
  nmd_buffer text = {0};
  if (o->hops == NULL) return NMD_OK;
  nmd_buffer_printf(&text, "# %s\n# time id from to dx dy dz back\n# fs - - - A A A 1\n", t->command);
  for (int64_t h = 0; h < j->sites.n_hops; h++) {
    const nmd_hop *hop = &j->sites.hop[h];
    nmd_buffer_printf(&text, "%.10g %lld %d %d %.4f %.4f %.4f %d\n", j->time[hop->frame],
                      (long long)j->first.id[j->mobile[hop->atom]], j->site_number[hop->from], j->site_number[hop->to],
                      hop->vector[0], hop->vector[1], hop->vector[2], hop->back);
  }
  const nmd_status status = tool_write_file(o->hops, &text);
  nmd_buffer_free(&text);
  return status;
}

static nmd_status report(void *context, tool *t, const tool_frames *frames) {
  const job *j = context;
  (void)frames;
  if (!t->root) return NMD_OK;
  put_rates(t, j);
  NMD_TRY(put_directions(t, j));
  put_table(t, j);
  put_plot(t, j);
  return write_hops(t, j);
}

static const tool_visitor visitor = {begin, visit, report};

static nmd_status run(tool *t) {
  job j = {0};
  j.drift = ((const sites_options *)t->options)->drift;
  t->trajectory.selection = NULL; /* the framework is needed, too */
  nmd_status status = nmd_selection_init(&j.selection, &t->input->species, t->input->ids);
  if (status == NMD_OK) status = tool_frames_visit(t, &visitor, true, &j);
  nmd_selection_free(&j.selection);
  nmd_structure_free(&j.lattice);
  nmd_structure_free(&j.first);
  nmd_sites_free(&j.sites);
  void *all[] = {j.site_number, j.mobile, j.x, j.time};
  for (int k = 0; k < NMD_COUNT(all); k++) nmd_free(all[k]);
  return status;
}

static const nmd_tool definition = {.program = "nnpmd-sites",
                                    .words = "TRAJECTORY...",
                                    .summary = "site occupancies, hops, jump rates and residence times",
                                    .description =
                                        "Follows the mobile atoms (--species, --ids) over the sites of a reference "
                                        "lattice: which site an atom is on, when "
                                        "it hops and along which vector, how often it hops back. An atom belongs to a "
                                        "site until it comes within the core "
                                        "of another one, so recrossings at the boundary are no hops. Frames should be "
                                        "closer in time than the hops of one "
                                        "atom are.\n\n"
                                        "Sites follow a changing cell. The drift of the framework is taken out.",
                                    .options = &sites_table,
                                    .min_words = 1,
                                    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
