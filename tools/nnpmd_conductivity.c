/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-conductivity: ionic conductivity of independent ions (Nernst-Einstein) and of their common motion
 * (Einstein-Helfand), and the Haven ratio. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/conductivity.h"
#include "base/memory.h"
#include "base/option_join.h"
#include "base/text.h"
#include "base/units.h"
#include "transport_tool.h"

typedef struct conductivity_options {
  nmd_text_list charges;
  double temperature;
  char *direction;
} conductivity_options;

static const nmd_option conductivity_option_list[] = {
    {"charges", NMD_OPT_TEXT_LIST, offsetof(conductivity_options, charges), .fallback = NULL,
     .doc = "charges of the mobile species in e, e.g. Li:1; all others are framework"},
    {"temperature", NMD_OPT_REAL, offsetof(conductivity_options, temperature), NMD_DIM_TEMPERATURE, NULL, 0, 0,
     .min_open = 1, .doc = "temperature of the run"},
    {"direction", NMD_OPT_TEXT, offsetof(conductivity_options, direction), .fallback = "xyz",
     .doc = "x, y, z, xyz, ab, c, or a vector u,v,w"},
};
static const nmd_option_table conductivity_table = {"conductivity", "conductivity", sizeof(conductivity_options),
                                                    NMD_COUNT(conductivity_option_list), conductivity_option_list};

static const char *symbol_of(const nmd_transport *r, int kind) {
  return nmd_element_symbol(r->paths.species.atomic_number[kind]);
}

/* "Li:1" for each carrier; kinds without a charge stay out. */
static nmd_status parse_charges(const nmd_transport *r, const nmd_text_list *list, double *charge) {
  for (int k = 0; k < r->paths.species.n; k++) charge[k] = 0.0;
  for (int i = 0; i < list->n; i++) {
    bool known = false;
    for (int k = 0; k < r->paths.species.n; k++) {
      const char *symbol = symbol_of(r, k);
      const size_t n = strlen(symbol);
      if (strncmp(list->items[i], symbol, n) != 0 || list->items[i][n] != ':') continue;
      known = nmd_parse_real(list->items[i] + n + 1, &charge[k]) && r->msd.count[k] > 0 && charge[k] != 0.0;
    }
    if (!known)
      NMD_FAIL(BAD_CHOICE, "--charges: '%.40s'; expected element:charge of an element of the files, e.g. Li:1",
               list->items[i]);
  }
  return NMD_OK;
}

typedef struct arrays {
  double *collective, *independent;
  nmd_carrier carrier[NMD_ELEMENT_MAX];
  int n;
} arrays;

static nmd_status gather_carriers(const nmd_transport *r, const double *charge, arrays *a) {
  nmd_msd total;
  NMD_TRY(NMD_ALLOC(a->collective, r->msd.n_lags));
  NMD_TRY(NMD_ALLOC(a->independent, r->msd.n_lags));
  NMD_TRY(nmd_msd_collective(&r->paths, charge, r->msd.n_lags, &total));
  nmd_msd_project(&total, 0, &r->set[0], a->collective);
  nmd_msd_free(&total);
  for (int k = 0; k < r->msd.n_kinds; k++) {
    if (charge[k] == 0.0) continue;
    const double ions = (double)r->msd.count[k], *msd = nmd_transport_msd(r, 0, k);
    a->carrier[a->n++] =
        (nmd_carrier){.charge = charge[k], .ions = ions, .msd = msd, .spread = nmd_transport_spread(r, 0, k)};
    for (int64_t m = 0; m < r->msd.n_lags; m++) a->independent[m] += ions * charge[k] * charge[k] * msd[m];
  }
  return NMD_OK;
}

static void put_row(tool *t, const char *what, const nmd_interval *i, double unit) {
  nmd_buffer_printf(&t->text, "%s %.6g %.3g %.6g %.6g %.6g %.6g\n", what, unit * i->value, unit * i->sigma,
                    unit * i->ci68[0], unit * i->ci68[1], unit * i->ci95[0], unit * i->ci95[1]);
}

static void put_json_row(nmd_json *json, const char *key, const nmd_interval *i, double factor) {
  tool_json_interval(json, key, i, factor);
  nmd_json_close(json);
}

static void put_results(tool *t, const nmd_transport *r, const nmd_conductivity *c, const conductivity_options *o) {
  const double start = 1e-3 * r->paths.spacing * (double)c->collective.start;
  nmd_tool_note(t, "direction %s, temperature %g K, mean volume %.6g A^3", o->direction, o->temperature,
                r->paths.mean_volume);
  nmd_tool_note(t, "all fits from %.4g to %.4g ps; collective: one path, n_eff %.3g", start,
                1e-3 * r->paths.spacing * (double)c->collective.end, c->collective.n_eff);
  nmd_tool_columns(t, "quantity value sigma ci68_low ci68_high ci95_low ci95_high", "unit_in_its_name");
  put_row(t, "sigma_nernst_einstein_S/m", &c->nernst_einstein, 1.0);
  put_row(t, "sigma_collective_S/m", &c->helfand, 1.0);
  put_row(t, "sigma_nernst_einstein_mS/cm", &c->nernst_einstein, 10.0);
  put_row(t, "sigma_collective_mS/cm", &c->helfand, 10.0);
  put_row(t, "haven_ratio", &c->haven, 1.0);
  nmd_json_real(&t->json, "temperature_K", o->temperature);
  nmd_json_text(&t->json, "direction", o->direction);
  put_json_row(&t->json, "sigma_nernst_einstein_S_per_m", &c->nernst_einstein, 1.0);
  put_json_row(&t->json, "sigma_collective_S_per_m", &c->helfand, 1.0);
  put_json_row(&t->json, "sigma_nernst_einstein_mS_per_cm", &c->nernst_einstein, 10.0);
  put_json_row(&t->json, "sigma_collective_mS_per_cm", &c->helfand, 10.0);
  put_json_row(&t->json, "haven_ratio", &c->haven, 1.0);
  nmd_json_real(&t->json, "fit_start_ps", start);
}

