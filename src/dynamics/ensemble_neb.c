/* SPDX-License-Identifier: BSD-3-Clause */
/* Nudged elastic band: images of the system between two states relax to the minimum-energy path; the highest one climbs
 * to the saddle point.
 *
 *   pull_i = F_i - (F_i . tau_i) tau_i + k (|x_{i+1} - x_i| - |x_i - x_{i-1}|) tau_i
 *   climbing image: F_i - 2 (F_i . tau_i) tau_i
 *
 *   F    forces of the potential (eV/A)
 *   tau  unit tangents, which look uphill
 *   k    spring (eV/A^2): spacing only, the path does not depend on it
 *
 * G. Henkelman, H. Jonsson, J. Chem. Phys. 113, 9978 (2000): tangents;
 * G. Henkelman, B. Uberuaga, H. Jonsson, J. Chem. Phys. 113, 9901 (2000): climbing;
 * S. Smidstrup et al., J. Chem. Phys. 140, 214106 (2014): the first guess;
 * D. Sheppard, R. Terrell, G. Henkelman, J. Chem. Phys. 128, 134106 (2008): optimisers.
 *
 * A step is a step of all images between the ends (before: of the ends, if they are to be relaxed), evaluated by groups
 * of ranks at once. The run's own atoms are the highest image, where the next stage goes on; their forces cost one
 * evaluation more a step. "Conserved": its energy.
 *
 * Trade-off: every rank holds the whole band, so that the optimiser needs no communication: images x atoms x 0.6 kB. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/vec3.h"
#include "dynamics/mover.h"
#include "dynamics/neb.h"

extern const nmd_ensemble_ops nmd__ensemble_neb;
extern const nmd_option_table nmd__ensemble_neb_options;

#define AT(member) offsetof(nmd_neb_parameters, member)
static const nmd_option options[] = {
    {"end", NMD_OPT_PATH, AT(end), .fallback = "",
     .doc = "structure file of the state in which the path ends (it begins with the atoms of the run): the same atoms "
            "in the same order, or with ids; give this, moves or path"},
    {"end_frame", NMD_OPT_INT, AT(end_frame), .fallback = "-1", .min = -1, .max = 1e12,
     .doc = "frame of that file, 0 the first; -1: the last"},
    {"moves", NMD_OPT_TEXT_LIST, AT(moves), .fallback = "",
     .doc = "instead: atoms that are elsewhere in the end, by id and lengths in A, e.g. [\"12 by 0 2.04 2.04\"], or "
            "\"12 to 4.1 2 0\" (a vacancy, say); the others follow with relax_ends"},
    {"path", NMD_OPT_PATH, AT(path), .fallback = "",
     .doc = "instead: a file with all images, the first (which is not looked at: the run's atoms are) and the last "
            "among them"},
    {"images", NMD_OPT_INT, AT(images), .fallback = "5", .min = 1, .max = 1000,
     .doc = "between the two ends (those of `path` have their own number)"},
    {"interpolation", NMD_OPT_CHOICE, AT(interpolation), .fallback = "idpp", .choices = "idpp|linear",
     .doc = "first guess of the path: idpp: distances of atoms change evenly, which leads around collisions; linear: "
            "positions"},
    {"relax_ends", NMD_OPT_BOOL, AT(relax_ends), .fallback = "false",
     .doc = "minimise both ends first, to force_tolerance"},
    {"method", NMD_OPT_CHOICE, AT(method), .fallback = "lbfgs", .choices = "lbfgs|fire",
     .doc = "lbfgs: quasi-Newton steps; fire: damped dynamics, slower and harder to upset"},
    {"spring", NMD_OPT_REAL, AT(spring), .fallback = "1", .max = 1e4, .min_open = 1,
     .doc = "stiffness between the images, eV/A^2: spaces them out, and changes neither path nor barrier"},
    {"climb", NMD_OPT_BOOL, AT(climb), .fallback = "true", .doc = "let the highest image climb to the saddle point"},
    {"climb_below", NMD_OPT_REAL, AT(climb_below), NMD_DIM_FORCE, "0.3 eV/A", 0, 1e3, .min_open = 1,
     .doc = "it does so once the longest force on the band has been below this"},
    {"force_tolerance", NMD_OPT_REAL, AT(force_tolerance), NMD_DIM_FORCE, "0.01 eV/A", 0, 1e3, .min_open = 1,
     .doc = "converged when the longest force on an atom of the band is below this"},
    {"max_steps", NMD_OPT_INT, AT(max_steps), .fallback = "1000", .min = 1, .max = 1e12,
     .doc = "give up (with a warning) after so many steps"},
    {"max_move", NMD_OPT_REAL, AT(max_move), NMD_DIM_LENGTH, "0.03 A", 0, 10, .min_open = 1,
     .doc = "longest move of an atom of an image in one step; shorter where steps have doubled the forces (lbfgs)"},
};
const nmd_option_table nmd__ensemble_neb_options = {"neb",
                                                    "minimum-energy path between two states, by a nudged elastic band",
                                                    sizeof(nmd_neb_parameters), NMD_COUNT(options), options};

enum { START, ENDS, BAND };

typedef struct neb {
  const nmd_neb_parameters *parameters; /* not owned */
  const nmd_band_service *images;       /* not owned */
  nmd__neb_ends ends;
  nmd_band band;
  nmd_mover end[2], between;
  bool *wanted; /* [images] */
  /* state, beside band and movers */
  double phase, climbs, steps;
} neb;

