# SPDX-License-Identifier: BSD-3-Clause
# cmake --install: programs, public headers, models and runnable inputs. Data of a model's training stays in the source.
include(GNUInstallDirs)
set(data ${CMAKE_INSTALL_DATADIR}/nnpmd)
foreach(folder potentials inputs)
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${folder})
    install(DIRECTORY ${folder} DESTINATION ${data} PATTERN "data" EXCLUDE PATTERN "output*" EXCLUDE PATTERN "*.out" EXCLUDE
      PATTERN ".*" EXCLUDE)
  endif()
endforeach()
file(GLOB public_headers ${PROJECT_SOURCE_DIR}/include/nnpmd/*.h)
if(public_headers)
  install(DIRECTORY include/nnpmd DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()
install(FILES README.md LICENSE CITATION.cff CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(PROGRAMS tools/nnpmd_ase_label.py DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME nnpmd-ase-label)

# The module file knows the prefix, which is only known now.
install(CODE "
  set(NMD_MODULE_PREFIX \"\${CMAKE_INSTALL_PREFIX}\")
  set(PROJECT_VERSION \"${PROJECT_VERSION}\")
  set(CMAKE_INSTALL_BINDIR \"${CMAKE_INSTALL_BINDIR}\")
  set(CMAKE_INSTALL_LIBDIR \"${CMAKE_INSTALL_LIBDIR}\")
  set(CMAKE_INSTALL_MANDIR \"${CMAKE_INSTALL_MANDIR}\")
  set(CMAKE_INSTALL_DATADIR \"${CMAKE_INSTALL_DATADIR}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/tools/packaging/modulefile.in\"
    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/nnpmd/modulefiles/nnpmd/${PROJECT_VERSION}\" @ONLY)")

find_program(NMD_PYTHON3 python3)
mark_as_advanced(NMD_PYTHON3)
if(NMD_PYTHON3)
  install(CODE "
    set(page \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1/nnpmd-ase-label.1\")
    get_filename_component(folder \"\${page}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${folder}\")
    execute_process(COMMAND \"${NMD_PYTHON3}\" \"${PROJECT_SOURCE_DIR}/tools/nnpmd_ase_label.py\" --man
      OUTPUT_FILE \"\${page}\")")
endif()

# Man pages and completions, written by the programs themselves from their option tables (cmake/pages.cmake).
get_property(programs GLOBAL PROPERTY NMD_PROGRAMS)
foreach(program ${programs})
  install(CODE "
    set(PROGRAM \"$<TARGET_FILE:${program}>\")
    set(MAN \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1\")
    set(SHARE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}\")
    include(\"${PROJECT_SOURCE_DIR}/cmake/pages.cmake\")")
endforeach()
