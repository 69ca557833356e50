#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# One run of alloying.yaml and what it says: profile map, mixing fraction, interface width, dissolved atoms, heat.
#   inputs/auli_interface/alloying.sh [FOLDER [RANKS [--set KEY=VALUE ...]]]        about 190 s of one core
# Started again it goes on: a finished run is not made again, one that was killed continues from its checkpoint.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-auli_alloying.out} ranks=${2:-1}
shift $(($# < 2 ? $# : 2))
launch=()
if [ "$ranks" -gt 1 ]; then launch=(mpirun -n "$ranks"); fi
if [ ! -e "$out/done" ]; then
  again=()
  if [ -e "$out/run.checkpoint" ]; then again=(--restart "$out/run.checkpoint"); fi
  "${launch[@]}" "${NNPMD:-nnpmd}" "$here/alloying.yaml" --quiet --set output_folder="$out" "$@" "${again[@]}"
  touch "$out/done"
fi
"${NNPMD_CLUSTERS:-nnpmd-clusters}" "$out/trajectory.extxyz" --solute Au --solvent Li --bond "3.7 A" --share 0.6 \
  --output "$out/clusters.txt" --map "$out/clusters.extxyz" --quiet
atoms=$(head -n 1 "$out/trajectory.extxyz")
# Heat at constant temperature and no pressure: what the energy has fallen by since the last stage began.
awk -v n="$atoms" '!/^#/ {if ($2 > last) {first = $7; last = $2}
                          row[++k] = $2; time[k] = $3; fallen[k] = first - $7}
                   END {print "# time heat\n# fs eV/atom"
                        for (i = 1; i <= k; i++) if (row[i] == last) printf "%.3f %.6f\n", time[i], fallen[i] / n}' \
  "$out/thermo.dat" > "$out/heat.dat"
# Width of an interface: half of the integral of x (1 - x) over the cell with its two; w for a profile 1 / (1 + exp(z / w)).
awk 'function put() {if (n > 1) printf "%.3f %.4f\n", now, 0.5 * sum * (high - low) / (n - 1)}
     BEGIN {print "# time width\n# fs A"}
     /^#/ || NF < 4 {next}
     $1 != now {put(); now = $1; n = sum = 0; low = $2}
     {n++; high = $2; if ($3 + $4 > 0) {x = $4 / ($3 + $4); sum += x * (1 - x)}}
     END {put()}' "$out/profile.dat" > "$out/width.dat"
if command -v gnuplot > /dev/null; then gnuplot -e "folder='$out'" "$here/alloying.gp"; fi
"${PYTHON:-python3}" "$here/snapshots.py" "$out/trajectory.extxyz" "$out/snapshots.png" || echo "no snapshots: see above"
echo "time (ps), mixing fraction, interface width (A), heat (eV/atom), dissolved Au, largest cluster:"
for share in 0.05 0.1 0.2 0.4 0.7 1; do
  awk -v share="$share" 'FNR == 1 {file++} /^#/ {next}
    file == 1 {t[++n] = $2; m[n] = $3} file == 2 {w[$1 + 0] = $2} file == 3 {h[$1 + 0] = $2} file == 4 {c[$1 + 0] = $2; l[$1 + 0] = $5}
    function nearest(table, at,   k, best, found) {best = 1e30
      for (k in table) if ((k - at) ^ 2 < best) {best = (k - at) ^ 2; found = k} return table[found]}
    END {i = int(share * n); printf "%8.2f %7.3f %7.2f %8.4f %5d %5d\n", t[i] / 1000, m[i], nearest(w, t[i]), nearest(h, t[i]),
         nearest(c, t[i]), nearest(l, t[i])}' "$out/mixing.dat" "$out/width.dat" "$out/heat.dat" "$out/clusters.txt"
done
