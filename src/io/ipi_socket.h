/* SPDX-License-Identifier: BSD-3-Clause */
/* A client of the socket protocol of i-PI: the server asks, the client answers with energy, forces and virial.
 *
 * Messages are 12 letters, filled up with blanks: STATUS (answered by READY or HAVEDATA), INIT, POSDATA, GETFORCE
 * (answered by FORCEREADY), EXIT; numbers are 32-bit integers and doubles of the machine, in atomic units. Matrices have
 * cell vectors as columns. V. Kapil et al., Comput. Phys. Commun. 236, 214 (2019); its documentation, "Communication
 * protocol". One process; Local. */
#ifndef NNPMD_IO_IPI_SOCKET_H
#define NNPMD_IO_IPI_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct nmd_ipi {
  int fd;           /* -1: not connected */
  char where[256];  /* for messages */
} nmd_ipi;

typedef enum nmd_ipi_event {
  NMD_IPI_POSITIONS, /* new ones have come */
  NMD_IPI_EXIT,      /* the server has finished, or is gone */
  NMD_IPI_SIGNAL     /* a signal came while nothing was on its way */
} nmd_ipi_event;

/* What the client knows of the last positions. */
typedef struct nmd_ipi_result {
  double energy;      /* hartree */
  double virial[9];   /* hartree, -dE/dstrain, symmetric */
  const double *force; /* [n][3] hartree/bohr */
} nmd_ipi_result;

/* To the Unix-domain socket `name` ("/tmp/ipi_" in front unless it begins with "/"), or, where name is NULL, to host:port.
 * A server that is not there yet is waited for up to `seconds`. *event: POSITIONS when connected, SIGNAL. Errors:
 * FILE_MISSING, OUT_OF_RANGE (name too long). */
nmd_status nmd_ipi_connect(nmd_ipi *ipi, const char *name, const char *host, int port, double seconds,
                           nmd_ipi_event *event) NMD_MUST_USE;
/* Answer until something happens. result: of the last positions, sent when asked for; NULL: none, or sent already. h [9] and
 * x [n][3] (bohr): cell vectors as ROWS, positions. Errors: CONFLICT (other number of atoms), FILE_FORMAT (no message of
 * the protocol), READ, WRITE, MEMORY. */
nmd_status nmd_ipi_serve(nmd_ipi *ipi, int64_t n, const nmd_ipi_result *result, double h[9], double *x,
                         nmd_ipi_event *event) NMD_MUST_USE;
void nmd_ipi_close(nmd_ipi *ipi);

#endif
