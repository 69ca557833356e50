#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# An installed nnpmd serves programs of others: found by CMake and by pkg-config, nothing but nnpmd_ symbols exported.
# usage: test_install.sh BUILD_FOLDER CMAKE COMPILER
set -eu
build=$1 cmake=$2 compiler=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$cmake" --install "$build" --prefix "$scratch/prefix" > "$scratch/log" || { cat "$scratch/log"; exit 1; }
library=$(find "$scratch/prefix" -name 'libnnpmd.so' | head -1)
test -n "$library"

cat > "$scratch/user.c" <<'EOF'
#include <nnpmd/nnpmd.h>
#include <stdio.h>
int main(int argc, char **argv) {
  char error[NNPMD_ERROR_MAX];
  nnpmd_model *model;
  if (argc != 2 || nnpmd_load(argv[1], NULL, &model, error, sizeof error) != NNPMD_OK) return puts(error), 1;
  nnpmd_structure gold = {.n = 1, .atomic_number = (int[]){79}, .position = (double[]){0, 0, 0},
                          .cell = (double[]){0, 2.08, 2.08, 2.08, 0, 2.08, 2.08, 2.08, 0}};
  nnpmd_results results = {0};
  if (nnpmd_evaluate(model, &gold, &results, error, sizeof error) != NNPMD_OK) return puts(error), 1;
  printf("%s %.6f\n", nnpmd_version(), results.energy);
  nnpmd_free(model);
  return 0;
}
EOF
cat > "$scratch/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.20)
project(user C)
find_package(nnpmd REQUIRED)
add_executable(user user.c)
target_link_libraries(user nnpmd::nnpmd)
EOF
"$cmake" -S "$scratch" -B "$scratch/b" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$scratch/prefix" > "$scratch/log" 2>&1 &&
  "$cmake" --build "$scratch/b" >> "$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
first=$("$scratch/b/user" "$scratch/prefix/share/nnpmd/potentials/AuLi-starter")
echo "by CMake:      $first"

if command -v pkg-config > /dev/null; then
  export PKG_CONFIG_PATH=$(dirname "$library")/pkgconfig
  # the prefix of the file is that of the configuration; here it was installed elsewhere
  flags=$(pkg-config --define-variable=prefix="$scratch/prefix" --cflags --libs nnpmd)
  "$compiler" "$scratch/user.c" $flags -Wl,-rpath,"$(dirname "$library")" -o "$scratch/user"
  second=$("$scratch/user" "$scratch/prefix/share/nnpmd/potentials/AuLi-starter")
  echo "by pkg-config: $second"
  test "$first" = "$second"
fi
foreign=$(nm -D --defined-only "$library" | awk '{print $3}' | grep -v '^nnpmd_' || true)
test -z "$foreign" || { echo "exported beside the API: $foreign"; exit 1; }
