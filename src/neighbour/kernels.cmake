# SPDX-License-Identifier: BSD-3-Clause
# The AVX-512 variant of the list build's innermost loop; chosen at run time (neighbour/pick_portable.c).
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/pick_avx512.c PROPERTIES COMPILE_OPTIONS "-mavx512f;-mavx512vl;-mpopcnt")
  target_compile_definitions(nmd_neighbour PRIVATE NMD_HAVE_X86_PICK)
endif()
