/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_netcdf.h"

#include "base/version.h"

#if !NMD_HAVE_PNETCDF
static nmd_status missing(void) {
  NMD_FAIL(BAD_CHOICE, "format netcdf: this nnpmd was built without PnetCDF; use extxyz or dump, or install PnetCDF "
                       "(Debian: libpnetcdf-dev) and build again");
}
bool nmd_netcdf_writer_available(void) { return false; }
nmd_status nmd_netcdf_writer_create(const nmd_comm *comm, const char *path, const nmd_netcdf_layout *layout,
                                    nmd_netcdf_writer **writer) {
  (void)comm, (void)path, (void)layout, (void)writer;
  return missing();
}
nmd_status nmd_netcdf_writer_resume(const nmd_comm *comm, const char *path, int64_t offset,
                                    nmd_netcdf_writer **writer) {
  (void)comm, (void)path, (void)offset, (void)writer;
  return missing();
}
nmd_status nmd_netcdf_writer_write(nmd_netcdf_writer *writer, const nmd_netcdf_view *frame) {
  (void)writer, (void)frame;
  return missing();
}
nmd_status nmd_netcdf_writer_flush(nmd_netcdf_writer *writer, int64_t *offset) {
  (void)writer, (void)offset;
  return missing();
}
nmd_status nmd_netcdf_writer_close(nmd_netcdf_writer *writer) {
  (void)writer;
  return NMD_OK;
}
#else

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <mpi.h>
#include <pnetcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/vec3.h"
#include "io/lammps_cell.h"
#include "io/netcdf_header.h"

#define KCAL_PER_MOLE 0.0433641042 /* eV */

typedef enum netcdf_part {
  SPATIAL,
  CELL_SPATIAL,
  CELL_ANGULAR,
  PERIODIC,
  NUMBER,
  ID,
  TIME,
  X,
  V,
  F,
  SCALARS, /* the first of them, in the order of nmd_netcdf_scalar */
  LENGTHS = SCALARS + NMD_NETCDF_SCALARS,
  ANGLES,
  ORIGIN,
  VARIABLES
} netcdf_part;

struct nmd_netcdf_writer {
  const nmd_comm *comm; /* not owned */
  char *path;
  int file; /* PnetCDF's number of it */
  bool open;
  int variable[VARIABLES]; /* -1: not in this file */
  int64_t frames, header_bytes, frame_bytes;
  float *singles; /* [(9 + scalars) n]: x, v, f and scalars on their way */
  int64_t capacity;
};

static const struct {
  const char *name, *units;
  nc_type type;
  const char *dimensions[3];
} described[VARIABLES] = {
    [SPATIAL] = {"spatial", NULL, NC_CHAR, {"spatial"}},
    [CELL_SPATIAL] = {"cell_spatial", NULL, NC_CHAR, {"cell_spatial"}},
    [CELL_ANGULAR] = {"cell_angular", NULL, NC_CHAR, {"cell_angular", "label"}},
    [PERIODIC] = {"periodic", NULL, NC_INT, {"cell_spatial"}},
    [NUMBER] = {"Z", NULL, NC_INT, {"atom"}},
    [ID] = {"atom_id", NULL, NC_INT, {"atom"}},
    [TIME] = {"time", "picosecond", NC_DOUBLE, {"frame"}},
    [X] = {"coordinates", "angstrom", NC_FLOAT, {"frame", "atom", "spatial"}},
    [V] = {"velocities", "angstrom/picosecond", NC_FLOAT, {"frame", "atom", "spatial"}},
    [F] = {"forces", "kilocalorie/mole/angstrom", NC_FLOAT, {"frame", "atom", "spatial"}},
    [SCALARS + NMD_NETCDF_ENERGY] = {"energies", "electronvolt", NC_FLOAT, {"frame", "atom"}},
    [SCALARS + NMD_NETCDF_SIGMA_ENERGY] = {"sigma_energy", "electronvolt", NC_FLOAT, {"frame", "atom"}},
    [SCALARS + NMD_NETCDF_SIGMA_FORCE] = {"sigma_force", "electronvolt/angstrom", NC_FLOAT, {"frame", "atom"}},
    [SCALARS + NMD_NETCDF_EXTRAPOLATION] = {"extrapolation", NULL, NC_FLOAT, {"frame", "atom"}},
    [LENGTHS] = {"cell_lengths", "angstrom", NC_DOUBLE, {"frame", "cell_spatial"}},
    [ANGLES] = {"cell_angles", "degree", NC_DOUBLE, {"frame", "cell_angular"}},
    [ORIGIN] = {"cell_origin", "angstrom", NC_DOUBLE, {"frame", "cell_spatial"}},
};

