#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# How fast do the faces of gold and lithium alloy? Au(100)/Li(100), Au(110)/Li(110), Au(111)/Li(110) at 400, 500 and 600 K:
#   inputs/auli_interface/surfaces.sh [FOLDER [RANKS [ATOMS]]]     2,000 atoms: about 35 s of one core for each of 9 runs
# Started again it goes on. 20,000 atoms take 10 times, 100,000 atoms 50 times as long.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-auli_surfaces.out} ranks=${2:-1} atoms=${3:-2000}
launch=()
if [ "$ranks" -gt 1 ]; then launch=(mpirun -n "$ranks"); fi
mkdir -p "$out"
build=structure.build.interface
for temperature in 400 500 600; do
  for faces in 100-100 110-110 111-110; do
    folder=$out/$faces-$temperature
    if [ -e "$folder/done" ]; then continue; fi
    again=()
    if [ -e "$folder/run.checkpoint" ]; then again=(--restart "$folder/run.checkpoint"); fi
    "${launch[@]}" "${NNPMD:-nnpmd}" "$here/alloying.yaml" --quiet --set output_folder="$folder" \
      --set $build.atoms="$atoms" --set $build.side_a.surface="${faces%-*}" --set $build.side_b.surface="${faces#*-}" \
      --set "stages.1.nvt.temperature=300 K -> $temperature K" --set "stages.2.npt.temperature=$temperature K" \
      --set "stages.2.npt.duration=6 ps" "${again[@]}"
    touch "$folder/done"
  done
done
{
  echo "# Au_face Li_face temperature mixing_fraction heat"
  echo "# - - K 1 eV/atom"
  for temperature in 400 500 600; do
    for faces in 100-100 110-110 111-110; do
      awk -v faces="${faces/-/ }" -v at="$temperature" -v n="$(head -n 1 "$out/$faces-$temperature/trajectory.extxyz")" '
        FNR == 1 {file++} /^#/ {next} file == 1 {mixing = $3} file == 2 {if ($2 > stage) {stage = $2; first = $7} last = $7}
        END {printf "%s %d %.4f %.5f\n", faces, at, mixing, (first - last) / n}' \
        "$out/$faces-$temperature/mixing.dat" "$out/$faces-$temperature/thermo.dat"
    done
  done
} > "$out/surfaces.dat"
cat "$out/surfaces.dat"
