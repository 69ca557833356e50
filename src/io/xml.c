/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/xml.h"

#include <stdio.h>
#include <string.h>

#include "io/read_format.h"

static nmd_status next_line(nmd__xml *xml, bool *end) {
  NMD_TRY(nmd_source_next(xml->source, end));
  if (*end) return NMD_OK;
  memcpy(xml->source->words, xml->source->text, xml->source->length + 1);
  xml->cursor = xml->source->words;
  return NMD_OK;
}

static void copy_part(char *to, size_t size, const char *from, size_t n) {
  snprintf(to, size, "%.*s", (int)(n < size ? n : size - 1), from);
}

static void take_name(nmd__xml *xml, const char *attributes) {
  xml->name[0] = '\0';
  const char *at = strstr(attributes, " name=\"");
  if (at != NULL) copy_part(xml->name, sizeof xml->name, at + 7, strcspn(at + 7, "\""));
}

/* cursor is at '<' */
static nmd_status take_tag(nmd__xml *xml, nmd__xml_event *event, bool *nothing) {
  char *start = xml->cursor, *end = strchr(start, '>');
  *nothing = start[1] == '?' || start[1] == '!';
  if (end == NULL)
    return nmd_source_fail(xml->source, start, NMD_FILE_FORMAT,
                           "a tag without '>'; expected it on this line; is the file "
                           "cut?");
  *end = '\0';
  xml->cursor = end + 1;
  const bool close = start[1] == '/';
  const char *tag = start + 1 + close;
  copy_part(xml->tag, sizeof xml->tag, tag, strcspn(tag, " \t/"));
  xml->close_pending = !close && !*nothing && end[-1] == '/';
  if (!close) take_name(xml, tag);
  *event = close ? NMD__XML_CLOSE : NMD__XML_OPEN;
  return NMD_OK;
}

/* Text up to the next tag or the end of the line; false when it is blank. */
static bool take_text(nmd__xml *xml) {
  xml->text = xml->cursor;
  xml->cursor += strcspn(xml->cursor, "<");
  if (*xml->cursor == '<') {
    xml->cut = xml->cursor;
    *xml->cut = '\0';
  }
  return xml->text[strspn(xml->text, " \t")] != '\0';
}

nmd_status nmd__xml_next(nmd__xml *xml, nmd__xml_event *event) {
  if (xml->close_pending) {
    xml->close_pending = false;
    *event = NMD__XML_CLOSE;
    return NMD_OK;
  }
  for (;;) {
    if (xml->cut != NULL) *xml->cut = '<';
    xml->cut = NULL;
    if (xml->cursor == NULL || *xml->cursor == '\0') {
      bool end;
      NMD_TRY(next_line(xml, &end));
      *event = NMD__XML_END;
      if (end) return NMD_OK;
      continue;
    }
    xml->place = xml->cursor;
    if (*xml->cursor == '<') {
      bool nothing;
      NMD_TRY(take_tag(xml, event, &nothing));
      if (!nothing) return NMD_OK;
    } else if (take_text(xml)) {
      *event = NMD__XML_TEXT;
      return NMD_OK;
    }
  }
}

nmd_status nmd__xml_need(nmd__xml *xml, const char *inside, nmd__xml_event *event) {
  NMD_TRY(nmd__xml_next(xml, event));
  if (*event != NMD__XML_END) return NMD_OK;
  return nmd_source_fail(xml->source, NULL, NMD_FILE_TRUNCATED,
                         "the file ends within <%s>; expected </%s>; the file is "
                         "incomplete",
                         inside, inside);
}

nmd_status nmd__xml_skip(nmd__xml *xml) {
  char tag[64];
  snprintf(tag, sizeof tag, "%s", xml->tag);
  for (int depth = 1; depth > 0;) {
    nmd__xml_event event = NMD__XML_END;
    NMD_TRY(nmd__xml_need(xml, tag, &event));
    if (event == NMD__XML_OPEN) depth++;
    if (event == NMD__XML_CLOSE) depth--;
  }
  return NMD_OK;
}

nmd_status nmd__xml_reals(nmd__xml *xml, int decimals, int n, const char *what, double *values) {
  char tag[64];
  nmd__xml_event event = NMD__XML_END;
  snprintf(tag, sizeof tag, "%s", xml->tag);
  NMD_TRY(nmd__xml_need(xml, tag, &event));
  if (event != NMD__XML_TEXT)
    return nmd_source_fail(xml->source, xml->place, NMD_FILE_FORMAT, "%s: <%s> without a value; expected %d number%s",
                           what, tag, n, n > 1 ? "s" : "");
  const char *at = xml->text;
  NMD_TRY(nmd__fixed_reals(xml->source, &at, decimals, n, what, values));
  if (at[strspn(at, " \t")] != '\0')
    return nmd_source_fail(xml->source, at, NMD_FILE_FORMAT,
                           "%s: '%.20s' behind the last of %d numbers; correct the line", what, at + strspn(at, " \t"),
                           n);
  NMD_TRY(nmd__xml_need(xml, tag, &event));
  if (event == NMD__XML_CLOSE) return NMD_OK;
  return nmd_source_fail(xml->source, xml->place, NMD_FILE_FORMAT, "%s: expected </%s> here", what, tag);
}
