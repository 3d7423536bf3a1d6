# Put a tree of files into a C source: cmake -DROOT=DIR -DOUT=FILE.c -P embed.cmake
# The table is that of sync/init.h, sorted by path.
file(GLOB_RECURSE paths LIST_DIRECTORIES false RELATIVE ${ROOT} ${ROOT}/*)
list(SORT paths)
set(arrays "")
set(rows "")
set(number 0)
foreach(path IN LISTS paths)
  file(READ ${ROOT}/${path} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char FILE_${number}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${path}\", FILE_${number}, sizeof(FILE_${number}) - 1},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT}.new "#include \"sync/init.h\"\n\n${arrays}\n"
  "const struct opk_init_file OPK_INIT_FILES[] = {\n${rows}};\n"
  "const size_t OPK_INIT_COUNT = ${number};\n")
file(RENAME ${OUT}.new ${OUT})
