#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes the committee of this folder anew in ./made, with the inputs of ../AuLi-PBE and the cells of this folder: about 500 s of
# one core. nnpmd-train is in PATH; run in this folder.
set -eu
gzip -dc ../AuLi-PBE/data/chgnet.extxyz.gz | sed 's/ stress="[^"]*"//' > forces_only.extxyz
cp ../AuLi-PBE/data/chgnet.extxyz.gz data/
mkdir -p first made
for k in 1 2 3 4; do
  nnpmd-train ../AuLi-PBE/fit.yaml --set settings=../AuLi-PBE/settings --set committee=1 --set seed=$k --set output=first/$k
  nnpmd-train ../AuLi-PBE/tune.yaml --set start_from=first/$k --set output=made/$k --set seed=1$k
done
