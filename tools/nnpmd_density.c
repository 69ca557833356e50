/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-density: time-averaged density of each element on a grid, for VESTA, OVITO and ParaView. */
#include <math.h>
#include <stdio.h>

#include "analysis/density.h"
#include "base/memory.h"
#include "base/vec3.h"
#include "frames.h"

typedef struct density_options {
  double spacing;
  int file_format;
  char *to;
} density_options;

enum { CUBE, VTK };

static const nmd_option density_option_list[] = {
    {"to", NMD_OPT_PATH, offsetof(density_options, to), .fallback = "density",
     .doc = "name in front of the files: NAME.Li.cube, ..."},
    {"file-format", NMD_OPT_CHOICE, offsetof(density_options, file_format), .fallback = "cube", .choices = "cube|vtk",
     .doc = "Gaussian cube (VESTA, OVITO) or legacy VTK (ParaView)"},
    {"spacing", NMD_OPT_REAL, offsetof(density_options, spacing), NMD_DIM_LENGTH, "0.3 A", 0, 0, .min_open = 1,
     .doc = "distance of the grid points, about"},
};
static const nmd_option_table density_table = {"density", "density maps", sizeof(density_options),
                                               NMD_COUNT(density_option_list), density_option_list};

typedef struct job {
  nmd_density density[NMD_ELEMENT_MAX];
  nmd_structure first; /* for orientation, in the cube files */
} job;

static nmd_status begin(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first) {
  job *j = context;
  const density_options *o = t->options;
  int n[3];
  double points = 1;
  for (int d = 0; d < 3; d++) {
    const double along = ceil(nmd_norm(first->atoms->box.h[d]) / o->spacing);
    points *= along;
    n[d] = along < 1e9 ? (int)along : 1000000000;
  }
  NMD_TRY(nmd_tool_claim_memory(t, (int64_t)(8 * points * frames->species.n), "the grids of all elements",
                                "take a wider --spacing"));
  for (int k = 0; k < frames->species.n; k++) NMD_TRY(nmd_density_init(&j->density[k], n));
  return nmd_structure_copy(first->atoms, &j->first);
}

static nmd_status visit(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame) {
  job *j = context;
  const nmd_structure *atoms = frame->atoms;
  (void)k;
  for (int s = 0; s < frames->species.n; s++)
    nmd_density_add(&j->density[s], &atoms->box, atoms->n, (const double(*)[3])atoms->x, frames->kind, s);
  return NMD_OK;
}

static nmd_status write_grid(tool *t, const job *j, const nmd_density *density, const char *element, char *path,
                             size_t size) {
  const density_options *o = t->options;
  nmd_buffer text = {0};
  char title[256];
  snprintf(path, size, "%s.%s.%s", o->to, element, o->file_format == CUBE ? "cube" : "vtk");
  snprintf(title, sizeof title, "%s, mean number density of %s, %lld frames", t->program, element,
           (long long)density->frames);
  if (o->file_format == CUBE)
    nmd_density_cube(density, title, &j->first, &text);
  else
    nmd_density_vtk(density, title, &text);
  const nmd_status status = tool_write_file(path, &text);
  nmd_buffer_free(&text);
  return status;
}

static double largest(const nmd_density *density) {
  double most = 0;
  for (int i = 0; i < density->n[0]; i++)
    for (int k = 0; k < density->n[1]; k++)
      for (int l = 0; l < density->n[2]; l++) most = fmax(most, nmd_density_at(density, i, k, l));
  return most;
}

/* A map of the density of the first element, averaged along c: to see at a glance whether there is anything to see. */
static void put_plot(tool *t, const tool_frames *frames, const job *j) {
  const nmd_density *d = &j->density[0];
  nmd_buffer_text(&t->plot, "$data << EOD\n");
  for (int i = 0; i < d->n[0]; i++, nmd_buffer_text(&t->plot, "\n"))
    for (int k = 0; k < d->n[1]; k++) {
      double sum = 0;
      for (int l = 0; l < d->n[2]; l++) sum += nmd_density_at(d, i, k, l);
      nmd_buffer_printf(&t->plot, "%.5f %.5f %.6g\n", (double)i / d->n[0], (double)k / d->n[1], sum / d->n[2]);
    }
  nmd_buffer_printf(
      &t->plot,
      "EOD\nset xlabel 'along a (fractional)'\nset ylabel 'along b (fractional)'\nset cblabel 'density of %s, "
      "mean along c (1/Å^3)'\nset xrange [0:1]\nset yrange [0:1]\nset palette defined (0 'white', 1 'navy')\n"
      "unset key\nplot $data using 1:2:3 with image\n",
      tool_kind(frames, 0));
}

static nmd_status report(void *context, tool *t, const tool_frames *frames) {
  job *j = context;
  for (int k = 0; k < frames->species.n; k++) nmd_density_reduce(&j->density[k], t->comm);
  if (!t->root) return NMD_OK;
  nmd_tool_columns(t, "element file points_a points_b points_c mean largest", "- - 1 1 1 1/A^3 1/A^3");
  nmd_json_open(&t->json, "grids", '[');
  for (int k = 0; k < frames->species.n; k++) {
    const nmd_density *d = &j->density[k];
    char path[4096];
    NMD_TRY(write_grid(t, j, d, tool_kind(frames, k), path, sizeof path));
    const double mean = frames->population[k] / j->first.box.volume, most = largest(d);
    nmd_buffer_printf(&t->text, "%s %s %d %d %d %.6g %.6g\n", tool_kind(frames, k), path, d->n[0], d->n[1], d->n[2],
                      mean, most);
    nmd_json_open(&t->json, NULL, '{');
    nmd_json_text(&t->json, "element", tool_kind(frames, k));
    nmd_json_text(&t->json, "file", path);
    nmd_json_real(&t->json, "mean_per_A3", mean);
    nmd_json_real(&t->json, "largest_per_A3", most);
    nmd_json_close(&t->json);
  }
  nmd_json_close(&t->json);
  if (t->output->plot) put_plot(t, frames, j);
  return NMD_OK;
}

static const tool_visitor visitor = {begin, visit, report};

static nmd_status run(tool *t) {
  job *j;
  t->trajectory.timeless = true;
  t->trajectory.unwrap = NMD_UNWRAP_NONE;
  NMD_TRY(NMD_ALLOC(j, 1));
  const nmd_status status = tool_frames_visit(t, &visitor, false, j);
  for (int k = 0; k < NMD_COUNT(j->density); k++) nmd_density_free(&j->density[k]);
  nmd_structure_free(&j->first);
  nmd_free(j);
  return status;
}

static const nmd_tool definition = {.program = "nnpmd-density",
                                    .words = "TRAJECTORY...",
                                    .summary = "time-averaged density of each element on a grid",
                                    .description = "Where the atoms are: the number density of each element, averaged "
                                                   "over the frames on a grid that follows the cell, "
                                                   "as Gaussian cube (VESTA, OVITO) or legacy VTK (ParaView) files, "
                                                   "one an element. The sum over the grid times the "
                                                   "volume of a voxel is the number of atoms. --species takes some "
                                                   "elements only. Under mpirun the ranks share the "
                                                   "frames.",
                                    .options = &density_table,
                                    .min_words = 1,
                                    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
