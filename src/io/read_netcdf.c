/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/read_netcdf.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/netcdf_elements.h"
#include "io/netcdf_header.h"
#include "io/read_format.h"

#define KCAL_PER_MOLE 0.0433641042 /* eV: 4184 J / mol */
#define SCALE_MAX 1e30             /* of scale_factor: far beyond any unit */
enum { HEADER_MAX = 1 << 20, CHUNK = 16384 /* values converted at a time: stay in the cache */ };

struct nmd_netcdf {
  char *name;     /* owned */
  int fd;         /* -1: from memory */
  uint8_t *bytes; /* owned, the file in memory; or NULL */
  int64_t size;
  nmd__nc_header header;
  const nmd__nc_variable *x, *v, *f, *time, *lengths, *angles, *origin;
  double x_scale, v_scale, f_scale, time_scale; /* unit and scale_factor together */
  int *number;                                  /* [n_atoms] */
  int64_t *id;
  nmd_netcdf_summary summary;
};

/* ---- bytes ---- */

static nmd_status fetch(const void *opaque, int64_t at, size_t length, void *out) {
  const nmd_netcdf *file = opaque;
  if (at < 0 || (int64_t)length > file->size || at > file->size - (int64_t)length)
    NMD_FAIL(FILE_TRUNCATED,
             "%s: byte %lld: %zu bytes are needed, the file has %lld; is the header damaged? copy the file "
             "again",
             file->name, (long long)at, length, (long long)file->size);
  if (file->bytes != NULL) {
    memcpy(out, file->bytes + at, length);
    return NMD_OK;
  }
  for (size_t done = 0; done < length;) {
    const ssize_t n = pread(file->fd, (char *)out + done, length - done, (off_t)(at + (int64_t)done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      NMD_FAIL(READ, "%s: byte %lld: read error: %s; check the disk, or whether the file was cut meanwhile", file->name,
               (long long)at + (long long)done, n < 0 ? strerror(errno) : "the file ends");
    done += (size_t)n;
  }
  return NMD_OK;
}

/* Both say whether all results are finite: an exponent of ones means infinity or no number. A scale is at most
 * SCALE_MAX, so that a single cannot leave the range of doubles by it. */
static bool convert_singles(const uint32_t *raw, size_t n, double scale, double *out) {
  const uint32_t ones = 0x7f800000u;
  uint32_t bad = 0;
  for (size_t k = 0; k < n; k++) {
    const uint32_t bits = __builtin_bswap32(raw[k]);
    float value;
    memcpy(&value, &bits, sizeof value);
    bad |= (bits & ones) == ones;
    out[k] = scale * (double)value;
  }
  return bad == 0;
}

static bool convert_doubles(const uint64_t *raw, size_t n, double scale, double *out) {
  const uint64_t ones = UINT64_C(0x7ff) << 52;
  uint64_t bad = 0;
  for (size_t k = 0; k < n; k++) {
    const uint64_t bits = __builtin_bswap64(raw[k]);
    double value;
    uint64_t scaled;
    memcpy(&value, &bits, sizeof value);
    out[k] = scale * value;
    memcpy(&scaled, &out[k], sizeof scaled);
    bad |= (scaled & ones) == ones;
  }
  return bad == 0;
}

/* Values first ... first + n - 1 of a record of the variable (of the whole, if it has no records). */
static nmd_status values_of(const nmd_netcdf *file, const nmd__nc_variable *v, int64_t frame, int64_t first, int64_t n,
                            double scale, double *out) {
  union {
    uint32_t singles[CHUNK];
    uint64_t doubles[CHUNK / 2];
  } raw;
  const bool single = v->type == NMD__NC_FLOAT;
  const size_t each = single ? 4 : 8, most = sizeof raw / each;
  int64_t at = v->begin + (v->record ? frame * file->header.record_bytes : 0) + first * (int64_t)each;
  for (size_t left = (size_t)n; left > 0;) {
    const size_t part = left < most ? left : most;
    NMD_TRY(fetch(file, at, part * each, &raw));
    const bool finite =
        single ? convert_singles(raw.singles, part, scale, out) : convert_doubles(raw.doubles, part, scale, out);
    if (!finite)
      NMD_FAIL(BAD_NUMBER, "%s: frame %lld, near byte %lld: %s has a value that is not finite; is the file damaged?",
               file->name, (long long)frame, (long long)at, v->name);
    out += part;
    at += (int64_t)(part * each);
    left -= part;
  }
  return NMD_OK;
}

/* ---- what is in the file ---- */

/* A variable [frame][atom][3] or the like, 32- or 64-bit reals; NULL if it is not there. */
static nmd_status find_reals(const nmd_netcdf *file, const char *name, int64_t count, const nmd__nc_variable **out) {
  const nmd__nc_variable *v = nmd__nc_find(&file->header, name);
  *out = v;
  if (v == NULL || (v->record && v->count == count && (v->type == NMD__NC_FLOAT || v->type == NMD__NC_DOUBLE)))
    return NMD_OK;
  NMD_FAIL(FILE_FORMAT,
           "%s: variable %s: type %d, %lld values a frame; expected real numbers, %lld a frame (AMBER "
           "convention)",
           file->name, name, v->type, (long long)v->count, (long long)count);
}

typedef struct unit_name {
  const char *name;
  double factor;
} unit_name;

/* The first unit is the one of the convention, taken where the file names none. */
static nmd_status scale_of(const nmd_netcdf *file, const nmd__nc_variable *v, const unit_name *units, double *scale) {
  *scale = 1;
  if (v == NULL) return NMD_OK;
  if (!(fabs(v->scale) <= SCALE_MAX))
    NMD_FAIL(BAD_NUMBER, "%s: %s: scale_factor %g; expected a number of at most %g; is the file damaged?", file->name,
             v->name, v->scale, SCALE_MAX);
  for (int k = 0; units[k].name != NULL; k++)
    if ((k == 0 && v->units[0] == '\0') || strcasecmp(v->units, units[k].name) == 0) {
      *scale = units[k].factor * v->scale;
      return NMD_OK;
    }
  NMD_FAIL(WRONG_UNIT, "%s: %s: unit \"%s\"; expected \"%s\"; convert the file", file->name, v->name, v->units,
           units[0].name);
}

static nmd_status find_variables(nmd_netcdf *file) {
  static const unit_name length[] = {{"angstrom", 1}, {"A", 1}, {"nanometer", 10}, {NULL, 0}};
  static const unit_name velocity[] = {
      {"angstrom/picosecond", 1e-3}, {"A/ps", 1e-3}, {"angstrom/femtosecond", 1}, {NULL, 0}};
  static const unit_name force[] = {{"kilocalorie/mole/angstrom", KCAL_PER_MOLE}, {"eV/angstrom", 1}, {NULL, 0}};
  static const unit_name time[] = {{"picosecond", 1e3}, {"ps", 1e3}, {"femtosecond", 1}, {"fs", 1}, {NULL, 0}};
  const int64_t n = file->summary.n_atoms;
  NMD_TRY(find_reals(file, "coordinates", 3 * n, &file->x));
  if (file->x == NULL)
    NMD_FAIL(MISSING_KEY, "%s: no variable coordinates; expected an AMBER NetCDF trajectory", file->name);
  NMD_TRY(find_reals(file, "velocities", 3 * n, &file->v));
  NMD_TRY(find_reals(file, "forces", 3 * n, &file->f));
  NMD_TRY(find_reals(file, "time", 1, &file->time));
  NMD_TRY(find_reals(file, "cell_lengths", 3, &file->lengths));
  NMD_TRY(find_reals(file, "cell_angles", 3, &file->angles));
  NMD_TRY(find_reals(file, "cell_origin", 3, &file->origin));
  NMD_TRY(scale_of(file, file->x, length, &file->x_scale));
  NMD_TRY(scale_of(file, file->v, velocity, &file->v_scale));
  NMD_TRY(scale_of(file, file->f, force, &file->f_scale));
  return scale_of(file, file->time, time, &file->time_scale);
}

static nmd_status count_atoms(nmd_netcdf *file) {
  const nmd__nc_header *h = &file->header;
  for (int k = 0; k < h->n_dimensions; k++)
    if (strcmp(h->dimension[k].name, "atom") == 0) file->summary.n_atoms = h->dimension[k].length;
  if (file->summary.n_atoms > 0 && file->summary.n_atoms <= file->size / 12 + 1) return NMD_OK;
  NMD_FAIL(FILE_FORMAT,
           "%s: dimension atom is %lld; expected an AMBER NetCDF trajectory with 1 or more atoms that fit into "
           "the file of %lld bytes",
           file->name, (long long)file->summary.n_atoms, (long long)file->size);
}

/* The last record may lack the variables behind coordinates when it was cut: it does not count. */
static void count_frames(nmd_netcdf *file) {
  const nmd__nc_header *h = &file->header;
  int64_t first = INT64_MAX;
  for (int k = 0; k < h->n_variables; k++)
    if (h->variable[k].record && h->variable[k].begin < first) first = h->variable[k].begin;
  const int64_t whole = file->size > first ? (file->size - first) / h->record_bytes : 0;
  file->summary.n_announced = h->records < 0 ? whole : h->records;
  file->summary.n_frames = whole < file->summary.n_announced ? whole : file->summary.n_announced;
}

static nmd_status summarise(nmd_netcdf *file, const nmd_read_options *options) {
  NMD_TRY(count_atoms(file));
  NMD_TRY(find_variables(file));
  count_frames(file);
  nmd_netcdf_summary *s = &file->summary;
  s->has_velocities = file->v != NULL;
  s->has_forces = file->f != NULL;
  s->has_cell = file->lengths != NULL && file->angles != NULL;
  s->has_time = file->time != NULL;
  s->single = file->x->type == NMD__NC_FLOAT && file->x_scale == 1.0;
  s->unwrapped = strcmp(file->header.coordinates, "unwrapped") == 0;
  const nmd__nc_reader reader = {file->name, &file->header, s->n_atoms, s->n_frames, file, fetch};
  NMD_TRY(nmd__nc_elements(&reader, options, &file->number));
  NMD_TRY(nmd__nc_ids(&reader, &file->id));
  s->atomic_number = file->number;
  s->id = file->id;
  return NMD_OK;
}

/* ---- opening ---- */

static nmd_status read_header(nmd_netcdf *file, const nmd_read_options *options) {
  const size_t length = file->size < HEADER_MAX ? (size_t)file->size : HEADER_MAX;
  uint8_t *bytes;
  NMD_TRY(NMD_ALLOC(bytes, length));
  nmd_status status = fetch(file, 0, length, bytes);
  if (status == NMD_OK) status = nmd__nc_header_parse(file->name, bytes, length, file->size, &file->header);
  nmd_free(bytes);
  return status == NMD_OK ? summarise(file, options) : status;
}

static nmd_status open_file(const char *path, nmd_netcdf *file) {
  struct stat info;
  file->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (file->fd < 0 || fstat(file->fd, &info) != 0)
    NMD_FAIL(FILE_MISSING, "%s: cannot be opened: %s; check the path", path, strerror(errno));
  if (!S_ISREG(info.st_mode))
    NMD_FAIL(FILE_FORMAT, "%s: is no regular file; expected a NetCDF file, which is read in any order", path);
  file->size = info.st_size;
  return NMD_OK;
}

nmd_status nmd_netcdf_open(const char *path, const nmd_read_options *options, nmd_netcdf **out) {
  nmd_netcdf *file;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(file, 1));
  file->fd = -1;
  nmd_status status;
  NMD_GOTO(nmd_strdup(path, &file->name));
  NMD_GOTO(open_file(path, file));
  NMD_GOTO(read_header(file, options));
  *out = file;
  return NMD_OK;
done:
  nmd_netcdf_close(file);
  return status;
}

nmd_status nmd_netcdf_open_bytes(const char *name, const void *bytes, size_t length, const nmd_read_options *options,
                                 nmd_netcdf **out) {
  nmd_netcdf *file;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(file, 1));
  file->fd = -1;
  file->size = (int64_t)length;
  nmd_status status;
  NMD_GOTO(nmd_strdup(name, &file->name));
  NMD_GOTO(NMD_ALLOC(file->bytes, length + 1));
  if (length > 0) memcpy(file->bytes, bytes, length);
  NMD_GOTO(read_header(file, options));
  *out = file;
  return NMD_OK;
done:
  nmd_netcdf_close(file);
  return status;
}

