# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034
# Sourced by the scripts of this folder: places, messages, and an environment in which mpirun works on a laptop, in a
# container and as root. Needs bash and coreutils only.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${NMD_BUILD:-$root/build/release}
started=$SECONDS

say() { printf '[%4ds] %s\n' $((SECONDS - started)) "$*"; }
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

cores() { if have nproc; then nproc; else getconf _NPROCESSORS_ONLN; fi; }

# Run a command with its output in a log file; on failure show the end of it and stop.
logged() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "failed: $* (all of its output: $log)"
  fi
}

# Through variables, not mpirun options, as other MPI libraries do not know the options of Open MPI.
mpi_environment() {
  local ranks=$1
  export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
  export OMPI_MCA_btl_vader_single_copy_mechanism=none # containers forbid reading the memory of another process
  export OMPI_MCA_hwloc_base_binding_policy=none        # two jobs on a machine would be bound to the same cores
  export HWLOC_HIDE_ERRORS=2                            # a chroot without /sys: no binding, and no complaint
  if [ "$(id -u)" = 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  if [ "$ranks" -gt "$(cores)" ]; then
    export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
    export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
  fi
  # Without a remote shell Open MPI still looks for one, unless told that there is this machine only.
  if ! have ssh && ! have rsh && [ -z "${SLURM_JOB_ID:-}${PBS_JOBID:-}" ]; then
    export OMPI_MCA_plm=isolated
  fi
}
