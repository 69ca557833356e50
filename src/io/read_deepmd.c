/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders of DeePMD-kit ("deepmd/npy"): type.raw, type_map.raw, set.NNN/ with coord.npy (A), box.npy (A, rows a b c),
 * energy.npy (eV), force.npy (eV/A), virial.npy (eV, = -volume * stress), and perhaps real_atom_types.npy; a file
 * `nopbc` marks clusters. A folder without type.raw is searched for such folders, in order of name. Definition:
 * https://docs.deepmodeling.com/projects/deepmd/en/master/data/system.html */
#include "io/read_deepmd.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/npy.h"
#include "io/read_format.h"

typedef struct name_list {
  char **items;
  int n;
} name_list;

typedef struct deepmd {
  name_list systems, sets; /* paths */
  int system, set;         /* the next ones */
  int64_t n, frame, frames;
  int *type;    /* [n] of type.raw */
  int *element; /* [n_map] atomic numbers of type_map.raw */
  int n_map;
  bool open; /* nopbc */
  nmd_npy coord, box, energy, force, virial, types;
} deepmd;

static void free_names(name_list *list) {
  for (int k = 0; k < list->n; k++) nmd_free(list->items[k]);
  nmd_free(list->items);
  *list = (name_list){0};
}

static void free_set(deepmd *d) {
  nmd_npy *arrays[] = {&d->coord, &d->box, &d->energy, &d->force, &d->virial, &d->types};
  for (int k = 0; k < 6; k++) nmd_npy_free(arrays[k]);
  d->frame = d->frames = 0;
}

static void free_deepmd(void *opaque) {
  deepmd *d = opaque;
  free_set(d);
  free_names(&d->systems);
  free_names(&d->sets);
  nmd_free(d->type);
  nmd_free(d->element);
  nmd_free(d);
}

bool nmd__deepmd_is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool exists(const char *folder, const char *file) {
  struct stat info;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, file);
  return stat(path, &info) == 0;
}

