#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From the finished runs in FOLDER (run.sh): diffusion.txt, the mean of the seeds; ratios.txt; arrhenius-*.txt; hops.txt;
# diffusion.png. Runs that allow no D are counted and named, never filled in.
#   inputs/llno_diffusion/table.sh [FOLDER]
set -euo pipefail
out=${1:-llno_diffusion.out} bin=${NNPMD_BIN:+$NNPMD_BIN/}
shopt -s nullglob
finished=("$out"/*/done)
if [ ${#finished[@]} -eq 0 ]; then echo "table.sh: no finished run in \"$out\"; expected folders of run.sh" >&2; exit 2; fi

# ---- each run: D of all directions, hops between A sites, density ----
for mark in "${finished[@]}"; do
  run=$(dirname "$mark") name=$(basename "$(dirname "$mark")")
  T=$(sed 's/.*-\([0-9.]*\)K-.*/\1/' <<< "$name")
  if [ ! -e "$run/diffusion.txt" ]; then
    "${bin}nnpmd-diffusion" "$run/li.nc" --species Li --skip "10 ps" --temperature "$T" --drift framework --quiet \
      --json "$run/diffusion.json" --output "$run/diffusion.txt" 2> "$run/diffusion.log" || [ $? -eq 3 ]
  fi
done

# ---- one line a run and direction, then the mean over seeds: weights 1/sigma^2, and sigma at least what the seeds differ by ----
for mark in "${finished[@]}"; do
  run=$(dirname "$mark")
  if [ -e "$run/diffusion.txt" ]; then
    sed 's/\(.*\)-\([0-9.]*\)K-\([0-9]*\)$/\1 \2 \3/' <<< "$(basename "$run")" | tr '\n' ' ' | sed 's/$/\n/' > "$run/label"
    awk -v label="$(cat "$run/label")" '$1 == "Li" {print label, $2, $3, $4, $7, $8}' "$run/diffusion.txt"
  fi
done | sort -k1,1 -k2,2n -k3,3n > "$out/runs.txt"
awk '
  {key = $1 " " $2 " " $4; if (!(key in all)) order[++keys] = key; all[key]++}
  $5 != "nan" {w = 1 / ($6 * $6); n[key]++; sum[key] += w * $5; weight[key] += w; squares[key] += w * $5 * $5}
  END {
    print "# arrangement T direction D sigma D sigma runs without_D"
    print "# - K - A^2/ps A^2/ps cm^2/s cm^2/s 1 1"
    for (k = 1; k <= keys; k++) {
      key = order[k]
      if (n[key] == 0) {print key, "nan nan nan nan 0", all[key]; continue}
      mean = sum[key] / weight[key]; sigma = sqrt(1 / weight[key])
      if (n[key] > 1) {chi = (squares[key] - weight[key] * mean * mean) / (n[key] - 1); if (chi > 1) sigma *= sqrt(chi)}
      printf "%s %.4g %.2g %.4g %.2g %d %d\n", key, mean, sigma, mean * 1e-4, sigma * 1e-4, n[key], all[key] - n[key]
    }
  }' "$out/runs.txt" > "$out/diffusion.txt"

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
  files=("$out/$arrangement"-*/diffusion.json)
  if [ ${#files[@]} -lt 2 ]; then continue; fi
  for direction in ab c; do
    "${bin}nnpmd-arrhenius" "${files[@]}" --species Li --direction "$direction" --output "$out/arrhenius-$arrangement-$direction.txt" \
      2> "$out/arrhenius-$arrangement-$direction.log" || echo "no E_a of $arrangement, $direction: $(tail -1 "$out/arrhenius-$arrangement-$direction.log")"
  done
done

# ---- picture ----
cat > "$out/diffusion.gp" <<'END'
set terminal pngcairo size 900,600
set output "diffusion.png"
set logscale y
set format y "10^{%T}"
set xlabel "1000 / T (1/K)"
set ylabel "D (cm^2/s)"
set key bottom left
plot for [a in names] for [i = 1:2] sprintf("< awk '$1 == \"%s\" && $3 == \"%s\" && $4 != \"nan\"' diffusion.txt", a, word("ab c", i)) \
  using (1000 / $2):6:7 with yerrorlines pt (i == 1 ? 7 : 6) dt (i == 1 ? 1 : 2) title a . ", " . word("ab c", i)
END
sed -i "1i names = \"$(cut -d' ' -f1 "$out/runs.txt" | sort -u | tr '\n' ' ')\"" "$out/diffusion.gp"
if command -v gnuplot > /dev/null; then (cd "$out" && gnuplot diffusion.gp) || true; fi
cat "$out/diffusion.txt" "$out/ratios.txt"
