# Put the schemas into a C source: cmake -DROOT=schemas -DOUT=FILE.c -P embed_schemas.cmake
# The table is that of sync/schemas.h, sorted by name.
file(GLOB paths LIST_DIRECTORIES false RELATIVE ${ROOT} ${ROOT}/*.schema.json)
list(SORT paths)
set(arrays "")
set(rows "")
set(number 0)
foreach(path IN LISTS paths)
  string(REPLACE ".schema.json" "" name ${path})
  file(READ ${ROOT}/${path} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char FILE_${number}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", FILE_${number}, sizeof(FILE_${number}) - 1},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT}.new "#include \"sync/schemas.h\"\n\n${arrays}\n"
  "const struct opk_schema_file OPK_SCHEMA_FILES[] = {\n${rows}};\n"
  "const size_t OPK_SCHEMA_FILE_COUNT = ${number};\n")
file(RENAME ${OUT}.new ${OUT})
