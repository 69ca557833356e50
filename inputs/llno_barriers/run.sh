#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Barriers of ten hops of Li between A sites (input.yaml), five in the plane and five along c, one line each in barriers.txt.
#   inputs/llno_barriers/run.sh [FOLDER [RANKS]]      about 15 s of one core a hop; LLNO_INPUT: another potential, the same structure;
#   LLNO_HOPS: other hops than those of hops.txt; LLNO_STAGE: number of the stage neb (1)
# Started again it goes on: a hop that is there is not done again, one that was cut off continues.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-llno_barriers.out} ranks=${2:-1} input=${LLNO_INPUT:-$here/input.yaml}
launch=()
if [ "$ranks" -gt 1 ]; then launch=(mpirun -n "$ranks"); fi
mapfile -t hops < <(grep -v '^#' "${LLNO_HOPS:-$here/hops.txt}")
if [ "${#hops[@]}" -eq 0 ]; then echo "run.sh: no hop in \"${LLNO_HOPS:-$here/hops.txt}\"; expected lines such as: ab p 347 3.95 0 0" >&2; exit 2; fi
mkdir -p "$out"
echo "# direction layers id forward back end-start length converged" > "$out/barriers.txt"
echo "# - - - eV eV eV A -" >> "$out/barriers.txt"
for hop in "${hops[@]}"; do
  read -r direction layers id x y z <<< "$hop"
  folder=$out/$direction-$layers-$id
  run_hop() {
    "${launch[@]}" "${NNPMD:-nnpmd}" "$input" --set output_folder="$folder" --set "stages.${LLNO_STAGE:-1}.neb.moves=[\"$id by $x $y $z\"]" \
      "$@" >> "$folder/log" 2>&1
  }
  if [ ! -e "$folder/done" ]; then
    mkdir -p "$folder"
    if [ -e "$folder/run.checkpoint" ]; then run_hop --restart "$folder/run.checkpoint"; else : > "$folder/log"; run_hop; fi
    # killed at its very end it has nothing left to say: once more
    if ! grep -q 'neb: barrier' "$folder/log"; then : > "$folder/log"; run_hop; fi
    touch "$folder/done"
  fi
  awk -v hop="$direction $layers $id" '
    /neb: barrier/ {forward = $3; back = $6; length_A = $(NF - 3)}
    /neb: not converged/ {open = 1}
    END {
      if (forward == "") print hop, "nan nan nan nan none"
      else print hop, forward, back, forward - back, length_A, open ? "no" : "yes"
    }' "$folder/log" >> "$out/barriers.txt"
done
cat "$out/barriers.txt"
