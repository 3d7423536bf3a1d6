#include "ingest/vt.h"

#include <string.h>

enum { GROUND, ESCAPE, CSI_PARAM, CSI_IGNORE, STRING, STRING_ESCAPE };

enum { BEL = 0x07, LF = 0x0A, CAN = 0x18, SUB = 0x1A, ESC = 0x1B, DEL = 0x7F, ST = 0x9C };

struct call {
    const struct opk_vt_handlers *to;
    void *context;
};

void opk_vt_done(struct opk_vt *vt)
{
    opk_buf_done(&vt->string);
    *vt = (struct opk_vt){0};
}

void opk_vt_clear(struct opk_vt *vt)
{
    struct opk_buf string = vt->string;

    *vt = (struct opk_vt){.string = string, .failed = vt->failed};
    opk_buf_clear(&vt->string);
}

bool opk_vt_is_ground(const struct opk_vt *vt)
{
    return vt->state == GROUND && vt->utf8_len == 0;
}

unsigned opk_vt_param(const struct opk_vt_csi *csi, unsigned index, unsigned fallback)
{
    return index < csi->count && csi->params[index] ? csi->params[index] : fallback;
}

static void string_start(struct opk_vt *vt, bool is_osc)
{
    vt->state = STRING;
    vt->is_osc = is_osc;
    vt->too_long = false;
    opk_buf_clear(&vt->string);
}

static void string_end(struct opk_vt *vt, const struct call *call)
{
    vt->state = GROUND;
    if (vt->is_osc && !vt->too_long && !vt->string.failed && call->to->osc)
        call->to->osc(call->context, opk_buf_str(&vt->string));
}

static void escape_final(struct opk_vt *vt, const struct call *call, unsigned char code)
{
    vt->state = GROUND;
    if (vt->intermediate) {
        if (call->to->escape)
            call->to->escape(call->context, vt->intermediate, (char)code);
        return;
    }
    switch (code) {
    case '[':
        vt->csi = (struct opk_vt_csi){0};
        vt->has_digit = false;
        vt->state = CSI_PARAM;
        break;
    case ']':
        string_start(vt, true);
        break;
    case 'P':
    case 'X':
    case '^':
    case '_':
    case 'k': /* screen's window title */
        string_start(vt, false);
        break;
    default:
        if (call->to->escape)
            call->to->escape(call->context, 0, (char)code);
        break;
    }
}

static void escape_byte(struct opk_vt *vt, const struct call *call, unsigned char code)
{
    if (code >= 0x20 && code <= 0x2F)
        vt->intermediate = (char)code;
    else if (code >= 0x30 && code < DEL)
        escape_final(vt, call, code);
}

static void csi_digit(struct opk_vt *vt, unsigned char code)
{
    unsigned value;

    if (vt->csi.count == 0)
        vt->csi.count = 1;
    if (vt->csi.count > OPK_VT_PARAMS)
        return;
    value = vt->csi.params[vt->csi.count - 1] * 10U + (code - (unsigned)'0');
    vt->csi.params[vt->csi.count - 1] =
        (uint16_t)(value > OPK_VT_PARAM_MAX ? OPK_VT_PARAM_MAX : value);
}

static void csi_byte(struct opk_vt *vt, const struct call *call, unsigned char code)
{
    if (opk_is_digit((char)code)) {
        csi_digit(vt, code);
    } else if (code == ';' || code == ':') {
        if (vt->csi.count == 0)
            vt->csi.count = 1;
        if (vt->csi.count <= OPK_VT_PARAMS)
            vt->csi.count++;
    } else if (code >= '<' && code <= '?') {
        vt->csi.prefix = (char)code;
    } else if (code >= 0x20 && code <= 0x2F) {
        vt->csi.intermediate = (char)code;
    } else if (code >= 0x40 && code < DEL) {
        vt->csi.final = (char)code;
        if (vt->csi.count > OPK_VT_PARAMS)
            vt->csi.count = OPK_VT_PARAMS;
        vt->state = GROUND;
        if (call->to->csi)
            call->to->csi(call->context, &vt->csi);
    } else {
        vt->state = CSI_IGNORE;
    }
}

