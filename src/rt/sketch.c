// SPDX-License-Identifier: 0BSD
//
// Filling a sketch. Every step is an integer operation or one correctly rounded float operation, so
// that the same rows give the same bytes on every processor.

#include <float.h>

#include "rt/bytes.h"
#include "rt/sketch.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

static void clear(gy_sketch *sketch)
{
    memset(sketch->features, 0, sketch->feature_count * sizeof(*sketch->features));
    for (size_t i = 0; i < sketch->feature_count; i++) {
        sketch->features[i].least = gy_bits_float(0x7f800000u);
        sketch->features[i].greatest = gy_bits_float(0xff800000u);
    }
    sketch->rows = 0;
}

void gy_sketch_init(gy_sketch *sketch, gy_sketch_feature *features, const gy_sketch_edges *edges,
                    size_t feature_count, const uint8_t reference[32],
                    const uint8_t source[GY_SKETCH_SOURCE_BYTES], uint64_t nonce)
{
    memset(sketch, 0, sizeof(*sketch));
    memcpy(sketch->name.source, source, sizeof(sketch->name.source));
    memcpy(sketch->reference, reference, sizeof(sketch->reference));
    sketch->name.nonce = nonce;
    sketch->edges = edges;
    sketch->features = features;
    sketch->feature_count = feature_count;
    clear(sketch);
}

void gy_sketch_next(gy_sketch *sketch)
{
    sketch->name.sequence++;
    clear(sketch);
}

// How many of the first 32 edges are not above value. They do not fall, so the comparisons that
// hold come first, and the first that does not tells their number.
static inline size_t count_below(const float edges[GY_SKETCH_BINS], float value)
{
#if defined(__SSE2__)
    // All comparisons at once and no branch to guess: twice as fast as the search.
    __m128 wide = _mm_set1_ps(value);
    uint32_t above = 0;
    for (size_t half = 0; half < 2; half++) {
        __m128i pairs[2];
        for (size_t i = 0; i < 2; i++) {
            const float *at = edges + 16 * half + 8 * i;
            pairs[i] = _mm_packs_epi32(_mm_castps_si128(_mm_cmplt_ps(wide, _mm_loadu_ps(at))),
                                       _mm_castps_si128(_mm_cmplt_ps(wide, _mm_loadu_ps(at + 4))));
        }
        above |= (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(pairs[0], pairs[1])) << 16 * half;
    }
    return above == 0 ? GY_SKETCH_BINS : (size_t)__builtin_ctz(above);
#else
    if (value >= edges[GY_SKETCH_BINS - 1])
        return GY_SKETCH_BINS;
    size_t count = 0;
    for (size_t step = GY_SKETCH_BINS / 2; step > 0; step /= 2)
        count += value >= edges[count + step - 1] ? step : 0;
    return count;
#endif
}

// The lesser and the greater of two numbers, none of them NaN; gcc makes branches of "a < b ? a :
// b".
static inline float least_of(float a, float b)
{
#if defined(__SSE2__)
    return _mm_cvtss_f32(_mm_min_ss(_mm_set_ss(a), _mm_set_ss(b)));
#else
    return a < b ? a : b;
#endif
}

static inline float greatest_of(float a, float b)
{
#if defined(__SSE2__)
    return _mm_cvtss_f32(_mm_max_ss(_mm_set_ss(a), _mm_set_ss(b)));
#else
    return a > b ? a : b;
#endif
}

// Steps from the center, rounded half to even. The sum with 1.5 * 2^23 rounds to a whole number,
// which then stands in the low bits: exact for the 16 bits that are left after clamping.
static inline int32_t count_steps(const gy_sketch_edges *edges, float value)
{
    float steps = (value - edges->center) * edges->scale;
    steps = least_of(greatest_of(steps, -GY_SKETCH_STEPS_MAX), GY_SKETCH_STEPS_MAX);
    return (int32_t)(gy_float_bits(steps + 12582912.0f) - 0x4b400000u);
}

static inline void count_value(gy_sketch_feature *feature, const gy_sketch_edges *edges,
                               float value)
{
    uint32_t bits = gy_float_bits(value) << 1; // without the sign
    if (bits >= 0xff000000u) {
        *(bits > 0xff000000u ? &feature->not_a_number : &feature->infinite) += 1;
        return;
    }
    size_t place = count_below(edges->edges, value);
    feature->places[place + (value > edges->edges[GY_SKETCH_BINS] ? 1 : 0)]++;

    int32_t steps = count_steps(edges, value);
    feature->sum += (uint32_t)(steps + GY_SKETCH_STEPS_OFFSET);
    feature->sum_squares += (uint32_t)(steps * steps); // at most 2^30 of 2^32 rows: fits

    value += 0.0f; // -0 becomes +0, or the order of the rows would show
    feature->least = least_of(value, feature->least);
    feature->greatest = greatest_of(value, feature->greatest);
}

void gy_sketch_count(gy_sketch_feature *feature, const gy_sketch_edges *edges, float value)
{
    count_value(feature, edges, value);
}

bool gy_sketch_add(gy_sketch *sketch, const float *values, const uint8_t *missing)
{
    if (sketch->rows == UINT32_MAX)
        return false;
    sketch->rows++;
    for (size_t i = 0; i < sketch->feature_count; i++) {
        if (missing != NULL && (missing[i / 8] >> i % 8 & 1) != 0)
            sketch->features[i].missing++;
        else
            count_value(&sketch->features[i], &sketch->edges[i], values[i]);
    }
    return true;
}

// Up to 32 distinct values: one bin each. Returns false where there are more.
static bool set_distinct(gy_sketch_edges *edges, const float *sorted, size_t count)
{
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        if (distinct > 0 && sorted[i] == edges->edges[distinct - 1])
            continue;
        if (distinct == GY_SKETCH_BINS)
            return false;
        edges->edges[distinct++] = sorted[i];
    }
    for (size_t i = distinct; i < GY_SKETCH_EDGES; i++)
        edges->edges[i] = edges->edges[distinct - 1];
    return true;
}

void gy_sketch_edges_set(gy_sketch_edges *edges, const float *sorted, size_t count)
{
    uint64_t last = count - 1;
    if (!set_distinct(edges, sorted, count))
        for (uint64_t i = 0; i < GY_SKETCH_EDGES; i++)
            edges->edges[i] = sorted[last * i / GY_SKETCH_BINS];

    // Halved before they are subtracted, so that the span of the largest floats stays finite.
    float half_span = sorted[last - last / 8] / 2 - sorted[last / 8] / 2;
    if (half_span <= 0)
        half_span = sorted[last] / 2 - sorted[0] / 2;
    if (half_span <= 0)
        half_span = 1;
    edges->center = sorted[last / 2];
    edges->scale = GY_SKETCH_STEPS_PER_UNIT / half_span;
    if (edges->scale > FLT_MAX)
        edges->scale = FLT_MAX;
}
