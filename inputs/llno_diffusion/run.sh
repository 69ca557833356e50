#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Li diffusion in arrangements of La and vacancies: runs of input.yaml, then the table D(arrangement, T, direction) and its picture.
#   inputs/llno_diffusion/run.sh [FOLDER [WORKERS]]      18 runs, each about 50 s of one core; WORKERS of them at a time
# Killed and started again it goes on: a finished run is not run again, one that was cut off continues from its checkpoint.
# The environment changes what is run (the wider grid is one line away), e.g.
#   LLNO_ARRANGEMENTS="disordered uniform striped closed" LLNO_TEMPERATURES="700 800 1000 1200" LLNO_SEEDS="1 2 3" LLNO_TIME="1 ns"
#   LLNO_INPUT=my_input.yaml (another potential or composition, the same stages) NNPMD="mpirun -n 2 nnpmd" NNPMD_BIN=folder/of/tools
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export out=${1:-llno_diffusion.out} workers=${2:-1}
export input=${LLNO_INPUT:-$here/input.yaml} time=${LLNO_TIME:-100 ps}
export bin=${NNPMD_BIN:+$NNPMD_BIN/}
export nnpmd=${NNPMD:-${bin}nnpmd}
arrangements=${LLNO_ARRANGEMENTS:-disordered striped closed}
temperatures=${LLNO_TEMPERATURES:-800 1200 1000}
seeds=${LLNO_SEEDS:-1 2}

# What of the builder an arrangement changes. given: rows of LLNO_ROWS (1 La, 0 empty), say from lattice Monte Carlo.
settings_of() {
  local key=--set\ structure.build.perovskite
  case $1 in
    disordered) echo "$key.pattern=random" ;;
    uniform) echo "$key.pattern=random $key.layers=uniform $key.rich=0.3" ;;
    striped) echo "$key.pattern=striped" ;;
    closed) echo "$key.pattern=closed $key.tile=[5,4,1] $key.island=[4,2,1] $key.repeat=[5,8,4]" ;;
    given) echo "$key.pattern=given $key.rows=[${LLNO_ROWS:?rows such as 11100,10110}]" ;;
    *) echo "run.sh: arrangement \"$1\"; expected disordered, uniform, striped, closed or given" >&2; return 2 ;;
  esac
}

one_run() { # ARRANGEMENT T SEED
  local folder=$out/$1-$2K-$3 restart=()
  if [ -e "$folder/done" ]; then return; fi
  if [ -e "$folder/run.checkpoint" ]; then restart=(--restart "$folder/run.checkpoint"); fi
  local settings; settings=$(settings_of "$1")
  # shellcheck disable=SC2086
  $nnpmd "$input" --quiet $settings --set seed="$3" --set output_folder="$folder" --set stages.0.nvt.velocities="$2 K" \
    --set stages.0.nvt.temperature="$2 K" --set stages.1.npt.temperature="$2 K" --set stages.2.nvt.temperature="$2 K" \
    --set stages.2.nvt.duration="$time" "${restart[@]}"
  touch "$folder/done"
  echo "done: $folder"
}
export -f one_run settings_of

mkdir -p "$out"
for arrangement in $arrangements; do settings_of "$arrangement" > /dev/null; done
for T in $temperatures; do for seed in $seeds; do for arrangement in $arrangements; do echo "$arrangement $T $seed"; done; done; done |
  xargs -P "$workers" -L 1 bash -c 'set -euo pipefail; one_run "$@"' run.sh
"$here/table.sh" "$out"
