# SPDX-License-Identifier: BSD-3-Clause
# Flags of the loops over pairs. Each is compiled once per instruction set (NMD_PAIR_KERNEL), so that fusing multiply and
# add changes no bit on one kind of CPU. Sums over pairs become vectors in pair_sum.c only: elsewhere the order stands.
file(GLOB nmd_pair_forms ${CMAKE_CURRENT_LIST_DIR}/potential_*.c)
set_source_files_properties(${nmd_pair_forms} PROPERTIES COMPILE_OPTIONS "-ffp-contract=fast")
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/pair_sum.c PROPERTIES COMPILE_OPTIONS
  "-ffp-contract=fast;-fassociative-math;-fno-signed-zeros")
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set_property(SOURCE ${nmd_pair_forms} ${CMAKE_CURRENT_LIST_DIR}/pair_sum.c APPEND PROPERTY COMPILE_OPTIONS
    "-mprefer-vector-width=512")
endif()
