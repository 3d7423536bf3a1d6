# Put files into a C source: cmake -DROOT=DIR -DENDING=.X -DTABLE=NAME -DOUT=FILE.c
#   -P embed.cmake
# The table is const struct opk_embedded NAME_FILES[NAME_COUNT] (base/embedded.h), sorted by
# name: the path below DIR without ENDING.
file(GLOB_RECURSE paths LIST_DIRECTORIES false RELATIVE ${ROOT} ${ROOT}/*${ENDING})
list(SORT paths)
set(arrays "")
set(rows "")
set(number 0)
foreach(path IN LISTS paths)
  string(LENGTH "${path}" length)
  string(LENGTH "${ENDING}" ending)
  math(EXPR length "${length} - ${ending}")
  string(SUBSTRING ${path} 0 ${length} name)
  file(READ ${ROOT}/${path} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char FILE_${number}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", FILE_${number}, sizeof(FILE_${number}) - 1},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT}.new "#include \"base/embedded.h\"\n\n${arrays}\n"
  "extern const struct opk_embedded ${TABLE}_FILES[];\nextern const size_t ${TABLE}_COUNT;\n"
  "const struct opk_embedded ${TABLE}_FILES[] = {\n${rows}};\n"
  "const size_t ${TABLE}_COUNT = ${number};\n")
file(RENAME ${OUT}.new ${OUT})
