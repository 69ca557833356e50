#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Three cycles of active learning against random picks of the same number, three seeds each; about 5 minutes of one core.
# nnpmd, nnpmd-eval, nnpmd-convert and nnpmd-active are in PATH. Usage: run.sh FOLDER (made; in it all files)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && cd "$1"
TEACHER=$here/../../potentials/AuLi
export TEACHER
mkdir -p settings && cp "$TEACHER/settings/input.nn" settings
dynamics() { nnpmd -q "$here/md.yaml" "$@"; }
dynamics --set output_folder=first
dynamics --set output_folder=start --set stages.1.nvt.steps=50
dynamics --set output_folder=test --set seed=99 \
  --set stages.0.monte_carlo.velocities='1000 K' --set stages.1.nvt.temperature='1000 K' --set stages.1.nvt.steps=2500
for name in first test; do nnpmd-eval "$TEACHER" $name/trajectory.extxyz -o $name.extxyz; done
cp start/trajectory.extxyz start.extxyz
for seed in 1 2 3; do
  for method in farthest random; do
    nnpmd-active -q "$here/loop.yaml" --set seed=$seed --set output_folder=$method.$seed --set pick.method=$method
  done
done
for method in farthest random; do
  for seed in 1 2 3; do echo "$method, seed $seed:"; grep -v '^#' $method.$seed/summary.txt | cut -d ' ' -f 1,6,7,13-15; done
done
