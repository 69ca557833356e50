/* SPDX-License-Identifier: BSD-3-Clause */
/* Log lines go to a sink that the program sets; without one they are dropped. Only rank 0 sets a sink. */
#ifndef NNPMD_BASE_LOG_H
#define NNPMD_BASE_LOG_H

#include <stdbool.h>

typedef enum nmd_log_level { NMD_LOG_WARNING, NMD_LOG_INFO, NMD_LOG_DETAIL } nmd_log_level;
typedef void nmd_log_sink(nmd_log_level level, const char *line, void *context);

void nmd_log_set_sink(nmd_log_sink *sink, void *context); /* Local; NULL silences */
/* Local: drop all lines until called with false as often as with true: for rehearsals whose remarks would be said again
 * in earnest, and for runs inside of others. */
void nmd_log_mute(bool muted);
void nmd_log(nmd_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define nmd_log_info(...) nmd_log(NMD_LOG_INFO, __VA_ARGS__)
#define nmd_log_warning(...) nmd_log(NMD_LOG_WARNING, __VA_ARGS__)
#define nmd_log_detail(...) nmd_log(NMD_LOG_DETAIL, __VA_ARGS__)

#endif