void nmd_netcdf_close(nmd_netcdf *file) {
  if (file == NULL) return;
  if (file->fd >= 0) close(file->fd);
  nmd_free(file->id);
  nmd_free(file->number);
  nmd_free(file->bytes);
  nmd_free(file->name);
  nmd_free(file);
}

const nmd_netcdf_summary *nmd_netcdf_summarise(const nmd_netcdf *file) { return &file->summary; }

/* ---- frames ---- */

static nmd_status check_frame(const nmd_netcdf *file, int64_t frame) {
  const nmd_netcdf_summary *s = &file->summary;
  if (frame >= 0 && frame < s->n_frames) return NMD_OK;
  if (frame >= 0 && frame < s->n_announced)
    NMD_FAIL(FILE_TRUNCATED,
             "%s: frame %lld of %lld is cut off: the file ends at byte %lld; expected whole frames; "
             "use the first %lld or copy the file again",
             file->name, (long long)frame, (long long)s->n_announced, (long long)file->size, (long long)s->n_frames);
  NMD_FAIL(OUT_OF_RANGE, "%s: frame %lld does not exist; expected 0 to %lld", file->name, (long long)frame,
           (long long)s->n_frames - 1);
}

nmd_status nmd_netcdf_positions(const nmd_netcdf *file, int64_t frame, int64_t first, int64_t n, double (*x)[3]) {
  NMD_TRY(check_frame(file, frame));
  if (first < 0 || n < 0 || first > file->summary.n_atoms - n)
    NMD_FAIL(OUT_OF_RANGE, "%s: atoms %lld to %lld; expected 0 to %lld", file->name, (long long)first,
             (long long)(first + n - 1), (long long)file->summary.n_atoms - 1);
  return values_of(file, file->x, frame, 3 * first, 3 * n, file->x_scale, (double *)x);
}

