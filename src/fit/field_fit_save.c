/* SPDX-License-Identifier: BSD-3-Clause */
/* Checkpoint and results. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "fit/field_fit_parts.h"
#include "io/buffer.h"
#include "io/file_atomic.h"

/* The head of a checkpoint: what must fit, and where the search stands; then the values of each island, and a check
 * sum. */
typedef struct head {
  char mark[8];
  int64_t dim, n, islands, seed, method, generation, evaluations, check;
} head;

static head head_of(const nmd__field_fit *fit) {
  head h = {.mark = "nmdfit1",
            .dim = fit->state.dim,
            .n = fit->state.n,
            .islands = nmd_comm_size(fit->comm),
            .seed = fit->input->seed,
            .generation = fit->state.generation,
            .evaluations = fit->state.evaluations};
  while (nmd_search_registry[h.method] != fit->ops) h.method++;
  return h;
}

static int64_t check_sum(const void *bytes, size_t length) {
  uint64_t sum = 1469598103934665603u; /* as in the files of earlier versions */
  nmd_hash_bytes(&sum, bytes, length);
  return (int64_t)(sum >> 1);
}

nmd_status nmd__fit_save(const nmd__field_fit *fit) {
  char *all = NULL, *path = NULL;
  const size_t own = (size_t)fit->state.n_values * sizeof(double);
  head h = head_of(fit);
  nmd_comm_sum_int(fit->comm, &h.evaluations, 1);
  NMD_TRY(nmd_comm_gather(fit->comm, fit->state.values, own, 0, &all, NULL));
  nmd_status status = NMD_OK;
  if (nmd_comm_rank(fit->comm) == 0) {
    const size_t length = own * (size_t)h.islands;
    h.check = check_sum(all, length);
    status = nmd_path_join(fit->input->output, "fit.checkpoint", &path);
    const nmd_file_part parts[2] = {{&h, sizeof h}, {all, length}};
    if (status == NMD_OK) status = nmd_file_write_atomic_parts(path, parts, 2, 2);
    nmd_free(path);
    nmd_free(all);
  }
  return nmd_comm_agree(fit->comm, status);
}

static nmd_status check_head(const nmd__field_fit *fit, const char *path, const head *h, const double *values,
                             size_t length) {
  const head own = head_of(fit);
  if (memcmp(h->mark, own.mark, sizeof own.mark) != 0 ||
      length != (size_t)(fit->state.n_values * own.islands) * sizeof(double))
    NMD_FAIL(CHECKPOINT,
             "%s: not a checkpoint of this fit, or cut off; expected the same parameters, population and number of "
             "ranks",
             path);
  if (h->dim != own.dim || h->n != own.n || h->islands != own.islands || h->seed != own.seed || h->method != own.method)
    NMD_FAIL(CHECKPOINT,
             "%s: %lld parameters, population %lld, %lld ranks, seed %lld, method %lld; here %lld, %lld, %lld, %lld, "
             "%lld",
             path, (long long)h->dim, (long long)h->n, (long long)h->islands, (long long)h->seed, (long long)h->method,
             (long long)own.dim, (long long)own.n, (long long)own.islands, (long long)own.seed, (long long)own.method);
  if (check_sum(values, length) != h->check)
    NMD_FAIL(CHECKPOINT, "%s: damaged (check sum); expected the file as written", path);
  return NMD_OK;
}

static nmd_status read_bytes(const char *path, head *h, double **values, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) NMD_FAIL(FILE_MISSING, "%s: no checkpoint to go on from; start without --restart", path);
  nmd_status status = NMD_OK;
  if (fread(h, sizeof *h, 1, file) != 1 || h->dim < 1 || h->n < 1 || h->islands < 1 || h->dim > NMD_SEARCH_DIM_MAX ||
      h->n > 100000 || h->islands > 1000000)
    status = nmd_fail(NMD_CHECKPOINT, "%s: not a checkpoint of nnpmd-fit", path);
  const size_t most = status == NMD_OK ? (size_t)(h->islands * (h->n * h->dim + h->n + 2 * h->dim)) : 0;
  if (status == NMD_OK) status = NMD_ALLOC(*values, most + 1);
  if (status == NMD_OK) *length = fread(*values, 1, (most + 1) * sizeof(double), file);
  fclose(file);
  return status;
}

