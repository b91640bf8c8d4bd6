# What every target shares, and iris_folder(): one folder under src/ is one static library `iris_<folder>`
# plus, from its *_test.cc files, one test program `<folder>_test`.

find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(GTest REQUIRED)

add_library(iris_flags INTERFACE)
target_compile_options(iris_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                       -Wno-missing-field-initializers -Werror=return-type -Werror=unused-result
                       -fno-omit-frame-pointer)
target_include_directories(iris_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/src)
target_link_libraries(iris_flags INTERFACE Threads::Threads)
if(IRIS_SANITIZE)
  target_compile_options(iris_flags INTERFACE -fsanitize=${IRIS_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(iris_flags INTERFACE -fsanitize=${IRIS_SANITIZE})
endif()
if(IRIS_FUZZ)
  target_compile_options(iris_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_program(IRIS_MOLD mold)
if(IRIS_MOLD)
  target_link_options(iris_flags INTERFACE -fuse-ld=mold)
endif()

# The static library `name`, made by a custom command outside of this build directory; further arguments are what it
# links.
function(iris_imported name library include)
  add_custom_target(${name}_build DEPENDS ${library})
  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${library})
  target_include_directories(${name} INTERFACE ${include})
  target_link_libraries(${name} INTERFACE Threads::Threads ${CMAKE_DL_LIBS} ${ARGN})
  add_dependencies(${name} ${name}_build)
endfunction()

function(iris_folder name)
  cmake_parse_arguments(ARG "" "" "DEPS;PRIVATE;PROTO;TEST_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc
       ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*_test.cc
       ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*/*_test.cc)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  if(NOT sources AND NOT ARG_PROTO)
    add_library(iris_${name} INTERFACE)
    target_link_libraries(iris_${name} INTERFACE iris_flags ${ARG_DEPS} ${ARG_PRIVATE})
  else()
    add_library(iris_${name} STATIC ${sources})
    target_link_libraries(iris_${name} PUBLIC iris_flags ${ARG_DEPS} PRIVATE ${ARG_PRIVATE})
  endif()
  if(ARG_PROTO)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/src/${name})
    protobuf_generate(TARGET iris_${name} LANGUAGE cpp IMPORT_DIRS ${CMAKE_CURRENT_SOURCE_DIR}
                      PROTOC_OUT_DIR ${CMAKE_BINARY_DIR}/src PROTOS ${ARG_PROTO})
    target_link_libraries(iris_${name} PUBLIC protobuf::libprotobuf-lite)
  endif()
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE iris_${name} ${ARG_TEST_DEPS} GTest::gtest_main GTest::gmock)
    # A folder with an interface has a contract suite, <name>_contract.h, run against each implementation: a step of its own.
    set(unit_filter)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/${name}_contract.h)
      set(unit_filter --gtest_filter=-*Contract*)
      add_test(NAME ${name}_contract COMMAND ${name}_test --gtest_filter=*Contract*)
      set_tests_properties(${name}_contract PROPERTIES TIMEOUT 600 LABELS contract
                           FAIL_REGULAR_EXPRESSION "Running 0 tests")
    endif()
    add_test(NAME ${name} COMMAND ${name}_test ${unit_filter})
    set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS unit)
  endif()
endfunction()
