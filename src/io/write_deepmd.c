/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_deepmd.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/buffer.h"
#include "io/file_atomic.h"
#include "io/npy.h"
#include "system/element.h"

enum { NAME = 256 };

/* A frame and the name of the folder it belongs to. */
typedef struct entry {
  char name[NAME];
  int64_t frame;
} entry;

typedef struct writer {
  const nmd_structure *structures;
  nmd_species species;
  entry *entries; /* [n] sorted by name, then frame */
  int64_t n;
} writer;

/* "Au12Li8", "Au12Li8_open", "Au12Li8_noforce_nostress" */
static nmd_status name_entry(const nmd_structure *s, int64_t frame, entry *e) {
  nmd_species species;
  const bool *p = s->box.periodic;
  const int axes = p[0] + p[1] + p[2];
  if (!s->has_energy) NMD_FAIL(CONFLICT, "frame %lld has no energy; expected labelled structures", (long long)frame);
  if (axes != 0 && axes != 3)
    NMD_FAIL(CONFLICT,
             "frame %lld is periodic along %d axes; DeePMD knows all or none; leave vacuum along the others and "
             "set pbc=\"T T T\"",
             (long long)frame, axes);
  nmd_species_init(&species, s->atomic_number, (long)s->n);
  int used = 0;
  for (int k = 0; k < species.n && used < NAME - 40; k++) {
    int64_t count = 0;
    for (int64_t i = 0; i < s->n; i++) count += s->atomic_number[i] == species.atomic_number[k];
    used += snprintf(e->name + used, (size_t)(NAME - used), "%s%lld", nmd_element_symbol(species.atomic_number[k]),
                     (long long)count);
  }
  snprintf(e->name + used, (size_t)(NAME - used), "%s%s%s", axes == 0 ? "_open" : "", s->f == NULL ? "_noforce" : "",
           axes == 3 && !s->has_stress ? "_nostress" : "");
  e->frame = frame;
  return NMD_OK;
}

static int by_name(const void *a, const void *b) {
  const entry *x = a, *y = b;
  const int order = strcmp(x->name, y->name);
  return order != 0 ? order : (x->frame > y->frame) - (x->frame < y->frame);
}

/* place[k]: the atom that becomes number k */
static void sort_atoms(const nmd_structure *s, int64_t *place) {
  int64_t k = 0;
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++)
    for (int64_t i = 0; i < s->n && k < s->n; i++)
      if (s->atomic_number[i] == z) place[k++] = i;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
  (void)info, (void)kind, (void)where;
  return remove(path);
}