nmd_status nmd_netcdf_time(const nmd_netcdf *file, int64_t frame, double *time) {
  NMD_TRY(check_frame(file, frame));
  if (file->time == NULL)
    NMD_FAIL(MISSING_KEY, "%s: no variable time; expected it; give the time between frames", file->name);
  return values_of(file, file->time, frame, 0, 1, file->time_scale, time);
}

/* Smallest and largest coordinate along an axis, for one that is not periodic. */
static nmd_status extent(const nmd_netcdf *file, int64_t frame, double low[3], double high[3]) {
  const int64_t n = file->summary.n_atoms;
  double(*x)[3];
  NMD_TRY(NMD_ALLOC(x, n));
  const nmd_status status = nmd_netcdf_positions(file, frame, 0, n, x);
  for (int d = 0; d < 3; d++) low[d] = INFINITY, high[d] = -INFINITY;
  for (int64_t i = 0; i < n && status == NMD_OK; i++)
    for (int d = 0; d < 3; d++) {
      low[d] = fmin(low[d], x[i][d]);
      high[d] = fmax(high[d], x[i][d]);
    }
  nmd_free(x);
  return status;
}

static double cosine(double degrees) { return degrees == 90.0 ? 0.0 : cos(degrees * (M_PI / 180)); }

/* a along x, b in the xy plane. */
static void cell_of(const double length[3], const double angle[3], double h[3][3]) {
  const double ca = cosine(angle[0]), cb = cosine(angle[1]), cg = cosine(angle[2]), sg = sqrt(1 - cg * cg);
  const double cx = cb, cy = (ca - cb * cg) / sg, cz = sqrt(1 - cx * cx - cy * cy);
  const double unit[3][3] = {{1, 0, 0}, {cg, sg, 0}, {cx, cy, cz}};
  for (int k = 0; k < 9; k++) h[k / 3][k % 3] = length[k / 3] * unit[k / 3][k % 3];
}

