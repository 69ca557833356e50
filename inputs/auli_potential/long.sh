#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# 1 ns of NPT with the Au-Li potential: B2 at 300 K, a random fcc alloy at 600 K, a melt at 1200 K; about 500 atoms, 3 fs:
#   inputs/auli_potential/long.sh [FOLDER [NAME...]]        names: b2 alloy melt nve; about 12 minutes of one core each
# Started again it goes on. nve: 50 ps of the alloy without a thermostat; the drift of its energy says whether 3 fs are short enough.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-auli_long.out}
shift || true
if [ $# = 0 ]; then set -- b2 alloy melt nve; fi
mkdir -p "$out"
alloy='{type: fcc, a: 4.17, elements: [Au], repeat: 5, substitute: [{element: Au, by: Li, fraction: 0.5}]}'
for name in "$@"; do
  folder=$out/$name
  if [ -e "$folder/done" ]; then continue; fi
  change=()
  case $name in
    b2) ;;
    alloy) change=(--set "structure.build.lattice=$alloy" --set 'stages.0.npt.velocities=1200 K' --set 'stages.0.npt.temperature=600 K'
                   --set 'stages.1.npt.temperature=600 K') ;;
    melt) change=(--set "structure.build.lattice=$alloy" --set 'stages.0.npt.velocities=5000 K' --set 'stages.0.npt.temperature=2500 K -> 1200 K'
                  --set 'stages.0.npt.coupling=isotropic' --set 'stages.1.npt.coupling=isotropic' --set 'stages.1.npt.temperature=1200 K') ;;
    nve) change=(--set "structure.build.lattice=$alloy" --set 'stages=[{nvt: {duration: 5 ps, timestep: 3 fs, velocities: 1200 K, temperature: 600 K}}, {nve: {duration: 50 ps, timestep: 3 fs}}]') ;;
    *) echo "long.sh: $name, expected b2, alloy, melt or nve" >&2; exit 2 ;;
  esac
  again=()
  if [ -e "$folder/run.checkpoint" ]; then again=(--restart "$folder/run.checkpoint"); fi
  "${NNPMD:-nnpmd}" "$here/long.yaml" --quiet --set output_folder="$folder" "${change[@]}" "${again[@]}"
  touch "$folder/done"
done
