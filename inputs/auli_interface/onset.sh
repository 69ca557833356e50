#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Do gold atoms dissolve together when alloying starts? 20 replicas of onset.yaml (seeds 201 to 220), then one test of all:
#   inputs/auli_interface/onset.sh [FOLDER [RANKS]]       about 16 s of one core for each replica
# Started again it goes on: a replica that is there is not run again. The rules are those of docs/tools/onset.md, "The
# hypothesis", fixed before any of these runs; seed 1 was the pilot that they were made with and is not counted.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-auli_onset.out} ranks=${2:-1}
rules=(--solute Au --solvent Li --bond "3.7 A" --share 0.6 --threshold 16 --axis c --layer "2.5 A" --permutations 9999 --seed 1)
launch=()
if [ "$ranks" -gt 1 ]; then launch=(mpirun -n "$ranks"); fi
mkdir -p "$out"
trajectories=()
for seed in $(seq 201 220); do
  trajectories+=("$out/$seed/trajectory.extxyz")
  if [ -e "$out/$seed/done" ]; then continue; fi
  "${launch[@]}" "${NNPMD:-nnpmd}" "$here/onset.yaml" --quiet --set seed="$seed" --set output_folder="$out/$seed"
  touch "$out/$seed/done"
done
"${NNPMD_ONSET:-nnpmd-onset}" "${trajectories[@]}" "${rules[@]}" --output "$out/onset.txt" --json "$out/onset.json"
cat "$out/onset.txt"
