# Compiler settings for the whole tree. Dependencies come from Debian's packages (README, "Dependencies").
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(WORKSPACED_STATIC "Link the programs statically, so that they run in any image" OFF)
set(WORKSPACED_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (address,undefined)")

find_program(CCACHE ccache)
if(CCACHE)
  # __FILE__ and debug paths relative to the tree, so that two checkouts share the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

add_compile_options(
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Werror
  -fno-plt -ffunction-sections -fdata-sections
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_link_options(-Wl,--gc-sections)

if(WORKSPACED_SANITIZE)
  # g++ 12 inlines one half only of the pair by which Asio allocates coroutine frames, and takes it for a mismatch.
  add_compile_options(-fsanitize=${WORKSPACED_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    -Wno-mismatched-new-delete -Wno-maybe-uninitialized)
  add_link_options(-fsanitize=${WORKSPACED_SANITIZE})
  # Asio keeps freed frames for the next coroutine, where the sanitizers cannot see that they are used after their end.
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # g++ 12 at -O2 takes moved variants of strings for uninitialised (GCC bug 80635 and its kin).
  add_compile_options(-fstack-protector-strong -Wno-maybe-uninitialized)
  add_compile_definitions(_FORTIFY_SOURCE=2)
else()
  # Not _GLIBCXX_DEBUG: it changes the layout of containers, and Debian's GoogleTest was built without it.
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

find_package(Threads REQUIRED)
