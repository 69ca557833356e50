/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/ipi_socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/timer.h"

enum { HEADER = 12 };

/* ---- bytes ---- */

/* *closed: the other side has ended before the first byte. */
static nmd_status receive(const nmd_ipi *ipi, void *to, size_t bytes, bool *closed) {
  size_t have = 0;
  if (closed != NULL) *closed = false;
  while (have < bytes) {
    const ssize_t got = recv(ipi->fd, (char *)to + have, bytes - have, 0);
    if (got > 0) have += (size_t)got;
    if (got < 0 && errno == EINTR) continue;
    if (got > 0) continue;
    if (closed != NULL && have == 0 && (got == 0 || errno == ECONNRESET)) {
      *closed = true;
      return NMD_OK;
    }
    NMD_FAIL(READ, "%s: the server ended in the midst of a message: %s; look at its log", ipi->where,
             got == 0 ? "connection closed" : strerror(errno));
  }
  return NMD_OK;
}

static nmd_status transmit(const nmd_ipi *ipi, const void *from, size_t bytes) {
  size_t sent = 0;
  while (sent < bytes) {
    const ssize_t gone = send(ipi->fd, (const char *)from + sent, bytes - sent, MSG_NOSIGNAL);
    if (gone >= 0) sent += (size_t)gone;
    else if (errno != EINTR)
      NMD_FAIL(WRITE, "%s: the server takes no answer: %s; look at its log", ipi->where, strerror(errno));
  }
  return NMD_OK;
}

static nmd_status transmit_header(const nmd_ipi *ipi, const char *text) {
  char header[HEADER + 1];
  snprintf(header, sizeof header, "%-12s", text);
  return transmit(ipi, header, HEADER);
}

/* ---- connecting ---- */

static nmd_status open_local(const nmd_ipi *ipi, const struct sockaddr_un *address, int *fd) {
  *fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (*fd < 0) NMD_FAIL(READ, "%s: no socket: %s", ipi->where, strerror(errno));
  if (connect(*fd, (const struct sockaddr *)address, sizeof *address) == 0) return NMD_OK;
  close(*fd);
  *fd = -1;
  return NMD_OK;
}

