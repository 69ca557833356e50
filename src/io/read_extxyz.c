/* SPDX-License-Identifier: BSD-3-Clause */
/* Extended XYZ: number of atoms; a line of key=value pairs with Lattice (rows a, b, c in A), pbc, Origin, energy (eV)
 * and Properties; then a line for each atom with the columns that Properties lists, in any order.
 *
 * Read: species or Z, pos (A), velo / vel / velocities (A/fs) or ASE's momenta (sqrt(u eV): velocities follow with the
 * column `masses` or standard masses), forces (eV/A), id, image. Other columns are read over. Keys: energy (eV),
 * stress (eV/A^3, sign of ASE; nine numbers or six in Voigt's order) or virial (eV); all others become info, of which
 * unwrapped=T (of nnpmd) says that the positions are followed through the boundaries: image counters of zero. Without
 * Properties the columns are species and pos; without pbc a file with Lattice is periodic along all three.
 * Definition: https://github.com/libAtoms/extxyz */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "io/extxyz_header.h"
#include "io/read_format.h"
#include "system/element.h"

static bool contains(const char *text, const char *part) { return strstr(text, part) != NULL; }

static bool fits(const char *head) {
  char first[NMD__LINE_HEAD], second[NMD__LINE_HEAD];
  return nmd__head_line(head, 0, first) && nmd__head_line(head, 1, second) && nmd__line_is_integer(first) &&
         (contains(second, "Lattice=") || contains(second, "Properties=") || contains(second, "lattice="));
}

static nmd_status prepare(const nmd__xyz_header *header, int64_t n, nmd_structure *out) {
  NMD_TRY(nmd_structure_init(out, n));
  if (header->start[NMD__XYZ_VELOCITY] >= 0 || header->start[NMD__XYZ_MOMENTUM] >= 0)
    NMD_TRY(nmd_structure_need_velocities(out));
  if (header->start[NMD__XYZ_FORCE] >= 0) NMD_TRY(nmd_structure_need_forces(out));
  const char *unwrapped = nmd_structure_info(&header->labels, "unwrapped"); /* of nnpmd: the counters would be zero */
  if (header->start[NMD__XYZ_IMAGE] >= 0 || (unwrapped != NULL && strcmp(unwrapped, "T") == 0))
    NMD_TRY(nmd_structure_need_images(out));
  return NMD_OK;
}

static nmd_status read_element(const nmd_source *source, const nmd__xyz_header *header, char **words, int *number) {
  const int symbol = header->start[NMD__XYZ_SPECIES];
  if (symbol >= 0) return nmd_source_element(source, words[symbol], number);
  const char *word = words[header->start[NMD__XYZ_NUMBER]];
  int64_t value;
  NMD_TRY(nmd_source_int(source, word, "atomic number", INT64_MIN, INT64_MAX, &value));
  *number = (int)value;
  if (value >= 1 && value <= NMD_ELEMENT_MAX) return NMD_OK;
  return nmd_source_fail(source, word, NMD_UNKNOWN_ELEMENT, "atomic number %.20s; expected 1 to %d; correct it", word,
                         NMD_ELEMENT_MAX);
}

/* v = p / m; u (A/fs)^2 are NMD_MV2_TO_EV eV, so sqrt(eV/u) is 1/sqrt of that in A/fs. */
static nmd_status read_momentum(const nmd_source *source, const nmd__xyz_header *header, char **words, int number,
                                double v[3]) {
  double mass = nmd_element_mass(number), p[3];
  const int column = header->start[NMD__XYZ_MASS];
  if (column >= 0) NMD_TRY(nmd_source_real(source, words[column], "mass", &mass));
  if (!(mass > 0.0))
    return nmd_source_fail(source, column >= 0 ? words[column] : NULL, NMD_OUT_OF_RANGE,
                           "mass: %g u; expected > 0 u to turn momenta into velocities; correct the masses", mass);
  NMD_TRY(nmd_source_reals(source, words + header->start[NMD__XYZ_MOMENTUM], 3, "momentum", p));
  for (int d = 0; d < 3; d++) v[d] = p[d] / (mass * sqrt(NMD_MV2_TO_EV));
  return NMD_OK;
}