static nmd_status add_name(name_list *list, const char *folder, const char *name) {
  NMD_TRY(NMD_GROW(list->items, list->n, list->n + 1));
  NMD_TRY(nmd_path_join(folder, name, &list->items[list->n]));
  list->n++;
  return NMD_OK;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* The folders inside `folder` whose names begin with `begin`, sorted. */
static nmd_status list_folders(const char *folder, const char *begin, name_list *list) {
  DIR *handle = opendir(folder);
  if (handle == NULL) NMD_FAIL(FILE_MISSING, "%s: the folder cannot be read; check the path", folder);
  nmd_status status = NMD_OK;
  const struct dirent *entry;
  while (status == NMD_OK && (entry = readdir(handle)) != NULL) {
    if (entry->d_name[0] == '.' || strncmp(entry->d_name, begin, strlen(begin)) != 0) continue;
    status = add_name(list, folder, entry->d_name);
    if (status != NMD_OK || nmd__deepmd_is_folder(list->items[list->n - 1])) continue;
    nmd_free(list->items[--list->n]);
  }
  closedir(handle);
  if (list->n > 0) qsort(list->items, (size_t)list->n, sizeof *list->items, by_name);
  return status;
}

static nmd_status find_systems(const char *folder, int depth, name_list *found) {
  if (exists(folder, "type.raw")) {
    NMD_TRY(NMD_GROW(found->items, found->n, found->n + 1));
    return nmd_strdup(folder, &found->items[found->n++]);
  }
  if (depth == 0) return NMD_OK;
  name_list inside = {0};
  nmd_status status = list_folders(folder, "", &inside);
  for (int k = 0; k < inside.n && status == NMD_OK; k++) status = find_systems(inside.items[k], depth - 1, found);
  free_names(&inside);
  return status;
}

/* type_map.raw: symbols; DeePMD may do without it, elements cannot be known then. */
static nmd_status read_map(const char *system, deepmd *d) {
  char *path;
  nmd_source source;
  NMD_TRY(nmd_path_join(system, "type_map.raw", &path));
  nmd_status status = nmd_source_open(path, &source);
  nmd_free(path);
  if (status != NMD_OK) return nmd_fail_prefix(status, "DeePMD folder without type_map.raw; list its elements there");
  d->n_map = 0;
  for (bool end = false; status == NMD_OK;) {
    char *words[120];
    status = nmd_source_next(&source, &end);
    if (status != NMD_OK || end) break;
    const int found = nmd_source_words(&source, words, 120);
    for (int k = 0; k < found && status == NMD_OK; k++) {
      status = NMD_GROW(d->element, d->n_map, d->n_map + 1);
      if (status == NMD_OK) status = nmd_source_element(&source, words[k], &d->element[d->n_map++]);
    }
  }
  nmd_source_close(&source);
  return status;
}

/* The types of a line, which may be all of them. */
static nmd_status add_types(nmd_source *source, deepmd *d, int64_t *capacity) {
  char **words;
  const int most = (int)(source->length / 2 + 1);
  NMD_TRY(NMD_ALLOC(words, most));
  const int found = nmd_source_words(source, words, most);
  nmd_status status = NMD_OK;
  if (d->n + found > *capacity) status = NMD_GROW(d->type, d->n, *capacity = 2 * (d->n + found) + 64);
  for (int k = 0; k < found && status == NMD_OK; k++) {
    int64_t value = 0;
    status = nmd_source_int(source, words[k], "atom type", 0, d->n_map - 1, &value);
    d->type[d->n++] = (int)value;
  }
  nmd_free(words);
  return status;
}

static nmd_status read_types(const char *system, deepmd *d) {
  char *path;
  nmd_source source;
  NMD_TRY(nmd_path_join(system, "type.raw", &path));
  nmd_status status = nmd_source_open(path, &source);
  nmd_free(path);
  NMD_TRY(status);
  d->n = 0;
  int64_t capacity = 0;
  for (bool end = false; status == NMD_OK;) {
    status = nmd_source_next(&source, &end);
    if (status != NMD_OK || end) break;
    status = add_types(&source, d, &capacity);
  }
  if (status == NMD_OK && d->n == 0)
    status = nmd_source_fail(&source, NULL, NMD_FILE_TRUNCATED, "no atom types; expected one number an atom");
  nmd_source_close(&source);
  return status;
}

/* An array of the set, [frames][columns]; a missing one stays empty unless it is required. */
static nmd_status read_array(deepmd *d, const char *set, const char *name, int64_t columns, bool required,
                             nmd_npy *out) {
  char *path;
  if (!required && !exists(set, name)) return NMD_OK;
  NMD_TRY(nmd_path_join(set, name, &path));
  nmd_status status = nmd_npy_read(path, out);
  const int64_t frames = out->n_dimensions > 0 ? out->shape[0] : 0;
  if (status == NMD_OK && d->frames == 0) d->frames = frames;
  if (status == NMD_OK && (frames != d->frames || out->count != frames * columns || frames == 0))
    status = nmd_fail(NMD_FILE_FORMAT,
                      "%s: byte 10: %lld frames, %lld values; expected %lld frames of %lld values (%lld atoms "
                      "in type.raw)",
                      path, (long long)frames, (long long)out->count, (long long)d->frames, (long long)columns,
                      (long long)d->n);
  for (int64_t k = 0; k < out->count && status == NMD_OK; k++)
    if (!isfinite(out->values[k]))
      status = nmd_fail(NMD_BAD_NUMBER, "%s: value %lld of frame %lld is not finite; correct or drop the frame", path,
                        (long long)(k % columns) + 1, (long long)(k / columns));
  nmd_free(path);
  return status;
}

static nmd_status read_set(deepmd *d, const char *set) {
  free_set(d);
  NMD_TRY(read_array(d, set, "coord.npy", 3 * d->n, true, &d->coord));
  NMD_TRY(read_array(d, set, "box.npy", 9, !d->open, &d->box));
  NMD_TRY(read_array(d, set, "energy.npy", 1, false, &d->energy));
  NMD_TRY(read_array(d, set, "force.npy", 3 * d->n, false, &d->force));
  NMD_TRY(read_array(d, set, "virial.npy", 9, false, &d->virial));
  return read_array(d, set, "real_atom_types.npy", d->n, false, &d->types);
}

static nmd_status open_system(deepmd *d, const char *system) {
  NMD_TRY(read_map(system, d));
  NMD_TRY(read_types(system, d));
  d->open = exists(system, "nopbc");
  free_names(&d->sets);
  d->set = 0;
  NMD_TRY(list_folders(system, "set.", &d->sets));
  if (d->sets.n > 0) return NMD_OK;
  NMD_FAIL(FILE_MISSING, "%s: no folder set.000; expected the sets of a DeePMD system; check the path", system);
}

/* Makes d->frame a frame that is there, or *end. */
static nmd_status advance(deepmd *d, bool *end) {
  *end = false;
  while (d->frame == d->frames) {
    if (d->set < d->sets.n)
      NMD_TRY(read_set(d, d->sets.items[d->set++]));
    else if (d->system < d->systems.n)
      NMD_TRY(open_system(d, d->systems.items[d->system++]));
    else {
      *end = true;
      return NMD_OK;
    }
  }
  return NMD_OK;
}

static nmd_status take_elements(const deepmd *d, nmd_structure *out) {
  for (int64_t i = 0; i < d->n; i++) {
    const double type = d->types.values != NULL ? d->types.values[d->frame * d->n + i] : d->type[i];
    if (!(type >= 0.0 && type < d->n_map))
      NMD_FAIL(OUT_OF_RANGE,
               "%s/real_atom_types.npy: frame %lld: type %g; expected 0 to %d; padded frames are not read",
               d->sets.items[d->set - 1], (long long)d->frame, type, d->n_map - 1);
    out->atomic_number[i] = d->element[(int)type];
  }
  return NMD_OK;
}

static nmd_status deliver(const nmd_source *source, deepmd *d, nmd_structure *out) {
  NMD_TRY(nmd_structure_init(out, d->n));
  NMD_TRY(take_elements(d, out));
  const int64_t n3 = 3 * d->n, k = d->frame;
  memcpy(out->x, d->coord.values + k * n3, (size_t)n3 * sizeof(double));
  if (d->force.values != NULL) {
    NMD_TRY(nmd_structure_need_forces(out));
    memcpy(out->f, d->force.values + k * n3, (size_t)n3 * sizeof(double));
  }
  out->has_energy = d->energy.values != NULL;
  if (out->has_energy) out->energy = d->energy.values[k];
  if (d->open)
    NMD_TRY(nmd__box_around(source, out));
  else {
    double h[3][3];
    memcpy(h, d->box.values + k * 9, sizeof h);
    const nmd_status status = nmd_box_init(&out->box, h, NULL, NULL);
    if (status != NMD_OK)
      return nmd_fail_prefix(status, "%s/box.npy: frame %lld", d->sets.items[d->set - 1], (long long)k);
  }
  out->has_stress = d->virial.values != NULL && !d->open;
  for (int m = 0; m < 9 && out->has_stress; m++)
    out->stress[m / 3][m % 3] = 0.0 - d->virial.values[9 * k + m] / out->box.volume;
  d->frame++;
  return NMD_OK;
}

static bool fits(const char *head) {
  (void)head;
  return false; /* a folder is recognised as such */
}

static nmd_status read_frame(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  (void)options;
  if (source->memo == NULL) {
    deepmd *fresh;
    NMD_TRY(NMD_ALLOC(fresh, 1));
    source->memo = fresh;
    source->free_memo = free_deepmd;
    NMD_TRY(find_systems(source->name, 3, &fresh->systems));
    if (fresh->systems.n == 0)
      NMD_FAIL(FILE_MISSING,
               "%s: a folder without type.raw, also in the folders inside; expected a DeePMD data folder, or "
               "name the structure files themselves",
               source->name);
  }
  deepmd *d = source->memo;
  NMD_TRY(advance(d, end));
  return *end ? NMD_OK : deliver(source, d, out);
}

const nmd__structure_format nmd__format_deepmd = {
    .name = "deepmd",
    .doc = "folder of DeePMD-kit (type.raw, type_map.raw, set.*/coord.npy, ...), or of such folders",
    .name_parts = "|",
    .fits = fits,
    .read = read_frame,
};
