/* SPDX-License-Identifier: BSD-3-Clause */
#include "parallel/comm.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "parallel/comm_private.h"

/* MPI counts are int; longer messages go in pieces of this size. */
static const size_t chunk_bytes_default = (size_t)1 << 30;
enum { TAG_FIRST = 100 };

struct nmd_comm {
  MPI_Comm handle;
  int rank, size;
  size_t chunk;
  uint64_t *sizes;             /* [size], for gather */
  const char *launch_variable; /* of the world: who said there are more processes; NULL: nobody */
  int64_t launch_processes;
};

static nmd_status comm_wrap(MPI_Comm handle, nmd_comm **out) {
  nmd_comm *comm;
  NMD_TRY(NMD_ALLOC(comm, 1));
  comm->handle = handle;
  comm->chunk = chunk_bytes_default;
  MPI_Comm_rank(handle, &comm->rank);
  MPI_Comm_size(handle, &comm->size);
  const nmd_status status = NMD_ALLOC(comm->sizes, comm->size);
  if (status != NMD_OK) {
    nmd_free(comm);
    return status;
  }
  *out = comm;
  return NMD_OK;
}

nmd_status nmd_comm_start(int *argc, char ***argv, nmd_comm **world) {
  *world = NULL;
  int begun, ended, level;
  MPI_Initialized(&begun);
  MPI_Finalized(&ended);
  if (ended) NMD_FAIL(INTERNAL, "MPI was stopped and cannot be started again in this process");
  /* Read before MPI_Init, which writes such variables itself when started without a launcher. */
  int64_t processes;
  const char *variable = nmd__launch_claim(getenv, &processes);
  if (!begun && MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS)
    NMD_FAIL(LAUNCH, "MPI (%s) could not be started; start with the mpirun or srun of that MPI", nmd_comm_library());
  MPI_Comm handle;
  MPI_Comm_dup(MPI_COMM_WORLD, &handle);
  NMD_TRY(comm_wrap(handle, world));
  (*world)->launch_variable = variable;
  (*world)->launch_processes = processes;
  return NMD_OK;
}

void nmd_comm_stop(nmd_comm *world) {
  if (world == NULL) return;
  int ended;
  MPI_Finalized(&ended);
  if (!ended) {
    nmd_comm_free(world);
    MPI_Finalize();
  }
}

nmd_status nmd_comm_check_launch(const nmd_comm *comm) {
  if (comm->size > 1 || comm->launch_variable == NULL) return NMD_OK;
  NMD_FAIL(LAUNCH,
           "%s tells of at least %lld processes, but MPI (%s) sees only this one, so each would run the whole input; "
           "use the mpirun or srun (--mpi=...) of the MPI that nnpmd was built with; for separate runs: env -u %s",
           comm->launch_variable, (long long)comm->launch_processes, nmd_comm_library(), comm->launch_variable);
}

nmd_status nmd_comm_split(const nmd_comm *comm, int colour, nmd_comm **part) {
  MPI_Comm handle;
  MPI_Comm_split(comm->handle, colour, comm->rank, &handle);
  nmd_status status = comm_wrap(handle, part);
  const bool made = status == NMD_OK;
  status = nmd_comm_agree(comm, status);
  if (status == NMD_OK) {
    (*part)->chunk = comm->chunk;
    return NMD_OK;
  }
  if (made) nmd_comm_free(*part);
  *part = NULL;
  return status;
}

nmd_status nmd_comm_alone(nmd_comm **alone) {
  nmd_comm *comm;
  *alone = NULL;
  NMD_TRY(NMD_ALLOC(comm, 1));
  *comm = (nmd_comm){.handle = MPI_COMM_NULL, .size = 1, .chunk = chunk_bytes_default};
  const nmd_status status = NMD_ALLOC(comm->sizes, 1);
  if (status == NMD_OK) *alone = comm;
  else nmd_free(comm);
  return status;
}

void nmd_comm_free(nmd_comm *part) {
  if (part == NULL) return;
  if (part->handle != MPI_COMM_NULL) MPI_Comm_free(&part->handle);
  nmd_free(part->sizes);
  nmd_free(part);
}

int nmd_comm_rank(const nmd_comm *comm) { return comm->rank; }
int nmd_comm_size(const nmd_comm *comm) { return comm->size; }

int nmd_comm_node_size(const nmd_comm *comm) {
  if (comm->size == 1) return 1;
  MPI_Comm node;
  int size;
  MPI_Comm_split_type(comm->handle, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &node);
  MPI_Comm_size(node, &size);
  MPI_Comm_free(&node);
  return size;
}

const void *nmd_comm_mpi(const nmd_comm *comm) { return &comm->handle; }
void nmd__comm_set_chunk(nmd_comm *comm, size_t bytes) { comm->chunk = bytes; }

