#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Writes docs/input/README.md, the reference of all input keys, from the option tables that nnpmd itself reads with.
#   tools/update_docs.sh NNPMD           write it
#   tools/update_docs.sh --check NNPMD   exit 1 if the one in the tree is not what NNPMD prints
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
page=$root/docs/input/README.md
check=false
if [ "${1:-}" = --check ]; then check=true; shift; fi
if [ $# -ne 1 ]; then echo "usage: update_docs.sh [--check] NNPMD" >&2; exit 2; fi

fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
"$1" --reference > "$fresh"
if $check; then
  diff -u "$page" "$fresh" && exit 0
  echo "docs/input/README.md is not what $1 --reference prints; run tools/update_docs.sh $1" >&2
  exit 1
fi
mkdir -p "$(dirname "$page")"
cat "$fresh" > "$page"