static nmd_status read_atom(const nmd_source *source, const nmd__xyz_header *header, char **words, int64_t i,
                            nmd__id_map *ids, nmd_structure *out) {
  const int *start = header->start;
  NMD_TRY(read_element(source, header, words, &out->atomic_number[i]));
  NMD_TRY(nmd_source_reals(source, words + start[NMD__XYZ_POSITION], 3, "position", out->x[i]));
  if (start[NMD__XYZ_VELOCITY] >= 0)
    NMD_TRY(nmd_source_reals(source, words + start[NMD__XYZ_VELOCITY], 3, "velocity", out->v[i]));
  else if (start[NMD__XYZ_MOMENTUM] >= 0)
    NMD_TRY(read_momentum(source, header, words, out->atomic_number[i], out->v[i]));
  if (start[NMD__XYZ_FORCE] >= 0)
    NMD_TRY(nmd_source_reals(source, words + start[NMD__XYZ_FORCE], 3, "force", out->f[i]));
  if (start[NMD__XYZ_IMAGE] >= 0) NMD_TRY(nmd_source_images(source, words + start[NMD__XYZ_IMAGE], out->image[i]));
  if (start[NMD__XYZ_ID] >= 0) NMD_TRY(nmd__read_id(source, ids, words[start[NMD__XYZ_ID]], i, &out->id[i]));
  return NMD_OK;
}

static nmd_status read_atoms(nmd_source *source, const nmd__xyz_header *header, nmd__id_map *ids, nmd_structure *out) {
  char *words[NMD__XYZ_MAX_COLUMNS + 1], expected[64];
  for (int64_t i = 0; i < out->n; i++) {
    snprintf(expected, sizeof expected, "the line of atom %lld of %lld", (long long)i + 1, (long long)out->n);
    NMD_TRY(nmd_source_need(source, expected));
    const int found = nmd_source_words(source, words, header->columns + 1);
    if (found != header->columns)
      return nmd_source_fail(source, found > header->columns ? words[header->columns] : NULL, NMD_FILE_FORMAT,
                             "atom %lld of %lld: %s%d columns; Properties asks for %d; correct the line, Properties or "
                             "the number of atoms",
                             (long long)i + 1, (long long)out->n, found > header->columns ? "more than " : "",
                             found > header->columns ? header->columns : found, header->columns);
    NMD_TRY(read_atom(source, header, words, i, ids, out));
  }
  return NMD_OK;
}

static nmd_status read_count(nmd_source *source, int64_t *n) {
  char *words[2];
  const int found = nmd_source_words(source, words, 2);
  if (found != 1)
    return nmd_source_fail(source, words[1], NMD_FILE_FORMAT,
                           "'%.40s' behind the number of atoms; expected one integer on this line; is the number of "
                           "atoms of the frame before too small?",
                           words[1]);
  NMD_TRY(nmd_source_int(source, words[0], "number of atoms", 1, INT64_MAX / 1024, n));
  return nmd_source_expect(source, words[0], *n, 6, "atoms");
}

/* Moves the labels of the header to the structure; the box must be there. */
static void take_labels(nmd__xyz_header *header, nmd_structure *out) {
  nmd_structure *labels = &header->labels;
  out->has_energy = labels->has_energy;
  out->energy = labels->energy;
  out->info = labels->info;
  out->n_info = labels->n_info;
  labels->info = NULL;
  labels->n_info = 0;
  out->has_stress = labels->has_stress || (header->has_virial && header->has_lattice);
  for (int k = 0; k < 9 && out->has_stress; k++)
    out->stress[k / 3][k % 3] =
        labels->has_stress ? labels->stress[k / 3][k % 3] : 0.0 - header->virial[k / 3][k % 3] / out->box.volume;
}

static nmd_status read_body(nmd_source *source, nmd__xyz_header *header, int64_t n, nmd_structure *out) {
  NMD_TRY(prepare(header, n, out));
  NMD_TRY(nmd_strdup(source->text, &out->comment));
  if (header->has_lattice)
    NMD_TRY(nmd__read_box(source, header->lattice, header->origin, header->periodic, &out->box));
  take_labels(header, out);
  nmd__id_map ids = {0};
  nmd_status status;
  if (header->start[NMD__XYZ_ID] >= 0) NMD_GOTO(nmd__id_map_init(&ids, n));
  NMD_GOTO(read_atoms(source, header, &ids, out));
  if (!header->has_lattice) NMD_GOTO(nmd__box_around(source, out));
done:
  nmd__id_map_free(&ids);
  return status;
}

static nmd_status read(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  (void)options;
  int64_t n;
  nmd__xyz_header header;
  NMD_TRY(nmd_source_next_filled(source, end));
  if (*end) return NMD_OK;
  NMD_TRY(read_count(source, &n));
  NMD_TRY(nmd_source_need(source, "the line with Lattice and Properties"));
  nmd_status status = nmd__xyz_header_read(source, &header);
  if (status == NMD_OK) status = read_body(source, &header, n, out);
  nmd_structure_free(&header.labels);
  return status;
}

const nmd__structure_format nmd__format_extxyz = {
    .name = "extxyz",
    .doc = "extended XYZ: Lattice, pbc, Properties; any number of frames",
    .name_parts = "|.extxyz|.xyz|",
    .fits = fits,
    .read = read,
};