/* Implementations say "Open MPI v4.1.4, package: ..." or "MPICH Version:\t4.0.2\n...": keep name and number. */
const char *nmd_comm_library(void) {
  static char name[MPI_MAX_LIBRARY_VERSION_STRING];
  if (name[0] != '\0') return name;
  char full[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length;
  MPI_Get_library_version(full, &length);
  full[strcspn(full, ",\n")] = '\0';
  size_t used = 0;
  char *rest = full;
  for (const char *word; (word = strtok_r(rest, " \t", &rest)) != NULL;) {
    if (strcmp(word, "Version:") == 0) continue;
    if (word[0] == 'v' && word[1] >= '0' && word[1] <= '9') word++;
    used += (size_t)snprintf(name + used, sizeof name - used, used ? " %s" : "%s", word);
  }
  return name;
}

void nmd_comm_abort(const nmd_comm *comm, int exit_code) {
  MPI_Abort(comm->handle, exit_code);
  abort();
}

void nmd_comm_barrier(const nmd_comm *comm) { MPI_Barrier(comm->handle); }

void nmd_comm_broadcast(const nmd_comm *comm, void *data, size_t bytes, int root) {
  if (comm->size == 1) return;
  for (size_t done = 0; done < bytes; done += comm->chunk) {
    const size_t n = bytes - done < comm->chunk ? bytes - done : comm->chunk;
    MPI_Bcast((char *)data + done, (int)n, MPI_BYTE, root, comm->handle);
  }
}

static void reduce(const nmd_comm *comm, void *values, int n, MPI_Datatype type, MPI_Op op) {
  if (comm->size > 1 && n > 0) MPI_Allreduce(MPI_IN_PLACE, values, n, type, op, comm->handle);
}

void nmd_comm_sum(const nmd_comm *comm, double *values, int n) { reduce(comm, values, n, MPI_DOUBLE, MPI_SUM); }
void nmd_comm_max(const nmd_comm *comm, double *values, int n) { reduce(comm, values, n, MPI_DOUBLE, MPI_MAX); }
void nmd_comm_min(const nmd_comm *comm, double *values, int n) { reduce(comm, values, n, MPI_DOUBLE, MPI_MIN); }

void nmd_comm_sum_int(const nmd_comm *comm, int64_t *values, int n) { reduce(comm, values, n, MPI_INT64_T, MPI_SUM); }

void nmd_comm_max_int(const nmd_comm *comm, int64_t *values, int n) { reduce(comm, values, n, MPI_INT64_T, MPI_MAX); }

void nmd_comm_all_to_all(const nmd_comm *comm, const double *outgoing, const int *n_out, const int *at_out,
                         double *incoming, const int *n_in, const int *at_in) {
  if (comm->size == 1)
    memcpy(incoming + at_in[0], outgoing + at_out[0], (size_t)n_in[0] * sizeof *incoming);
  else
    MPI_Alltoallv(outgoing, n_out, at_out, MPI_DOUBLE, incoming, n_in, at_in, MPI_DOUBLE, comm->handle);
}

void nmd_comm_share(const nmd_comm *comm, double *values, const int *n, const int *at) {
  if (comm->size == 1) return;
  MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, values, n, at, MPI_DOUBLE, comm->handle);
}

void nmd_comm_prefix_int(const nmd_comm *comm, int64_t *value) {
  int64_t below = 0;
  if (comm->size > 1) MPI_Exscan(value, &below, 1, MPI_INT64_T, MPI_SUM, comm->handle);
  *value = comm->rank == 0 ? 0 : below; /* MPI leaves rank 0 undefined */
}

/* Length of the piece of a message of `bytes` that starts at `done`; 0 past the end. */
static int piece(const nmd_comm *comm, size_t bytes, size_t done) {
  if (done >= bytes) return 0;
  return (int)(bytes - done < comm->chunk ? bytes - done : comm->chunk);
}

static bool leg_is_local(const nmd_comm *comm, const nmd__leg *leg) {
  return leg->to == comm->rank && leg->from == comm->rank;
}

/* Post piece `done` of every leg; returns the number of requests. */
static int legs_post(const nmd_comm *comm, const nmd__leg *legs, int n, size_t done, MPI_Request *requests) {
  int posted = 0;
  for (int k = 0; k < n; k++) {
    const int bytes = legs[k].from < 0 || leg_is_local(comm, &legs[k]) ? 0 : piece(comm, legs[k].incoming_bytes, done);
    if (bytes > 0)
      MPI_Irecv((char *)legs[k].incoming + done, bytes, MPI_BYTE, legs[k].from, TAG_FIRST + k, comm->handle,
                &requests[posted++]);
  }
  for (int k = 0; k < n; k++) {
    const int bytes = legs[k].to < 0 || leg_is_local(comm, &legs[k]) ? 0 : piece(comm, legs[k].bytes, done);
    if (bytes > 0)
      MPI_Isend((const char *)legs[k].outgoing + done, bytes, MPI_BYTE, legs[k].to, TAG_FIRST + k, comm->handle,
                &requests[posted++]);
  }
  return posted;
}

