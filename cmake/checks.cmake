# SPDX-License-Identifier: BSD-3-Clause
# Checks of the source itself: every header compiles alone (as part of the build), layers, sizes.

# Each header becomes a file that includes it twice: self-contained, and guarded.
file(GLOB headers RELATIVE ${PROJECT_SOURCE_DIR}/src CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*/*.h)
set(header_sources "")
foreach(header ${headers})
  string(REPLACE "/" "_" file ${header})
  set(source ${PROJECT_BINARY_DIR}/headers/${file}.c)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
  list(APPEND header_sources ${source})
endforeach()
add_library(header_check OBJECT ${header_sources})
target_include_directories(header_check PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
target_compile_options(header_check PRIVATE ${NMD_WARNINGS} -Wno-unused-function)
target_link_libraries(header_check PRIVATE nmd_simulation nmd_analysis)

# The installed headers promise plain C99 and need no other.
file(GLOB public_headers RELATIVE ${PROJECT_SOURCE_DIR}/include CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/*/*.h)
set(public_sources "")
foreach(header ${public_headers})
  string(REPLACE "/" "_" file ${header})
  set(source ${PROJECT_BINARY_DIR}/headers/public_${file}.c)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "#include <${header}>\ntypedef int not_empty;\n")
  list(APPEND public_sources ${source})
endforeach()
if(public_sources)
  add_library(public_header_check OBJECT ${public_sources})
  target_include_directories(public_header_check PRIVATE ${PROJECT_SOURCE_DIR}/include)
  set_target_properties(public_header_check PROPERTIES C_STANDARD 99 C_EXTENSIONS OFF)
  target_compile_options(public_header_check PRIVATE -Wall -Wextra -Wpedantic)
endif()

find_package(Python3 3.7 COMPONENTS Interpreter)
if(Python3_FOUND)
  add_test(NAME source/layers COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/check_layers.py)
  add_test(NAME source/layers_self_test
    COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/check_layers.py --self-test)
  add_test(NAME source/function_lengths COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/function_lengths.py)
  add_test(NAME source/style COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/check_style.py)
  add_test(NAME source/messages COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/check_messages.py)
  add_test(NAME source/errors COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/error_catalogue.py --check)
  set_tests_properties(source/style source/messages source/errors source/layers source/layers_self_test source/function_lengths
    PROPERTIES LABELS source TIMEOUT 60)
endif()