static void destroy(void *self) {
  neb *own = self;
  if (own == NULL) return;
  nmd__neb_ends_free(&own->ends);
  nmd_band_free(&own->band);
  for (int e = 0; e < 2; e++) nmd_mover_free(&own->end[e]);
  nmd_mover_free(&own->between);
  nmd_free(own->wanted);
  nmd_free(own);
}

/* ---- the run's atoms, in order of id ---- */

typedef struct atom_record {
  int64_t id;
  int32_t kind;
  bool fixed;
  double x[3];
} atom_record;

static int by_id(const void *a, const void *b) {
  const int64_t i = ((const atom_record *)a)->id, j = ((const atom_record *)b)->id;
  return (i > j) - (i < j);
}

static void fill_records(const nmd_motion *motion, atom_record *record) {
  const nmd_atoms *atoms = motion->atoms;
  for (int i = 0; i < atoms->n_owned; i++) {
    record[i] =
        (atom_record){.id = atoms->id[i], .kind = atoms->species[i], .fixed = (atoms->groups[i] & motion->frozen) != 0};
    for (int a = 0; a < 3; a++) {
      record[i].x[a] = atoms->x[3 * i + a];
      for (int d = 0; d < 3; d++) record[i].x[a] += atoms->image[3 * i + d] * motion->box->h[d][a];
    }
  }
}

/* All of them on every rank; owner: the caller. */
static nmd_status gather_records(const nmd_motion *motion, atom_record **all) {
  atom_record *mine;
  char *gathered = NULL;
  const size_t bytes = (size_t)motion->n_atoms * sizeof **all;
  NMD_TRY(nmd_comm_agree(motion->comm, NMD_ALLOC(mine, motion->atoms->n_owned)));
  fill_records(motion, mine);
  nmd_status status =
      nmd_comm_gather(motion->comm, mine, (size_t)motion->atoms->n_owned * sizeof *mine, 0, &gathered, NULL);
  nmd_free(mine);
  if (status == NMD_OK && nmd_comm_rank(motion->comm) != 0) status = nmd_alloc(&gathered, bytes, 1);
  status = nmd_comm_agree(motion->comm, status);
  if (status == NMD_OK) {
    if (nmd_comm_rank(motion->comm) == 0) qsort(gathered, (size_t)motion->n_atoms, sizeof **all, by_id);
    nmd_comm_broadcast(motion->comm, gathered, bytes, 0);
  } else
    nmd_free(gathered);
  *all = status == NMD_OK ? (atom_record *)gathered : NULL;
  return status;
}

