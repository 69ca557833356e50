#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From the finished runs in FOLDER (run.sh): diffusion.txt, of the ions of all seeds together, with the conductivity of independent ions;
# runs.txt, of each seed; layers.txt, of each seed and layer over a fixed time (which is there when diffusion is not reached); lag.txt, their means and
# ratios; ratios.txt; arrhenius-*.txt; hops.txt, over the windows between A sites; density maps of the first seed;
# lag.png, diffusion.png. Where runs allow no D, none is filled in.
#   inputs/llno_diffusion/table.sh [FOLDER]
set -euo pipefail
# LLNO_SKIP: what is left out at the beginning of each run ("10 ps", until the cell has its size); LLNO_LAG: time over which squares of
# displacements are taken for layers.txt ("20 ps").
out=${1:-llno_diffusion.out} bin=${NNPMD_BIN:+$NNPMD_BIN/} skip=${LLNO_SKIP:-10 ps} lag=${LLNO_LAG:-20 ps}
shopt -s nullglob
finished=("$out"/*/done)
if [ ${#finished[@]} -eq 0 ]; then echo "table.sh: no finished run in \"$out\"; expected folders of run.sh" >&2; exit 2; fi

# ---- each run: D of all directions, hops between A sites, density ----
for mark in "${finished[@]}"; do
  run=$(dirname "$mark") name=$(basename "$(dirname "$mark")")
  T=$(sed 's/.*-\([0-9.]*\)K-.*/\1/' <<< "$name")
  if [ ! -e "$run/analysed" ]; then # written last: a kill in between begins anew
    "${bin}nnpmd-diffusion" "$run/li.nc" --species Li --skip "$skip" --temperature "$T" --drift framework --quiet \
      --json "$run/diffusion.json" --output "$run/diffusion.txt" 2> "$run/diffusion.log" || [ $? -eq 3 ]
    # A sites of the cell as it was while Li was followed
    awk '!/^#/ {x = $17; y = $21; z = $25} END {
      a = int(x / 3.95 + 0.5); b = int(y / 3.95 + 0.5); c = int(z / 4.05 + 0.5)
      printf "%d\nLattice=\"%.8f 0 0 0 %.8f 0 0 0 %.8f\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"\n", a * b * c, x, y, z
      for (i = 0; i < a; i++) for (j = 0; j < b; j++) for (k = 0; k < c; k++)
        printf "Li %.6f %.6f %.6f\n", i * x / a, j * y / b, k * z / c
    }' "$run/thermo.dat" > "$run/sites.extxyz"
    "${bin}nnpmd-sites" "$run/li.nc" --species Li --lattice "$run/sites.extxyz" --skip "$skip" --quiet --hops "$run/hops.txt" \
      --output "$run/sites.txt" 2>> "$run/diffusion.log" || [ $? -eq 3 ]
    case $name in *-1) "${bin}nnpmd-density" "$run/li.nc" --species Li --skip "$skip" --to "$run/density" --plot --quiet \
      --output "$run/density.txt" 2>> "$run/diffusion.log" ;; esac
    planes=$(awk 'NR == 2 {split($0, w, /[" ]/); n = int(w[10] / 4.05 + 0.5); for (k = 0; k < n; k += 2) printf "%s%.6f", (k ? "," : ""), k / n}' \
      "$run/sites.extxyz")
    for edge in 2 1000; do # La-rich layers and the others; all
      "${bin}nnpmd-mobility" "$run/li.nc" --species Li --skip "$skip" --lag "$lag" --planes "$planes" --edges "$edge A" --quiet \
        --output "$run/layers-$edge.txt" 2>> "$run/diffusion.log" || : > "$run/layers-$edge.txt" # too short a run
    done
    touch "$run/analysed"
  fi
done

# Lines "WHAT direction D sigma" of a table of nnpmd-diffusion; without one, of no D.
lines_of() { # FILE WHAT
  awk -v what="$2" '$1 == "Li" {print what, $2, $3, $4; any = 1}
    END {if (!any) {split("xyz x y z ab c", d); for (k = 1; k <= 6; k++) print what, d[k], "nan nan"}}' "$(ls "$1" 2> /dev/null || echo /dev/null)"
}
label_of() { sed 's/\(.*\)-\([0-9.]*\)K-\([0-9]*\)$/\1 \2 \3/' <<< "$(basename "$1")"; }

# ---- each run by itself ----
for mark in "${finished[@]}"; do
  run=$(dirname "$mark")
  lines_of "$run/diffusion.txt" "$(label_of "$run")"
done | sort -k1,1 -k2,2n -k3,3n > "$out/runs.txt"

