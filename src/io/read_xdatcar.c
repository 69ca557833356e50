/* SPDX-License-Identifier: BSD-3-Clause */
/* VASP's XDATCAR: the head of a POSCAR, then frame after frame `Direct configuration= N` and direct coordinates; the
 * head is there once, or before each frame whose cell differs (also as ours and ASE's: before all). N becomes info
 * `configuration`. The file says nothing of times, velocities or image counters; always periodic.
 * Definition: https://www.vasp.at/wiki/index.php/XDATCAR */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "io/poscar_header.h"
#include "io/read_format.h"

static const char direct[] = "Direct configuration";

static bool fits(const char *head) {
  char line[NMD__LINE_HEAD];
  return nmd__head_line(head, 7, line) && strncasecmp(line, direct, strlen(direct)) == 0;
}

static bool at_configuration(const nmd_source *source) {
  const char *text = source->text;
  while (isspace((unsigned char)*text)) text++;
  return strncasecmp(text, direct, strlen(direct)) == 0;
}

/* The head that holds for the frame to come; it stays for those behind. */
static nmd_status read_head(nmd_source *source, const nmd_read_options *options, bool *end) {
  NMD_TRY(nmd_source_next_filled(source, end));
  if (*end || (source->memo != NULL && at_configuration(source))) return NMD_OK;
  if (source->memo == NULL) NMD_TRY(nmd_alloc(&source->memo, 1, sizeof(nmd__poscar)));
  source->free_memo = nmd_free;
  NMD_TRY(nmd__poscar_header_read(source, options, source->memo));
  NMD_TRY(nmd_source_need(source, "`Direct configuration= N`"));
  if (at_configuration(source)) return NMD_OK;
  return nmd_source_fail(source, NULL, NMD_FILE_FORMAT,
                         "'%.40s' where a frame begins; expected `Direct configuration= N`; are the counts right?",
                         source->text);
}

static nmd_status take_number(const nmd_source *source, nmd_structure *out) {
  const char *equals = strchr(source->text, '=');
  if (equals == NULL) return NMD_OK;
  char text[32];
  size_t n = 0;
  for (const char *c = equals + 1; *c != '\0' && n < sizeof text - 1; c++)
    if (isdigit((unsigned char)*c)) text[n++] = *c;
  text[n] = '\0';
  return n > 0 ? nmd_structure_set_info(out, "configuration", text) : NMD_OK;
}

static nmd_status read(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  NMD_TRY(read_head(source, options, end));
  if (*end) return NMD_OK;
  const nmd__poscar *p = source->memo;
  NMD_TRY(nmd_source_expect(source, source->text, p->n, 6, "atoms"));
  NMD_TRY(nmd_structure_init(out, p->n));
  NMD_TRY(take_number(source, out));
  out->box = p->box;
  int64_t i = 0;
  for (int g = 0; g < p->groups; g++)
    for (int64_t k = 0; k < p->count[g]; k++, i++) {
      double fractional[3];
      NMD_TRY(nmd__poscar_triple_read(source, "position", i, p->n, fractional));
      nmd_box_to_cartesian(&out->box, fractional, out->x[i]);
      out->atomic_number[i] = p->number[g];
    }
  return NMD_OK;
}

const nmd__structure_format nmd__format_xdatcar = {
    .name = "xdatcar",
    .doc = "VASP XDATCAR; any number of frames",
    .name_parts = "|^XDATCAR|.xdatcar|",
    .fits = fits,
    .read = read,
};
