# Every third-party library, and the one folder that may see its header.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(GIT2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

add_library(opk_base_deps INTERFACE)
target_link_libraries(opk_base_deps INTERFACE
  PkgConfig::GIT2 PkgConfig::PCRE2 PkgConfig::YAML PkgConfig::ZSTD PkgConfig::XXHASH
  Threads::Threads m)
add_library(opk_ingest_deps INTERFACE)
target_link_libraries(opk_ingest_deps INTERFACE PkgConfig::ARCHIVE)
