/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/parity.h"

#include <math.h>

#include "base/memory.h"
#include "io/buffer.h"
#include "io/file_atomic.h"
#include "training/fit_output.h"

static const char energy_head[] = "# label model member family atoms structure\n# eV/atom eV/atom - - - -\n";
static const char force_head[] = "# label model member family\n# eV/A eV/A - -\n";

static void add_energy(const nmd_fit *fit, const nmd_sample *sample, int member, nmd_buffer *out) {
  const double atoms = (double)sample->structure.n;
  const double label = (sample->energy - nmd_sample_offset(&fit->objective, sample)) / atoms;
  nmd_buffer_printf(out, "%.8g %.8g %d %s %d %s\n", label, label - fit->errors.energy / atoms, member + 1,
                    fit->families.name[sample->family], (int)atoms, sample->name);
}

static void add_forces(const nmd_fit *fit, const nmd_sample *sample, int member, nmd_buffer *out) {
  for (int k = 0; fit->errors.has_forces && k < 3 * fit->errors.n; k++) {
    const double label = (&sample->structure.f[0][0])[k];
    nmd_buffer_printf(out, "%.6g %.6g %d %s\n", label, label - (&fit->errors.force[0][0])[k], member + 1,
                      fit->families.name[sample->family]);
  }
}

static nmd_status collect(nmd_fit *fit, nmd_data *data, nmd_buffer *energies, nmd_buffer *forces) {
  for (int m = 0; m < fit->n_members; m++)
    for (int i = 0; i < data->set.n; i++) {
      const nmd_member *member = &fit->members[m];
      if (!nmd_data_owns(data, i)) continue;
      NMD_TRY(nmd_fit_errors(fit, data, i, isfinite(member->best_score) ? member->best : member->weights));
      add_energy(fit, &data->set.samples[i], m, energies);
      add_forces(fit, &data->set.samples[i], m, forces);
    }
  return energies->status != NMD_OK ? energies->status : forces->status;
}

/* The texts of all ranks, one after the other. */
static nmd_status write_table(const nmd_fit *fit, const char *name, const char *head, const nmd_buffer *mine) {
  char *all = NULL, *path = NULL;
  size_t *counts, total = 0;
  NMD_TRY(NMD_ALLOC(counts, nmd_comm_size(fit->world)));
  nmd_status status = nmd_comm_gather(fit->world, mine->data, mine->length, 0, &all, counts);
  if (status == NMD_OK && nmd_comm_rank(fit->world) == 0) {
    nmd_buffer text = {0};
    for (int r = 0; r < nmd_comm_size(fit->world); r++) total += counts[r];
    nmd_buffer_text(&text, head);
    nmd_buffer_printf(&text, "%.*s", (int)total, all != NULL ? all : "");
    status = text.status;
    if (status == NMD_OK) status = nmd_fit_path(fit, -1, name, &path);
    if (status == NMD_OK) status = nmd_file_write_atomic(path, text.data, text.length, 1);
    nmd_buffer_free(&text);
  }
  nmd_free(path);
  nmd_free(all);
  nmd_free(counts);
  return nmd_comm_agree(fit->world, status);
}

static const char script[] =
    "# gnuplot pictures.gnuplot: learning_curve.png, parity.png\n"
    "set terminal pngcairo size 1200,500 font 'sans,11'\n"
    "set output 'learning_curve.png'\n"
    "set multiplot layout 1,2\n"
    "set logscale y\nset grid\nset xlabel 'core time (s)'\n"
    "set ylabel 'energy rmse (meV/atom)'\n"
    "plot 'learning_curve.txt' using 5:8 title 'training' pt 7 ps 0.6, '' using 5:9 title 'validation' pt 6 ps 0.8\n"
    "set ylabel 'force rmse (meV/A)'\n"
    "plot 'learning_curve.txt' using 5:12 title 'training' pt 7 ps 0.6, '' using 5:13 title 'validation' pt 6 ps 0.8\n"
    "unset multiplot\nunset logscale y\n"
    "set output 'parity.png'\n"
    "set multiplot layout 1,2\n"
    "set xlabel 'label (eV/atom)'\nset ylabel 'model (eV/atom)'\nset key left top\n"
    "plot 'parity_energy.txt' using 1:2 title 'energy' pt 7 ps 0.4, x notitle lc 'black'\n"
    "set xlabel 'label (eV/A)'\nset ylabel 'model (eV/A)'\n"
    "plot 'parity_force.txt' using 1:2 title 'force' pt 7 ps 0.2, x notitle lc 'black'\n"
    "unset multiplot\n";

static nmd_status write_script(const nmd_fit *fit) {
  char *path;
  if (nmd_comm_rank(fit->world) != 0) return NMD_OK;
  NMD_TRY(nmd_fit_path(fit, -1, "pictures.gnuplot", &path));
  const nmd_status status = nmd_file_write_atomic(path, script, sizeof script - 1, 1);
  nmd_free(path);
  return status;
}

nmd_status nmd_fit_write_parity(nmd_fit *fit) {
  nmd_data *data = fit->validation.set.n > 0 ? &fit->validation : &fit->training;
  nmd_buffer energies = {0}, forces = {0};
  nmd_status status = nmd_comm_agree(fit->world, collect(fit, data, &energies, &forces));
  if (status == NMD_OK) status = write_table(fit, "parity_energy.txt", energy_head, &energies);
  if (status == NMD_OK) status = write_table(fit, "parity_force.txt", force_head, &forces);
  if (status == NMD_OK) status = nmd_comm_agree(fit->world, write_script(fit));
  nmd_buffer_free(&energies);
  nmd_buffer_free(&forces);
  return status;
}
