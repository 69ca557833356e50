# SPDX-License-Identifier: BSD-3-Clause
# The shared library libnnpmd (include/nnpmd/nnpmd.h) with what other builds need to find it: nnpmd.pc, nnpmdConfig.cmake.
# Only the functions of the header leave it; the modules inside stay hidden.
file(GLOB api_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/api/*.c)
add_library(nnpmd_library SHARED ${api_sources})
set_target_properties(nnpmd_library PROPERTIES OUTPUT_NAME nnpmd VERSION ${PROJECT_VERSION} SOVERSION 0
  EXPORT_NAME nnpmd C_VISIBILITY_PRESET hidden)
target_compile_definitions(nnpmd_library PRIVATE _GNU_SOURCE)
target_compile_options(nnpmd_library PRIVATE ${NMD_WARNINGS})
target_include_directories(nnpmd_library PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(nnpmd_library PRIVATE nmd_simulation)
if(NOT APPLE)
  target_link_options(nnpmd_library PRIVATE -Wl,--exclude-libs,ALL)
endif()

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/nnpmd)
install(TARGETS nnpmd_library EXPORT nnpmd_targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT nnpmd_targets FILE nnpmdTargets.cmake NAMESPACE nnpmd:: DESTINATION ${config_folder})
file(WRITE ${PROJECT_BINARY_DIR}/nnpmdConfig.cmake
  "# find_package(nnpmd): the target nnpmd::nnpmd\ninclude(\${CMAKE_CURRENT_LIST_DIR}/nnpmdTargets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/nnpmdConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/nnpmdConfig.cmake ${PROJECT_BINARY_DIR}/nnpmdConfigVersion.cmake
  DESTINATION ${config_folder})
configure_file(${PROJECT_SOURCE_DIR}/cmake/nnpmd.pc.in ${PROJECT_BINARY_DIR}/nnpmd.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/nnpmd.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
