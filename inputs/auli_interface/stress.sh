#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# How fast do gold and lithium alloy under uniaxial stress? Four stresses, four seeds each, one table and one picture:
#   inputs/auli_interface/stress.sh [FOLDER [RANKS [--set KEY=VALUE ...]]]       about 7 s of one core for each of 16 runs
# Started again it goes on: a run that is there is not made again, one that was killed continues from its checkpoint.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-auli_stress.out} ranks=${2:-1}
shift $(($# < 2 ? $# : 2))
read -ra stresses <<< "${STRESSES:--1 0 1 2}" # GPa across the interface, positive under compression
read -ra seeds <<< "${SEEDS:-1 2 3 4}"
launch=()
if [ "$ranks" -gt 1 ]; then launch=(mpirun -n "$ranks"); fi
for seed in "${seeds[@]}"; do
  for stress in "${stresses[@]}"; do
    folder=$out/$stress/$seed
    if [ -e "$folder/done" ]; then continue; fi
    mkdir -p "$out/$stress"
    again=()
    if [ -e "$folder/run.checkpoint" ]; then again=(--restart "$folder/run.checkpoint"); fi
    "${launch[@]}" "${NNPMD:-nnpmd}" "$here/stress.yaml" --quiet --set seed="$seed" --set output_folder="$folder" \
      --set "stages.0.npt.extra_pressure=[0, 0, $stress GPa]" "$@" "${again[@]}"
    touch "$folder/done"
  done
done

# Rate: slope of the mixing fraction from 1 ps to the end (5 ps), by least squares; stress: p_zz in that time. Means over seeds with
# their standard errors.
slope() { awk '!/^#/ && $2 >= 1000 {n++; x = $2 / 1000; s += x; q += x * x; y += $3; p += x * $3}
               END {printf "%.8f ", (n * p - s * y) / (n * q - s * s)}' "$1/mixing.dat"
          awk '!/^#/ && $3 >= 1000 {n++; s += $13} END {printf "%.8f\n", s / n}' "$1/thermo.dat"; }
{
  echo "# target seeds rate error stress error"
  echo "# GPa 1 1/ps 1/ps GPa GPa"
  for stress in "${stresses[@]}"; do
    for seed in "${seeds[@]}"; do slope "$out/$stress/$seed"; done |
      awk -v at="$stress" '{n++; s += $1; q += $1 * $1; t += $2; u += $2 * $2}
                           END {printf "%s %d %.6f %.6f %.4f %.4f\n", at, n, s / n, sqrt((q / n - s * s / n / n) / (n - 1)),
                                t / n, sqrt((u / n - t * t / n / n) / (n - 1))}'
  done
} > "$out/stress.dat"
# Line through the logarithms of the rates, weighted by their errors: ln k = ln k0 - P V / k_B T, V the activation volume.
awk '!/^#/ {x = $5; w = ($3 / $4) ^ 2; y = log($3); a += w; b += w * x; c += w * x * x; d += w * y; e += w * x * y; t++; P[t] = x
            Y[t] = y; W[t] = w}
     END {D = a * c - b * b; m = (a * e - b * d) / D; k = (c * d - b * e) / D; error = sqrt(a / D)
          for (i = 1; i <= t; i++) chi += W[i] * (Y[i] - k - m * P[i]) ^ 2
          kT = 8.617333e-5 * 400 * 160.21766
          printf "# d ln(rate) / d stress %.4f +- %.4f 1/GPa, chi^2 %.2f for %d stresses; rate at none %.5f 1/ps\n", m, error, chi, t, exp(k)
          printf "# activation volume %.2f +- %.2f A^3\n%.8f %.8f\n", -m * kT, error * kT, exp(k), m}' "$out/stress.dat" > "$out/line.dat"
cat "$out/stress.dat" "$out/line.dat"
if command -v gnuplot > /dev/null; then gnuplot -e "folder='$out'" "$here/stress.gp"; fi
