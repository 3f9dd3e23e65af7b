// SPDX-License-Identifier: Apache-2.0
#include "quality/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- quantiles

enum { DIGIT_BITS = 11, DIGITS = 6, BUCKETS = 1 << DIGIT_BITS };

// Doubles in the order of their bits: negative ones reversed.
static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

static double double_of(uint64_t bits)
{
    double value;
    bits = bits >> 63 != 0 ? bits & ~(UINT64_C(1) << 63) : ~bits;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

// Sort a block by 11 bits at a time, in time that does not hang on the values.
static void sort_block(double *values, size_t count)
{
    uint64_t first[GY_QUANTILE_BLOCK], second[GY_QUANTILE_BLOCK], *from = first, *to = second;
    uint16_t places[DIGITS][BUCKETS];
    memset(places, 0, sizeof(places));
    for (size_t i = 0; i < count; i++) {
        first[i] = bits_of(values[i]);
        for (int digit = 0; digit < DIGITS; digit++)
            places[digit][first[i] >> DIGIT_BITS * digit & (BUCKETS - 1)]++;
    }
    for (int digit = 0; digit < DIGITS; digit++) {
        uint16_t *place = places[digit];
        if (place[from[0] >> DIGIT_BITS * digit & (BUCKETS - 1)] == count)
            continue; // all have the same digit here
        uint16_t start = 0;
        for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
            uint16_t size = place[bucket];
            place[bucket] = start;
            start = (uint16_t)(start + size);
        }
        for (size_t i = 0; i < count; i++)
            to[place[from[i] >> DIGIT_BITS * digit & (BUCKETS - 1)]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = double_of(from[i]);
}

// Every second value of two sorted blocks, in order, into `kept`.
static void compact(double *kept, const double *a, const double *b, bool odd)
{
    size_t i = 0, j = 0;
    for (size_t n = 0; n < 2 * (size_t)GY_QUANTILE_BLOCK; n++) {
        bool left = j == GY_QUANTILE_BLOCK || (i < GY_QUANTILE_BLOCK && a[i] <= b[j]);
        double value = left ? a[i++] : b[j++];
        if ((n & 1) == odd)
            kept[n / 2] = value;
    }
}

// A full block goes in at level 0 and rises as long as the level is taken.
static gy_status raise_block(gy_quantile *quantile, gy_error *err)
{
    double kept[GY_QUANTILE_BLOCK];
    sort_block(quantile->block, GY_QUANTILE_BLOCK);
    for (size_t level = 0; level < GY_QUANTILE_LEVELS; level++) {
        double **place = &quantile->levels[level];
        if (*place == NULL)
            *place = GY_NEW(quantile->arena, double, GY_QUANTILE_BLOCK);
        if (*place == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for quantiles");
        if (!quantile->full[level]) {
            memcpy(*place, quantile->block, GY_QUANTILE_BLOCK * sizeof(double));
            quantile->full[level] = true;
            return GY_OK;
        }
        compact(kept, *place, quantile->block, quantile->odd[level]);
        memcpy(quantile->block, kept, sizeof(kept));
        quantile->full[level] = false;
        quantile->odd[level] = !quantile->odd[level];
        // The rank of any value among those kept, twice, is off by one of this level's weights.
        quantile->error += UINT64_C(1) << level;
    }
    return gy_fail(err, GY_LIMIT, "over 2^%d values", GY_QUANTILE_LEVELS + 12);
}

gy_status gy_quantile_add(gy_quantile *quantile, const double *values, size_t count, gy_error *err)
{
    if (quantile->block == NULL) {
        quantile->block = GY_NEW(quantile->arena, double, GY_QUANTILE_BLOCK);
        if (quantile->block == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for quantiles");
    }
    quantile->count += count;
    while (count > 0) {
        size_t room = GY_QUANTILE_BLOCK - quantile->block_count;
        size_t part = count < room ? count : room;
        memcpy(quantile->block + quantile->block_count, values, part * sizeof(double));
        quantile->block_count += part;
        values += part;
        count -= part;
        if (quantile->block_count == GY_QUANTILE_BLOCK) {
            GY_TRY(raise_block(quantile, err));
            quantile->block_count = 0;
        }
    }
    return GY_OK;
}

typedef struct weighted {
    double value;
    uint64_t weight;
} weighted;

static int compare_values(const void *a, const void *b)
{
    const weighted *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

gy_status gy_quantile_at(double *values, const gy_quantile *quantile, const double *shares,
                         size_t count, gy_arena *scratch, gy_error *err)
{
    gy_arena_mark mark = gy_arena_here(scratch);
    size_t total = 0;
    weighted *all = GY_NEW(scratch, weighted, (size_t)(GY_QUANTILE_LEVELS + 1) * GY_QUANTILE_BLOCK);
    if (all == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for quantiles");
    for (size_t i = 0; i < quantile->block_count; i++)
        all[total++] = (weighted){quantile->block[i], 1};
    for (size_t level = 0; level < GY_QUANTILE_LEVELS; level++)
        for (size_t i = 0; quantile->full[level] && i < GY_QUANTILE_BLOCK; i++)
            all[total++] = (weighted){quantile->levels[level][i], UINT64_C(1) << level};
    if (total > 0)
        qsort(all, total, sizeof(*all), compare_values);
    uint64_t rank = 0;
    for (size_t i = 0, at = 0; i < count; i++) {
        double wanted = shares[i] * (double)(quantile->count == 0 ? 0 : quantile->count - 1);
        while (at + 1 < total && (double)(rank + all[at].weight) <= wanted)
            rank += all[at++].weight;
        values[i] = total == 0 ? NAN : all[at].value;
    }
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}

double gy_quantile_error(const gy_quantile *quantile)
{
    return quantile->count == 0 ? 0.0 : (double)quantile->error / (double)quantile->count;
}

// ---- different values

uint64_t gy_distinct_mix(uint64_t bits)
{
    bits = (bits ^ bits >> 32) * UINT64_C(0xd6e8feb86659fd93);
    bits = (bits ^ bits >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return bits ^ bits >> 32;
}

uint64_t gy_distinct_hash(const char *bytes, size_t length)
{
    uint64_t hash = length * UINT64_C(0x9e3779b97f4a7c15), rest = 0;
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        hash = gy_distinct_mix(hash ^ word);
    }
    if (length > 0)
        memcpy(&rest, bytes, length);
    return gy_distinct_mix(hash ^ rest ^ length << 56);
}

double gy_distinct_count(const gy_distinct *distinct)
{
    enum { COUNT = 1 << GY_DISTINCT_BITS };
    double sum = 0.0;
    size_t empty = 0;
    for (size_t i = 0; i < COUNT; i++) {
        sum += ldexp(1.0, -distinct->registers[i]);
        empty += distinct->registers[i] == 0;
    }
    double estimate = 0.7213 / (1.0 + 1.079 / COUNT) * COUNT * COUNT / sum;
    // Few values: count the registers that none has touched.
    if (estimate < 2.5 * COUNT && empty > 0)
        return COUNT * log((double)COUNT / (double)empty);
    return estimate;
}

// ---- common values

static int compare_common(const void *a, const void *b)
{
    const gy_common_value *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static gy_common_value *slot_of(gy_common *common, uint64_t hash)
{
    size_t at = (size_t)hash & (GY_COMMON_SLOTS - 1);
    while (common->slots[at].count != 0 && common->slots[at].hash != hash)
        at = (at + 1) & (GY_COMMON_SLOTS - 1);
    return &common->slots[at];
}

// Too many values: take the median count off all, and drop those that have no more.
static void thin_out(gy_common *common)
{
    gy_common_value kept[GY_COMMON_MAX];
    size_t count = 0;
    for (size_t i = 0; i < GY_COMMON_SLOTS; i++)
        if (common->slots[i].count != 0)
            kept[count++] = common->slots[i];
    qsort(kept, count, sizeof(*kept), compare_common);
    uint64_t median = kept[count / 2].count;
    memset(common->slots, 0, sizeof(common->slots));
    common->used = 0;
    common->missed += median;
    for (size_t i = 0; i < count && kept[i].count > median; i++) {
        kept[i].count -= median;
        *slot_of(common, kept[i].hash) = kept[i];
        common->used++;
    }
}

void gy_common_add(gy_common *common, uint64_t hash, const void *bytes, size_t length)
{
    enum { LOOK_AFTER = 1 << 16, SHARE_OF = 512 };
    if (common->off)
        return;
    common->seen++;
    gy_common_value *slot = slot_of(common, hash);
    if (slot->count == 0) {
        slot->hash = hash;
        slot->length = (uint8_t)(length < sizeof(slot->text) ? length : sizeof(slot->text));
        if (slot->length > 0)
            memcpy(slot->text, bytes, slot->length);
        common->used++;
    }
    slot->count++;
    if (common->used == GY_COMMON_MAX)
        thin_out(common);
    if (common->seen == LOOK_AFTER && common->missed > 0) {
        common->off = true;
        for (size_t i = 0; i < GY_COMMON_SLOTS; i++)
            common->off = common->off && common->slots[i].count < LOOK_AFTER / SHARE_OF;
    }
}

// For people: of equal counts by the text.
static int compare_shown(const void *a, const void *b)
{
    const gy_common_value *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->text, y->text, shorter);
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

size_t gy_common_sort(gy_common *common, size_t most)
{
    if (common->off)
        return 0;
    qsort(common->slots, GY_COMMON_SLOTS, sizeof(*common->slots), compare_shown);
    size_t count = 0;
    while (count < most && common->slots[count].count > 0 &&
           common->slots[count].count > common->missed)
        count++;
    return count;
}