bool nmd_netcdf_writer_available(void) { return true; }

/* First failure of a chain of PnetCDF calls; later calls still happen, since they are collective. */
static void note(int *failure, int code) {
  if (*failure == NC_NOERR) *failure = code;
}

static nmd_status agree(const nmd_netcdf_writer *w, int failure, const char *what) {
  nmd_status status = NMD_OK;
  if (failure != NC_NOERR)
    status = nmd_fail(NMD_WRITE, "%s: cannot %s: %s; free space or choose another folder", w->path, what,
                      ncmpi_strerror(failure));
  return nmd_comm_agree(w->comm, status);
}

static MPI_Comm handle_of(const nmd_comm *comm) { return *(const MPI_Comm *)nmd_comm_mpi(comm); }
static bool is_root(const nmd_netcdf_writer *w) { return nmd_comm_rank(w->comm) == 0; }

/* ---- a new file ---- */

static int put_text(int file, int which, const char *name, const char *text) {
  return ncmpi_put_att_text(file, which, name, (MPI_Offset)strlen(text), text);
}

static void put_attributes(const nmd_netcdf_writer *w, const nmd_netcdf_layout *layout, int *failure) {
  const char *const texts[][2] = {{"title", "nnpmd trajectory"},
                                  {"application", "nnpmd"},
                                  {"program", "nnpmd"},
                                  {"programVersion", NMD_VERSION},
                                  {"Conventions", "AMBER"},
                                  {"ConventionVersion", "1.0"},
                                  {"nnpmd_coordinates", layout->unwrapped ? "unwrapped" : "wrapped"}};
  for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
    note(failure, put_text(w->file, NC_GLOBAL, texts[k][0], texts[k][1]));
}

static void define_dimensions(const nmd_netcdf_writer *w, int64_t n_atoms, int *failure) {
  const char *const names[] = {"frame", "spatial", "atom", "cell_spatial", "cell_angular", "label"};
  const MPI_Offset lengths[] = {NC_UNLIMITED, 3, n_atoms, 3, 3, 5};
  for (int k = 0; k < 6; k++) {
    int ignored;
    note(failure, ncmpi_def_dim(w->file, names[k], lengths[k], &ignored));
  }
}

static bool is_wanted(const nmd_netcdf_layout *layout, int k) {
  if (k >= SCALARS && k < LENGTHS) return layout->scalar[k - SCALARS];
  return (k != V || layout->velocities) && (k != F || layout->forces);
}

static void define_variables(nmd_netcdf_writer *w, const nmd_netcdf_layout *layout, bool wide_ids, int *failure) {
  for (int k = 0; k < VARIABLES; k++) {
    int dimensions[3], rank = 0;
    w->variable[k] = -1;
    if (!is_wanted(layout, k)) continue;
    for (; rank < 3 && described[k].dimensions[rank] != NULL; rank++)
      note(failure, ncmpi_inq_dimid(w->file, described[k].dimensions[rank], &dimensions[rank]));
    const nc_type type = k == ID && wide_ids ? NC_INT64 : described[k].type;
    note(failure, ncmpi_def_var(w->file, described[k].name, type, rank, dimensions, &w->variable[k]));
    if (described[k].units != NULL) note(failure, put_text(w->file, w->variable[k], "units", described[k].units));
  }
}

/* Values without frames: the labels of the convention, elements and ids. */
static void put_constants(const nmd_netcdf_writer *w, const nmd_netcdf_layout *layout, int *failure) {
  const MPI_Offset start[2] = {0, 0}, labels[2] = {is_root(w) ? 3 : 0, 5};
  const MPI_Offset first[1] = {layout->first}, share[1] = {layout->n};
  const int *which = w->variable;
  int periodic[3];
  for (int d = 0; d < 3; d++) periodic[d] = layout->periodic[d];
  note(failure, ncmpi_put_vara_text_all(w->file, which[SPATIAL], start, labels, "xyz"));
  note(failure, ncmpi_put_vara_text_all(w->file, which[CELL_SPATIAL], start, labels, "abc"));
  note(failure, ncmpi_put_vara_text_all(w->file, which[CELL_ANGULAR], start, labels, "alphabeta gamma"));
  note(failure, ncmpi_put_vara_int_all(w->file, which[PERIODIC], start, labels, periodic));
  note(failure, ncmpi_put_vara_int_all(w->file, which[NUMBER], first, share, layout->atomic_number));
  note(failure, ncmpi_put_vara_longlong_all(w->file, which[ID], first, share, (const long long *)layout->id));
}