static void string_byte(struct opk_vt *vt, uint32_t code_point)
{
    if (vt->string.len >= OPK_VT_STRING_MAX)
        vt->too_long = true;
    else
        opk_buf_append_utf8(&vt->string, code_point);
    vt->failed |= vt->string.failed;
}

/* Controls that end or start something wherever they stand; false when it is none of these. */
static bool anywhere(struct opk_vt *vt, const struct call *call, uint32_t code_point)
{
    const bool in_string = vt->state == STRING || vt->state == STRING_ESCAPE;

    if (code_point == CAN || code_point == SUB) {
        vt->state = GROUND;
    } else if (code_point == ESC) {
        vt->intermediate = 0;
        vt->state = vt->state == STRING ? STRING_ESCAPE : ESCAPE;
    } else if (in_string && (code_point == ST || (code_point == BEL && vt->is_osc))) {
        string_end(vt, call);
    } else if (code_point >= 0x80 && code_point <= 0x9F) {
        vt->intermediate = 0;
        escape_final(vt, call, (unsigned char)(code_point - 0x40));
    } else if (code_point < 0x20 && (!in_string || code_point == LF)) {
        if (in_string)
            vt->state = GROUND;
        if (call->to->control)
            call->to->control(call->context, (unsigned char)code_point);
    } else {
        return false;
    }
    return true;
}

static void take(struct opk_vt *vt, const struct call *call, uint32_t code_point)
{
    if (anywhere(vt, call, code_point))
        return;
    switch (vt->state) {
    case STRING_ESCAPE:
        if (code_point == '\\') {
            string_end(vt, call);
            return;
        }
        vt->state = ESCAPE;
        if (code_point < DEL)
            escape_byte(vt, call, (unsigned char)code_point);
        return;
    case STRING:
        string_byte(vt, code_point);
        return;
    case ESCAPE:
        if (code_point < DEL)
            escape_byte(vt, call, (unsigned char)code_point);
        else if (code_point != DEL)
            vt->state = GROUND;
        return;
    case CSI_PARAM:
        if (code_point < DEL)
            csi_byte(vt, call, (unsigned char)code_point);
        else if (code_point != DEL)
            vt->state = GROUND;
        return;
    case CSI_IGNORE:
        if (code_point >= 0x40 && code_point != DEL)
            vt->state = GROUND;
        return;
    default:
        if (code_point != DEL && call->to->print)
            call->to->print(call->context, code_point);
        return;
    }
}

/* Take every byte of a sequence that did not become one: C1 as itself, the rest as U+FFFD. */
static void take_ill_formed(struct opk_vt *vt, const struct call *call)
{
    unsigned char bytes[sizeof(vt->utf8)];
    const size_t len = vt->utf8_len;

    memcpy(bytes, vt->utf8, sizeof(bytes));
    vt->utf8_len = 0;
    for (size_t i = 0; i < len; i++)
        take(vt, call, bytes[i] >= 0x80 && bytes[i] <= 0x9F ? bytes[i] : 0xFFFD);
}

static unsigned char utf8_need(unsigned char lead)
{
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 1;
}

static void take_byte(struct opk_vt *vt, const struct call *call, unsigned char byte)
{
    if (vt->utf8_len > 0 && (byte & 0xC0) != 0x80)
        take_ill_formed(vt, call);
    if (byte < 0x80) {
        take(vt, call, byte);
        return;
    }
    if (vt->utf8_len == 0)
        vt->utf8_need = utf8_need(byte);
    vt->utf8[vt->utf8_len++] = byte;
    if (vt->utf8_len < vt->utf8_need)
        return;
    uint32_t code_point;
    if (opk_utf8_decode(opk_str_bytes(vt->utf8, vt->utf8_len), &code_point) != vt->utf8_len ||
        vt->utf8_len == 1) {
        take_ill_formed(vt, call);
        return;
    }
    vt->utf8_len = 0;
    take(vt, call, code_point);
}

void opk_vt_push(struct opk_vt *vt, const struct opk_vt_handlers *handlers, void *context,
                 struct opk_str bytes)
{
    const struct call call = {handlers, context};

    for (size_t i = 0; i < bytes.len; i++)
        take_byte(vt, &call, (unsigned char)bytes.data[i]);
}
