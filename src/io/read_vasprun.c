/* SPDX-License-Identifier: BSD-3-Clause */
/* vasprun.xml of VASP: every complete <calculation> (ionic step) with energy, forces and stress.
 *
 * The energy is the one extrapolated to zero smearing. VASP writes a wrong e_0_energy at the end of a step, and leaves
 * dispersion corrections out of those of the electronic steps; right is e_fr_energy of the ionic step plus (e_0_energy
 * - e_fr_energy) of its last electronic step. The stress is in kbar with compression positive; here tension is. A step
 * that used all NELM electronic steps gets the info scf=unconverged. A step cut off by the end of the file is left out
 * with a warning.  Layout: https://www.vasp.at/wiki/index.php/Vasprun.xml */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/units.h"
#include "io/read_format.h"
#include "io/xml.h"
#include "system/element.h"

enum { DECIMALS = 8 };

typedef struct energies {
  bool has_free, has_zero;
  double free, zero; /* e_fr_energy, e_0_energy */
} energies;

typedef struct vasprun {
  nmd__xml xml;
  int64_t n, capacity, frames, max_scf; /* max_scf: NELM, 0 when not said */
  int *atomic_number;                   /* [n] */
  /* of the step under way */
  bool has_cell, has_stress;
  int64_t n_x, n_f, n_scf;
  energies step, scf;
  double h[3][3], stress[3][3];
  double (*x)[3], (*f)[3]; /* [n]; x is fractional */
} vasprun;

static void free_vasprun(void *opaque) {
  vasprun *v = opaque;
  nmd_free(v->atomic_number);
  nmd_free(v->x);
  nmd_free(v->f);
  nmd_free(v);
}

static bool fits(const char *head) { return strstr(head, "<modeling>") != NULL && strstr(head, "<?xml") != NULL; }

static nmd_status take_atom(vasprun *v) {
  char *word = v->xml.text + strspn(v->xml.text, " \t");
  for (char *end = word + strlen(word); end > word && (end[-1] == ' ' || end[-1] == '\t');) *--end = '\0';
  if (v->n == v->capacity) {
    NMD_TRY(NMD_GROW(v->atomic_number, v->n, 2 * v->capacity + 64));
    v->capacity = 2 * v->capacity + 64;
  }
  return nmd_source_element(v->xml.source, word, &v->atomic_number[v->n++]);
}

/* <rc><c>Au</c><c>   1</c></rc>: the first column is the element */
static nmd_status read_atom_list(vasprun *v) {
  int column = 0;
  v->n = 0;
  for (;;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_need(&v->xml, "array", &event));
    if (event == NMD__XML_CLOSE && strcmp(v->xml.tag, "array") == 0) break;
    if (event == NMD__XML_OPEN && strcmp(v->xml.tag, "rc") == 0) column = 0;
    if (event == NMD__XML_OPEN && strcmp(v->xml.tag, "c") == 0) column++;
    if (event == NMD__XML_TEXT && column == 1) NMD_TRY(take_atom(v));
    if (event == NMD__XML_CLOSE && strcmp(v->xml.tag, "rc") == 0) column = 0;
  }
  nmd_free(v->x);
  nmd_free(v->f);
  v->x = v->f = NULL;
  NMD_TRY(NMD_ALLOC(v->x, v->n));
  return NMD_ALLOC(v->f, v->n);
}

static nmd_status read_atominfo(vasprun *v) {
  for (;;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_need(&v->xml, "atominfo", &event));
    if (event == NMD__XML_CLOSE) return NMD_OK;
    if (event != NMD__XML_OPEN) continue;
    if (strcmp(v->xml.tag, "array") == 0 && strcmp(v->xml.name, "atoms") == 0)
      NMD_TRY(read_atom_list(v));
    else
      NMD_TRY(nmd__xml_skip(&v->xml));
  }
}

/* The only parameter of interest: NELM. */
static nmd_status read_parameters(vasprun *v) {
  for (int depth = 1; depth > 0;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_need(&v->xml, "parameters", &event));
    if (event == NMD__XML_CLOSE) depth--;
    if (event != NMD__XML_OPEN) continue;
    if (strcmp(v->xml.tag, "i") == 0 && strcmp(v->xml.name, "NELM") == 0) {
      double value;
      NMD_TRY(nmd__xml_reals(&v->xml, DECIMALS, 1, "NELM", &value));
      v->max_scf = (int64_t)value;
    } else
      depth++;
  }
  return NMD_OK;
}