static void measure(nmd_netcdf_writer *w, int *failure) {
  MPI_Offset header = 0, frame = 0;
  note(failure, ncmpi_inq_varoffset(w->file, w->variable[TIME], &header));
  note(failure, ncmpi_inq_recsize(w->file, &frame));
  w->header_bytes = header;
  w->frame_bytes = frame;
}

static nmd_status writer_alloc(const nmd_comm *comm, const char *path, nmd_netcdf_writer **out) {
  nmd_netcdf_writer *w = NULL;
  nmd_status status = NMD_ALLOC(w, 1);
  if (status == NMD_OK) {
    w->comm = comm;
    status = nmd_strdup(path, &w->path);
  }
  status = nmd_comm_agree(comm, status);
  if (status == NMD_OK)
    *out = w;
  else if (w != NULL) {
    nmd_free(w->path);
    nmd_free(w);
  }
  return status;
}

static nmd_status drop(nmd_netcdf_writer *w, nmd_status status) {
  if (w->open) ncmpi_close(w->file);
  nmd_free(w->singles);
  nmd_free(w->path);
  nmd_free(w);
  return status;
}

static nmd_status fill_new_file(nmd_netcdf_writer *w, const nmd_netcdf_layout *layout, bool wide_ids) {
  int failure = NC_NOERR;
  put_attributes(w, layout, &failure);
  define_dimensions(w, layout->n_atoms, &failure);
  define_variables(w, layout, wide_ids, &failure);
  note(&failure, ncmpi_enddef(w->file));
  NMD_TRY(agree(w, failure, "make the header"));
  put_constants(w, layout, &failure);
  measure(w, &failure);
  return agree(w, failure, "write the elements");
}

nmd_status nmd_netcdf_writer_create(const nmd_comm *comm, const char *path, const nmd_netcdf_layout *layout,
                                    nmd_netcdf_writer **out) {
  nmd_netcdf_writer *w = NULL;
  NMD_TRY(writer_alloc(comm, path, &w));
  int64_t largest = 0;
  for (int64_t i = 0; i < layout->n; i++)
    if (layout->id[i] > largest) largest = layout->id[i];
  nmd_comm_max_int(comm, &largest, 1);
  const bool wide_ids = largest > INT32_MAX, wide = wide_ids || layout->n_atoms > INT32_MAX / 12;
  const int mode = NC_CLOBBER | (wide ? NC_64BIT_DATA : NC_64BIT_OFFSET);
  const int failure = ncmpi_create(handle_of(comm), path, mode, MPI_INFO_NULL, &w->file);
  w->open = failure == NC_NOERR;
  nmd_status status = agree(w, failure, "be opened for writing");
  if (status == NMD_OK) status = fill_new_file(w, layout, wide_ids);
  if (status != NMD_OK) return drop(w, status);
  *out = w;
  return NMD_OK;
}

/* ---- continuing one ---- */

static nmd_status stale(const char *path, int64_t offset, const char *why) {
  NMD_FAIL(CHECKPOINT,
           "%s: cannot be continued at byte %lld: %s; expected the file of the interrupted run; put it back or "
           "start a new output",
           path, (long long)offset, why);
}

/* The number of frames stands behind the magic, big-endian. */
static bool set_frames(FILE *file, int version, int64_t frames) {
  unsigned char bytes[8];
  const int width = version == 5 ? 8 : 4;
  for (int k = 0; k < width; k++) bytes[k] = (unsigned char)((uint64_t)frames >> (8 * (width - 1 - k)));
  return fseek(file, 4, SEEK_SET) == 0 && fwrite(bytes, 1, (size_t)width, file) == (size_t)width && fflush(file) == 0;
}

/* PnetCDF cannot shorten a file: rank 0 does it before all open it. */
static nmd_status cut_open_file(FILE *file, const char *path, int64_t offset, int64_t *frames) {
  enum { HEAD = 1 << 16 };
  struct stat info;
  uint8_t *head;
  nmd__nc_header *header;
  if (fstat(fileno(file), &info) != 0 || info.st_size < offset) return stale(path, offset, "it is shorter");
  NMD_TRY(nmd_alloc(&head, 1, HEAD + sizeof *header));
  header = (nmd__nc_header *)(head + HEAD);
  const size_t n = fread(head, 1, HEAD, file);
  nmd_status status = nmd__nc_header_parse(path, head, n, info.st_size, header);
  const nmd__nc_variable *time = status == NMD_OK ? nmd__nc_find(header, "time") : NULL;
  if (time == NULL || offset < time->begin || (offset - time->begin) % header->record_bytes != 0)
    status = stale(path, offset, "no frame ends there");
  else {
    *frames = (offset - time->begin) / header->record_bytes;
    if (!set_frames(file, header->version, *frames) || ftruncate(fileno(file), (off_t)offset) != 0)
      status = nmd_fail(NMD_WRITE, "%s: cannot be cut at byte %lld: %s; check its permissions", path, (long long)offset,
                        strerror(errno));
  }
  nmd_free(head);
  return status;
}