static void learn_atoms(neb *own, const atom_record *record) {
  for (int64_t k = 0; k < own->band.atoms; k++) {
    own->band.id[k] = record[k].id;
    own->band.kind[k] = record[k].kind;
    own->band.fixed[k] = record[k].fixed;
  }
}

/* ---- create ---- */

static nmd_status find_ends(neb *own, const nmd_motion *motion, const atom_record *record) {
  int64_t *id;
  int *z = NULL;
  const int64_t n = motion->n_atoms;
  nmd_status status = NMD_ALLOC(id, n);
  if (status == NMD_OK) status = NMD_ALLOC(z, n);
  status = nmd_comm_agree(motion->comm, status);
  for (int64_t k = 0; k < n && status == NMD_OK; k++) {
    id[k] = record[k].id;
    z[k] = motion->species->atomic_number[record[k].kind];
  }
  if (status == NMD_OK) status = nmd__neb_ends_init(own->parameters, motion->comm, n, id, z, &own->ends);
  nmd_free(id);
  nmd_free(z);
  return status;
}

static nmd_status make_movers(neb *own, const nmd_motion *motion) {
  const nmd_neb_parameters *p = own->parameters;
  const nmd_species *species = motion->species;
  nmd_mover mover = {.method = (nmd_mover_method)p->method, .max_move = p->max_move, .timestep = motion->timestep};
  for (int s = 0; s < species->n; s++) mover.mass += species->mass[s] / species->n;
  mover.n = 3 * motion->n_atoms;
  own->end[0] = own->end[1] = mover;
  mover.n *= own->band.n - 2;
  own->between = mover;
  for (int e = 0; e < 2 && p->relax_ends; e++) NMD_TRY(nmd_mover_init(&own->end[e]));
  return nmd_mover_init(&own->between);
}

static nmd_status setup(neb *own, const nmd_motion *motion) {
  atom_record *record;
  if (motion->images == NULL) NMD_FAIL(CONFLICT, "neb: nobody evaluates images here; expected a run of the engine");
  NMD_TRY(gather_records(motion, &record));
  nmd_status status = find_ends(own, motion, record);
  if (status == NMD_OK)
    status = nmd_comm_agree(motion->comm, nmd_band_init(&own->band, own->ends.images, motion->n_atoms));
  if (status == NMD_OK) learn_atoms(own, record);
  nmd_free(record);
  NMD_TRY(status);
  status = NMD_ALLOC(own->wanted, own->band.n);
  if (status == NMD_OK) status = make_movers(own, motion);
  return nmd_comm_agree(motion->comm, status);
}

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  neb *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = parameters;
  own->images = motion->images;
  const nmd_status status = setup(own, motion);
  if (status == NMD_OK)
    *self = own;
  else
    destroy(own);
  return status;
}

/* ---- a step ---- */

static nmd_status evaluate(neb *own, bool ends) {
  for (int k = 0; k < own->band.n; k++) own->wanted[k] = (k == 0 || k == own->band.n - 1) == ends;
  return own->images->evaluate(own->images->context, &own->band, own->wanted);
}

static double longest_at_end(const neb *own, int e) {
  const double *force = nmd_band_of(&own->band, own->band.force, e == 0 ? 0 : own->band.n - 1);
  double most = 0;
  for (int64_t i = 0; i < own->band.atoms; i++) most = fmax(most, nmd_norm(force + 3 * i));
  return most;
}

/* Both ends, as they are at the beginning of the stage. */
static nmd_status begin(neb *own, nmd_motion *motion) {
  atom_record *record;
  NMD_TRY(gather_records(motion, &record));
  learn_atoms(own, record);
  for (int64_t k = 0; k < own->band.atoms; k++) memcpy(own->band.x + 3 * k, record[k].x, sizeof record[k].x);
  nmd_free(record);
  nmd__neb_ends_place(&own->ends, motion->box, &own->band);
  own->phase = ENDS;
  return evaluate(own, true);
}

