# How a room, its tests and its fuzz targets are declared. Folder = target = namespace.

find_program(CCACHE ccache)
if(CCACHE)
  # The two sloppinesses let ccache serve files that use a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

add_library(chordial_flags INTERFACE)
target_compile_options(chordial_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough -Werror -fno-omit-frame-pointer
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
target_include_directories(chordial_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
if(CHORDIAL_SANITIZE)
  # Instrumented code misleads GCC's flow analysis; its warnings stay errors in the plain presets.
  target_compile_options(chordial_flags INTERFACE -fsanitize=${CHORDIAL_SANITIZE} -fno-sanitize-recover=all
    "$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>")
  target_link_options(chordial_flags INTERFACE -fsanitize=${CHORDIAL_SANITIZE})
endif()
if(CHORDIAL_FUZZ)
  target_compile_options(chordial_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Adds a folder once it holds a CMakeLists.txt.
function(chordial_add_if_present folder)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    add_subdirectory(${folder})
  endif()
endfunction()

# chordial_room(NAME [LINKS room...] [EXTERNAL target...] [SOURCES file...])
# All .cpp files of the folder (not of sub-folders that hold a room of their own) become one static
# library chordial_NAME. LINKS is the allow-list of rooms that scripts/check reads.
function(chordial_room name)
  cmake_parse_arguments(ROOM "" "" "LINKS;EXTERNAL;SOURCES" ${ARGN})
  if(NOT ROOM_SOURCES)
    file(GLOB ROOM_SOURCES CONFIGURE_DEPENDS *.cpp)
  endif()
  add_library(chordial_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(chordial_${name} PUBLIC chordial_flags)
  foreach(room IN LISTS ROOM_LINKS)
    target_link_libraries(chordial_${name} PUBLIC chordial_${room})
  endforeach()
  target_link_libraries(chordial_${name} PRIVATE ${ROOM_EXTERNAL})
endfunction()

# chordial_test(NAME LINKS room... [LABELS label...] [SOURCES file...])
# One executable per room with a precompiled GoogleTest; every TEST becomes a CTest case.
function(chordial_test name)
  cmake_parse_arguments(T "" "" "LINKS;EXTERNAL;LABELS;SOURCES" ${ARGN})
  if(NOT T_SOURCES)
    file(GLOB T_SOURCES CONFIGURE_DEPENDS *.cpp)
  endif()
  if(NOT T_LABELS)
    set(T_LABELS unit)
  endif()
  add_executable(test_${name} ${T_SOURCES})
  foreach(room IN LISTS T_LINKS)
    target_link_libraries(test_${name} PRIVATE chordial_${room})
  endforeach()
  target_link_libraries(test_${name} PRIVATE chordial_flags ${T_EXTERNAL} GTest::gtest GTest::gtest_main)
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_SOURCE_DIR})
  target_compile_definitions(test_${name} PRIVATE CHORDIAL_TEST_DATA="${CMAKE_SOURCE_DIR}/tests")
  target_precompile_headers(test_${name} PRIVATE <gtest/gtest.h> <string> <vector>)
  gtest_discover_tests(test_${name} PROPERTIES LABELS "${T_LABELS}" TIMEOUT 120 DISCOVERY_TIMEOUT 60)
endfunction()

# chordial_fuzz(NAME LINKS room... SOURCES file): a libFuzzer target with the preset `fuzz`, and with
# every other preset a program that replays the committed corpus tests/corpus/NAME as a unit test.
function(chordial_fuzz name)
  cmake_parse_arguments(F "" "" "LINKS;EXTERNAL;SOURCES" ${ARGN})
  add_executable(fuzz_${name} ${F_SOURCES})
  foreach(room IN LISTS F_LINKS)
    target_link_libraries(fuzz_${name} PRIVATE chordial_${room})
  endforeach()
  target_link_libraries(fuzz_${name} PRIVATE chordial_flags ${F_EXTERNAL})
  target_include_directories(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_SOURCE_DIR})
  if(CHORDIAL_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    add_test(NAME fuzz_corpus.${name} COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/tests/corpus/${name})
    set_tests_properties(fuzz_corpus.${name} PROPERTIES LABELS "unit" TIMEOUT 120)
  endif()
endfunction()