/* The rows <v> of a <varray>: at most `room`; *found says how many. */
static nmd_status read_rows(vasprun *v, const char *what, int64_t room, double (*rows)[3], int64_t *found) {
  for (*found = 0;;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_need(&v->xml, "varray", &event));
    if (event == NMD__XML_CLOSE) break;
    if (event != NMD__XML_OPEN) continue;
    if (*found == room)
      return nmd_source_fail(v->xml.source, v->xml.place, NMD_FILE_FORMAT,
                             "%s: more than %lld rows; expected one an atom "
                             "as in <atominfo>, or three for a cell or stress",
                             what, (long long)room);
    NMD_TRY(nmd__xml_reals(&v->xml, DECIMALS, 3, what, rows[*found]));
    ++*found;
  }
  if (*found == room) return NMD_OK;
  return nmd_source_fail(v->xml.source, v->xml.place, NMD_FILE_FORMAT, "%s: %lld rows; expected %lld", what,
                         (long long)*found, (long long)room);
}

static nmd_status read_crystal(vasprun *v) {
  int64_t rows;
  for (;;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_need(&v->xml, "crystal", &event));
    if (event == NMD__XML_CLOSE) return NMD_OK;
    if (event != NMD__XML_OPEN) continue;
    if (strcmp(v->xml.name, "basis") == 0) {
      NMD_TRY(read_rows(v, "basis", 3, v->h, &rows));
      v->has_cell = true;
    } else
      NMD_TRY(nmd__xml_skip(&v->xml));
  }
}

static nmd_status read_structure(vasprun *v) {
  for (;;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_need(&v->xml, "structure", &event));
    if (event == NMD__XML_CLOSE) return NMD_OK;
    if (event != NMD__XML_OPEN) continue;
    if (strcmp(v->xml.tag, "crystal") == 0)
      NMD_TRY(read_crystal(v));
    else if (strcmp(v->xml.name, "positions") == 0)
      NMD_TRY(read_rows(v, "positions", v->n, v->x, &v->n_x));
    else
      NMD_TRY(nmd__xml_skip(&v->xml));
  }
}

static nmd_status read_energies(vasprun *v, energies *e) {
  for (;;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_need(&v->xml, "energy", &event));
    if (event == NMD__XML_CLOSE) return NMD_OK;
    if (event != NMD__XML_OPEN) continue;
    if (strcmp(v->xml.name, "e_fr_energy") == 0) {
      NMD_TRY(nmd__xml_reals(&v->xml, DECIMALS, 1, "e_fr_energy", &e->free));
      e->has_free = true;
    } else if (strcmp(v->xml.name, "e_0_energy") == 0) {
      NMD_TRY(nmd__xml_reals(&v->xml, DECIMALS, 1, "e_0_energy", &e->zero));
      e->has_zero = true;
    } else
      NMD_TRY(nmd__xml_skip(&v->xml));
  }
}

static nmd_status read_electronic_step(vasprun *v) {
  v->n_scf++;
  for (;;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_need(&v->xml, "scstep", &event));
    if (event == NMD__XML_CLOSE) return NMD_OK;
    if (event != NMD__XML_OPEN) continue;
    if (strcmp(v->xml.tag, "energy") == 0)
      NMD_TRY(read_energies(v, &v->scf));
    else
      NMD_TRY(nmd__xml_skip(&v->xml));
  }
}

static nmd_status read_part(vasprun *v) {
  const char *tag = v->xml.tag, *name = v->xml.name;
  int64_t rows;
  if (strcmp(tag, "scstep") == 0) return read_electronic_step(v);
  if (strcmp(tag, "structure") == 0) return read_structure(v);
  if (strcmp(tag, "energy") == 0) return read_energies(v, &v->step);
  if (strcmp(tag, "varray") == 0 && strcmp(name, "forces") == 0) return read_rows(v, "forces", v->n, v->f, &v->n_f);
  if (strcmp(tag, "varray") != 0 || strcmp(name, "stress") != 0) return nmd__xml_skip(&v->xml);
  v->has_stress = true;
  return read_rows(v, "stress", 3, v->stress, &rows);
}

