#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes the committee of this folder anew in ./made: about 500 s of one core. nnpmd-train is in PATH; run in this folder.
set -eu
gzip -dc data/chgnet.extxyz.gz | sed 's/ stress="[^"]*"//' > forces_only.extxyz
nnpmd-train fit.yaml
mkdir -p made
for k in 1 2 3 4; do
  nnpmd-train tune.yaml --set start_from=model/$k --set output=made/$k --set seed=1$k
done
