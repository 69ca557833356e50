# SPDX-License-Identifier: BSD-3-Clause
# Writes man pages and completions of PROGRAM into the folders MAN and SHARE: at install time, and in tests
# (cmake -DPROGRAM=... -DMAN=... -DSHARE=... -P cmake/pages.cmake).
get_filename_component(name "${PROGRAM}" NAME)

function(nmd_page path) # the program's answer to ARGN
  get_filename_component(folder "${path}" DIRECTORY)
  file(MAKE_DIRECTORY "${folder}")
  execute_process(COMMAND "${PROGRAM}" ${ARGN} OUTPUT_FILE "${path}" RESULT_VARIABLE code)
  if(code)
    message(WARNING "${name} ${ARGN} failed: ${path} is not complete")
  endif()
endfunction()

nmd_page("${MAN}/${name}.1" --man)
nmd_page("${SHARE}/bash-completion/completions/${name}" --completion bash)
nmd_page("${SHARE}/zsh/site-functions/_${name}" --completion zsh)
if(name STREQUAL "nnpmd-dataset") # a page for each command, by its own page
  file(STRINGS "${MAN}/${name}.1" references REGEX "See nnpmd\\\\-dataset\\\\-[a-z]+\\(1\\)")
  foreach(reference IN LISTS references)
    string(REGEX REPLACE ".*See nnpmd\\\\-dataset\\\\-([a-z]+)\\(1\\).*" "\\1" command "${reference}")
    nmd_page("${MAN}/${name}-${command}.1" ${command} --man)
  endforeach()
endif()