/* What an earlier attempt left behind must not mix with this one. */
static void remove_folder(const char *path) { (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

static nmd_status make_folder(const char *path) {
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return NMD_OK;
  NMD_FAIL(WRITE, "%s: the folder cannot be made: %s", path, strerror(errno));
}

static nmd_status write_text(const char *folder, const char *file, const nmd_buffer *text) {
  char *path;
  NMD_TRY(nmd_path_join(folder, file, &path));
  const nmd_status status = nmd_file_write_atomic(path, text->data != NULL ? text->data : "", text->length, 1);
  nmd_free(path);
  return status;
}

static nmd_status write_types(const writer *w, const char *folder, const nmd_structure *s, const int64_t *place) {
  nmd_buffer text = {0};
  for (int64_t k = 0; k < s->n; k++)
    nmd_buffer_printf(&text, "%d\n", nmd_species_index(&w->species, s->atomic_number[place[k]]));
  nmd_status status = text.status;
  if (status == NMD_OK) status = write_text(folder, "type.raw", &text);
  nmd_buffer_clear(&text);
  for (int k = 0; k < w->species.n; k++)
    nmd_buffer_printf(&text, "%s\n", nmd_element_symbol(w->species.atomic_number[k]));
  if (status == NMD_OK) status = write_text(folder, "type_map.raw", &text);
  nmd_buffer_clear(&text);
  if (status == NMD_OK && !s->box.periodic[0]) status = write_text(folder, "nopbc", &text);
  nmd_buffer_free(&text);
  return status;
}

/* One array of a set; `fill` puts the `columns` numbers of a frame. */
typedef void filler(const nmd_structure *s, const int64_t *place, double *row);

static nmd_status write_array(const writer *w, const entry *first, int64_t count, const char *set, const char *name,
                              int64_t columns, filler *fill) {
  double *values;
  int64_t *place;
  char *path;
  NMD_TRY(nmd_path_join(set, name, &path));
  nmd_status status = NMD_ALLOC(values, count * (columns > 0 ? columns : 1));
  if (status == NMD_OK) {
    status = NMD_ALLOC(place, w->structures[first->frame].n);
    for (int64_t k = 0; k < count && status == NMD_OK; k++) {
      const nmd_structure *s = &w->structures[first[k].frame];
      sort_atoms(s, place);
      fill(s, place, values + k * (columns > 0 ? columns : 1));
    }
    if (status == NMD_OK) nmd_free(place);
    if (status == NMD_OK) status = nmd_npy_write(path, values, count, columns);
    nmd_free(values);
  }
  nmd_free(path);
  return status;
}

static void fill_coord(const nmd_structure *s, const int64_t *place, double *row) {
  for (int64_t k = 0; k < s->n; k++) /* the format has no origin of the cell */
    for (int d = 0; d < 3; d++) row[3 * k + d] = s->x[place[k]][d] - (s->box.periodic[0] ? s->box.origin[d] : 0.0);
}

static void fill_force(const nmd_structure *s, const int64_t *place, double *row) {
  for (int64_t k = 0; k < s->n; k++) memcpy(row + 3 * k, s->f[place[k]], sizeof s->f[0]);
}

static void fill_box(const nmd_structure *s, const int64_t *place, double *row) {
  (void)place;
  memcpy(row, s->box.h, sizeof s->box.h);
}

static void fill_energy(const nmd_structure *s, const int64_t *place, double *row) {
  (void)place;
  row[0] = s->energy;
}

static void fill_virial(const nmd_structure *s, const int64_t *place, double *row) {
  (void)place;
  for (int k = 0; k < 9; k++) row[k] = 0.0 - s->box.volume * s->stress[k / 3][k % 3];
}

static nmd_status write_set(const writer *w, const entry *first, int64_t count, const char *set) {
  const nmd_structure *s = &w->structures[first->frame];
  NMD_TRY(make_folder(set));
  NMD_TRY(write_array(w, first, count, set, "coord.npy", 3 * s->n, fill_coord));
  NMD_TRY(write_array(w, first, count, set, "box.npy", 9, fill_box));
  NMD_TRY(write_array(w, first, count, set, "energy.npy", 0, fill_energy));
  if (s->f != NULL) NMD_TRY(write_array(w, first, count, set, "force.npy", 3 * s->n, fill_force));
  if (s->box.periodic[0] && s->has_stress) NMD_TRY(write_array(w, first, count, set, "virial.npy", 9, fill_virial));
  return NMD_OK;
}

/* All frames with one name. */
static nmd_status write_system(const writer *w, const entry *first, int64_t count, const char *folder) {
  const nmd_structure *s = &w->structures[first->frame];
  int64_t *place;
  NMD_TRY(make_folder(folder));
  NMD_TRY(NMD_ALLOC(place, s->n));
  sort_atoms(s, place);
  nmd_status status = write_types(w, folder, s, place);
  nmd_free(place);
  for (int64_t done = 0, set = 0; done < count && status == NMD_OK; done += NMD_DEEPMD_SET_SIZE, set++) {
    char name[32], *path;
    snprintf(name, sizeof name, "set.%03lld", (long long)set);
    NMD_TRY(nmd_path_join(folder, name, &path));
    const int64_t rest = count - done;
    status = write_set(w, first + done, rest < NMD_DEEPMD_SET_SIZE ? rest : NMD_DEEPMD_SET_SIZE, path);
    nmd_free(path);
  }
  return status;
}

static nmd_status write_all(const writer *w, const char *folder) {
  NMD_TRY(make_folder(folder));
  for (int64_t k = 0, next; k < w->n; k = next) {
    char *path;
    for (next = k + 1; next < w->n && strcmp(w->entries[next].name, w->entries[k].name) == 0;) next++;
    NMD_TRY(nmd_path_join(folder, w->entries[k].name, &path));
    const nmd_status status = write_system(w, &w->entries[k], next - k, path);
    nmd_free(path);
    NMD_TRY(status);
  }
  return NMD_OK;
}

static void add_elements(writer *w) {
  bool seen[NMD_ELEMENT_MAX + 1] = {false};
  int present[NMD_ELEMENT_MAX], n = 0;
  for (int64_t k = 0; k < w->n; k++)
    for (int64_t i = 0; i < w->structures[k].n; i++) seen[w->structures[k].atomic_number[i]] = true;
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++)
    if (seen[z]) present[n++] = z;
  nmd_species_init(&w->species, present, n);
}

nmd_status nmd_deepmd_write(const char *folder, const nmd_structure *structures, int64_t n) {
  struct stat info;
  writer w = {.structures = structures, .n = n};
  char part[4096];
  if (stat(folder, &info) == 0)
    NMD_FAIL(CONFLICT, "%s: exists already; expected a new folder; remove it or choose another name", folder);
  if (snprintf(part, sizeof part, "%s.part", folder) >= (int)sizeof part)
    NMD_FAIL(WRITE, "%s: the path is too long", folder);
  NMD_TRY(NMD_ALLOC(w.entries, n));
  nmd_status status = NMD_OK;
  for (int64_t k = 0; k < n && status == NMD_OK; k++) status = name_entry(&structures[k], k, &w.entries[k]);
  if (status == NMD_OK) {
    if (n > 0) qsort(w.entries, (size_t)n, sizeof *w.entries, by_name);
    add_elements(&w);
    remove_folder(part);
    status = write_all(&w, part);
  }
  if (status == NMD_OK && rename(part, folder) != 0)
    status = nmd_fail(NMD_WRITE, "%s: cannot be put in place: %s", folder, strerror(errno));
  if (status != NMD_OK) remove_folder(part);
  nmd_free(w.entries);
  return status;
}
