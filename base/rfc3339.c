#include "base/rfc3339.h"

#include <assert.h>
#include <stdio.h>

#define SECONDS_PER_DAY ((int64_t)24 * 60 * 60)
#define MS_PER_DAY      (SECONDS_PER_DAY * 1000)
#define DAY_MIN         (-719528) /* 0000-01-01 */
#define DAY_MAX         2932896   /* 9999-12-31 */

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted from March on. */
static int64_t days_of_date(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

/* The number that count digits spell, or -1 when one of them is none. */
static int64_t digits_at(struct opk_str text, size_t at, size_t count)
{
    int64_t value = 0;

    for (size_t i = at; i < at + count; i++) {
        if (i >= text.len || !opk_is_digit(text.data[i]))
            return -1;
        value = value * 10 + (text.data[i] - '0');
    }
    return value;
}

static bool has_byte(struct opk_str text, size_t at, char byte)
{
    return at < text.len && text.data[at] == byte;
}

static bool is_date(int64_t year, int64_t month, int64_t day)
{
    static const char DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return year >= 0 && month >= 1 && month <= 12 && day >= 1 &&
           day <= DAYS[month - 1] + (month == 2 && is_leap);
}

/* Z, or +hh:mm, up to the end of text; false for anything else. */
static bool parse_offset(struct opk_str text, int64_t *out_minutes)
{
    int64_t hours = digits_at(text, 1, 2);
    int64_t minutes = digits_at(text, 4, 2);

    *out_minutes = 0;
    if (text.len == 1)
        return opk_to_upper(text.data[0]) == 'Z';
    if (text.len != 6 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 ||
        text.data[3] != ':' || (text.data[0] != '+' && text.data[0] != '-'))
        return false;
    *out_minutes = (hours * 60 + minutes) * (text.data[0] == '-' ? -1 : 1);
    return true;
}

bool opk_rfc3339_parse(struct opk_str text, int64_t *out_time)
{
    int64_t year = digits_at(text, 0, 4);
    int64_t month = digits_at(text, 5, 2);
    int64_t day = digits_at(text, 8, 2);
    int64_t hour = digits_at(text, 11, 2);
    int64_t minute = digits_at(text, 14, 2);
    int64_t second = digits_at(text, 17, 2);
    int64_t ms = 0;
    int64_t offset;
    size_t at = 19;

    if (!is_date(year, month, day) || !has_byte(text, 4, '-') || !has_byte(text, 7, '-') ||
        !(has_byte(text, 10, 'T') || has_byte(text, 10, 't') || has_byte(text, 10, ' ')) ||
        !has_byte(text, 13, ':') || !has_byte(text, 16, ':'))
        return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    if (has_byte(text, at, '.')) {
        int64_t unit = 100;
        if (digits_at(text, ++at, 1) < 0)
            return false;
        for (; at < text.len && opk_is_digit(text.data[at]); at++, unit /= 10)
            ms += unit * (text.data[at] - '0');
    }
    if (!parse_offset(opk_str_skip(text, at), &offset))
        return false;
    second = second == 60 ? 59 : second;
    *out_time = days_of_date(year, month, day) * MS_PER_DAY +
                (((hour * 60 + minute - offset) * 60) + second) * 1000 + ms;
    return true;
}

struct date {
    int64_t year;
    int64_t month;
    int64_t day;
};

/* The date of a number of days since 1970, by the same count from March on. */
static struct date date_of_days(int64_t days)
{
    int64_t from_march = days + 719468;
    int64_t era = (from_march >= 0 ? from_march : from_march - 146096) / 146097;
    int64_t day_of_era = from_march - era * 146097;
    int64_t year =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * month + 2) / 5 + 1;

    month += month < 10 ? 3 : -9;
    return (struct date){year + era * 400 + (month <= 2), month, day};
}

void opk_rfc3339_append(struct opk_buf *out, int64_t time)
{
    int64_t day = time / MS_PER_DAY - (time % MS_PER_DAY < 0);
    int64_t ms = time % MS_PER_DAY + (time % MS_PER_DAY < 0 ? MS_PER_DAY : 0);

    if (day < DAY_MIN || day > DAY_MAX)
        return;
    struct date date = date_of_days(day);
    opk_buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)date.year, (int)date.month,
                   (int)date.day, (int)(ms / 3600000), (int)(ms / 60000 % 60),
                   (int)(ms / 1000 % 60), (int)(ms % 1000));
}

void opk_rfc3339_seconds(int64_t seconds, char out[OPK_RFC3339_SECONDS])
{
    int64_t first = DAY_MIN * SECONDS_PER_DAY;
    int64_t last = (DAY_MAX + 1) * SECONDS_PER_DAY - 1;
    int64_t inside = seconds < first ? first : seconds > last ? last : seconds;
    int64_t day = inside / SECONDS_PER_DAY - (inside % SECONDS_PER_DAY < 0);
    int64_t second = inside - day * SECONDS_PER_DAY;
    struct date date = date_of_days(day);
    /* The remainders only tell the compiler what the clamp has made sure. */
    int len = snprintf(out, OPK_RFC3339_SECONDS, "%04u-%02u-%02uT%02u:%02u:%02uZ",
                       (unsigned)date.year % 10000, (unsigned)date.month % 100,
                       (unsigned)date.day % 100, (unsigned)(second / 3600) % 100,
                       (unsigned)(second / 60 % 60), (unsigned)(second % 60));

    assert(len == OPK_RFC3339_SECONDS - 1);
    (void)len;
}