# ---- the ions of all seeds together; S/cm of one A^2/ps, N e^2 / (V k T) ----
rm -f "$out"/seeds-*
for pair in $(cut -d' ' -f1,2 "$out/runs.txt" | sort -u | tr ' ' :); do
  arrangement=${pair%:*} T=${pair#*:} runs=()
  for mark in "$out/$arrangement-${T}K"-*/done; do runs+=("$(dirname "$mark")"); done
  to=$out/seeds-$arrangement-$T
  "${bin}nnpmd-diffusion" "${runs[@]/%//li.nc}" --independent --species Li --skip "$skip" --temperature "$T" --drift framework --quiet \
    --json "$to.json" --output "$to.txt" 2> "$to.log" || [ $? -eq 3 ]
  unit=$(awk -v T="$T" '!/^#/ {V[FILENAME] = $10} END {for (f in V) {sum += V[f]; n++} print 185925 / (sum / n * T)}' \
    "${runs[@]/%//thermo.dat}")
  ions=$(grep -o -m 1 'atoms: Li [0-9]*' "${runs[0]}/sites.txt" | grep -o '[0-9]*')
  lines_of "$to.txt" "$arrangement $T" | awk -v S="$(awk "BEGIN {print $unit * $ions}")" -v n="${#runs[@]}" '{print $0, S, n}'
done > "$out/seeds.txt"

# ---- sigma at least what the seeds differ by ----
awk '
  FNR == NR {if ($5 != "nan") {key = $1 " " $2 " " $4; w = 1 / ($6 * $6); n[key]++; sum[key] += w * $5; weight[key] += w; squares[key] += w * $5 * $5}; next}
  FNR == 1 {
    print "# arrangement T direction D sigma D sigma conductivity sigma seeds seeds_with_D"
    print "# - K - A^2/ps A^2/ps cm^2/s cm^2/s S/cm S/cm 1 1"
  }
  {
    key = $1 " " $2 " " $3
    if ($4 == "nan") {print key, "nan nan nan nan nan nan", $7, n[key] + 0; next}
    chi = n[key] > 1 ? (squares[key] - sum[key] * sum[key] / weight[key]) / (n[key] - 1) : 0
    sigma = $5 * (chi > 1 ? sqrt(chi) : 1)
    printf "%s %.4g %.2g %.4g %.2g %.3g %.2g %d %d\n", key, $4, sigma, $4 * 1e-4, sigma * 1e-4, $4 * $6, sigma * $6, $7, n[key]
  }' "$out/runs.txt" "$out/seeds.txt" > "$out/diffusion.txt"

# ---- in La-rich layers, between them, in all ----
{
  echo "# arrangement T seed layers Li D_x sigma_x D_y sigma_y D_z sigma_z D sigma"
  echo "# - K - - 1 A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps"
  for mark in "${finished[@]}"; do
    run=$(dirname "$mark")
    awk -v label="$(label_of "$run")" '!/^#/ && $3 > 0 {
      layers = $2 == 1000 ? "all" : $1 > 900 ? "" : $1 == 0 ? "rich" : "poor"
      $1 = label; $2 = layers; if (layers != "") print}' "$run/layers-2.txt" "$run/layers-1000.txt"
  done
} > "$out/layers.txt"

# ---- the same of all layers, means of the seeds, with the ratio to disordered ----
awk '
  function add(d, D, s) {key = $1 " " $2 " " d; if (!(key in n)) order[++keys] = key; n[key]++; sum[key] += D; squares[key] += D * D; errors[key] += s * s}
  $4 == "all" {add("xyz", $12, $13); add("ab", ($6 + $8) / 2, sqrt($7 ^ 2 + $9 ^ 2) / 2); add("c", $10, $11)}
  END {
    print "# arrangement T direction D sigma seeds over_disordered sigma"
    print "# - K - A^2/ps A^2/ps 1 1 1"
    for (k = 1; k <= keys; k++) {
      key = order[k]; m = n[key]; mean[key] = sum[key] / m; sigma[key] = sqrt(errors[key]) / m
      spread = m > 1 ? (squares[key] - sum[key] ^ 2 / m) / (m * (m - 1)) : 0
      if (spread > sigma[key] ^ 2) sigma[key] = sqrt(spread)
    }
    for (k = 1; k <= keys; k++) {
      key = order[k]; split(key, w); other = "disordered " w[2] " " w[3]; r = e = "nan"
      if (mean[other] > 0) {r = mean[key] / mean[other]; e = sqrt((sigma[key] / mean[other]) ^ 2 + (other == key ? 0 : (r * sigma[other] / mean[other]) ^ 2))}
      printf "%s %.4g %.2g %d %s %s\n", key, mean[key], sigma[key], n[key], (r == "nan" ? r : sprintf("%.3g", r)), (e == "nan" ? e : sprintf("%.2g", e))
    }
  }' "$out/layers.txt" > "$out/lag.txt"

