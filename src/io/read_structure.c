/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of formats, the choice among them, and the loop over frames. */
#include "io/read_structure.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "io/netcdf_header.h"
#include "io/read_deepmd.h"
#include "io/read_format.h"
#include "io/read_netcdf.h"

/* Not text, any frame at any time: read by read_netcdf.c, recognised by its first bytes. */
static const nmd__structure_format netcdf_format = {
    .name = "netcdf", .doc = "AMBER NetCDF trajectory (classic NetCDF: CDF-1, CDF-2, CDF-5)", .name_parts = "|"};

/* In the order in which their look is tried: the most telling first. */
static const nmd__structure_format *const formats[] = {
    &nmd__format_input_data,
    &nmd__format_extxyz,
    &nmd__format_lammps_dump,
    &nmd__format_lammps_data,
    &nmd__format_outcar,
    &nmd__format_vasprun,
    &nmd__format_deepmd,
    &nmd__format_xdatcar,
    &nmd__format_poscar,
    &netcdf_format,
};
enum { N_FORMATS = sizeof formats / sizeof formats[0] };

struct nmd_structure_reader {
  nmd_source source;
  nmd_netcdf *netcdf; /* instead of the text of source; or NULL */
  const nmd__structure_format *format;
  nmd_read_options options;
  int64_t frame;
  bool end, folder;
  char place[1024];
};

int nmd_structure_format_count(void) { return N_FORMATS; }
const char *nmd_structure_format_name(int index) { return formats[index]->name; }
const char *nmd_structure_format_doc(int index) { return formats[index]->doc; }

/* Does a name without folder and .gz or .zst match one of "|.end|^beginning|"? */
static bool name_matches(const char *name, size_t length, const char *parts) {
  for (const char *part = parts + 1; *part != '\0'; part += strcspn(part, "|") + 1) {
    const size_t n = strcspn(part, "|");
    if (*part == '^' && length >= n - 1 && strncasecmp(name, part + 1, n - 1) == 0) return true;
    if (*part == '.' && length > n && strncasecmp(name + length - n, part, n) == 0) return true;
  }
  return false;
}

static const nmd__structure_format *format_of(const char *path, const char *head) {
  const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
  size_t length = strlen(name);
  if (length > 3 && strcmp(name + length - 3, ".gz") == 0) length -= 3;
  if (length > 4 && strcmp(name + length - 4, ".zst") == 0) length -= 4;
  for (int i = 0; i < N_FORMATS; i++)
    if (name_matches(name, length, formats[i]->name_parts)) return formats[i];
  for (int i = 0; i < N_FORMATS; i++)
    if (formats[i]->fits != NULL && formats[i]->fits(head)) return formats[i];
  return NULL;
}

static void list_names(char *list, size_t size) {
  size_t used = 0;
  for (int i = 0; i < N_FORMATS && used < size; i++)
    used += (size_t)snprintf(list + used, size - used, "%s%s", i > 0 ? ", " : "", formats[i]->name);
}

static nmd_status choose_format(nmd_structure_reader *reader) {
  const char *wanted = reader->options.format;
  if (reader->folder) wanted = nmd__format_deepmd.name; /* the only format that is a folder */
  char names[256];
  list_names(names, sizeof names);
  if (wanted == NULL) {
    reader->format = format_of(reader->source.name, nmd_source_head(&reader->source));
    if (reader->format != NULL) return NMD_OK;
    reader->source.line = 1;
    return nmd_source_fail(
        &reader->source, NULL, NMD_FILE_FORMAT,
        "neither name nor content tells the format; expected one of: %s; name the format (of CIF files "
        "ASE makes one: ase convert a.cif a.extxyz)",
        names);
  }
  for (int i = 0; i < N_FORMATS; i++)
    if (strcmp(formats[i]->name, wanted) == 0) {
      reader->format = formats[i];
      return NMD_OK;
    }
  NMD_FAIL(BAD_CHOICE, "%s: unknown structure format '%.40s'; expected one of: %s", reader->source.name, wanted, names);
}

/* NetCDF by its first bytes, whatever its name; bytes NULL: from the path. */
static nmd_status open_netcdf(nmd_structure_reader *fresh, const void *bytes, size_t length) {
  const char *wanted = fresh->options.format;
  const bool fits = nmd__nc_is_magic(fresh->source.block, fresh->source.block_length);
  if (wanted != NULL ? strcmp(wanted, netcdf_format.name) != 0 : !fits) return NMD_OK;
  fresh->format = &netcdf_format;
  return bytes != NULL ? nmd_netcdf_open_bytes(fresh->source.name, bytes, length, &fresh->options, &fresh->netcdf)
                       : nmd_netcdf_open(fresh->source.name, &fresh->options, &fresh->netcdf);
}

static nmd_status finish_open(nmd_structure_reader *fresh, const nmd_read_options *options, const void *bytes,
                              size_t length, nmd_structure_reader **reader) {
  if (options != NULL) fresh->options = *options;
  if (fresh->options.length_unit == 0.0) fresh->options.length_unit = 1.0;
  if (fresh->options.energy_unit == 0.0) fresh->options.energy_unit = 1.0;
  nmd_status status = open_netcdf(fresh, bytes, length);
  if (status == NMD_OK && fresh->netcdf == NULL) status = choose_format(fresh);
  if (status == NMD_OK) *reader = fresh;
  else nmd_structure_reader_close(fresh);
  return status;
}