nmd_status nmd_netcdf_box(const nmd_netcdf *file, int64_t frame, nmd_box *box) {
  double length[3] = {0}, angle[3] = {90, 90, 90}, origin[3] = {0}, low[3] = {0}, high[3] = {0}, h[3][3];
  bool periodic[3];
  NMD_TRY(check_frame(file, frame));
  if (file->summary.has_cell) {
    NMD_TRY(values_of(file, file->lengths, frame, 0, 3, file->lengths->scale, length));
    NMD_TRY(values_of(file, file->angles, frame, 0, 3, file->angles->scale, angle));
  }
  if (file->origin != NULL) NMD_TRY(values_of(file, file->origin, frame, 0, 3, file->origin->scale, origin));
  const bool open = length[0] == 0 || length[1] == 0 || length[2] == 0;
  if (open) NMD_TRY(extent(file, frame, low, high));
  for (int d = 0; d < 3; d++) {
    periodic[d] = length[d] != 0;
    if (periodic[d]) continue;
    origin[d] = low[d] - NMD_CLUSTER_MARGIN;
    length[d] = high[d] - low[d] + 2 * NMD_CLUSTER_MARGIN;
  }
  cell_of(length, angle, h);
  const nmd_status status = nmd_box_init(box, h, origin, periodic);
  return status == NMD_OK ? status : nmd_fail_prefix(status, "%s: frame %lld", file->name, (long long)frame);
}