static nmd_status open_remote(const nmd_ipi *ipi, const char *host, int port, int *fd) {
  const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *found = NULL;
  char service[16];
  *fd = -1;
  snprintf(service, sizeof service, "%d", port);
  const int code = getaddrinfo(host, service, &hints, &found);
  if (code != 0)
    NMD_FAIL(FILE_MISSING, "%s: unknown host: %s; expected a name or an address of the machine of the server", ipi->where,
             gai_strerror(code));
  for (const struct addrinfo *a = found; a != NULL && *fd < 0; a = a->ai_next) {
    *fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (*fd >= 0 && connect(*fd, a->ai_addr, a->ai_addrlen) == 0) break;
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
  freeaddrinfo(found);
  const int yes = 1; /* small messages go at once */
  if (*fd >= 0) setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return NMD_OK;
}

static nmd_status name_place(nmd_ipi *ipi, const char *name, const char *host, int port, struct sockaddr_un *address) {
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  if (name == NULL) {
    snprintf(ipi->where, sizeof ipi->where, "i-PI server at %.200s:%d", host, port);
    return NMD_OK;
  }
  const int length =
      snprintf(address->sun_path, sizeof address->sun_path, "%s%s", name[0] == '/' ? "" : "/tmp/ipi_", name);
  if (length >= (int)sizeof address->sun_path)
    NMD_FAIL(OUT_OF_RANGE, "socket \"%.200s\": the path has %d letters; expected at most %d", name, length,
             (int)sizeof address->sun_path - 1);
  snprintf(ipi->where, sizeof ipi->where, "i-PI server at %.200s", address->sun_path);
  return NMD_OK;
}

nmd_status nmd_ipi_connect(nmd_ipi *ipi, const char *name, const char *host, int port, double seconds,
                           nmd_ipi_event *event) {
  static const struct timespec pause = {.tv_nsec = 100000000};
  const double began = nmd_wall_seconds();
  struct sockaddr_un address;
  ipi->fd = -1;
  *event = NMD_IPI_POSITIONS;
  NMD_TRY(name_place(ipi, name, host, port, &address));
  for (;;) {
    NMD_TRY(name != NULL ? open_local(ipi, &address, &ipi->fd) : open_remote(ipi, host, port, &ipi->fd));
    if (ipi->fd >= 0) return NMD_OK;
    if (nmd_wall_seconds() - began > seconds)
      NMD_FAIL(FILE_MISSING, "%s: nobody listens there after %g s; start the server first, or give a longer patience",
               ipi->where, seconds);
    if (nanosleep(&pause, NULL) == 0) continue;
    *event = NMD_IPI_SIGNAL;
    return NMD_OK;
  }
}

void nmd_ipi_close(nmd_ipi *ipi) {
  if (ipi->fd >= 0) close(ipi->fd);
  ipi->fd = -1;
}

/* ---- the conversation ---- */

static nmd_status pass_over_init(const nmd_ipi *ipi) {
  int32_t head[2];
  char text[256];
  NMD_TRY(receive(ipi, head, sizeof head, NULL)); /* replica, length of the text */
  if (head[1] < 0) NMD_FAIL(FILE_FORMAT, "%s: INIT with %d bytes; expected 0 or more", ipi->where, head[1]);
  for (int32_t left = head[1]; left > 0;) {
    const size_t piece = left < (int32_t)sizeof text ? (size_t)left : sizeof text;
    NMD_TRY(receive(ipi, text, piece, NULL));
    left -= (int32_t)piece;
  }
  return NMD_OK;
}

static nmd_status take_positions(const nmd_ipi *ipi, int64_t n, double h[9], double *x) {
  double cell[18]; /* and its inverse */
  int32_t count;
  NMD_TRY(receive(ipi, cell, sizeof cell, NULL));
  NMD_TRY(receive(ipi, &count, sizeof count, NULL));
  if (count != n)
    NMD_FAIL(CONFLICT, "%s: sends %d atoms, the structure has %lld; give both the same structure", ipi->where, count,
             (long long)n);
  for (int k = 0; k < 9; k++) h[k] = cell[3 * (k % 3) + k / 3];
  return receive(ipi, x, (size_t)n * 3 * sizeof *x, NULL);
}

static nmd_status give_result(const nmd_ipi *ipi, int64_t n, const nmd_ipi_result *result) {
  const int32_t count = (int32_t)n, no_extras = 0;
  NMD_TRY(transmit_header(ipi, "FORCEREADY"));
  NMD_TRY(transmit(ipi, &result->energy, sizeof result->energy));
  NMD_TRY(transmit(ipi, &count, sizeof count));
  NMD_TRY(transmit(ipi, result->force, (size_t)n * 3 * sizeof *result->force));
  NMD_TRY(transmit(ipi, result->virial, sizeof result->virial));
  return transmit(ipi, &no_extras, sizeof no_extras);
}

static bool is_header(const char *header, const char *text) {
  char expected[HEADER + 1];
  snprintf(expected, sizeof expected, "%-12s", text);
  return memcmp(header, expected, HEADER) == 0;
}

/* Where the server is idle a signal must get through: it may think for hours. */
static bool wait_for_bytes(const nmd_ipi *ipi) {
  struct pollfd wait = {.fd = ipi->fd, .events = POLLIN};
  return poll(&wait, 1, -1) >= 0;
}

nmd_status nmd_ipi_serve(nmd_ipi *ipi, int64_t n, const nmd_ipi_result *result, double h[9], double *x,
                         nmd_ipi_event *event) {
  for (;;) {
    char header[HEADER + 1] = "";
    bool closed;
    *event = NMD_IPI_SIGNAL;
    if (!wait_for_bytes(ipi)) return NMD_OK;
    NMD_TRY(receive(ipi, header, HEADER, &closed));
    *event = NMD_IPI_EXIT;
    if (closed || is_header(header, "EXIT")) return NMD_OK;
    if (is_header(header, "STATUS"))
      NMD_TRY(transmit_header(ipi, result != NULL ? "HAVEDATA" : "READY"));
    else if (is_header(header, "INIT"))
      NMD_TRY(pass_over_init(ipi));
    else if (is_header(header, "POSDATA")) {
      *event = NMD_IPI_POSITIONS;
      return take_positions(ipi, n, h, x);
    } else if (is_header(header, "GETFORCE") && result != NULL) {
      NMD_TRY(give_result(ipi, n, result));
      result = NULL;
    } else
      NMD_FAIL(FILE_FORMAT, "%s: says \"%.12s\"%s; expected STATUS, INIT, POSDATA, GETFORCE or EXIT of i-PI's protocol",
               ipi->where, header, is_header(header, "GETFORCE") ? " before positions" : "");
  }
}