static nmd_status relax_ends(neb *own) {
  const int64_t n = own->band.n - 1;
  for (int e = 0; e < 2; e++)
    if (longest_at_end(own, e) >= own->parameters->force_tolerance)
      nmd_mover_step(&own->end[e], nmd_band_of(&own->band, own->band.x, e == 0 ? 0 : (int)n),
                     nmd_band_of(&own->band, own->band.force, e == 0 ? 0 : (int)n));
  return evaluate(own, true);
}

/* The highest image begins to climb when the band is near its path; what the optimiser has learnt is then of other
 * forces. */
static nmd_status measure(neb *own) {
  const nmd_neb_parameters *p = own->parameters;
  const int before = own->band.climbing;
  NMD_TRY(nmd_band_measure(&own->band, p->spring, own->climbs > 0));
  if (p->climb && own->climbs < 1 && own->band.largest < fmax(p->climb_below, p->force_tolerance)) {
    own->climbs = 1;
    NMD_TRY(nmd_band_measure(&own->band, p->spring, true));
  }
  if (own->band.climbing != before) nmd_mover_reset(&own->between);
  return NMD_OK;
}

static nmd_status lay_band(neb *own, const nmd_motion *motion) {
  const double *energy = own->band.energy;
  nmd_log_info("neb: ends %.6f and %.6f eV, longest forces %.3g and %.3g eV/A; %d images between them", energy[0],
               energy[own->band.n - 1], longest_at_end(own, 0), longest_at_end(own, 1), own->band.n - 2);
  NMD_TRY(nmd__neb_ends_connect(&own->ends, own->parameters, motion->box, &own->band));
  own->phase = BAND;
  NMD_TRY(evaluate(own, false));
  return measure(own);
}

static nmd_status advance(neb *own, nmd_motion *motion) {
  if (own->phase == BAND) {
    nmd_mover_step(&own->between, nmd_band_of(&own->band, own->band.x, 1), nmd_band_of(&own->band, own->band.pull, 1));
    NMD_TRY(evaluate(own, false));
    return measure(own);
  }
  NMD_TRY(own->phase == START ? begin(own, motion) : relax_ends(own));
  const bool ready = fmax(longest_at_end(own, 0), longest_at_end(own, 1)) < own->parameters->force_tolerance;
  return ready || !own->parameters->relax_ends ? lay_band(own, motion) : NMD_OK;
}

