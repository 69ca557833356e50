#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What continuous integration runs beside the tests (tools/run_tests.sh), each by one command:
#
#   tools/ci_extra.sh gcc                  the dev preset: warnings are errors; default tests
#   tools/ci_extra.sh clang [TARGET...]    the same with clang; with targets: builds these and runs nothing
#   tools/ci_extra.sh asan [REGEX]         address and undefined-behaviour sanitizers; tests matching REGEX (default: all)
#   tools/ci_extra.sh valgrind [TEST...]   memcheck of test programs of build/release: no error, no leak with a frame of ours
#   tools/ci_extra.sh tidy [FILE...]       clang-tidy of files (default: those that differ from BASE)
#   tools/ci_extra.sh format               clang-format of the lines that differ from BASE
#   tools/ci_extra.sh coverage [REGEX]     lines of src/ that tests matching REGEX (default: all default tests) run
#   tools/ci_extra.sh fuzz [SECONDS]       every fuzz target for so long (default 60)
#
# BASE (environment): a commit, default origin/main, else main. NMD_JOBS: processes of a build (default: all cores).
# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
jobs=${NMD_JOBS:-$(cores)}

# A handful that goes through most of what allocates: readers, writers, model, lists, MPI, a whole run.
valgrind_tests=(base/test_yaml base/test_option_command base/test_memory system/test_box io/test_read_malformed io/test_checkpoint
  nnp/test_model simulation/test_input_errors contract/test_output)

base_commit() {
  local name
  for name in "${BASE:-}" origin/main main; do
    if [ -n "$name" ] && git rev-parse -q --verify "$name^{commit}" >/dev/null; then
      git merge-base "$name" HEAD
      return
    fi
  done
  die "no commit to compare with; set BASE"
}
changed_sources() { git diff --name-only --diff-filter=d "$(base_commit)" -- '*.c' '*.h'; }

build_and_test() { # PRESET [REGEX]
  local preset=$1 regex=${2:-.}
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --parallel "$jobs" >"build/$preset.log" 2>&1 || { tail -30 "build/$preset.log"; exit 1; }
  mpi_environment 8
  ctest --preset "$preset" -R "$regex" --parallel "$jobs"
}

run_clang() {
  cmake --preset clang >/dev/null
  if [ $# -eq 0 ]; then
    build_and_test clang
  else
    cmake --build --preset clang --parallel "$jobs" --target "$@"
    say "clang: $* built without a warning"
  fi
}

# Errors always count; leaks when a frame of ours is in their stack and the MPI library is not (tests/valgrind.supp).
run_valgrind() {
  local tests=("$@") test failed=0 log
  have valgrind || die "valgrind is missing (Debian: valgrind)"
  [ ${#tests[@]} -gt 0 ] || tests=("${valgrind_tests[@]}")
  mpi_environment 1
  export OMPI_MCA_btl=self OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
  mkdir -p "$build/valgrind"
  for test in "${tests[@]}"; do
    [ -x "$build/tests/$test" ] || { say "$test: not built, left out"; continue; }
    log=$build/valgrind/$(basename "$test").log
    (cd "$build" && valgrind --leak-check=full --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,possible \
      --suppressions="$root/tests/valgrind.supp" --num-callers=40 --error-exitcode=99 --log-file="$log" \
      "tests/$test" >"$log.out" 2>&1) || { [ $? -ne 99 ] || failed=1; }
    printf '%-32s %s\n' "$test" "$(sed -n 's/^==[0-9]*== \(ERROR SUMMARY.*\)/\1/p' "$log" | tail -1)"
  done
  return $failed
}

run_tidy() {
  local files=("$@")
  have clang-tidy || die "clang-tidy is missing"
  [ ${#files[@]} -gt 0 ] || mapfile -t files < <(changed_sources | grep '^\(src\|tools\)/.*\.c$' || true)
  [ ${#files[@]} -gt 0 ] || { say "tidy: nothing differs"; return; }
  cmake --preset dev >/dev/null
  clang-tidy --quiet -p build/dev --warnings-as-errors='*' "${files[@]}"
  say "tidy: ${#files[@]} files without a finding"
}

run_format() {
  local difference
  have clang-format || die "clang-format is missing"
  difference=$(git diff -U0 --no-color "$(base_commit)" -- '*.c' '*.h' | clang_format_diff)
  [ -z "$difference" ] || { printf '%s\n' "$difference"; die "format: lines that clang-format writes otherwise (above)"; }
  say "format: changed lines as clang-format writes them"
}
clang_format_diff() {
  local tool
  for tool in clang-format-diff clang-format-diff.py /usr/share/clang/clang-format-diff.py clang-format-diff-14; do
    if have "$tool" || [ -x "$tool" ]; then "$tool" -p1; return; fi
  done
  die "clang-format-diff is missing (it comes with clang-format)"
}

run_coverage() {
  cmake --preset coverage >/dev/null
  cmake --build --preset coverage --parallel "$jobs" >build/coverage.log 2>&1 || { tail -30 build/coverage.log; exit 1; }
  mpi_environment 8
  find build/coverage -name '*.gcda' -delete
  ctest --preset coverage -R "${1:-.}" --parallel "$jobs" >build/coverage-tests.log 2>&1 || tail -5 build/coverage-tests.log
  python3 tools/coverage.py build/coverage
}

[ $# -ge 1 ] || { sed -n '3,16s/^# \{0,1\}//p' "$0"; exit 2; }
name=$1
shift
case $name in
  gcc) build_and_test dev ;;
  clang) run_clang "$@" ;;
  asan) build_and_test asan "$@" ;;
  valgrind) run_valgrind "$@" ;;
  tidy) run_tidy "$@" ;;
  format) run_format ;;
  coverage) run_coverage "$@" ;;
  fuzz) tests/fuzz/run.sh "${1:-60}" ;;
  *) die "unknown check '$name'; $0 alone lists them" ;;
esac
