#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# 1 ns at a temperature in K: stability.sh 1200; about 25 minutes of one core. nnpmd is in PATH; run in this folder.
set -eu
t=$1
shift
nnpmd -q stability.yaml --set output_folder="stability.$t" --set stages.0.nvt.velocities="$t K" --set stages.0.nvt.temperature="$t K" \
  --set stages.1.npt.temperature="$t K" "$@"