nmd_status nmd__fit_load(nmd__field_fit *fit) {
  head h = {.n = 0};
  double *all = NULL;
  size_t length = 0;
  char *path = NULL;
  nmd_status status = NMD_OK;
  if (nmd_comm_rank(fit->comm) == 0) {
    status = nmd_path_join(fit->input->output, "fit.checkpoint", &path);
    if (status == NMD_OK) status = read_bytes(path, &h, &all, &length);
    if (status == NMD_OK) status = check_head(fit, path, &h, all, length);
    nmd_free(path);
  }
  status = nmd_comm_agree(fit->comm, status);
  for (int r = 0; r < nmd_comm_size(fit->comm) && status == NMD_OK; r++) { /* the part of each rank to all: small */
    double *part = r == nmd_comm_rank(fit->comm) ? fit->state.values : NULL;
    double *room = NULL;
    if (part == NULL) status = NMD_ALLOC(room, fit->state.n_values);
    if (status != NMD_OK) break;
    if (nmd_comm_rank(fit->comm) == 0)
      memcpy(part != NULL ? part : room, all + r * fit->state.n_values, (size_t)fit->state.n_values * sizeof *all);
    nmd_comm_broadcast(fit->comm, part != NULL ? part : room, (size_t)fit->state.n_values * sizeof *all, 0);
    nmd_free(room);
  }
  nmd_comm_broadcast(fit->comm, &h, sizeof h, 0);
  fit->state.generation = h.generation;
  fit->state.evaluations = nmd_comm_rank(fit->comm) == 0 ? h.evaluations : 0; /* the sum is what is reported */
  nmd_free(all);
  return status;
}

/* ---- results ---- */

static void put_node(nmd_buffer *out, const nmd_yaml_node *node);

static void put_items(nmd_buffer *out, const nmd_yaml_node *node) {
  for (int k = 0; k < node->n; k++) {
    if (k > 0) nmd_buffer_text(out, ", ");
    if (node->kind == NMD_YAML_MAP) nmd_buffer_printf(out, "%s: ", node->keys[k]->text);
    put_node(out, node->items[k]);
  }
}

/* As YAML in one line. */
static void put_node(nmd_buffer *out, const nmd_yaml_node *node) {
  const bool map = node->kind == NMD_YAML_MAP;
  if (node->kind == NMD_YAML_SCALAR) {
    nmd_buffer_printf(out, node->quoted ? "'%s'" : "%s", node->text);
    return;
  }
  nmd_buffer_text(out, map || node->kind == NMD_YAML_NULL ? "{" : "[");
  put_items(out, node);
  nmd_buffer_text(out, map || node->kind == NMD_YAML_NULL ? "}" : "]");
}

nmd_status nmd__fit_write_text(const nmd__field_fit *fit, const char *name, const nmd_buffer *text) {
  char *path;
  NMD_TRY(text->status);
  NMD_TRY(nmd_path_join(fit->input->output, name, &path));
  const nmd_status status = nmd_file_write_atomic(path, text->data, text->length, 1);
  nmd_free(path);
  return status;
}

