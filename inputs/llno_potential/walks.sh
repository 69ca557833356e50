#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Walks whose frames were labelled for potentials/LLNO: walks.sh SET FOLDER (made). SET: own_test, dynamics, hot, large or wide; 2 to 15
# minutes of one core. nnpmd, nnpmd-convert and nnpmd-dataset are in PATH. Frames for labelling come out as FOLDER/frames.extxyz (wide: chosen.extxyz):
#   nnpmd-dataset label --command 'nnpmd-ase-label chgnet.model.dynamics:CHGNetCalculator use_device=cpu' --to labelled.extxyz frames.extxyz
set -eu
here=$(cd "$(dirname "$0")" && pwd)
set_name=$1
mkdir -p "$2" && cd "$2"
export OMP_NUM_THREADS=1

# walk NAME SEED TEMPERATURE OPTION ...
walk() {
  name=$1 seed=$2 kelvin=$3
  shift 3
  nnpmd -q "$here/walk.yaml" --set seed="$seed" --set output_folder="$name" --set stages.0.nvt.velocities="$kelvin K" \
    --set stages.0.nvt.temperature="$kelvin K" --set stages.1.npt.temperature="$kelvin K" "$@" || echo "$name: ended with $?"
}

# cells NUMBER SEED_OF_CELLS FIRST_SEED STEPS EVERY TEMPERATURE ...: small cells of many arrangements, temperatures in turn
cells() {
  number=$1 seed=$3 steps=$4 every=$5
  "$here/cells.py" "$number" "$2" cells.extxyz
  shift 5
  k=0
  while [ $k -lt "$number" ]; do
    kelvin=$1
    shift
    set -- "$@" "$kelvin"
    walk "walk$k" $((seed + k)) "$kelvin" --set structure="{file: $PWD/cells.extxyz, frame: $k}" --set stages.0.nvt.duration='0.4 ps' \
      --set stages.0.nvt.timestep='2 fs' --set stages.1.npt.timestep='2 fs' --set stages.1.npt.steps="$steps" \
      --set outputs.1.trajectory.every="$every"
    k=$((k + 1))
  done
}

# built NAME SEED TEMPERATURE PRESSURE REPEAT LAYERS OPTION ...
built() {
  name=$1 seed=$2 kelvin=$3 pressure=$4 repeat=$5 layers=$6
  shift 6
  walk "$name" "$seed" "$kelvin" --set stages.1.npt.pressure="$pressure GPa" \
    --set structure="{build: {perovskite: {elements: [La, Nb, O], a: 4.02 A, c: 4.06 A, inserted: Li, repeat: $repeat, $layers}}}" "$@"
}

case $set_name in
  own_test) cells 36 11 70000 1200 500 300 800 1200 ;;
  dynamics) cells 140 1 1000 2000 400 300 500 800 800 1000 1200 1200 1500 1500 1800 ;;
  hot) cells 48 2 5000 500 120 1800 2000 2200 2500 ;;
  large)
    k=0
    for round in 0 1 2 3; do
      for cell in '[4, 4, 2]|rich: 0.625, pattern: random' '[5, 4, 2]|rich: 0.6, pattern: random' '[4, 4, 2]|rich: 0.5, pattern: random' \
        '[4, 4, 2]|rich: 0.5, pattern: striped' '[4, 3, 2]|rich: 0.6666666667, pattern: closed' \
        '[4, 4, 2]|rich: 0.3125, layers: uniform, pattern: random'; do
        built "walk$k" $((900 + k)) $((1500 + 300 * ((round + k) % 4))) 0 "${cell%|*}" "${cell#*|}" --set stages.1.npt.steps=650 \
          --set outputs.1.trajectory.every=200
        k=$((k + 1))
      done
    done
    ;;
  wide)
    # seed, K, GPa, share of A sites with La in the rich layers
    while read -r seed kelvin pressure rich; do
      built "walk$seed" "$seed" "$kelvin" "$pressure" '[5, 5, 4]' "rich: $rich, pattern: random"
    done <<END
1 2200 0 0.6
102 2400 0 0.6
103 2000 0 0.6
104 2200 0 0.66
105 2200 0 0.5
106 1800 5 0.6
107 2400 -3 0.6
110 2200 3 0.6
201 2200 0 0.6
202 2200 0 0.55
203 2200 0 0.6
204 2300 2 0.6
205 2200 -2 0.63
401 1800 0 0.4
402 2200 2 0.44
403 2000 8 0.6
404 1600 -4 0.6
302 1200 0 0.6
303 1200 0 0.6
501 1200 0 0.6
END
    ;;
  *) echo "walks.sh: $set_name: expected own_test, dynamics, hot, large or wide" >&2 && exit 2 ;;
esac

# Frames from the third on. wide: those, as they are, strained and with Li in close contacts, that stretch the ranges of the training set.
for folder in walk*/; do nnpmd-convert "${folder}walk.extxyz" --quiet --first 3 --to "${folder}kept.extxyz" --to-format extxyz > /dev/null; done
nnpmd-dataset convert --quiet --to frames.extxyz walk*/kept.extxyz > /dev/null
[ "$set_name" = wide ] || exit 0
data=$here/../../potentials/LLNO/data
nnpmd-dataset convert --quiet --max-force '15 eV/A' --to given.extxyz "$data/chgnet.extxyz.gz" "$data"/active_*.extxyz.gz \
  "$data/dynamics.extxyz.gz" "$data/hot.extxyz.gz" "$data/large.extxyz.gz" > /dev/null
"$here/strain.py" frames.extxyz strained.extxyz 8 1 0.955 0.97 0.985 1.02 1.045
"$here/contacts.py" frames.extxyz contacts.extxyz 14 3
nnpmd-dataset select --model "$here/../../potentials/LLNO/settings/second" --method extremes --given given.extxyz --count 180 --random 0 \
  --memory '16 GB' --to chosen.extxyz frames.extxyz strained.extxyz contacts.extxyz
