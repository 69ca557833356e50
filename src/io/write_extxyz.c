/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_extxyz.h"

#include <string.h>

#include "system/element.h"

static void put_reals(nmd_buffer *out, const char *key, const double *values, int n) {
  nmd_buffer_printf(out, " %s=\"", key);
  for (int i = 0; i < n; i++) {
    if (i > 0) nmd_buffer_text(out, " ");
    nmd_buffer_exact(out, values[i]);
  }
  nmd_buffer_text(out, "\"");
}

static void put_real(nmd_buffer *out, const char *key, double value) {
  nmd_buffer_printf(out, " %s=", key);
  nmd_buffer_exact(out, value);
}

static void put_properties(nmd_buffer *out, unsigned fields) {
  static const struct {
    unsigned field;
    const char *column;
  } columns[] = {
      {NMD_FIELD_ID, ":id:I:1"},           {NMD_FIELD_IMAGE, ":image:I:3"},
      {NMD_FIELD_VELOCITY, ":velo:R:3"},   {NMD_FIELD_FORCE, ":forces:R:3"},
      {NMD_FIELD_ATOM_ENERGY, ":energies:R:1"}, {NMD_FIELD_ATOM_VIRIAL, ":virials:R:9"},
      {NMD_FIELD_SIGMA_ENERGY, ":sigma_energy:R:1"}, {NMD_FIELD_SIGMA_FORCE, ":sigma_force:R:1"},
      {NMD_FIELD_EXTRAPOLATION, ":extrapolation:I:1"},
  };
  nmd_buffer_text(out, " Properties=species:S:1:pos:R:3");
  for (size_t k = 0; k < sizeof columns / sizeof columns[0]; k++)
    if (fields & columns[k].field) nmd_buffer_text(out, columns[k].column);
}

/* A text may hold anything; line ends would break the frame and become blanks. */
static void put_text(nmd_buffer *out, const char *text) {
  const bool plain = text[0] != '\0' && strpbrk(text, " \t\r\n\"'\\=,[]{}") == NULL;
  if (!plain) nmd_buffer_text(out, "\"");
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') nmd_buffer_text(out, "\\");
    const char one[2] = {*c == '\n' || *c == '\r' ? ' ' : *c, '\0'};
    nmd_buffer_text(out, one);
  }
  if (!plain) nmd_buffer_text(out, "\"");
}

void nmd_extxyz_put_extra(nmd_buffer *out, const nmd_frame_extra *extra) {
  nmd_buffer_text(out, " ");
  put_text(out, extra->key);
  nmd_buffer_text(out, "=");
  put_text(out, extra->value);
}

static void put_stress(nmd_buffer *out, const nmd_frame_view *view) {
  double virial[9];
  for (int k = 0; k < 9; k++) virial[k] = 0.0 - view->box->volume * view->stress[k / 3][k % 3];
  put_reals(out, "stress", &view->stress[0][0], 9);
  put_reals(out, "virial", virial, 9);
}

static void put_header(nmd_buffer *out, const nmd_frame_view *view, unsigned fields) {
  const nmd_box *box = view->box;
  nmd_buffer_printf(out, "%lld\nLattice=\"", (long long)view->n);
  for (int k = 0; k < 9; k++) {
    if (k > 0) nmd_buffer_text(out, " ");
    nmd_buffer_exact(out, box->h[k / 3][k % 3]);
  }
  nmd_buffer_text(out, "\"");
  if (box->origin[0] != 0.0 || box->origin[1] != 0.0 || box->origin[2] != 0.0) put_reals(out, "Origin", box->origin, 3);
  put_properties(out, fields);
  nmd_buffer_printf(out, " pbc=\"%c %c %c\"", box->periodic[0] ? 'T' : 'F', box->periodic[1] ? 'T' : 'F',
                    box->periodic[2] ? 'T' : 'F');
  if (view->unwrapped) nmd_buffer_text(out, " unwrapped=T");
  if (view->step >= 0) nmd_buffer_printf(out, " step=%lld", (long long)view->step);
  if (view->step >= 0) put_real(out, "time", view->time);
  if (view->has_energy) put_real(out, "energy", view->energy);
  if (view->has_stress) put_stress(out, view);
  if (view->has_temperature) put_real(out, "temperature", view->temperature);
  for (int k = 0; k < view->n_extras; k++) nmd_extxyz_put_extra(out, &view->extras[k]);
  nmd_buffer_text(out, "\n");
}

static void put_images(nmd_buffer *out, const int image[3]) {
  for (int d = 0; d < 3; d++) nmd_buffer_int(out, image[d]);
}

static void put_atom(nmd_buffer *out, const nmd_frame_view *view, unsigned fields, int digits, int64_t i) {
  nmd_buffer_text(out, nmd_element_symbol(view->atomic_number[i]));
  nmd_buffer_reals(out, view->x[i], 3, digits);
  if (fields & NMD_FIELD_ID) nmd_buffer_int(out, nmd_frame_id(view, i));
  if (fields & NMD_FIELD_IMAGE) put_images(out, view->image[i]);
  if (fields & NMD_FIELD_VELOCITY) nmd_buffer_reals(out, view->v[i], 3, digits);
  if (fields & NMD_FIELD_FORCE) nmd_buffer_reals(out, view->f[i], 3, digits);
  if (fields & NMD_FIELD_ATOM_ENERGY) nmd_buffer_real(out, view->atom_energy[i], digits);
  if (fields & NMD_FIELD_ATOM_VIRIAL) nmd_buffer_reals(out, view->atom_virial[i], 9, digits);
  if (fields & NMD_FIELD_SIGMA_ENERGY) nmd_buffer_real(out, view->sigma_energy[i], digits);
  if (fields & NMD_FIELD_SIGMA_FORCE) nmd_buffer_real(out, view->sigma_force[i], digits);
  if (fields & NMD_FIELD_EXTRAPOLATION) nmd_buffer_int(out, view->extrapolation[i]);
  nmd_buffer_text(out, "\n");
}

nmd_status nmd_extxyz_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) {
  NMD_TRY(nmd_frame_check(view, fields, digits));
  put_header(out, view, fields);
  for (int64_t i = 0; i < view->n; i++) put_atom(out, view, fields, digits, i);
  return out->status;
}
