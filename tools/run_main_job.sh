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
if ! python3 -c 'import matplotlib' 2>/dev/null && [ "$(id -u)" = 0 ] && have apt-get; then
  say "installing python3-matplotlib for the picture"
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-matplotlib \
    >"$build/apt-matplotlib.log" 2>&1 || true
fi
if python3 -c 'import matplotlib' 2>/dev/null; then
  python3 "$root/tools/plot_run.py" "$output"
else
  say "no picture: matplotlib is missing (Debian: python3-matplotlib, conda-forge: matplotlib)"
fi
say "done"
