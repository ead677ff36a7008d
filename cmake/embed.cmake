# Files as strings of the program: ws_embed(ws_api some::names files.hpp page/page.css) makes the target's sources know
# <files.hpp> with `inline constexpr std::string_view some::names::page_css`.
function(ws_embed target namespace header)
  set(text "#pragma once\n\n#include <string_view>\n\nnamespace ${namespace} {\n")
  foreach(file ${ARGN})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    file(READ ${file} content)
    get_filename_component(name ${file} NAME)
    string(MAKE_C_IDENTIFIER ${name} name)
    string(APPEND text "\ninline constexpr std::string_view ${name} = R\"embedded(${content})embedded\";\n")
  endforeach()
  string(APPEND text "\n}  // namespace ${namespace}\n")
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  file(WRITE ${directory}/${header}.new "${text}")
  configure_file(${directory}/${header}.new ${directory}/${header} COPYONLY)  # touched only when it differs
  target_include_directories(${target} PRIVATE ${directory})
endfunction()
