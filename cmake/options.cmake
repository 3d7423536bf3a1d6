# Warnings, sanitizers and hardening, as one interface target that every library links.
option(OPK_WERROR "warnings are errors" OFF)
option(OPK_ANALYZER "gcc -fanalyzer" OFF)
option(OPK_FUZZ "build the fuzz targets with libFuzzer" OFF)
option(OPK_COVERAGE "gcov counters" OFF)
option(OPK_HARDEN "release hardening" OFF)
set(OPK_SANITIZE "" CACHE STRING "comma-separated -fsanitize= list")

add_library(opk_flags INTERFACE)
target_compile_definitions(opk_flags INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(opk_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wundef -Wvla -Wformat=2
  -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wnull-dereference
  -fno-omit-frame-pointer -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
if(OPK_WERROR)
  target_compile_options(opk_flags INTERFACE -Werror)
endif()
if(OPK_ANALYZER)
  target_compile_options(opk_flags INTERFACE -fanalyzer)
endif()
if(OPK_SANITIZE)
  target_compile_options(opk_flags INTERFACE -fsanitize=${OPK_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(opk_flags INTERFACE -fsanitize=${OPK_SANITIZE})
endif()
if(OPK_FUZZ)
  target_compile_options(opk_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(OPK_COVERAGE)
  # Threads count too: without atomic updates a counter can end below zero, which gcovr refuses.
  target_compile_options(opk_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(opk_flags INTERFACE --coverage)
endif()
if(OPK_HARDEN)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  target_compile_options(opk_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
    -fcf-protection=full)
  target_link_options(opk_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
