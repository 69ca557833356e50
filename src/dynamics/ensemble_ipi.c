/* SPDX-License-Identifier: BSD-3-Clause */
/* Positions from a server that speaks the protocol of i-PI (path integrals, replica exchange, geometry searches): each
 * step is one evaluation of energy, forces and virial at positions and cell that come through a socket, and that go back
 * when the server asks. Atoms are in order of id. The server has the velocities: here they are zero, and temperature and
 * kinetic parts of pressures mean nothing.
 *
 * V. Kapil et al., Comput. Phys. Commun. 236, 214 (2019). Rank 0 talks, the others wait for it.
 * Trade-off: one connection a run; several runs serve several replicas at once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "dynamics/ensemble.h"
#include "io/ipi_socket.h"

extern const nmd_ensemble_ops nmd__ensemble_ipi;
extern const nmd_option_table nmd__ensemble_ipi_options;

typedef struct ipi_parameters {
  char *socket, *host;
  int64_t port, max_steps;
  double patience; /* s */
} ipi_parameters;

static const nmd_option options[] = {
    {"socket", NMD_OPT_TEXT, offsetof(ipi_parameters, socket), .fallback = "",
     .doc = "name of the server's Unix-domain socket (its `address`: /tmp/ipi_NAME), or a path that begins with /; give this "
            "or port"},
    {"host", NMD_OPT_TEXT, offsetof(ipi_parameters, host), .fallback = "localhost",
     .doc = "machine of the server, with port"},
    {"port", NMD_OPT_INT, offsetof(ipi_parameters, port), .fallback = "0", .min = 0, .max = 65535,
     .doc = "port of the server (mode inet; i-PI's own default is 31415)"},
    {"patience", NMD_OPT_REAL, offsetof(ipi_parameters, patience), NMD_DIM_WALLTIME, "60 s", 0, 1e7,
     .doc = "how long to wait for the server to be there"},
    {"max_steps", NMD_OPT_INT, offsetof(ipi_parameters, max_steps), .fallback = "1000000000000", .min = 1, .max = 1e15,
     .doc = "most evaluations; the stage ends when the server says so or is gone"},
};
const nmd_option_table nmd__ensemble_ipi_options = {"ipi", "driven by a server with the socket protocol of i-PI",
                                                    sizeof(ipi_parameters), NMD_COUNT(options), options};

typedef struct ipi {
  const ipi_parameters *parameters; /* not owned */
  nmd_ipi socket;                   /* rank 0 */
  bool waiting;                     /* positions have come and are not taken over */
  bool over;                        /* the server has finished */
  bool interrupted;                 /* a signal came: the next step waits for nobody, so that the ranks agree on it */
  int64_t *ids;                     /* [n_atoms] sorted */
  double h[9], *x;                  /* [n_atoms][3] A, of all ranks, from the server */
  double *force;                    /* [n_atoms][3] hartree/bohr, rank 0 */
} ipi;

static void destroy(void *opaque) {
  ipi *own = opaque;
  nmd_ipi_close(&own->socket);
  nmd_free(own->ids);
  nmd_free(own->x);
  nmd_free(own->force);
  nmd_free(own);
}

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  const ipi_parameters *p = parameters;
  (void)motion;
  ipi *own;
  if ((p->socket == NULL) == (p->port == 0))
    NMD_FAIL(CONFLICT, "ipi: socket and port %s given; expected one of them", p->port == 0 ? "not" : "both");
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = p;
  own->socket.fd = -1; /* connected at the first step: --check must not wait for anybody */
  *self = own;
  return NMD_OK;
}

/* ---- atoms by id ---- */

static int by_value(const void *a, const void *b) {
  const int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
  return (i > j) - (i < j);
}

static int64_t place_of(const ipi *own, int64_t id, int64_t n) {
  if (id >= 1 && id <= n && own->ids[id - 1] == id) return id - 1;
  const int64_t *found = bsearch(&id, own->ids, (size_t)n, sizeof id, by_value);
  NMD_ASSERT(found != NULL);
  return found - own->ids;
}

static nmd_status allocate(ipi *own, int64_t n) {
  NMD_TRY(NMD_ALLOC(own->ids, n));
  NMD_TRY(NMD_ALLOC(own->x, 3 * n));
  return NMD_ALLOC(own->force, 3 * n);
}

static nmd_status learn_ids(ipi *own, const nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  char *all = NULL;
  NMD_TRY(nmd_comm_agree(motion->comm, allocate(own, motion->n_atoms)));
  NMD_TRY(nmd_comm_agree(motion->comm, nmd_comm_gather(motion->comm, atoms->id, (size_t)atoms->n_owned * sizeof(int64_t), 0,
                                                       &all, NULL)));
  const size_t bytes = (size_t)motion->n_atoms * sizeof *own->ids;
  if (all != NULL) memcpy(own->ids, all, bytes);
  if (all != NULL) qsort(own->ids, (size_t)motion->n_atoms, sizeof *own->ids, by_value);
  nmd_free(all);
  nmd_comm_broadcast(motion->comm, own->ids, bytes, 0);
  return NMD_OK;
}

typedef struct force_record {
  int64_t id;
  double f[3];
} force_record;

