/* SPDX-License-Identifier: BSD-3-Clause */
/* "Did you mean": the nearest known name by edit distance. */
#include <ctype.h>
#include <string.h>

#include "base/option.h"

enum { NAME_MAX_LENGTH = 63 };

static int least(int a, int b) { return a < b ? a : b; }

/* Insertions, deletions, replacements and swaps of neighbours, without regard to case (optimal string alignment). */
static int edit_distance(const char *a, const char *b) {
  const int n = (int)strlen(a), m = (int)strlen(b);
  int rows[3][NAME_MAX_LENGTH + 1];
  for (int j = 0; j <= m; j++) rows[0][j] = j;
  for (int i = 1; i <= n; i++) {
    int *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
    row[0] = i;
    for (int j = 1; j <= m; j++) {
      const int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
      row[j] = least(above[j - 1] + (x != y), least(above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) && tolower((unsigned char)a[i - 2]) == y)
        row[j] = least(row[j], above2[j - 2] + 1);
    }
  }
  return rows[n % 3][m];
}

const char *nmd_nearest(const char *text, const char *const *names, int n) {
  const size_t length = strlen(text);
  if (length == 0 || length > NAME_MAX_LENGTH) return NULL;
  const char *best = NULL;
  int best_distance = 1 + (int)length / 3; /* beyond a third of its letters it is another word */
  for (int i = 0; i < n; i++) {
    if (strlen(names[i]) > NAME_MAX_LENGTH) continue;
    int distance = edit_distance(text, names[i]);
    if (distance > 1 && length >= 3 && strncasecmp(text, names[i], length) == 0) distance = 1; /* an abbreviation */
    if (distance < best_distance || (best == NULL && distance == best_distance && distance < (int)length)) {
      best = names[i];
      best_distance = distance;
    }
  }
  return best;
}
