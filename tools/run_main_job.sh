#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From a fresh clone to a finished run: set-up, build, a gold-lithium interface on two ranks, a picture.
#
#   tools/run_main_job.sh [OPTION OF nnpmd...]     e.g. --set stages.0.nvt.duration="1 ps"
# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

input=$root/inputs/auli_interface/input.yaml
output=${NMD_OUTPUT:-$root/output/auli_interface}
ranks=${NMD_RANKS:-2}

"$root/tools/setup.sh" nnpmd
mpi_environment "$ranks"
mkdir -p "$output"
say "running $ranks ranks of nnpmd on ${input#"$root"/}; output in $output"
cd "$root"
mpirun -n "$ranks" "$build/nnpmd" "$input" --set "output_folder=$output" "$@"
say "run finished"

if ! have gnuplot && [ "$(id -u)" = 0 ] && have apt-get; then
  say "installing gnuplot-nox for the picture"
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gnuplot-nox >"$build/apt-gnuplot.log" 2>&1 ||
    tail -n 3 "$build/apt-gnuplot.log"
fi
if have gnuplot; then
  gnuplot -e "folder='$output'" "${input%/*}/plot.gp"
  say "picture: $output/alloying.png"
else
  say "no picture: gnuplot is missing (Debian: gnuplot-nox, conda-forge: gnuplot)"
fi
say "done"