/* Forces of all ranks in order of id, in the server's units, on rank 0. */
static nmd_status collect_forces(ipi *own, const nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  force_record *mine;
  char *all = NULL;
  NMD_TRY(nmd_comm_agree(motion->comm, NMD_ALLOC(mine, atoms->n_owned)));
  for (int i = 0; i < atoms->n_owned; i++) {
    mine[i].id = atoms->id[i];
    memcpy(mine[i].f, atoms->f + 3 * i, sizeof mine[i].f);
  }
  const nmd_status status = nmd_comm_gather(motion->comm, mine, (size_t)atoms->n_owned * sizeof *mine, 0, &all, NULL);
  nmd_free(mine);
  NMD_TRY(nmd_comm_agree(motion->comm, status));
  for (int64_t k = 0; all != NULL && k < motion->n_atoms; k++) {
    force_record r;
    memcpy(&r, all + (size_t)k * sizeof r, sizeof r);
    double *to = own->force + 3 * place_of(own, r.id, motion->n_atoms);
    for (int a = 0; a < 3; a++) to[a] = r.f[a] / (NMD_HARTREE / NMD_BOHR);
  }
  nmd_free(all);
  return NMD_OK;
}

/* ---- conversation ---- */

static nmd_status check_finite(const ipi *own, int64_t n) {
  bool finite = true;
  for (int64_t k = 0; k < 3 * n; k++) finite = finite && isfinite(own->x[k]);
  for (int k = 0; k < 9; k++) finite = finite && isfinite(own->h[k]);
  if (finite) return NMD_OK;
  NMD_FAIL(EXPLODED, "%s: sends positions or a cell that are no numbers; look at its time step", own->socket.where);
}

/* Rank 0: answer until positions come; in A. */
static nmd_status talk(ipi *own, const nmd_motion *motion, bool has_result, nmd_ipi_event *event) {
  const ipi_parameters *p = own->parameters;
  const int64_t n = motion->n_atoms;
  nmd_ipi_result result = {.energy = motion->potential_energy / NMD_HARTREE, .force = own->force};
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++)
      result.virial[3 * a + b] = 0.5 * (motion->virial[a][b] + motion->virial[b][a]) / NMD_HARTREE;
  *event = NMD_IPI_POSITIONS;
  if (own->socket.fd < 0)
    NMD_TRY(nmd_ipi_connect(&own->socket, p->socket, p->host, (int)p->port, p->patience, event));
  if (*event == NMD_IPI_SIGNAL) return NMD_OK;
  NMD_TRY(nmd_ipi_serve(&own->socket, n, has_result ? &result : NULL, own->h, own->x, event));
  if (*event != NMD_IPI_POSITIONS) return NMD_OK;
  for (int64_t k = 0; k < 3 * n; k++) own->x[k] *= NMD_BOHR;
  for (int k = 0; k < 9; k++) own->h[k] *= NMD_BOHR;
  return check_finite(own, n);
}

static nmd_status converse(ipi *own, const nmd_motion *motion, bool has_result) {
  nmd_ipi_event event = NMD_IPI_SIGNAL;
  const bool root = nmd_comm_rank(motion->comm) == 0;
  NMD_TRY(nmd_comm_agree(motion->comm, root ? talk(own, motion, has_result, &event) : NMD_OK));
  nmd_comm_broadcast(motion->comm, &event, sizeof event, 0);
  own->waiting = event == NMD_IPI_POSITIONS;
  own->over = event == NMD_IPI_EXIT;
  own->interrupted = event == NMD_IPI_SIGNAL;
  if (!own->waiting) return NMD_OK;
  nmd_comm_broadcast(motion->comm, own->h, sizeof own->h, 0);
  nmd_comm_broadcast(motion->comm, own->x, (size_t)motion->n_atoms * 3 * sizeof *own->x, 0);
  return NMD_OK;
}

/* The server's positions are followed through the boundaries, so the image counters stay as they are. */
static nmd_status take_over(ipi *own, nmd_motion *motion) {
  nmd_atoms *atoms = motion->atoms;
  double h[3][3];
  memcpy(h, own->h, sizeof h);
  NMD_TRY(nmd_box_set_h(motion->box, h));
  for (int i = 0; i < atoms->n_owned; i++) {
    const double *x = own->x + 3 * place_of(own, atoms->id[i], motion->n_atoms);
    for (int a = 0; a < 3; a++) {
      atoms->x[3 * i + a] = x[a];
      for (int d = 0; d < 3; d++) atoms->x[3 * i + a] -= atoms->image[3 * i + d] * h[d][a];
    }
  }
  own->waiting = false;
  motion->jumped = true;
  return NMD_OK;
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  ipi *own = self;
  if (own->ids == NULL) {
    NMD_TRY(learn_ids(own, motion));
    memset(motion->atoms->v, 0, (size_t)motion->atoms->n_owned * 3 * sizeof(double));
  }
  const bool passing = own->interrupted;
  own->interrupted = false;
  if (!own->waiting && !passing) NMD_TRY(converse(own, motion, false));
  return own->waiting ? nmd_comm_agree(motion->comm, take_over(own, motion)) : NMD_OK;
}

/* The answer goes out at once, and the next positions wait for the next step. */
static nmd_status after_force(void *self, nmd_motion *motion) {
  ipi *own = self;
  if (!motion->jumped) return NMD_OK; /* no new positions */
  motion->jumped = false;
  NMD_TRY(collect_forces(own, motion));
  return converse(own, motion, true);
}

static bool finished(const void *self, const nmd_motion *motion) {
  (void)motion;
  return ((const ipi *)self)->over;
}

static double conserved(const void *self, const nmd_motion *motion) {
  (void)self;
  return motion->potential_energy;
}

static int64_t max_steps(const void *parameters) { return ((const ipi_parameters *)parameters)->max_steps; }

const nmd_ensemble_ops nmd__ensemble_ipi = {
    .name = "ipi",
    .options = &nmd__ensemble_ipi_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = nmd_no_state_size,
    .save = nmd_no_save,
    .restore = nmd_no_restore,
    .finished = finished,
    .destroy = destroy,
    .max_steps = max_steps,
};