static nmd_status put_potential(nmd__field_fit *fit, const double *x, double loss, nmd_buffer *out) {
  nmd_yaml *document;
  NMD_TRY(nmd_yaml_copy(fit->input->tree, &document));
  const nmd_status status = nmd_variables_apply(&fit->variables, x, document);
  nmd_buffer_printf(out,
                    "# fitted by nnpmd-fit (%s, seed %lld, %d islands of %lld, generation %lld): loss %.8g\n"
                    "# RMSE: energy %.6g eV/atom, force %.6g eV/A, stress %.6g GPa\npotential: ",
                    fit->ops->name, (long long)fit->input->seed, nmd_comm_size(fit->comm),
                    (long long)fit->input->population, (long long)fit->state.generation, loss, fit->parts.energy_rmse,
                    fit->parts.force_rmse, fit->parts.stress_rmse * NMD_EV_PER_A3_TO_GPA);
  if (status == NMD_OK) put_node(out, nmd_yaml_find(nmd_yaml_root(document), "potential"));
  nmd_buffer_text(out, "\n");
  nmd_yaml_destroy(document);
  return status;
}

static nmd_status put_parity(const nmd__field_fit *fit, nmd_buffer *energies, nmd_buffer *forces) {
  double *values;
  const int n = fit->set.n;
  NMD_TRY(NMD_ALLOC(values, 2 * n));
  const nmd_status status = nmd_labelled_energies(&fit->set, values, values + n);
  nmd_buffer_text(energies, "# label computed\n# eV/atom eV/atom\n");
  nmd_buffer_text(forces, "# label computed\n# eV/A eV/A\n");
  for (int k = 0; k < n && status == NMD_OK; k++) {
    const nmd_labelled_sample *s = &fit->set.samples[k];
    nmd_buffer_printf(energies, "%.10g %.10g\n", values[k], values[n + k]);
    for (int64_t i = 0; i < 3 * s->structure.n; i++)
      nmd_buffer_printf(forces, "%.8g %.8g\n", s->structure.f[i / 3][i % 3], s->force[i / 3][i % 3]);
  }
  nmd_free(values);
  return status;
}

static void put_pictures(const nmd__field_fit *fit, nmd_buffer *out) {
  nmd_buffer_text(out, "# gnuplot pictures.gnuplot: parity.png, rdf_*.png, adf_*.png\n");
  if (fit->set.n == 0) return;
  nmd_buffer_text(
      out, "set terminal pngcairo size 900,420 font ',11'\nset output 'parity.png'\nset multiplot layout 1,2\n"
           "set xlabel 'label (eV/atom)'\nset ylabel 'fit (eV/atom)'\n"
           "plot 'parity_energy.dat' with points pt 7 ps 0.6 lc rgb '#4c2a85' title 'energy', x notitle lc 'black'\n"
           "set xlabel 'label (eV/A)'\nset ylabel 'fit (eV/A)'\n"
           "plot 'parity_force.dat' with points pt 7 ps 0.2 lc rgb '#4c2a85' title 'forces', x notitle lc 'black'\n"
           "unset multiplot\n");
}

nmd_status nmd__fit_report(nmd__field_fit *fit, const double *x) {
  nmd_buffer text = {0}, energies = {0}, forces = {0}, pictures = {0};
  double loss;
  nmd_status why, status = nmd__fit_loss(fit, x, &loss, &why);
  if (status == NMD_OK) status = put_potential(fit, x, loss, &text);
  if (status == NMD_OK && fit->set.n > 0) status = put_parity(fit, &energies, &forces);
  if (status == NMD_OK) status = nmd__fit_write_text(fit, "fitted.yaml", &text);
  if (status == NMD_OK && fit->set.n > 0) status = nmd__fit_write_text(fit, "parity_energy.dat", &energies);
  if (status == NMD_OK && fit->set.n > 0) status = nmd__fit_write_text(fit, "parity_force.dat", &forces);
  put_pictures(fit, &pictures);
  if (status == NMD_OK) status = nmd__fit_report_dynamics(fit, &pictures);
  if (status == NMD_OK) status = nmd__fit_write_text(fit, "pictures.gnuplot", &pictures);
  nmd_buffer_free(&text);
  nmd_buffer_free(&energies);
  nmd_buffer_free(&forces);
  nmd_buffer_free(&pictures);
  return status;
}
