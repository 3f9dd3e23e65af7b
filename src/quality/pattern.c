// SPDX-License-Identifier: Apache-2.0
//
// A pattern becomes a Thompson automaton over bytes.

#include "quality/automaton.h"

#include <stdlib.h>
#include <string.h>

enum { REPEAT_MAX = 1000, DEPTH_MAX = 100 };

// A piece of the automaton under construction: all that is open at its end goes to one split node.
typedef struct piece {
    int32_t start, end; // end: a NODE_SPLIT whose next is open
} piece;

typedef struct reader {
    const char *text, *at;
    gy_pattern *pattern;
    int depth;
    bool *either; // a `|` outside of all groups
    gy_error *err;
} reader;

static gy_status refuse(const reader *in, gy_status status, const char *what)
{
    return gy_fail(in->err, status, "pattern '%.100s', character %zu: %s", in->text,
                   (size_t)(in->at - in->text) + 1, what);
}

static gy_status add_node(int32_t *number, reader *in, node_kind kind, int32_t next, int32_t other)
{
    gy_pattern *pattern = in->pattern;
    if (pattern->node_count == NODES_MAX)
        return refuse(in, GY_LIMIT, "the pattern takes over 20000 states");
    *number = (int32_t)pattern->node_count++;
    pattern->nodes[*number] = (node){.kind = kind, .next = next, .other = other};
    return GY_OK;
}

static void set_range(uint64_t set[4], unsigned first, unsigned last)
{
    for (unsigned byte = first; byte <= last; byte++)
        set[byte / 64] |= UINT64_C(1) << byte % 64;
}

// One byte of a range, open at its end.
static gy_status add_range(piece *out, reader *in, unsigned first, unsigned last)
{
    GY_TRY(add_node(&out->end, in, NODE_SPLIT, NONE, NONE));
    GY_TRY(add_node(&out->start, in, NODE_BYTES, out->end, NONE));
    set_range(in->pattern->nodes[out->start].set, first, last);
    return GY_OK;
}

static void join(reader *in, piece *left, piece right)
{
    in->pattern->nodes[left->end].next = right.start;
    left->end = right.end;
}

static gy_status add_alternative(piece *left, reader *in, piece right)
{
    int32_t end = NONE, start = NONE;
    GY_TRY(add_node(&end, in, NODE_SPLIT, NONE, NONE));
    GY_TRY(add_node(&start, in, NODE_SPLIT, left->start, right.start));
    in->pattern->nodes[left->end].next = end;
    in->pattern->nodes[right.end].next = end;
    *left = (piece){start, end};
    return GY_OK;
}

static gy_status add_empty(piece *out, reader *in)
{
    GY_TRY(add_node(&out->start, in, NODE_SPLIT, NONE, NONE));
    out->end = out->start;
    return GY_OK;
}

// ---- sets of characters

typedef struct char_set {
    uint64_t ascii[2];
    struct {
        uint32_t first, last;
    } wide[64]; // code points from 0x80 on
    size_t wide_count;
    bool negated;
} char_set;

static gy_status set_add(char_set *set, reader *in, uint32_t first, uint32_t last)
{
    for (uint32_t c = first; c <= last && c < 0x80; c++)
        set->ascii[c / 64] |= UINT64_C(1) << c % 64;
    if (last < 0x80)
        return GY_OK;
    if (set->wide_count == 64)
        return refuse(in, GY_LIMIT, "over 64 ranges beyond ASCII in one class");
    set->wide[set->wide_count].first = first < 0x80 ? 0x80 : first;
    set->wide[set->wide_count++].last = last;
    return GY_OK;
}

// Bytes of the code points of one encoded length, from first to last: split where a trailing byte
// does not run over its whole range.
static gy_status add_encoded(piece *out, bool *any, reader *in, uint32_t first, uint32_t last,
                             int trailing)
{
    if (trailing > 0) {
        uint32_t low = (UINT32_C(1) << 6 * trailing) - 1;
        if (first >> 6 * trailing != last >> 6 * trailing) {
            if ((first & low) != 0) {
                GY_TRY(add_encoded(out, any, in, first, first | low, trailing));
                return add_encoded(out, any, in, (first | low) + 1, last, trailing);
            }
            if ((last & low) != low) {
                GY_TRY(add_encoded(out, any, in, first, (last & ~low) - 1, trailing));
                return add_encoded(out, any, in, last & ~low, last, trailing);
            }
        }
    }
    piece bytes = {NONE, NONE};
    for (int i = trailing; i >= 0; i--) {
        uint32_t a = first >> 6 * i, b = last >> 6 * i;
        unsigned mark = trailing == 1 ? 0xc0 : trailing == 2 ? 0xe0 : 0xf0;
        piece one = {NONE, NONE};
        bool lead = i == trailing;
        GY_TRY(add_range(&one, in, lead ? mark | a : 0x80 | (a & 0x3f),
                         lead ? mark | b : 0x80 | (b & 0x3f)));
        if (bytes.start == NONE)
            bytes = one;
        else
            join(in, &bytes, one);
        // Below a byte that ranges freely, so do those behind it.
        if (i > 0 && a != b) {
            first &= ~((UINT32_C(1) << 6 * i) - 1);
            last |= (UINT32_C(1) << 6 * i) - 1;
        }
    }
    if (*any)
        return add_alternative(out, in, bytes);
    *out = bytes;
    *any = true;
    return GY_OK;
}