static nmd_status cut_file(const char *path, int64_t offset, int64_t *frames) {
  FILE *file = fopen(path, "r+b");
  if (file == NULL) return stale(path, offset, strerror(errno));
  const nmd_status status = cut_open_file(file, path, offset, frames);
  fclose(file);
  return status;
}

nmd_status nmd_netcdf_writer_resume(const nmd_comm *comm, const char *path, int64_t offset, nmd_netcdf_writer **out) {
  nmd_netcdf_writer *w = NULL;
  NMD_TRY(writer_alloc(comm, path, &w));
  nmd_status status = nmd_comm_agree(comm, is_root(w) ? cut_file(path, offset, &w->frames) : NMD_OK);
  if (status != NMD_OK) return drop(w, status);
  nmd_comm_broadcast(comm, &w->frames, sizeof w->frames, 0);
  int failure = ncmpi_open(handle_of(comm), path, NC_WRITE, MPI_INFO_NULL, &w->file);
  w->open = failure == NC_NOERR;
  status = agree(w, failure, "be opened for writing");
  if (status != NMD_OK) return drop(w, status);
  for (int k = 0; k < VARIABLES; k++)
    if (ncmpi_inq_varid(w->file, described[k].name, &w->variable[k]) != NC_NOERR) w->variable[k] = -1;
  measure(w, &failure);
  status = agree(w, failure, "be continued");
  if (status != NMD_OK) return drop(w, status);
  *out = w;
  return NMD_OK;
}

/* ---- frames ---- */

static double angle_between(const double a[3], const double b[3]) {
  const double cosine = nmd_dot(a, b) / (nmd_norm(a) * nmd_norm(b));
  return acos(fmax(-1.0, fmin(1.0, cosine))) * (180 / M_PI);
}

/* Time and cell of a frame as they go to the file. */
typedef struct frame_head {
  double time, lengths[3], angles[3], origin[3];
} frame_head;

static void fill_head(const nmd_lammps_cell *cell, double time, frame_head *head) {
  const double h[3][3] = {
      {cell->length[0], 0, 0}, {cell->xy, cell->length[1], 0}, {cell->xz, cell->yz, cell->length[2]}};
  head->time = 1e-3 * time;
  for (int d = 0; d < 3; d++) {
    head->lengths[d] = nmd_norm(h[d]);
    head->angles[d] = angle_between(h[(d + 1) % 3], h[(d + 2) % 3]);
    head->origin[d] = cell->low[d];
  }
}

static void post_head(const nmd_netcdf_writer *w, const frame_head *head, int *failure) {
  if (!is_root(w)) return;
  const MPI_Offset start[2] = {w->frames, 0}, count[2] = {1, 3};
  int ignored;
  note(failure, ncmpi_iput_vara_double(w->file, w->variable[TIME], start, count, &head->time, &ignored));
  note(failure, ncmpi_iput_vara_double(w->file, w->variable[LENGTHS], start, count, head->lengths, &ignored));
  note(failure, ncmpi_iput_vara_double(w->file, w->variable[ANGLES], start, count, head->angles, &ignored));
  note(failure, ncmpi_iput_vara_double(w->file, w->variable[ORIGIN], start, count, head->origin, &ignored));
}

/* This rank's part of the positions, velocities or forces; the numbers stay in `singles` until they are written. */
typedef struct frame_part {
  int64_t first, n;
  const nmd_lammps_cell *cell;
} frame_part;

static void post_vectors(const nmd_netcdf_writer *w, netcdf_part which, const frame_part *part,
                         const double (*vectors)[3], double factor, float *singles, int *failure) {
  if (w->variable[which] < 0 || vectors == NULL || part->n == 0) return;
  for (int64_t i = 0; i < part->n; i++) {
    double turned[3];
    nmd_lammps_cell_turn(part->cell, vectors[i], turned);
    for (int d = 0; d < 3; d++) singles[3 * i + d] = (float)(factor * turned[d]);
  }
  const MPI_Offset start[3] = {w->frames, part->first, 0}, count[3] = {1, part->n, 3};
  int ignored;
  note(failure, ncmpi_iput_vara_float(w->file, w->variable[which], start, count, singles, &ignored));
}

