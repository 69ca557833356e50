#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes the committee of this folder anew in ./widened: about 16 minutes of one core. nnpmd-train and nnpmd-dataset are in PATH; run in
# this folder.
set -eu
mkdir -p made
select="nnpmd-dataset select --quiet --model settings/first --random 0"
convert="nnpmd-dataset convert --quiet"
$select --count 300 --max-force '12 eV/A' --only kind=static,kind=close --to made/static.extxyz data/chgnet.extxyz.gz > /dev/null
$select --count 260 --max-force '15 eV/A' --method random --only kind=relaxed,kind=path,kind=relaxlong --to made/relaxed.extxyz data/chgnet.extxyz.gz > /dev/null
$convert --only kind=md --max-force '15 eV/A' --to made/md.extxyz data/chgnet.extxyz.gz > /dev/null
nnpmd-train fit.yaml
for set in static relaxed; do $convert --stride 2 --to made/${set}_half.extxyz made/$set.extxyz > /dev/null; done
$convert --stride 2 --only tag=T300,tag=T500,tag=T800,tag=T1000,tag=T1200,tag=T1500 --to made/dynamics_half.extxyz data/dynamics.extxyz.gz > /dev/null
for set in static relaxed; do $convert --stride 3 --to made/${set}_few.extxyz made/${set}_half.extxyz > /dev/null; done
$convert --stride 5 --to made/dynamics_few.extxyz made/dynamics_half.extxyz > /dev/null
mkdir -p widened
for k in 1 2 3 4; do
  nnpmd-train finish.yaml --set start_from=first/$k --set output=made/$k --set seed=2$k
  nnpmd-train widen.yaml --set start_from=made/$k --set output=made/wide.$k --set seed=3$k
  nnpmd-train widen.yaml --set start_from=made/wide.$k --set output=widened/$k --set seed=4$k \
    --set data.training='[made/static_few.extxyz, made/dynamics_few.extxyz, data/active_3.extxyz.gz, data/contacts.extxyz.gz]'
done
