// SPDX-License-Identifier: 0BSD

#include <float.h>
#include <stdbool.h>

#include "rt/bytes.h"
#include "rt/select.h"

void gy_select_init(gy_select *select, gy_select_place *places, size_t count, size_t random_count,
                    uint64_t seed)
{
    memset(places, 0, count * sizeof(*places));
    *select = (gy_select){
        .places = places,
        .count = count,
        .random_count = random_count < count ? random_count : count,
        .seed = seed,
    };
}

// A number from 0 to bound - 1 that hangs on seed and sample number alone (SplitMix64, Steele
// 2014). The product of two 32-bit numbers maps it; its bias is under bound / 2^32.
static uint32_t draw(uint64_t seed, uint32_t number, uint32_t bound)
{
    uint64_t bits = seed + ((uint64_t)number + 1) * 0x9e3779b97f4a7c15u;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    bits ^= bits >> 31;
    return (uint32_t)((bits >> 32) * bound >> 32);
}

static bool is_kept(const gy_select *select, uint64_t print)
{
    for (size_t i = 0; i < select->count; i++)
        if (select->places[i].reason != GY_SELECT_EMPTY && select->places[i].print == print)
            return true;
    return false;
}

// The place among the low scores that a sample of this score would take: a free one, else that of
// the highest score, if it is above; of equal ones the newest goes. -1: none.
static int32_t find_low(const gy_select *select, float score)
{
    int32_t worst = -1;
    for (size_t i = select->random_count; i < select->count; i++) {
        const gy_select_place *place = &select->places[i];
        if (place->reason == GY_SELECT_EMPTY)
            return (int32_t)i;
        const gy_select_place *last = worst < 0 ? NULL : &select->places[worst];
        if (place->score > score && (last == NULL || place->score > last->score ||
                                     (place->score == last->score && place->number > last->number)))
            worst = (int32_t)i;
    }
    return worst;
}

int32_t gy_select_offer(gy_select *select, float score, uint64_t print)
{
    if (score != score)
        score = -FLT_MAX - FLT_MAX;

    // Algorithm R (Vitter 1985): the n-th sample takes a drawn place with probability count / n.
    uint32_t number = select->offered;
    select->offered += select->offered < UINT32_MAX;
    gy_select_reason reason = GY_SELECT_RANDOM;
    uint32_t drawn =
        number < select->random_count ? number : draw(select->seed, number, select->offered);
    int32_t place = (int32_t)drawn;
    if (drawn >= select->random_count) {
        reason = GY_SELECT_LOW;
        place = find_low(select, score);
    }
    if (place < 0 || is_kept(select, print))
        return -1;
    select->places[place] =
        (gy_select_place){.print = print, .number = number, .score = score, .reason = reason};
    return place;
}

float gy_select_margin(const float *values, size_t count)
{
    float best = -FLT_MAX, second = -FLT_MAX;
    for (size_t i = 0; i < count; i++) {
        if (values[i] != values[i])
            return values[i];
        float least = values[i] < best ? values[i] : best;
        best = values[i] > best ? values[i] : best;
        second = least > second ? least : second;
    }
    return best - second;
}
