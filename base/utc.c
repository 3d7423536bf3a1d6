#include "base/utc.h"

#include <assert.h>
#include <stdio.h>

#define DAY       INT64_C(86400)
#define UTC_FIRST (-INT64_C(62167219200)) /* 0000-01-01T00:00:00Z */
#define UTC_LAST  INT64_C(253402300799)   /* 9999-12-31T23:59:59Z */

/*
 * Days from 1970-01-01 to a date, with years that begin in March: the leap day then ends a year,
 * and the days before a month are (153 * month + 2) / 5.
 */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t year_of_era = shifted - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static int64_t days_before_year(int64_t year)
{
    return days_of(year, 1, 1);
}

void opk_utc_text(int64_t seconds, char out[OPK_UTC_TEXT])
{
    if (seconds < UTC_FIRST)
        seconds = UTC_FIRST;
    if (seconds > UTC_LAST)
        seconds = UTC_LAST;
    int64_t days = (seconds - UTC_FIRST) / DAY + UTC_FIRST / DAY;
    int64_t second = seconds - days * DAY;
    int64_t year = 1970 + days * 400 / 146097;
    int64_t month = 12;

    while (days_before_year(year) > days)
        year--;
    while (days_before_year(year + 1) <= days)
        year++;
    while (days_of(year, month, 1) > days)
        month--;
    int len = snprintf(out, OPK_UTC_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000,
                       (unsigned)month % 100, (unsigned)(days - days_of(year, month, 1) + 1) % 100,
                       (unsigned)(second / 3600) % 100, (unsigned)(second / 60 % 60),
                       (unsigned)(second % 60));
    assert(len == OPK_UTC_TEXT - 1);
    (void)len;
}

/* The number in bytes [begin, end), or -1. */
static int64_t field(struct opk_str text, size_t begin, size_t end)
{
    uint64_t value;

    return opk_str_to_u64(opk_str_slice(text, begin, end), &value) ? (int64_t)value : -1;
}

bool opk_utc_parse(struct opk_str text, int64_t *out_seconds)
{
    static const char FORM[] = "0000-00-00T00:00:00Z";

    if (text.len != OPK_UTC_TEXT - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (FORM[i] == '0' ? !opk_is_digit(text.data[i]) : text.data[i] != FORM[i])
            return false;
    }
    int64_t seconds = days_of(field(text, 0, 4), field(text, 5, 7), field(text, 8, 10)) * DAY +
                      field(text, 11, 13) * 3600 + field(text, 14, 16) * 60 + field(text, 17, 19);
    /* A date that does not exist, such as 02-30, comes back as another one. */
    char again[OPK_UTC_TEXT];
    opk_utc_text(seconds, again);
    if (!opk_str_eq(opk_str_of(again), text))
        return false;
    *out_seconds = seconds;
    return true;
}