# ---- hops over the windows: along a and b, along c ----
{
  echo "# arrangement T seed hops_a hops_b hops_c back rate_an_ion"
  echo "# - K - 1 1 1 share 1/ps"
  for mark in "${finished[@]}"; do
    run=$(dirname "$mark")
    if [ ! -e "$run/hops.txt" ]; then continue; fi
    awk -v label="$(label_of "$run")" '
      FNR == NR {if (/jump rate/) rate = $4; next}
      /^#/ {next}
      {x = $5 * $5; y = $6 * $6; z = $7 * $7; if (z > x && z > y) c++; else if (y > x) b++; else a++; back += $8; n++}
      END {printf "%s %d %d %d %s %s\n", label, a, b, c, (n > 0 ? sprintf("%.3f", back / n) : "nan"), rate}' "$run/sites.txt" "$run/hops.txt"
  done
} > "$out/hops.txt"

# ---- modulated against disordered, in the plane against along c ----
awk '
  !/^#/ && $4 != "nan" {D[$1, $2, $3] = $4; s[$1, $2, $3] = $5 / $4; T[$2]; A[$1]}
  function ratio(a, b, what) {
    if (!(a in D) || !(b in D)) return
    r = D[a] / D[b]; e = sqrt(s[a] ^ 2 + s[b] ^ 2)
    printf "%s %.3g %.2g %.3g %.3g\n", what, r, r * e, r * exp(-2 * e), r * exp(2 * e)
  }
  END {
    print "# ratio ... T value sigma low high (two sigmas of the logarithm)"
    for (t in T) for (a in A) {
      if (a != "disordered") for (i = 1; i <= 3; i++) {
        d = i == 1 ? "xyz" : i == 2 ? "ab" : "c"
        ratio(a SUBSEP t SUBSEP d, "disordered" SUBSEP t SUBSEP d, a "/disordered " d " " t)
      }
      ratio(a SUBSEP t SUBSEP "ab", a SUBSEP t SUBSEP "c", a " ab/c " t)
    }
  }' "$out/diffusion.txt" | sort > "$out/ratios.txt"

# ---- activation energies ----
for arrangement in $(cut -d' ' -f1 "$out/runs.txt" | sort -u); do
  files=("$out/seeds-$arrangement"-*.json)
  if [ ${#files[@]} -lt 2 ]; then continue; fi
  for direction in ab c; do
    "${bin}nnpmd-arrhenius" "${files[@]}" --species Li --direction "$direction" --output "$out/arrhenius-$arrangement-$direction.txt" \
      2> "$out/arrhenius-$arrangement-$direction.log" || echo "no E_a of $arrangement, $direction: $(tail -1 "$out/arrhenius-$arrangement-$direction.log")"
  done
done

# ---- pictures: over a fixed time, arrangement beside arrangement; against temperature ----
cat > "$out/lag.gp" <<'END'
set terminal pngcairo size 900,500
set output "lag.png"
set logscale y
set ylabel "D over the fixed time (A^2/ps)"
set key outside right
set offsets 0.5, 0.5, 0, 0
of(T, d) = sprintf("< awk '/^#/ {next} !($1 in at) {at[$1] = n++} $2 == %s && $3 == \"%s\" {print at[$1], $1, $4, $5}' lag.txt", T, d)
plot for [T in temperatures] for [k=0:1] of(T, word("ab c", k + 1)) using ($1 + 0.08 * k):3:4 with yerrorbars \
  pt (k == 0 ? 7 : 6) title sprintf("%s, %s K", word("ab c", k + 1), T)
END
sed -i -e "1i temperatures = \"$(awk '!/^#/ {print $2}' "$out/lag.txt" | sort -nu | tr '\n' ' ')\"" \
  -e "1i set xtics ($(awk '!/^#/ && !($1 in at) {at[$1]; printf "%s\"%s\" %d", (n ? ", " : ""), $1, n++}' "$out/lag.txt"))" "$out/lag.gp"
cat > "$out/diffusion.gp" <<'END'
set terminal pngcairo size 900,600
set output "diffusion.png"
set logscale y
set format y "10^{%T}"
set xlabel "1000 / T (1/K)"
set ylabel "D (cm^2/s)"
set key bottom left
set offsets graph 0.05, graph 0.05, 0, 0
file(a, d) = sprintf("< awk '$1 == \"%s\" && $3 == \"%s\" && $4 != \"nan\"' diffusion.txt", a, d)
plot for [a in names] for [d in "ab c"] file(a, d) using (1000 / $2):6:7 with yerrorlines pt (d eq "ab" ? 7 : 6) \
  title sprintf("%s, %s", a, d)
END
sed -i "1i names = \"$(cut -d' ' -f1 "$out/runs.txt" | sort -u | tr '\n' ' ')\"" "$out/diffusion.gp"
if command -v gnuplot > /dev/null; then
  (cd "$out" && gnuplot diffusion.gp; if grep -q '^[^#]' lag.txt; then gnuplot lag.gp; fi) || true
fi
cat "$out/diffusion.txt" "$out/lag.txt" "$out/ratios.txt" "$out/hops.txt"
