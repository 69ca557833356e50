#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# How fast do gold and lithium alloy under uniaxial stress? Five stresses, five seeds each, one table and one picture:
#   inputs/auli_interface/stress.sh [FOLDER [RANKS]]       about 10 s of one core for each of 25 runs
# Started again it goes on: a run that is there is not made again, one that was killed continues from its checkpoint.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-auli_stress.out} ranks=${2:-1}
stresses=(-1 -0.5 0 0.5 1) # GPa across the interface, positive under compression
seeds=(1 2 3 4 5)
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
      --set "stages.0.npt.extra_pressure=[0, 0, $stress GPa]" "${again[@]}"
    touch "$folder/done"
  done
done

# Rate: slope of the mixing fraction over the last 6 of the 8 ps, by least squares; mean over seeds with its standard error.
slope() { awk '!/^#/ && $2 >= 2000 {n++; x = $2 / 1000; s += x; q += x * x; y += $3; p += x * $3}
               END {printf "%.8f %.8f\n", (n * p - s * y) / (n * q - s * s), y / n}' "$1/mixing.dat"; }
{
  echo "# stress seeds rate error"
  echo "# GPa 1 1/ps 1/ps"
  for stress in "${stresses[@]}"; do
    for seed in "${seeds[@]}"; do slope "$out/$stress/$seed"; done |
      awk -v at="$stress" '{n++; s += $1; q += $1 * $1}
                           END {m = s / n; printf "%s %d %.6f %.6f\n", at, n, m, sqrt((q / n - m * m) / (n - 1))}'
  done
} > "$out/stress.dat"
# Line through the logarithms of the rates, weighted by their errors: ln k = ln k0 - P V / k_B T, V the activation volume.
awk '!/^#/ {w = ($3 / $4) ^ 2; y = log($3); a += w; b += w * $1; c += w * $1 * $1; d += w * y; e += w * $1 * y; t++; P[t] = $1
            Y[t] = y; W[t] = w}
     END {D = a * c - b * b; m = (a * e - b * d) / D; k = (c * d - b * e) / D; error = sqrt(a / D)
          for (i = 1; i <= t; i++) chi += W[i] * (Y[i] - k - m * P[i]) ^ 2
          kT = 8.617333e-5 * 400 * 160.21766
          printf "# d ln(rate) / d stress %.4f +- %.4f 1/GPa, chi^2 %.2f for %d stresses; rate at none %.5f 1/ps\n", m, error, chi, t, exp(k)
          printf "# activation volume %.2f +- %.2f A^3\n%.8f %.8f\n", -m * kT, error * kT, exp(k), m}' "$out/stress.dat" > "$out/line.dat"
cat "$out/stress.dat" "$out/line.dat"
if command -v gnuplot > /dev/null; then gnuplot -e "folder='$out'" "$here/stress.gp"; fi
