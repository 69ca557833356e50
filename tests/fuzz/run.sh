#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Fuzzes the readers under the address and undefined-behaviour sanitizers.
#
#   tests/fuzz/run.sh [SECONDS_EACH [TARGET...]]      default: 60 s, all targets; needs clang
#
# One input may take NMD_FUZZ_TIMEOUT seconds (120): less would be a false alarm on a machine that is full.
# New inputs go to build/fuzz/corpus/<target>, what crashes to build/fuzz/found; both stay out of the repository: a defect
# is mended, and its input, made small (-minimize_crash=1), joins tests/fuzz/corpus/<target>.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# -gt 0 ] && shift
mkdir -p build
cmake -S . -B build/fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DNMD_FUZZ=ON > build/fuzz.log 2>&1 ||
  { tail -5 build/fuzz.log; exit 2; }
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for folder in tests/fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
fi
mkdir -p build/fuzz/found
failed=0
for target in "${targets[@]}"; do
  cmake --build build/fuzz --target "fuzz_$target" > build/fuzz.log 2>&1 || { tail -5 build/fuzz.log; exit 2; }
  mkdir -p "build/fuzz/corpus/$target"
  if nice build/fuzz/tests/fuzz/fuzz_"$target" -max_total_time="$seconds" -max_len=20000 -timeout="${NMD_FUZZ_TIMEOUT:-120}" -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/found/$target-" "build/fuzz/corpus/$target" \
    "tests/fuzz/corpus/$target" > "build/fuzz/$target.log" 2>&1; then
    echo "$target: clean, $(grep -c . <(ls "build/fuzz/corpus/$target")) inputs," \
      "$(sed -n 's/stat::number_of_executed_units: *//p' "build/fuzz/$target.log") runs"
  else
    echo "$target: FAILED, see build/fuzz/$target.log"
    failed=1
  fi
done
exit $failed