static nmd_status read_calculation(vasprun *v) {
  v->has_cell = v->has_stress = false;
  v->n_x = v->n_f = v->n_scf = 0;
  v->step = v->scf = (energies){0};
  for (;;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_need(&v->xml, "calculation", &event));
    if (event == NMD__XML_CLOSE) return NMD_OK;
    if (event == NMD__XML_OPEN) NMD_TRY(read_part(v));
  }
}

static nmd_status check_calculation(const vasprun *v) {
  const char *missing = NULL;
  if (v->n == 0)
    missing = "<atominfo> with its array of atoms";
  else if (!v->has_cell || v->n_x == 0)
    missing = "<structure>";
  else if (v->n_f == 0)
    missing = "<varray name=\"forces\">";
  else if (!v->step.has_free)
    missing = "<energy> with e_fr_energy";
  if (missing == NULL) return NMD_OK;
  return nmd_source_fail(v->xml.source, NULL, NMD_MISSING_KEY,
                         "the <calculation> ending here lacks %s; expected a run of VASP with forces", missing);
}

static nmd_status deliver(vasprun *v, nmd_structure *out) {
  NMD_TRY(check_calculation(v));
  NMD_TRY(nmd_structure_init(out, v->n));
  NMD_TRY(nmd_structure_need_forces(out));
  NMD_TRY(nmd__read_box(v->xml.source, v->h, NULL, NULL, &out->box));
  memcpy(out->atomic_number, v->atomic_number, (size_t)v->n * sizeof(int));
  memcpy(out->f, v->f, (size_t)v->n * sizeof *out->f);
  for (int64_t i = 0; i < v->n; i++) nmd_box_to_cartesian(&out->box, v->x[i], out->x[i]);
  out->has_energy = true;
  out->energy = v->step.free;
  if (v->scf.has_free && v->scf.has_zero) out->energy += v->scf.zero - v->scf.free;
  out->has_stress = v->has_stress;
  for (int k = 0; k < 9 && v->has_stress; k++)
    out->stress[k / 3][k % 3] = 0.0 - 0.1 * v->stress[k / 3][k % 3] / NMD_EV_PER_A3_TO_GPA;
  v->frames++;
  return v->max_scf > 0 && v->n_scf >= v->max_scf ? nmd_structure_set_info(out, "scf", "unconverged") : NMD_OK;
}

static nmd_status next_calculation(vasprun *v, nmd_structure *out, bool *end) {
  for (;;) {
    nmd__xml_event event;
    NMD_TRY(nmd__xml_next(&v->xml, &event));
    *end = event == NMD__XML_END;
    if (*end && v->frames == 0)
      return nmd_source_fail(v->xml.source, NULL, NMD_FILE_TRUNCATED,
                             "the file ends without a complete <calculation>; expected one; did VASP finish?");
    if (*end) return NMD_OK;
    if (event != NMD__XML_OPEN || strcmp(v->xml.tag, "modeling") == 0) continue;
    if (strcmp(v->xml.tag, "atominfo") == 0)
      NMD_TRY(read_atominfo(v));
    else if (strcmp(v->xml.tag, "parameters") == 0)
      NMD_TRY(read_parameters(v));
    else if (strcmp(v->xml.tag, "calculation") != 0)
      NMD_TRY(nmd__xml_skip(&v->xml));
    else {
      NMD_TRY(read_calculation(v));
      return deliver(v, out);
    }
  }
}

static nmd_status read(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  (void)options;
  if (source->memo == NULL) {
    vasprun *fresh;
    NMD_TRY(NMD_ALLOC(fresh, 1));
    fresh->xml.source = source;
    source->memo = fresh;
    source->free_memo = free_vasprun;
  }
  vasprun *v = source->memo;
  v->xml.source = source;
  const nmd_status status = next_calculation(v, out, end);
  if (status == NMD_OK || status == NMD_MEMORY || v->frames == 0 || !nmd__is_last_line(source)) return status;
  nmd_log_warning("%s:%lld: the file ends within ionic step %lld, which is left out", source->name,
                  (long long)source->line, (long long)v->frames + 1);
  *end = true;
  return NMD_OK;
}

const nmd__structure_format nmd__format_vasprun = {
    .name = "vasprun",
    .doc = "vasprun.xml of VASP: complete ionic steps with the energy at zero smearing, forces and stress",
    .name_parts = "|^vasprun|.xml|",
    .fits = fits,
    .read = read,
};
