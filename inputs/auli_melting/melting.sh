#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Melting points of gold, lithium and their alloys by coexistence at constant enthalpy: each crystal from a temperature below and from
# one above, one table of all (melting.txt) and a picture of each run:
#   inputs/auli_melting/melting.sh [FOLDER [NAME...]]     names: au au3li auli auli3 li; about 80 s of one core for each of two runs
# NAME.KELVIN, e.g. auli.900, is one run from that temperature.
# Started again it goes on: a run that is there is not made again, one that was killed continues from its checkpoint.
# MELTING_MORE: further words for nnpmd, e.g. MELTING_MORE="--set seed=2"
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-auli_melting.out}
shift || true
if [ $# = 0 ]; then set -- au au3li auli auli3 li; fi
read -ra more <<< "${MELTING_MORE:-}"
mkdir -p "$out"
rows=()
for word in "$@"; do
  name=${word%%.*}
  case $name in # crystal; half of its length (A); its waves across a and b; temperature of the hot half; the two to begin with (K)
    au) lattice='{type: fcc, a: 4.17, elements: [Au], repeat: [4, 4, 12]}' half=25 waves=8,0:0,8 hot=3500 starts="900 970" ;;
    au3li) lattice='{type: l1_2, a: 4.13, elements: [Li, Au], repeat: [4, 4, 12]}' half=25 waves=8,0:0,8 hot=3500 starts="800 950" ;;
    auli) lattice='{type: b2, a: 3.2, elements: [Au, Li], repeat: [5, 5, 16]}' half=25.6 waves=5,5:5,-5 hot=3500 starts="900 990" ;;
    auli3) lattice='{type: d0_3, a: 6.4, elements: [Au, Li], repeat: [2, 2, 8]}' half=25.6 waves=4,4:4,-4 hot=3000 starts="600 720" ;;
    li) lattice='{type: bcc, a: 3.46, elements: [Li], repeat: [5, 5, 16]}' half=27.7 waves=5,5:5,-5 hot=2000 starts="425 450" ;;
    *) echo "melting.sh: $word, expected au, au3li, auli, auli3 or li" >&2; exit 2 ;;
  esac
  if [ "$name" != "$word" ]; then starts=${word#*.}; fi
  for start in $starts; do
    folder=$out/$name.$start
    if [ ! -e "$folder/done" ]; then
      again=()
      if [ -e "$folder/run.checkpoint" ]; then again=(--restart "$folder/run.checkpoint"); fi
      "${NNPMD:-nnpmd}" "$here/melting.yaml" --quiet --set output_folder="$folder" --set "structure.build.lattice=$lattice" \
        --set groups.0.to="$half A" --set stages.0.npt.velocities="$((2 * start)) K" --set stages.0.npt.temperature="$start K" \
        --set stages.1.nvt.temperature="$hot K" --set stages.2.nvt.temperature="$hot K -> $start K" \
        --set stages.3.npt.velocities="$start K" --set stages.3.npt.temperature="$start K" --set stages.4.mtk.temperature="$start K" \
        --set stages.5.mtk.temperature="$start K" "${more[@]}" "${again[@]}"
      touch "$folder/done"
    fi
    rows+=("$("${PYTHON:-python3}" "$here/melting.py" "$waves" "$folder")")
    if command -v gnuplot > /dev/null; then gnuplot -e "folder='$folder'" "$here/melting.gp"; fi
  done
done
{
  echo "# run, temperature of the last stage (K), its error, share of crystal when that stage began and at its end, what there was"
  printf '%s\n' "${rows[@]}"
} > "$out/melting.txt"
cat "$out/melting.txt"
