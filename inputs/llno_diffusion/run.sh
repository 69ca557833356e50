#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Li diffusion in arrangements of La and vacancies: runs of input.yaml, then the table D(arrangement, T, direction) and its picture.
#   inputs/llno_diffusion/run.sh [FOLDER [WORKERS]]      24 runs of 19 to 34 s of one core; WORKERS of them at a time
# Killed and started again it goes on: a finished run is not run again, one that was cut off continues from its checkpoint.
# The environment changes what is run (the wider grid is one line away), e.g.
#   LLNO_ARRANGEMENTS="disordered uniform striped closed" LLNO_TEMPERATURES="700 800 1000 1200" LLNO_SEEDS="1 2 3"
#   LLNO_TIME="1 ns" (one for all temperatures, or as many as there are: "1 ns, 500 ps, 200 ps, 100 ps")
#   LLNO_INPUT=my_input.yaml (another potential or composition, the same stages) NNPMD="mpirun -n 2 nnpmd" NNPMD_BIN=folder/of/tools
#   LLNO_SET="checkpoint.every=500; title=a test" (more settings for every run)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export out=${1:-llno_diffusion.out} workers=${2:-1}
export input=${LLNO_INPUT:-$here/input.yaml} extra=${LLNO_SET:-}
export bin=${NNPMD_BIN:+$NNPMD_BIN/}
export nnpmd=${NNPMD:-${bin}nnpmd}
arrangements=${LLNO_ARRANGEMENTS:-disordered striped closed uniform}
seeds=${LLNO_SEEDS:-1 2}
read -ra temperatures <<< "${LLNO_TEMPERATURES:-800 1200 1000}"
IFS=, read -ra times <<< "${LLNO_TIME:-150 ps, 80 ps, 100 ps}"
if [ "${#times[@]}" -eq 1 ]; then for k in "${!temperatures[@]}"; do times[k]=${times[0]}; done; fi
if [ "${#times[@]}" -ne "${#temperatures[@]}" ]; then
  echo "run.sh: LLNO_TIME has ${#times[@]} times, LLNO_TEMPERATURES ${#temperatures[@]} temperatures; expected one time or as many" >&2
  exit 2
fi

# What of the builder an arrangement changes. given: rows of LLNO_ROWS (1 La, 0 empty). made: the structure LLNO_STRUCTURE, say from lattice
# Monte Carlo (inputs/llno_lattice/lattice_arrangement.yaml).
settings_of() {
  case $1 in
    disordered) set -- pattern=random ;;
    uniform) set -- pattern=random layers=uniform rich=0.3 ;;
    striped) set -- pattern=striped ;;
    closed) set -- pattern=closed "tile=[5,4,1]" "island=[4,2,1]" "repeat=[5,4,4]" ;;
    given) set -- pattern=given "rows=[${LLNO_ROWS:?rows such as 11100,10110}]" ${LLNO_REPEAT:+"repeat=[$LLNO_REPEAT]"} ;;
    made) echo "structure={file: '$(realpath "${LLNO_STRUCTURE:?a structure file, say lowest.extxyz of nnpmd-lattice}")'}"; return ;;
    *) echo "run.sh: arrangement \"$1\"; expected disordered, uniform, striped, closed, given or made" >&2; return 2 ;;
  esac
  printf 'structure.build.perovskite.%s\n' "$@"
}

# The functions are called in shells of xargs.
# shellcheck disable=SC2317
# A folder belongs to one set of settings: continued with others it would be neither run.
settle() { # FOLDER SETTINGS
  if [ ! -e "$1/settings" ]; then echo "$2" > "$1/settings.new" && mv "$1/settings.new" "$1/settings"; fi
  if [ "$2" = "$(cat "$1/settings")" ]; then return; fi
  echo "run.sh: \"$1\" was begun with other settings; expected those of its file \"settings\", another FOLDER, or \"$1\" removed:" >&2
  diff "$1/settings" <(echo "$2") >&2
  return 2
}

# shellcheck disable=SC2317
one_run() { # ARRANGEMENT T SEED TIME
  local folder=$out/$1-$2K-$3 words=() restart=() settings
  settings="$(settings_of "$1")
seed=$3
stages.0.nvt.velocities=$2 K
stages.0.nvt.temperature=$2 K
stages.1.npt.temperature=$2 K
stages.2.nvt.temperature=$2 K
stages.2.nvt.duration=$4${extra:+$'\n'${extra//;/$'\n'}}"
  mkdir -p "$folder"
  exec 9> "$folder/lock" # what a killed run.sh left running ends first
  if command -v flock > /dev/null; then flock 9; fi
  settle "$folder" "input: $(cksum < "$input")
$settings" || return 255 # and no run after it
  if [ -e "$folder/done" ]; then return; fi
  if [ -e "$folder/run.checkpoint" ]; then restart=(--restart "$folder/run.checkpoint"); fi
  while read -r setting; do if [ -n "$setting" ]; then words+=(--set "$setting"); fi; done <<< "$settings"
  $nnpmd "$input" --quiet "${words[@]}" --set output_folder="$folder" "${restart[@]}"
  touch "$folder/done"
  echo "done: $folder"
}
export -f one_run settings_of settle

mkdir -p "$out"
for arrangement in $arrangements; do settings_of "$arrangement" > /dev/null; done
for k in "${!temperatures[@]}"; do
  for seed in $seeds; do
    for arrangement in $arrangements; do echo "$arrangement ${temperatures[k]} $seed \"$(xargs <<< "${times[k]}")\""; done
  done
done | xargs -P "$workers" -L 1 bash -c 'set -euo pipefail; one_run "$@"' run.sh || failed=$?
if [ "${failed:-0}" -eq 124 ]; then exit 2; fi
"$here/table.sh" "$out"
[ "${failed:-0}" -eq 0 ]