static void put_plot(tool *t, const nmd_transport *r, const arrays *a, double ions) {
  nmd_buffer *p = &t->plot;
  const int64_t step = r->msd.n_lags / 2000 + 1;
  nmd_buffer_text(p, "$msd << EOD\n");
  for (int64_t m = 1; m < r->msd.n_lags; m += step)
    nmd_buffer_printf(p, "%.9g %.9g %.9g\n", 1e-3 * r->msd.spacing * (double)m, a->independent[m] / ions,
                      a->collective[m] / ions);
  nmd_buffer_text(p, "EOD\nset xlabel 'time (ps)'\nset ylabel 'squared displacement of the charge per ion (A^2 e^2)'\n"
                     "plot $msd using 1:2 with lines lw 2 title 'independent ions', $msd using 1:3 with lines lw 2 "
                     "title 'collective'\n");
}

static nmd_status evaluate(tool *t, const nmd_transport *r, const conductivity_options *o, arrays *a) {
  double charge[NMD_ELEMENT_MAX], ions = 0.0;
  NMD_TRY(parse_charges(r, &o->charges, charge));
  NMD_TRY(gather_carriers(r, charge, a));
  const nmd_conductivity_input input = {
      .n = a->n,
      .carrier = a->carrier,
      .collective = a->collective,
      .independent = a->independent,
      .n_lags = r->msd.n_lags,
      .n_frames = r->msd.n_frames,
      .spacing = r->msd.spacing,
      .dimensions = r->set[0].n,
      .n_spread = r->windows.n_levels,
      .start = r->options.start,
      .hop = r->options.hop,
      .temperature = o->temperature,
      .volume = r->paths.mean_volume,
  };
  if (input.n_spread < 1 || r->windows.width[input.n_spread - 1] >= r->msd.n_lags)
    NMD_FAIL(OUT_OF_RANGE, "--max-lag is too short for the fits; expected more than a sixth of the run");
  nmd_conductivity c;
  NMD_TRY(nmd_conductivity_fit(&input, &c));
  if (!c.found) NMD_FAIL(NO_ANSWER, "no conductivity: %s", c.why);
  if (!t->root) return NMD_OK;
  for (int k = 0; k < a->n; k++) ions += a->carrier[k].ions;
  for (int k = 0; k < r->msd.n_kinds; k++)
    if (charge[k] != 0.0) tool_note_fit(t, r, symbol_of(r, k), nmd_transport_fit(r, 0, k));
  put_results(t, r, &c, o);
  if (t->output->plot) put_plot(t, r, a, ions);
  return NMD_OK;
}

/* Elements with a charge are looked at, unless the user says more. */
static nmd_status select_carriers(tool *t, const conductivity_options *o) {
  nmd_text_list names = {0};
  if (t->input->species.n > 0) return NMD_OK;
  NMD_TRY(NMD_ALLOC(names.items, o->charges.n));
  nmd_status status = NMD_OK;
  for (int i = 0; i < o->charges.n && status == NMD_OK; i++) {
    status = nmd_strdup(o->charges.items[i], &names.items[i]);
    if (status == NMD_OK) names.items[i][strcspn(names.items[i], ":")] = '\0', names.n++;
  }
  if (status == NMD_OK) {
    nmd_selection_free(&t->selection);
    status = nmd_selection_init(&t->selection, &names, t->input->ids);
  }
  for (int i = 0; i < names.n; i++) nmd_free(names.items[i]);
  nmd_free(names.items);
  return status;
}

static nmd_status run(tool *t) {
  const conductivity_options *o = tool_transport_own(t);
  const char *const directions[] = {o->direction};
  nmd_transport r;
  arrays a = {.n = 0};
  NMD_TRY(select_carriers(t, o));
  if (((const tool_transport *)t->options)->drift == NMD_DRIFT_CENTRE && t->root)
    nmd_log_warning(
        "--drift com: without a heavy framework this takes the ions' common motion out, and with it the conductivity; "
        "--drift framework is meant for this");
  NMD_TRY(tool_transport_run(t, t->options, directions, 1, 1, &r));
  const nmd_status status = evaluate(t, &r, o, &a);
  nmd_free(a.collective);
  nmd_free(a.independent);
  nmd_transport_free(&r);
  return nmd_comm_agree(t->comm, status);
}

int main(int argc, char **argv) {
  const nmd_tool definition = {
      .program = "nnpmd-conductivity",
      .words = "TRAJECTORY...",
      .summary = "ionic conductivity, collective and of independent ions, and the Haven ratio",
      .description =
          "From the displacements of the charged species of a run: the conductivity of ions that move independently "
          "(Nernst-Einstein), that of the charge as a whole (Einstein-Helfand), and their ratio, each with 68 % and 95 "
          "% intervals. Give the charges of the mobile species; take the framework's drift out with --drift framework.",
      .options = nmd_option_tables_join(&tool_transport_table, &conductivity_table),
      .min_words = 1,
      .run = run,
  };
  return nmd_tool_main(&definition, argc, argv);
}
