# SPDX-License-Identifier: BSD-3-Clause
# Sums over the few mesh points of an atom become vectors in this file only.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/spme_atoms.c PROPERTIES COMPILE_OPTIONS
  "-ffp-contract=fast;-fassociative-math;-fno-signed-zeros")
