/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside io: a pull parser for the XML that programs write: tags, their `name`, text. Text comes in pieces, one a line at
 * most; entities, CDATA and tags that stretch over lines are not needed for such files and are refused or passed on. */
#ifndef NNPMD_IO_XML_H
#define NNPMD_IO_XML_H

#include <stdbool.h>

#include "io/source.h"

typedef enum nmd__xml_event { NMD__XML_OPEN, NMD__XML_CLOSE, NMD__XML_TEXT, NMD__XML_END } nmd__xml_event;

typedef struct nmd__xml {
  nmd_source *source;   /* not owned */
  char *cursor;         /* in source->words; NULL: a new line is due */
  char *cut;            /* where a '<' was replaced by NUL, or NULL */
  bool close_pending;   /* after <tag/> */
  char tag[64], name[64];
  char *text;           /* TEXT: in source->words, until the next event */
  const char *place;    /* of the event, for nmd_source_fail */
} nmd__xml;

/* The next event. Errors: FILE_FORMAT, and those of nmd_source_next. */
nmd_status nmd__xml_next(nmd__xml *xml, nmd__xml_event *event) NMD_MUST_USE;
/* As above; the end of the file is an error (FILE_TRUNCATED) that names the element it fell into. */
nmd_status nmd__xml_need(nmd__xml *xml, const char *inside, nmd__xml_event *event) NMD_MUST_USE;
/* Behind OPEN of an element: to behind its CLOSE. */
nmd_status nmd__xml_skip(nmd__xml *xml) NMD_MUST_USE;
/* Behind OPEN of an element that holds n numbers: read them, to behind its CLOSE. `decimals` as for nmd__fixed_reals. */
nmd_status nmd__xml_reals(nmd__xml *xml, int decimals, int n, const char *what, double *values) NMD_MUST_USE;

#endif
