/* SPDX-License-Identifier: BSD-3-Clause */
/* How many atoms there are of each element: for stages that change it (semi-grand-canonical Monte Carlo). */
#include <stdio.h>

#include "base/memory.h"
#include "output/output.h"
#include "output/text_file.h"

typedef struct composition_parameters {
  char unused; /* C has no empty structs */
} composition_parameters;

static const nmd_option_table composition_table = {"composition", "number of atoms of each element in time",
                                                   sizeof(composition_parameters), 0, NULL};

typedef struct composition {
  const char *path;           /* not owned */
  const nmd_species *species; /* not owned */
  nmd_text_file file;
} composition;

static void composition_destroy(void *opaque) {
  composition *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd_free(self);
}

static nmd_status composition_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  (void)parameters;
  composition *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->path = path;
  self->species = species;
  *out = self;
  return NMD_OK;
}

static int composition_wants(const void *self) {
  (void)self;
  return 0;
}

static nmd_status composition_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  composition *self = opaque;
  char head[64 + 8 * NMD_ELEMENT_MAX];
  int used = snprintf(head, sizeof head, "# step time");
  for (int s = 0; s < self->species->n; s++)
    used +=
        snprintf(head + used, sizeof head - (size_t)used, " N_%s", nmd_element_symbol(self->species->atomic_number[s]));
  used += snprintf(head + used, sizeof head - (size_t)used, "\n# 1 fs");
  for (int s = 0; s < self->species->n; s++) used += snprintf(head + used, sizeof head - (size_t)used, " 1");
  snprintf(head + used, sizeof head - (size_t)used, "\n");
  return nmd_text_file_begin(&self->file, comm, self->path, offset, head);
}

static nmd_status composition_write(void *opaque, const nmd_observation *seen) {
  composition *self = opaque;
  int64_t count[NMD_ELEMENT_MAX] = {0};
  for (int i = 0; i < seen->atoms->n_owned; i++) count[seen->atoms->species[i]]++;
  nmd_comm_sum_int(seen->comm, count, self->species->n);
  char row[64 + 24 * NMD_ELEMENT_MAX];
  int used = snprintf(row, sizeof row, "%lld %.3f", (long long)seen->step, seen->time);
  for (int s = 0; s < self->species->n; s++)
    used += snprintf(row + used, sizeof row - (size_t)used, " %lld", (long long)count[s]);
  used += snprintf(row + used, sizeof row - (size_t)used, "\n");
  return nmd_text_file_write(&self->file, row, (size_t)used);
}

static nmd_status composition_flush(void *opaque, int64_t *offset) {
  return nmd_text_file_flush(&((composition *)opaque)->file, offset);
}

extern const nmd_output_ops nmd__output_composition;
const nmd_output_ops nmd__output_composition = {
    .name = "composition",
    .options = &composition_table,
    .default_file = "composition.dat",
    .create = composition_create,
    .wants = composition_wants,
    .begin = composition_begin,
    .write = composition_write,
    .flush = composition_flush,
    .destroy = composition_destroy,
};