static gy_status add_wide(piece *out, bool *any, reader *in, uint32_t first, uint32_t last)
{
    static const uint32_t ends[3] = {0x7ff, 0xffff, 0x10ffff};
    for (int i = 0; i < 3 && first <= last; i++) {
        uint32_t end = last < ends[i] ? last : ends[i];
        if (first <= end) {
            GY_TRY(add_encoded(out, any, in, first, end, i + 1));
            first = end + 1;
        }
    }
    return GY_OK;
}

static int compare_ranges(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static gy_status add_set(piece *out, reader *in, char_set *set)
{
    bool any = false;
    if (set->negated) {
        set->ascii[0] = ~set->ascii[0];
        set->ascii[1] = ~set->ascii[1];
    }
    if ((set->ascii[0] | set->ascii[1]) != 0) {
        GY_TRY(add_range(out, in, 1, 0));
        memcpy(in->pattern->nodes[out->start].set, set->ascii, sizeof(set->ascii));
        any = true;
    }
    qsort(set->wide, set->wide_count, sizeof(*set->wide), compare_ranges);
    uint32_t next = 0x80; // the first code point not yet told in or out
    for (size_t i = 0; i < set->wide_count; i++) {
        uint32_t first = set->wide[i].first, last = set->wide[i].last;
        if (set->negated && first > next)
            GY_TRY(add_wide(out, &any, in, next, first - 1));
        else if (!set->negated && last >= next)
            GY_TRY(add_wide(out, &any, in, first > next ? first : next, last));
        next = last + 1 > next ? last + 1 : next;
    }
    if (set->negated)
        GY_TRY(add_wide(out, &any, in, next, 0x10ffff));
    return any ? GY_OK : refuse(in, GY_FORMAT, "a class of no character");
}

// ---- reading

static gy_status read_char(uint32_t *c, reader *in)
{
    const unsigned char *b = (const unsigned char *)in->at;
    int more = b[0] < 0x80 ? 0 : b[0] < 0xe0 ? 1 : b[0] < 0xf0 ? 2 : 3;
    *c = more == 0 ? b[0] : b[0] & (0x3fu >> more);
    for (int i = 1; i <= more; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return refuse(in, GY_FORMAT, "not UTF-8");
        *c = *c << 6 | (b[i] & 0x3f);
    }
    in->at += more + 1;
    return GY_OK;
}

static gy_status add_shorthand(char_set *set, reader *in, char letter)
{
    switch (letter) {
    case 'd':
        return set_add(set, in, '0', '9');
    case 'w':
        GY_TRY(set_add(set, in, '0', '9'));
        GY_TRY(set_add(set, in, 'A', 'Z'));
        GY_TRY(set_add(set, in, '_', '_'));
        return set_add(set, in, 'a', 'z');
    default:
        GY_TRY(set_add(set, in, '\t', '\r'));
        GY_TRY(set_add(set, in, ' ', ' '));
        return set_add(set, in, 0xa0, 0xa0);
    }
}

// Behind a backslash: the one character it stands for.
static gy_status read_escaped(uint32_t *c, reader *in)
{
    static const char from[] = "nrtfv0", to[] = "\n\r\t\f\v\0";
    char letter = *in->at;
    const char *place = letter == '\0' ? NULL : strchr(from, letter);
    if (place != NULL) {
        *c = (unsigned char)to[place - from];
        in->at++;
        return GY_OK;
    }
    if ((letter >= '1' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
        (letter >= 'A' && letter <= 'Z'))
        return refuse(in, GY_UNSUPPORTED, "this escape is not known here");
    if (letter == '\0')
        return refuse(in, GY_FORMAT, "a backslash at the end");
    return read_char(c, in);
}

static gy_status read_class_item(char_set *set, reader *in)
{
    uint32_t first, last;
    if (*in->at == '\\' && in->at[1] != '\0' && strchr("dws", in->at[1]) != NULL) {
        in->at += 2;
        return add_shorthand(set, in, in->at[-1]);
    }
    if (*in->at == '\\') {
        in->at++;
        GY_TRY(read_escaped(&first, in));
    } else {
        GY_TRY(read_char(&first, in));
    }
    last = first;
    if (in->at[0] == '-' && in->at[1] != ']' && in->at[1] != '\0') {
        in->at++;
        if (*in->at == '\\') {
            in->at++;
            GY_TRY(read_escaped(&last, in));
        } else {
            GY_TRY(read_char(&last, in));
        }
        if (last < first)
            return refuse(in, GY_FORMAT, "a range that runs backwards");
    }
    return set_add(set, in, first, last);
}

static gy_status read_class(piece *out, reader *in)
{
    char_set set = {0};
    if (*in->at == '^') {
        set.negated = true;
        in->at++;
    }
    while (*in->at != ']') {
        if (*in->at == '\0')
            return refuse(in, GY_FORMAT, "'[' is never closed");
        GY_TRY(read_class_item(&set, in));
    }
    in->at++;
    return add_set(out, in, &set);
}

static gy_status read_either(piece *out, reader *in);

static gy_status read_group(piece *out, reader *in)
{
    if (in->at[0] == '?' && in->at[1] == ':')
        in->at += 2;
    else if (in->at[0] == '?')
        return refuse(in, GY_UNSUPPORTED, "look-around and named groups are not supported");
    if (++in->depth > DEPTH_MAX)
        return refuse(in, GY_LIMIT, "groups over 100 deep");
    GY_TRY(read_either(out, in));
    in->depth--;
    if (*in->at != ')')
        return refuse(in, GY_FORMAT, "'(' is never closed");
    in->at++;
    return GY_OK;
}

static gy_status read_atom(piece *out, reader *in)
{
    char_set set = {0};
    uint32_t c;
    char first = *in->at;
    if (first == '(' || first == '[') {
        in->at++;
        return first == '(' ? read_group(out, in) : read_class(out, in);
    }
    if (first == '.') {
        in->at++;
        set.negated = true;
        GY_TRY(set_add(&set, in, '\n', '\n'));
        GY_TRY(set_add(&set, in, '\r', '\r'));
        return add_set(out, in, &set);
    }
    if (strchr("*+?{", first) != NULL)
        return refuse(in, GY_FORMAT, "nothing to repeat");
    if (first == '^' || first == '$')
        return refuse(in, GY_UNSUPPORTED, "'^' and '$' only at the start and the end");
    if (first == '\\' && in->at[1] != '\0' && strchr("dwsDWS", in->at[1]) != NULL) {
        char letter = in->at[1];
        in->at += 2;
        set.negated = letter < 'a';
        GY_TRY(add_shorthand(&set, in, (char)(letter | 0x20)));
        return add_set(out, in, &set);
    }
    in->at += first == '\\';
    if (first == '\\')
        GY_TRY(read_escaped(&c, in));
    else
        GY_TRY(read_char(&c, in));
    GY_TRY(set_add(&set, in, c, c));
    return add_set(out, in, &set);
}

static bool read_count(size_t *count, reader *in)
{
    const char *start = in->at;
    for (*count = 0; *in->at >= '0' && *in->at <= '9' && *count <= REPEAT_MAX; in->at++)
        *count = *count * 10 + (size_t)(*in->at - '0');
    return in->at > start;
}

// {m}, {m,} and {m,n}; most SIZE_MAX: no end.
static gy_status read_repeat(size_t *least, size_t *most, reader *in)
{
    char mark = *in->at++;
    *least = mark == '+';
    *most = mark == '?' ? 1 : SIZE_MAX;
    if (mark == '{') {
        if (!read_count(least, in))
            return refuse(in, GY_FORMAT, "no number behind '{'");
        *most = *least;
        if (*in->at == ',') {
            in->at++;
            if (!read_count(most, in))
                *most = SIZE_MAX;
        }
        if (*in->at++ != '}')
            return refuse(in, GY_FORMAT, "'{' is never closed");
        if (*most < *least || *least > REPEAT_MAX || (*most != SIZE_MAX && *most > REPEAT_MAX))
            return refuse(in, GY_LIMIT, "a count that runs backwards or over 1000");
    }
    in->at += *in->at == '?'; // lazy or not, the same values match
    return GY_OK;
}

static gy_status add_optional(piece *out, reader *in, piece inner, bool again)
{
    int32_t end = NONE, start = NONE;
    GY_TRY(add_node(&end, in, NODE_SPLIT, NONE, NONE));
    GY_TRY(add_node(&start, in, NODE_SPLIT, inner.start, end));
    in->pattern->nodes[inner.end].next = again ? start : end;
    *out = (piece){start, end};
    return GY_OK;
}

// The atom is read again for each copy: its text says all.
static gy_status read_repeated(piece *out, reader *in)
{
    reader atom = *in;
    piece inner = {NONE, NONE};
    size_t least, most;
    GY_TRY(read_atom(&inner, in));
    if (*in->at == '\0' || strchr("*+?{", *in->at) == NULL) {
        *out = inner;
        return GY_OK;
    }
    GY_TRY(read_repeat(&least, &most, in));
    GY_TRY(add_empty(out, in));
    for (size_t i = 0;
         i < least || (most == SIZE_MAX && i == least) || (most != SIZE_MAX && i < most); i++) {
        reader copy = atom;
        if (i > 0)
            GY_TRY(read_atom(&inner, &copy));
        piece next = inner;
        if (i >= least)
            GY_TRY(add_optional(&next, in, inner, most == SIZE_MAX));
        join(in, out, next);
    }
    return GY_OK;
}

static bool ends_pattern(const reader *in)
{
    return *in->at == '\0' || (in->at[0] == '$' && in->at[1] == '\0' && in->depth == 0);
}

static gy_status read_sequence(piece *out, reader *in)
{
    GY_TRY(add_empty(out, in));
    while (!ends_pattern(in) && *in->at != '|' && *in->at != ')') {
        piece next = {NONE, NONE};
        GY_TRY(read_repeated(&next, in));
        join(in, out, next);
    }
    return GY_OK;
}

static gy_status read_either(piece *out, reader *in)
{
    GY_TRY(read_sequence(out, in));
    while (*in->at == '|') {
        piece right = {NONE, NONE};
        in->at++;
        if (in->depth == 0)
            *in->either = true;
        GY_TRY(read_sequence(&right, in));
        GY_TRY(add_alternative(out, in, right));
    }
    return GY_OK;
}

static gy_status take_memory(gy_pattern **pattern, gy_arena *arena)
{
    gy_pattern *made = GY_NEW(arena, gy_pattern, 1);
    if (made == NULL)
        return GY_NO_MEMORY;
    made->nodes = GY_NEW(arena, node, NODES_MAX);
    made->states = GY_NEW(arena, state, STATES_MAX);
    made->next = GY_NEW(arena, int32_t, STATES_MAX * 256);
    made->pool = GY_NEW(arena, uint16_t, POOL_MAX);
    made->stack = GY_NEW(arena, uint16_t, 2 * NODES_MAX);
    made->list = GY_NEW(arena, uint16_t, NODES_MAX);
    made->seen = GY_NEW(arena, uint32_t, NODES_MAX);
    *pattern = made;
    return made->nodes != NULL && made->states != NULL && made->next != NULL &&
                   made->pool != NULL && made->stack != NULL && made->list != NULL &&
                   made->seen != NULL
               ? GY_OK
               : GY_NO_MEMORY;
}

gy_status gy_pattern_compile(gy_pattern **pattern, const char *text, gy_arena *arena, gy_error *err)
{
    gy_pattern *made;
    if (take_memory(&made, arena) != GY_OK)
        return gy_fail(err, GY_NO_MEMORY, "no memory for pattern '%.100s'", text);
    bool either = false;
    reader in = {.text = text, .at = text, .pattern = made, .either = &either, .err = err};
    made->anchored_start = *in.at == '^';
    in.at += made->anchored_start;
    piece all = {NONE, NONE};
    int32_t match = NONE;
    GY_TRY(read_either(&all, &in));
    if (*in.at == ')')
        return refuse(&in, GY_FORMAT, "')' without '('");
    made->anchored_end = *in.at == '$';
    if ((made->anchored_start || made->anchored_end) && either)
        return refuse(&in, GY_UNSUPPORTED, "'^' or '$' beside '|' needs a group: ^(a|b)$");
    GY_TRY(add_node(&match, &in, NODE_MATCH, NONE, NONE));
    made->nodes[all.end].next = match;
    made->start = all.start;
    *pattern = made;
    return GY_OK;
}
