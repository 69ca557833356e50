// SPDX-License-Identifier: BSD-3-Clause
// Headers of LAMMPS before 2023 call fmt::make_args_checked, which fmt 9 of the system no longer has.
#ifndef NNPMD_LAMMPS_FMT_COMPAT_H
#define NNPMD_LAMMPS_FMT_COMPAT_H

#if __has_include("fmt/format.h")
#include "fmt/format.h"
#if defined(FMT_VERSION) && FMT_VERSION >= 90000
namespace fmt {
template <typename... Args, typename S>
auto make_args_checked(const S &, const std::remove_reference_t<Args> &...args) {
  return fmt::make_format_args(args...);
}
}  // namespace fmt
#endif
#endif

#endif