static int64_t place_of(const nmd_band *band, int64_t id) {
  int64_t low = 0, high = band->atoms - 1;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (band->id[middle] < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The image counters of the atoms stay as they are. */
static void show(neb *own, nmd_motion *motion) {
  const double *x = nmd_band_of(&own->band, own->band.x, own->phase == BAND ? own->band.highest : 0);
  nmd_atoms *atoms = motion->atoms;
  for (int i = 0; i < atoms->n_owned; i++) {
    const int64_t place = place_of(&own->band, atoms->id[i]);
    for (int a = 0; a < 3; a++) {
      atoms->x[3 * i + a] = x[3 * place + a];
      for (int d = 0; d < 3; d++) atoms->x[3 * i + a] -= atoms->image[3 * i + d] * motion->box->h[d][a];
    }
  }
  motion->band = own->phase == BAND ? &own->band : NULL;
  motion->jumped = true;
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  neb *own = self;
  if (own->phase == START) nmd_velocities_scale(motion, 0.0);
  own->steps += 1;
  NMD_TRY(nmd_comm_agree(motion->comm, advance(own, motion)));
  show(own, motion);
  return NMD_OK;
}

static bool finished(const void *self, const nmd_motion *motion) {
  const neb *own = self;
  (void)motion;
  return own->phase == BAND && own->band.largest < own->parameters->force_tolerance &&
         (own->climbs > 0 || !own->parameters->climb);
}

static void report(const neb *own) {
  const nmd_band *band = &own->band;
  double forward, back;
  const bool climbed = band->climbing >= 0;
  nmd_band_barriers(band, !climbed, &forward, &back);
  nmd_log_info("neb: barrier %.6f eV forward, %.6f eV back, at image %d of 0 to %d, %.4f of %.4f A (%s)", forward, back,
               band->highest, band->n - 1, band->path[band->highest], band->path[band->n - 1],
               climbed ? "climbing image" : "cubic through energies and slopes");
  if (band->highest == 0 || band->highest == band->n - 1)
    nmd_log_warning(
        "neb: the highest image is an end: the path has no barrier between its ends, or too few images to show it");
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  neb *own = self;
  motion->jumped = false;
  const bool given_up = own->steps >= (double)own->parameters->max_steps;
  if (!finished(own, motion) && !given_up) return NMD_OK;
  if (own->phase == BAND) report(own);
  if (!finished(own, motion))
    nmd_log_warning("neb: not converged after %lld steps: longest force on %s %.3g eV/A, tolerance %.3g eV/A",
                    (long long)own->parameters->max_steps, own->phase == BAND ? "the band" : "an end",
                    own->phase == BAND ? own->band.largest : fmax(longest_at_end(own, 0), longest_at_end(own, 1)),
                    own->parameters->force_tolerance);
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  (void)self;
  return motion->potential_energy;
}

static int64_t max_steps(const void *parameters) { return ((const nmd_neb_parameters *)parameters)->max_steps; }

/* ---- state ---- */

enum { OWN = 3, MOVERS = 3 };
typedef void carry(double *inside, double *outside, int64_t n);
static void take(double *inside, double *outside, int64_t n) { memcpy(outside, inside, (size_t)n * sizeof *inside); }
static void put(double *inside, double *outside, int64_t n) { memcpy(inside, outside, (size_t)n * sizeof *inside); }

/* All that a step changes, one piece after the other; returns how many numbers. `state` NULL: counts only. */
static int64_t each_piece(neb *own, carry *with, double *state) {
  nmd_band *band = &own->band;
  nmd_mover *mover[MOVERS] = {&own->end[0], &own->end[1], &own->between};
  const int64_t all = band->n * band->atoms * 3;
  struct {
    double *at;
    int64_t n;
  } piece[OWN + 3 + 2 * MOVERS] = {{&own->phase, 1}, {&own->climbs, 1},  {&own->steps, 1},
                                   {band->x, all},   {band->force, all}, {band->energy, band->n}};
  for (int m = 0; m < MOVERS; m++) {
    piece[OWN + 3 + 2 * m].at = mover[m]->numbers;
    piece[OWN + 3 + 2 * m].n = NMD_MOVER_NUMBERS;
    piece[OWN + 4 + 2 * m].at = mover[m]->memory;
    piece[OWN + 4 + 2 * m].n = mover[m]->memory != NULL ? nmd_mover_memory(mover[m]->method, mover[m]->n) : 0;
  }
  int64_t total = 0;
  for (int k = 0; k < OWN + 3 + 2 * MOVERS; k++) {
    if (state != NULL && piece[k].n > 0) with(piece[k].at, state + total, piece[k].n);
    total += piece[k].n;
  }
  return total;
}

static int state_size(const void *self) { return (int)each_piece((neb *)self, NULL, NULL); }

static void save(const void *self, double *state) { each_piece((neb *)self, take, state); }

static void restore(void *self, const double *state) {
  neb *own = self;
  each_piece(own, put, (double *)state);
  if (own->phase == BAND) (void)!nmd_band_measure(&own->band, own->parameters->spring, own->climbs > 0);
}

const nmd_ensemble_ops nmd__ensemble_neb = {
    .name = "neb",
    .options = &nmd__ensemble_neb_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .finished = finished,
    .destroy = destroy,
    .max_steps = max_steps,
    .kinetic_energy = nmd_no_kinetic_energy,
    .timeless = true,
};
