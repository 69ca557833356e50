# SPDX-License-Identifier: BSD-3-Clause
# The evaluator's kernels are compiled once with the library (portable, double) and as variants: for mixed precision, on
# x86-64 for AVX2 + FMA and for AVX-512, and these for mixed precision. The choice is made at run time (nnp/evaluator.c).
set(NMD_KERNELS_BOTH gather radial moments triples generic table) # written for either precision
set(NMD_KERNELS_DOUBLE collect forms network)
list(TRANSFORM NMD_KERNELS_BOTH REPLACE "(.+)" "${CMAKE_CURRENT_LIST_DIR}/kernel_\\1.c")
list(TRANSFORM NMD_KERNELS_DOUBLE REPLACE "(.+)" "${CMAKE_CURRENT_LIST_DIR}/kernel_\\1.c")
if(NMD_FUZZ) # readers are fuzzed, not arithmetic; instrumented kernels take many minutes to compile
  set_source_files_properties(${NMD_KERNELS_BOTH} ${NMD_KERNELS_DOUBLE} PROPERTIES COMPILE_OPTIONS "-fno-sanitize=all")
elseif(NOT NMD_SANITIZE AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  set_source_files_properties(${NMD_KERNELS_BOTH} ${NMD_KERNELS_DOUBLE} PROPERTIES COMPILE_OPTIONS "-O3")
endif()

function(nmd_kernel_objects target suffix files definitions)
  add_library(${target} OBJECT ${files})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE NMD_KERNEL_SUFFIX=${suffix} ${definitions})
  target_compile_options(${target} PRIVATE ${NMD_WARNINGS} ${ARGN} -ffp-contract=fast -fno-math-errno -fno-trapping-math)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_sources(nmd_nnp PRIVATE $<TARGET_OBJECTS:${target}>)
endfunction()

function(nmd_kernel_variant suffix)
  nmd_kernel_objects(nmd_kernels_${suffix} ${suffix} "${NMD_KERNELS_BOTH};${NMD_KERNELS_DOUBLE}" "" ${ARGN})
  nmd_kernel_objects(nmd_kernels_mixed_${suffix} ${suffix} "${NMD_KERNELS_BOTH}" NMD_MIXED ${ARGN})
endfunction()

nmd_kernel_objects(nmd_kernels_mixed_portable portable "${NMD_KERNELS_BOTH}" NMD_MIXED)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  include(CheckCCompilerFlag)
  check_c_compiler_flag(-march=x86-64-v4 NMD_HAVE_MARCH_LEVELS)
  if(NOT NMD_HAVE_MARCH_LEVELS)
    message(FATAL_ERROR "The compiler does not know -march=x86-64-v4, which the AVX-512 kernels are built with: "
      "use GCC 11 or Clang 12, or newer (-DCMAKE_C_COMPILER=...)")
  endif()
  nmd_kernel_variant(avx2 -march=x86-64-v3)
  nmd_kernel_variant(avx512 -march=x86-64-v4 -mprefer-vector-width=512)
  target_compile_definitions(nmd_nnp PRIVATE NMD_HAVE_X86_KERNELS)
endif()

# bench_kernels: speed of the kernels; bench_calibrate: makes cost_table.c
foreach(name kernels calibrate)
  if(EXISTS ${PROJECT_SOURCE_DIR}/bench/${name}.c)
    add_executable(bench_${name} EXCLUDE_FROM_ALL bench/${name}.c bench/environments.c)
    target_compile_options(bench_${name} PRIVATE ${NMD_WARNINGS} -O3)
    target_link_libraries(bench_${name} PRIVATE nmd_nnp)
  endif()
endforeach()
if(EXISTS ${PROJECT_SOURCE_DIR}/bench/network.c)
  add_executable(bench_network EXCLUDE_FROM_ALL bench/network.c bench/environments.c)
  target_compile_options(bench_network PRIVATE ${NMD_WARNINGS} -O3 -march=native -ffp-contract=fast -fno-math-errno
    -fno-trapping-math)
  target_link_libraries(bench_network PRIVATE nmd_nnp)
endif()
