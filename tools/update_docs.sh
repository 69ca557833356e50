#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Writes docs/input/README.md, training.md and (by their programs beside NNPMD) mixing.md, elastic.md, lattice.md, fit.md, active.md, the
# references of all input keys, from the option tables that the programs themselves read with.
#   tools/update_docs.sh NNPMD [NNPMD_TRAIN]           write them
#   tools/update_docs.sh --check NNPMD [NNPMD_TRAIN]   exit 1 if those in the tree are not what the programs print
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
check=false
if [ "${1:-}" = --check ]; then check=true; shift; fi
if [ $# -lt 1 ] || [ $# -gt 2 ]; then echo "usage: update_docs.sh [--check] NNPMD [NNPMD_TRAIN]" >&2; exit 2; fi

fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT

write_page() { # PROGRAM PAGE
  local page=$root/docs/input/$2
  "$1" --reference > "$fresh"
  if ! $check; then
    mkdir -p "$(dirname "$page")"
    cat "$fresh" > "$page"
  elif ! diff -u "$page" "$fresh"; then
    echo "docs/input/$2 is not what $1 --reference prints; run tools/update_docs.sh NNPMD NNPMD_TRAIN" >&2
    exit 1
  fi
}

write_page "$1" README.md
if [ $# -eq 2 ]; then write_page "$2" training.md; fi
for study in mixing elastic lattice fit active; do
  program=$(dirname "$1")/nnpmd-$study
  if [ -x "$program" ]; then write_page "$program" $study.md; fi
done
