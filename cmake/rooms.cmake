# A room is a folder of daemon/ and one static library. What a room may include is what it links: each room is seen
# through a directory of its own that holds one link, <build>/rooms/<room>/<room> -> daemon/<room>, so an include
# across a line that the link list forbids does not compile.
#
#   ws_room(<room> SOURCES a.cpp b.cpp USES core os)
function(ws_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES" ${ARGN})
  add_library(ws_${name} STATIC ${ROOM_SOURCES})
  set(view ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${view}/${name} SYMBOLIC)
  target_include_directories(ws_${name} PUBLIC ${view})
  list(TRANSFORM ROOM_USES PREPEND ws_)
  target_link_libraries(ws_${name} PUBLIC ${ROOM_USES})
endfunction()

# g++ 12 inlines one half only of the pair by which Asio allocates coroutine frames, and takes it for a mismatch. For rooms
# where it does so at -O2; with sanitizers it does everywhere (compile.cmake).
function(ws_room_has_inlined_frames name)
  target_compile_options(ws_${name} PRIVATE -Wno-mismatched-new-delete)
endfunction()

# Rooms that run once or seldom: small is worth more than fast, as the binary has a limit (6 MB).
function(ws_room_is_small name)
  target_compile_options(ws_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
endfunction()

# One test program for one room: ws_test(<layer>_<room> SOURCES a_test.cpp USES room other_room)
function(ws_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  list(TRANSFORM TEST_USES PREPEND ws_)
  target_link_libraries(${name} PRIVATE ${TEST_USES} GTest::gtest GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  set_property(GLOBAL APPEND PROPERTY WS_TEST_PROGRAMS ${name})
  add_test(NAME ${name} COMMAND ${name})
endfunction()