void nmd__comm_exchange_legs(const nmd_comm *comm, const nmd__leg *legs, int n) {
  MPI_Request requests[2 * NMD__LEGS_MAX];
  NMD_ASSERT(n <= NMD__LEGS_MAX);
  for (int k = 0; k < n; k++)
    if (leg_is_local(comm, &legs[k]) && legs[k].bytes > 0) memcpy(legs[k].incoming, legs[k].outgoing, legs[k].bytes);
  /* Both ends cut a message at the same places, so round q of a sender meets round q of its receiver. */
  for (size_t done = 0;; done += comm->chunk) {
    const int posted = legs_post(comm, legs, n, done, requests);
    if (posted == 0) return;
    MPI_Waitall(posted, requests, MPI_STATUSES_IGNORE);
  }
}

void nmd_comm_exchange_known(const nmd_comm *comm, int to, const void *outgoing, size_t bytes, int from, void *incoming,
                             size_t incoming_bytes) {
  const nmd__leg leg = {to, outgoing, bytes, from, incoming, incoming_bytes};
  nmd__comm_exchange_legs(comm, &leg, 1);
}

nmd_status nmd_comm_exchange(const nmd_comm *comm, int to, const void *outgoing, size_t bytes, int from,
                             void **incoming, size_t *capacity, size_t *received) {
  *received = 0;
  uint64_t mine = bytes, theirs = 0;
  nmd_comm_exchange_known(comm, to, &mine, sizeof mine, from, &theirs, from < 0 ? 0 : sizeof theirs);
  nmd_status status = NMD_OK;
  if (theirs > *capacity) {
    const size_t wanted = theirs + theirs / 2;
    status = nmd_grow(incoming, 0, wanted, 1);
    if (status == NMD_OK) *capacity = wanted;
  }
  /* The receiver says whether it has room, so that one rank out of memory does not leave another waiting for ever. */
  char ready = status == NMD_OK, go = 0;
  nmd_comm_exchange_known(comm, from, &ready, 1, to, &go, to < 0 ? 0 : 1);
  if (ready) *received = theirs;
  nmd_comm_exchange_known(comm, to, outgoing, go ? bytes : 0, from, *incoming, *received);
  return status;
}

static nmd_status gather_room(const nmd_comm *comm, int root, char **all, size_t *counts) {
  if (comm->rank != root) return NMD_OK;
  size_t total = 0;
  for (int r = 0; r < comm->size; r++) {
    total += comm->sizes[r];
    if (counts != NULL) counts[r] = comm->sizes[r];
  }
  return nmd_alloc(all, total, 1);
}

nmd_status nmd_comm_gather(const nmd_comm *comm, const void *mine, size_t bytes, int root, char **all, size_t *counts) {
  const uint64_t size = bytes;
  if (comm->rank == root) *all = NULL;
  comm->sizes[0] = size;
  if (comm->size > 1) MPI_Gather(&size, 1, MPI_UINT64_T, comm->sizes, 1, MPI_UINT64_T, root, comm->handle);
  NMD_TRY(nmd_comm_agree(comm, gather_room(comm, root, all, counts)));
  if (comm->rank != root) {
    nmd_comm_exchange_known(comm, root, mine, bytes, -1, NULL, 0);
    return NMD_OK;
  }
  char *next = *all;
  for (int r = 0; r < comm->size; next += comm->sizes[r], r++) {
    if (r != root)
      nmd_comm_exchange_known(comm, -1, NULL, 0, r, next, comm->sizes[r]);
    else if (bytes > 0)
      memcpy(next, mine, bytes);
  }
  return NMD_OK;
}

nmd_status nmd_comm_agree(const nmd_comm *comm, nmd_status mine) {
  if (comm->size == 1) return mine;
  int lowest = mine == NMD_OK ? comm->size : comm->rank;
  MPI_Allreduce(MPI_IN_PLACE, &lowest, 1, MPI_INT, MPI_MIN, comm->handle);
  if (lowest == comm->size) return NMD_OK;
  nmd_error first;
  nmd_error_save(mine, &first);
  MPI_Bcast(&first, sizeof first, MPI_BYTE, lowest, comm->handle);
  /* A failure that every rank met in the same way (the input, say) is not the lowest rank's own. */
  int same = mine == first.code && strcmp(first.text, nmd_error_text()) == 0;
  MPI_Allreduce(MPI_IN_PLACE, &same, 1, MPI_INT, MPI_MIN, comm->handle);
  nmd_error_restore(&first);
  return same ? first.code : nmd_fail_prefix(first.code, "rank %d", lowest);
}

nmd_status nmd_comm_agree_root(const nmd_comm *comm, nmd_status mine) {
  nmd_error root;
  nmd_error_save(mine, &root);
  nmd_comm_broadcast(comm, &root, sizeof root, 0);
  return root.code == NMD_OK ? NMD_OK : nmd_error_restore(&root);
}
