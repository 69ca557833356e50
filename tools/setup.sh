#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, configures and builds.
#
#   tools/setup.sh [TARGET...]     TARGET: what to build (default: everything)
#
# As root on Debian or Ubuntu missing packages come through apt-get. Otherwise they are named, with their conda-forge
# names and what a cluster's modules are usually called. NMD_BUILD: the build folder (default build/release),
# NMD_CMAKE_FLAGS: more flags for CMake, NMD_JOBS: processes of the build.
# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# what | how it is found | Debian package | conda-forge package | module
# "command" looks for a program, "header" for a file the compiler can include.
needs=(
  "C compiler|command cc|gcc libc6-dev|c-compiler|gcc"
  "make|command make|make|make|-"
  "CMake >= 3.20|command cmake|cmake|cmake|cmake"
  "pkg-config|command pkg-config|pkg-config|pkg-config|-"
  "Python 3 (checks, tests)|command python3|python3|python|python"
  "MPI|command mpicc|libopenmpi-dev|openmpi-mpicc|openmpi"
  "mpirun|command mpirun|openmpi-bin|openmpi|openmpi"
  "FFTW|header fftw3.h|libfftw3-dev|fftw=*=mpi_openmpi*|fftw"
  "FFTW for MPI|library fftw3_mpi|libfftw3-mpi-dev|fftw=*=mpi_openmpi*|fftw"
  "OpenBLAS|library openblas|libopenblas-dev|openblas|openblas"
  "libyaml|header yaml.h yaml-0.1|libyaml-dev|yaml|libyaml"
  "zlib|header zlib.h|zlib1g-dev|zlib|zlib"
  "xxHash|header xxhash.h|libxxhash-dev|xxhash|xxhash"
  "NLopt|header nlopt.h|libnlopt-dev|nlopt|nlopt"
  "Random123|header Random123/philox.h|librandom123-dev|(headers: see below)|-"
  "CUnit (tests)|header CUnit/CUnit.h|libcunit1-dev|cunit|-"
)
optional_packages=(libzstd-dev libpnetcdf-dev libsymspg-dev)

include_flags() {
  [ -n "${CONDA_PREFIX:-}" ] && printf -- '-I%s/include ' "$CONDA_PREFIX"
  [ $# -gt 0 ] && have pkg-config && pkg-config --cflags "$1" 2>/dev/null
  local folder
  IFS=: read -ra folders <<<"${CMAKE_PREFIX_PATH:-}"
  for folder in "${folders[@]:-}"; do [ -n "$folder" ] && printf -- '-I%s/include ' "$folder"; done
  return 0
}
link_flags() { include_flags | sed 's/-I\([^ ]*\)\/include/-L\1\/lib/g'; }

# The flags are words on purpose.
# shellcheck disable=SC2046,SC2086
has_header() {
  printf '#include <stddef.h>\n#include <%s>\n' "$1" |
    ${CC:-cc} -E ${CPPFLAGS:-} $(include_flags "${@:2}") -x c - >/dev/null 2>&1
}
# shellcheck disable=SC2046,SC2086
has_library() {
  local compiler=${CC:-cc}
  have mpicc && compiler=mpicc
  printf 'int main(void) { return 0; }\n' |
    "$compiler" ${LDFLAGS:-} $(link_flags) -x c - -x none -Wl,--no-as-needed "-l$1" -o /dev/null >/dev/null 2>&1
}
has_command() { have "$1" || { [ "$1" = cc ] && have "${CC:-cc}"; }; }

missing_rows() {
  local row
  for row in "${needs[@]}"; do
    IFS='|' read -r _ test _ <<<"$row"
    # shellcheck disable=SC2086
    has_$test || printf '%s\n' "$row"
  done
}

install_packages() {
  local packages=() row names
  while IFS= read -r row; do
    IFS='|' read -r _ _ names _ <<<"$row"
    read -ra names <<<"$names"
    packages+=("${names[@]}")
  done
  say "installing ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  logged "$build/apt-update.log" apt-get update
  logged "$build/apt-install.log" apt-get install -y --no-install-recommends "${packages[@]}"
  apt-get install -y --no-install-recommends "${optional_packages[@]}" >"$build/apt-optional.log" 2>&1 ||
    say "optional packages not installed (${optional_packages[*]}): going on without"
}

explain_missing() {
  printf '%-30s %-24s %-24s %s\n' "missing" "Debian/Ubuntu" "conda-forge" "module (often)" >&2
  local row what debian conda module
  while IFS='|' read -r what _ debian conda module; do
    printf '%-30s %-24s %-24s %s\n' "$what" "$debian" "$conda" "$module" >&2
  done
  printf 'Random123 is headers only: unpack github.com/DEShawResearch/random123 and put its folder, which holds include/,\n%s\n' \
    'into CMAKE_PREFIX_PATH.' >&2
  die "install these (as root this script does it with apt-get on Debian and Ubuntu; without, e.g. \`conda install -c \
conda-forge ...\` in an active environment, or \`module load ...\`), then run this again"
}

check_needs() {
  local missing
  missing=$(missing_rows)
  if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && have apt-get; then
    install_packages <<<"$missing"
    missing=$(missing_rows)
  fi
  if [ -n "$missing" ]; then explain_missing <<<"$missing"; fi
  local version
  version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
  [ "$(printf '3.20\n%s\n' "$version" | sort -V | head -n 1)" = 3.20 ] ||
    die "CMake $version is too old, expected >= 3.20; e.g. \`conda install -c conda-forge cmake\`"
}

configure() {
  local prefix=${CMAKE_PREFIX_PATH:-}
  [ -n "${CONDA_PREFIX:-}" ] && prefix="${CONDA_PREFIX};${prefix//:/;}"
  local flags=(-S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release)
  [ -n "$prefix" ] && flags+=("-DCMAKE_PREFIX_PATH=${prefix//:/;}")
  # shellcheck disable=SC2206
  [ -n "${NMD_CMAKE_FLAGS:-}" ] && flags+=($NMD_CMAKE_FLAGS)
  logged "$build/configure.log" cmake "${flags[@]}"
}

build_targets() {
  local targets=()
  [ $# -gt 0 ] && targets=(--target "$@")
  logged "$build/build.log" cmake --build "$build" --parallel "${NMD_JOBS:-$(cores)}" "${targets[@]}"
}

case ${1:-} in
  -*)
    sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0" | sed '$d'
    exit 0
    ;;
esac
mkdir -p "$build"
say "checking what is needed"
check_needs
say "configuring in $build"
configure
say "building ${*:-everything} with ${NMD_JOBS:-$(cores)} processes (log: $build/build.log)"
build_targets "$@"
say "built"
