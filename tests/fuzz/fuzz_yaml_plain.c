/* What the plain reader of YAML takes, libyaml takes, and both make the same tree of it. */
#include "support/yaml_readers.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (opk_yaml_readers_compare(opk_str_bytes(data, size)) == OPK_YAML_READERS_DIFFER)
        abort();
    return 0;
}
