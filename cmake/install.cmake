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

# Man pages, written by the tools themselves from their option tables.
get_property(programs GLOBAL PROPERTY NMD_PROGRAMS)
foreach(program ${programs})
  get_target_property(libraries ${program} LINK_LIBRARIES)
  if("nmd_tool" IN_LIST libraries)
    install(CODE "
      set(page \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1/${program}.1\")
      get_filename_component(folder \"\${page}\" DIRECTORY)
      file(MAKE_DIRECTORY \"\${folder}\")
      execute_process(COMMAND \"$<TARGET_FILE:${program}>\" --man OUTPUT_FILE \"\${page}\" RESULT_VARIABLE code)
      if(code)
        message(WARNING \"${program} --man failed: no man page\")
      endif()")
  endif()
endforeach()
