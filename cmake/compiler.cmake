# SPDX-License-Identifier: BSD-3-Clause
# Flags. Everything is compiled for the baseline of the architecture, so that one binary runs on every node of a mixed
# cluster; the kernels of src/nnp alone have AVX2 and AVX-512 variants, chosen at run time.
set(NMD_WARNINGS -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unknown-pragmas)
if(NMD_WERROR)
  list(APPEND NMD_WARNINGS -Werror)
endif()
# No contraction to fused multiply-add: a result must not depend on which lines the compiler happened to fuse.
set(NMD_MATHS_FLAGS -ffp-contract=off -fno-math-errno -fno-trapping-math)

if(NMD_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
if(NMD_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "NMD_FUZZ needs clang: cmake -DCMAKE_C_COMPILER=clang -DNMD_FUZZ=ON ...")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
if(NMD_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic) # ranks of one job write the same counters
  add_link_options(--coverage)
endif()

# For --version: the revision the tree was configured from, empty outside git.
find_package(Git QUIET)
set(NMD_REVISION "")
if(GIT_FOUND AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} describe --always --dirty
    OUTPUT_VARIABLE NMD_REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} log -1 --format=%cs WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE NMD_DATE OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT NMD_DATE)
  string(TIMESTAMP NMD_DATE "%Y-%m-%d" UTC)
endif()
