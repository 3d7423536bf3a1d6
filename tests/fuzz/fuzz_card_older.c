/* Migrating never makes a card that is not one of today out of what it takes, and a second time
 * changes nothing: what it gives is not of the older dialect. */
#include "fuzz.h"

#include "base/yaml.h"
#include "sync/card_older.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_str text = opk_str_bytes(data, size);
    struct opk_buf once = OPK_BUF_EMPTY;
    struct opk_card card = {0};
    bool is_older = false;

    if (opk_card_read(text, "card.yaml", OPK_STR("category"), &card, &is_older, NULL) == OPK_OK &&
        is_older) {
        struct opk_card again = {0};
        bool still_older = true;
        if (opk_card_migrate(text, "card.yaml", OPK_STR("category"), &once, NULL) != OPK_OK ||
            opk_card_read(opk_buf_str(&once), "card.yaml", OPK_STR_EMPTY, &again, &still_older,
                          NULL) != OPK_OK ||
            still_older || !opk_str_eq(card.ulid, again.ulid))
            abort();
        opk_card_done(&again);
    }
    opk_card_done(&card);
    opk_buf_done(&once);
    return 0;
}