nmd_status nmd_structure_reader_open(const char *path, const nmd_read_options *options, nmd_structure_reader **reader) {
  nmd_structure_reader *fresh;
  NMD_TRY(NMD_ALLOC(fresh, 1));
  fresh->folder = nmd__deepmd_is_folder(path);
  const nmd_status status =
      fresh->folder ? nmd_source_open_bytes(path, "", 0, &fresh->source) : nmd_source_open(path, &fresh->source);
  if (status == NMD_OK) return finish_open(fresh, options, NULL, 0, reader);
  nmd_free(fresh);
  return status;
}

nmd_status nmd_structure_reader_open_bytes(const char *name, const void *bytes, size_t length,
                                           const nmd_read_options *options, nmd_structure_reader **reader) {
  nmd_structure_reader *fresh;
  NMD_TRY(NMD_ALLOC(fresh, 1));
  const nmd_status status = nmd_source_open_bytes(name, bytes, length, &fresh->source);
  if (status == NMD_OK) return finish_open(fresh, options, bytes, length, reader);
  nmd_free(fresh);
  return status;
}

static nmd_status next_of_netcdf(nmd_structure_reader *reader, nmd_structure *out) {
  reader->end = reader->frame >= nmd_netcdf_summarise(reader->netcdf)->n_announced;
  return reader->end ? NMD_OK : nmd_netcdf_frame(reader->netcdf, reader->frame, out);
}

static nmd_status next_of_text(nmd_structure_reader *reader, nmd_structure *out) {
  NMD_TRY(reader->format->read(&reader->source, &reader->options, out, &reader->end));
  return reader->end ? NMD_OK : nmd__check_finite(&reader->source, out);
}

nmd_status nmd_structure_reader_next(nmd_structure_reader *reader, nmd_structure *out, bool *end) {
  *out = (nmd_structure){0};
  nmd_status status = NMD_OK;
  if (!reader->end) status = reader->netcdf != NULL ? next_of_netcdf(reader, out) : next_of_text(reader, out);
  if (status != NMD_OK || reader->end) nmd_structure_free(out);
  if (status != NMD_OK) reader->end = true;
  *end = reader->end;
  if (!reader->end) reader->frame++;
  return status;
}

int64_t nmd_structure_reader_frame(const nmd_structure_reader *reader) { return reader->frame; }
const char *nmd_structure_reader_format(const nmd_structure_reader *reader) { return reader->format->name; }

const char *nmd_structure_reader_place(nmd_structure_reader *reader) {
  if (reader->netcdf != NULL)
    snprintf(reader->place, sizeof reader->place, "%s: frame %lld", reader->source.name, (long long)reader->frame - 1);
  else
    snprintf(reader->place, sizeof reader->place, "%s:%lld", reader->source.name, (long long)reader->source.line);
  return reader->place;
}

bool nmd_structure_reader_exhausted(const nmd_structure_reader *reader) {
  if (reader->netcdf != NULL) return reader->frame >= nmd_netcdf_summarise(reader->netcdf)->n_frames;
  return reader->source.finished && reader->source.block_at == reader->source.block_length;
}

void nmd_structure_reader_close(nmd_structure_reader *reader) {
  if (reader == NULL) return;
  nmd_netcdf_close(reader->netcdf);
  nmd_source_close(&reader->source);
  nmd_free(reader);
}

/* NetCDF needs no walk. */
static nmd_status read_netcdf_frame(const nmd_netcdf *file, int64_t frame, nmd_structure *out) {
  return nmd_netcdf_frame(file, frame < 0 ? nmd_netcdf_summarise(file)->n_announced - 1 : frame, out);
}

/* Walks to the wanted frame, keeping the latest for "the last". */
static nmd_status read_frame(nmd_structure_reader *reader, int64_t frame, nmd_structure *out) {
  for (;;) {
    nmd_structure next;
    bool end;
    const nmd_status status = nmd_structure_reader_next(reader, &next, &end);
    if (status != NMD_OK) nmd_structure_free(out);
    NMD_TRY(status);
    if (end && frame < 0 && reader->frame > 0) return NMD_OK;
    if (end) {
      nmd_structure_free(out);
      if (reader->frame == 0) {
        reader->source.line = 1;
        return nmd_source_fail(&reader->source, NULL, NMD_FILE_TRUNCATED,
                               "the file holds no structure; expected one in the format %s; check the path",
                               reader->format->name);
      }
      NMD_FAIL(OUT_OF_RANGE, "%s: frame %lld does not exist; expected 0 to %lld, or -1 for the last",
               reader->source.name, (long long)frame, (long long)reader->frame - 1);
    }
    nmd_structure_free(out);
    *out = next;
    if (frame == reader->frame - 1) return NMD_OK;
  }
}

nmd_status nmd_structure_read(const char *path, const nmd_read_options *options, int64_t frame, nmd_structure *out) {
  *out = (nmd_structure){0};
  if (frame < -1)
    NMD_FAIL(OUT_OF_RANGE, "%s: frame %lld; expected 0 (the first) or more, or -1 for the last", path,
             (long long)frame);
  nmd_structure_reader *reader;
  NMD_TRY(nmd_structure_reader_open(path, options, &reader));
  const nmd_status status = reader->netcdf != NULL ? read_netcdf_frame(reader->netcdf, frame, out)
                                                   : read_frame(reader, frame, out);
  nmd_structure_reader_close(reader);
  return status;
}