static nmd_status read_frame(const nmd_netcdf *file, int64_t frame, nmd_structure *out) {
  const int64_t n = file->summary.n_atoms;
  NMD_TRY(nmd_netcdf_positions(file, frame, 0, n, out->x));
  NMD_TRY(nmd_netcdf_box(file, frame, &out->box));
  memcpy(out->atomic_number, file->number, (size_t)n * sizeof *out->atomic_number);
  memcpy(out->id, file->id, (size_t)n * sizeof *out->id);
  if (file->summary.unwrapped) NMD_TRY(nmd_structure_need_images(out));
  if (file->v != NULL) NMD_TRY(nmd_structure_need_velocities(out));
  if (file->v != NULL) NMD_TRY(values_of(file, file->v, frame, 0, 3 * n, file->v_scale, (double *)out->v));
  if (file->f != NULL) NMD_TRY(nmd_structure_need_forces(out));
  if (file->f != NULL) NMD_TRY(values_of(file, file->f, frame, 0, 3 * n, file->f_scale, (double *)out->f));
  if (file->time == NULL) return NMD_OK;
  double time;
  char text[32];
  NMD_TRY(nmd_netcdf_time(file, frame, &time));
  snprintf(text, sizeof text, "%.12g", time);
  return nmd_structure_set_info(out, "time", text);
}

nmd_status nmd_netcdf_frame(const nmd_netcdf *file, int64_t frame, nmd_structure *out) {
  *out = (nmd_structure){0};
  NMD_TRY(check_frame(file, frame));
  nmd_status status = nmd_structure_init(out, file->summary.n_atoms);
  if (status == NMD_OK) status = read_frame(file, frame, out);
  if (status != NMD_OK) nmd_structure_free(out);
  return status;
}
