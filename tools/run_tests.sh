#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From a fresh clone to tested: set-up, build, the default tests, then (if time allows) those labelled slow.
#
#   tools/run_tests.sh [CTEST OPTION...]
#
# NMD_TEST_MINUTES: time for everything (default 40). The slow tests run with what the rest left of it, and are left out
# when that is below five minutes or NMD_TEST_SLOW=0. The last line is the summary; exit code 0 only if all passed.
# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

minutes=${NMD_TEST_MINUTES:-40}
"$root/tools/setup.sh"
mpi_environment 8

# "12 passed, 0 failed" of the ctest log given.
counts() {
  sed -n 's/.*% tests passed, \([0-9]*\) tests\{0,1\} failed out of \([0-9]*\)/\2 \1/p' "$1" | tail -n 1
}
run_suite() {
  local log=$1
  shift
  ctest --test-dir "$build" --output-on-failure --parallel "${NMD_JOBS:-$(cores)}" "$@" 2>&1 | tee "$log" |
    grep -v -E '^ +Start +[0-9]+:|^ *$' || true
}

say "default tests"
run_suite "$build/tests-default.log" -LE slow "$@"
read -r total failed _ <<<"$(counts "$build/tests-default.log") 0 0"
say "default tests: $((total - failed)) of $total passed"

slow="not run"
left=$((60 * minutes - (SECONDS - started)))
if [ "${NMD_TEST_SLOW:-1}" != 0 ] && [ "$left" -ge 300 ]; then
  say "slow tests (physics), at most $((left / 60)) minutes"
  run_suite "$build/tests-slow.log" -L slow --stop-time "$(date -d "+$left seconds" +%T)" "$@"
  read -r slow_total slow_failed _ <<<"$(counts "$build/tests-slow.log") 0 0"
  slow="$((slow_total - slow_failed)) of $slow_total passed"
  total=$((total + slow_total)) failed=$((failed + slow_failed))
fi
[ "$total" -gt 0 ] || die "no test was run"
printf 'TESTS: %d run, %d passed, %d failed (slow: %s) in %d s\n' "$total" $((total - failed)) "$failed" "$slow" \
  $((SECONDS - started))
[ "$failed" -eq 0 ]
