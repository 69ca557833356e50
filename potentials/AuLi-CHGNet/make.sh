#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes a committee of three from labelled structures, in ./last: about 290 s of one core a member for 2,929 structures.
# usage: make.sh TRAIN.extxyz            (in this folder; nnpmd-train is in PATH)
set -eu
[ "$1" = train.extxyz ] || cp "$1" train.extxyz
mkdir -p first made last
for k in 1 2 3; do
  nnpmd-train fit.yaml --set seed=$k --set output=first/$k
  nnpmd-train finish.yaml --set start_from=first/$k --set output=made/$k --set seed=1$k
  nnpmd-train squeeze.yaml --set start_from=made/$k --set output=last/$k --set seed=2$k
done