static void post_scalar(const nmd_netcdf_writer *w, int which, const frame_part *part, const double *values,
                        float *singles, int *failure) {
  if (w->variable[which] < 0 || values == NULL || part->n == 0) return;
  for (int64_t i = 0; i < part->n; i++) singles[i] = (float)values[i];
  const MPI_Offset start[2] = {w->frames, part->first}, count[2] = {1, part->n};
  int ignored;
  note(failure, ncmpi_iput_vara_float(w->file, w->variable[which], start, count, singles, &ignored));
}

/* Number of frames in the file's header, big-endian behind the magic; -1 if it cannot be read. */
static int64_t frames_in(int file) {
  unsigned char bytes[12];
  int64_t frames = 0;
  if (pread(file, bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) return -1;
  for (int k = 4; k < (bytes[3] == 5 ? 12 : 8); k++) frames = frames << 8 | bytes[k];
  return frames;
}

/* Open MPI's own input and output (OMPIO) drops errors of the disk on the way up: a full disk would go unnoticed. */
static nmd_status check_file(const nmd_netcdf_writer *w) {
  const int64_t expected = w->header_bytes + w->frames * w->frame_bytes;
  struct stat info = {0};
  const int file = open(w->path, O_RDONLY | O_CLOEXEC);
  const bool whole = file >= 0 && fstat(file, &info) == 0 && info.st_size >= expected && frames_in(file) >= w->frames;
  if (file >= 0) close(file);
  if (whole) return NMD_OK;
  NMD_FAIL(WRITE,
           "%s: has %lld bytes after frame %lld, expected %lld that say so: the disk is full or fails, and the MPI library "
           "kept it to itself; free space or choose another folder",
           w->path, (long long)info.st_size, (long long)w->frames, (long long)expected);
}

/* All parts are posted, then written at once: the file counts the frame after its data are there. */
nmd_status nmd_netcdf_writer_write(nmd_netcdf_writer *w, const nmd_netcdf_view *frame) {
  const int64_t n = frame->n;
  nmd_status status = n > w->capacity ? NMD_GROW(w->singles, 0, (9 + NMD_NETCDF_SCALARS) * n) : NMD_OK;
  NMD_TRY(nmd_comm_agree(w->comm, status));
  if (n > w->capacity) w->capacity = n;
  nmd_lammps_cell cell;
  frame_head head;
  nmd_lammps_cell_init(&cell, frame->box);
  fill_head(&cell, frame->time, &head);
  const frame_part part = {frame->first, n, &cell};
  int failure = NC_NOERR;
  post_head(w, &head, &failure);
  post_vectors(w, X, &part, frame->x, 1, w->singles, &failure);
  post_vectors(w, V, &part, frame->v, 1e3, w->singles + 3 * n, &failure);
  post_vectors(w, F, &part, frame->f, 1 / KCAL_PER_MOLE, w->singles + 6 * n, &failure);
  for (int k = 0; k < NMD_NETCDF_SCALARS; k++)
    post_scalar(w, SCALARS + k, &part, frame->scalar[k], w->singles + (9 + k) * n, &failure);
  note(&failure, ncmpi_wait_all(w->file, NC_REQ_ALL, NULL, NULL));
  NMD_TRY(agree(w, failure, "write a frame"));
  w->frames++;
  /* On other nodes file systems may show what was written here only after a flush. */
  const bool one_node = nmd_comm_node_size(w->comm) == nmd_comm_size(w->comm);
  return one_node ? nmd_comm_agree(w->comm, is_root(w) ? check_file(w) : NMD_OK) : NMD_OK;
}

nmd_status nmd_netcdf_writer_flush(nmd_netcdf_writer *w, int64_t *offset) {
  *offset = w->header_bytes + w->frames * w->frame_bytes;
  NMD_TRY(agree(w, ncmpi_sync(w->file), "bring the data to the disk"));
  return nmd_comm_agree(w->comm, is_root(w) ? check_file(w) : NMD_OK);
}

nmd_status nmd_netcdf_writer_close(nmd_netcdf_writer *w) {
  if (w == NULL) return NMD_OK;
  const int failure = ncmpi_close(w->file);
  w->open = false;
  nmd_status status = NMD_OK;
  if (failure != NC_NOERR)
    status = nmd_fail(NMD_WRITE, "%s: error on closing: %s; check the disk", w->path, ncmpi_strerror(failure));
  return drop(w, status);
}

#endif
