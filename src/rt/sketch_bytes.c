// SPDX-License-Identifier: 0BSD
//
// Sketches and references as bytes (docs/formats/sketch.md). There is one form only for each
// sketch: equal sketches are equal bytes. What is read may come from anyone: sizes are checked
// before they are used, and counts that no stream of values can give are refused.

#include "rt/bytes.h"
#include "rt/sha256.h"
#include "rt/sketch.h"

enum { VERSION = 1, COUNTS = GY_SKETCH_PLACES + 3 };
static const uint8_t sketch_magic[4] = {'G', 'Y', 'S', 'K'};
static const uint8_t reference_magic[4] = {'G', 'Y', 'S', 'R'};

const char *gy_sketch_verdict_text(gy_sketch_verdict verdict)
{
    switch (verdict) {
    case GY_SKETCH_OK:
        return "a sketch";
    case GY_SKETCH_FOREIGN:
        return "not a sketch";
    case GY_SKETCH_NEWER:
        return "of a newer version";
    case GY_SKETCH_DAMAGED:
        return "cut or damaged: the checksum is wrong";
    case GY_SKETCH_IMPOSSIBLE:
        return "counts that no stream of values can give";
    case GY_SKETCH_TOO_LARGE:
        return "too many features";
    case GY_SKETCH_UNLIKE:
        return "of another reference";
    case GY_SKETCH_REPEATED:
        return "merged already";
    case GY_SKETCH_LATE:
        return "too late to tell whether it was merged";
    }
    return "unknown";
}

// The SHA-256 of a name, as four numbers.
static void fingerprint_of(uint64_t fingerprint[4], const gy_sketch_name *name)
{
    uint8_t bytes[GY_SKETCH_SOURCE_BYTES + 16], digest[32];
    memcpy(bytes, name->source, GY_SKETCH_SOURCE_BYTES);
    gy_put(gy_put(bytes + GY_SKETCH_SOURCE_BYTES, name->nonce, 8), name->sequence, 8);

    gy_sha256 hash;
    gy_sha256_init(&hash, gy_sha256_blocks_plain);
    gy_sha256_add(&hash, bytes, sizeof(bytes));
    gy_sha256_end(&hash, digest);
    for (size_t i = 0; i < 4; i++)
        fingerprint[i] = gy_get(digest + 8 * i, 8);
}

// The bytes in pieces. Each returns the place behind what it wrote; NULL: no room, or at was NULL.
static uint8_t *put_head(uint8_t *bytes, size_t capacity_bytes, const gy_sketch_total *total)
{
    if (capacity_bytes < GY_SKETCH_HEAD_BYTES)
        return NULL;
    memcpy(bytes, sketch_magic, 4);
    uint8_t *at = gy_put(gy_put(bytes + 4, VERSION, 2), total->feature_count, 2);
    memcpy(at, total->name.source, GY_SKETCH_SOURCE_BYTES);
    at = gy_put(at + GY_SKETCH_SOURCE_BYTES, total->name.nonce, 8);
    at = gy_put(gy_put(at, total->name.sequence, 8), total->parts, 8);
    for (size_t i = 0; i < 4; i++)
        at = gy_put(at, total->fingerprint[i], 8);
    memcpy(at, total->reference, sizeof(total->reference));
    return gy_put(at + sizeof(total->reference), total->rows, 8);
}

// The smallest of 1, 2, 4, 8 bytes that holds the number.
static size_t width_of(uint64_t number)
{
    return number > UINT32_MAX ? 8 : number > UINT16_MAX ? 4 : number > UINT8_MAX ? 2 : 1;
}

static uint64_t largest_count(const gy_sketch_sums *sums)
{
    uint64_t largest = sums->missing;
    largest = sums->not_a_number > largest ? sums->not_a_number : largest;
    largest = sums->infinite > largest ? sums->infinite : largest;
    for (size_t i = 0; i < GY_SKETCH_PLACES; i++)
        largest = sums->places[i] > largest ? sums->places[i] : largest;
    return largest;
}

static uint8_t *put_feature(uint8_t *at, size_t capacity_bytes, const gy_sketch_sums *sums)
{
    size_t width = width_of(largest_count(sums));
    if (at == NULL || capacity_bytes < 1 + width * COUNTS + 24)
        return NULL;
    at = gy_put(at, width, 1);
    for (size_t i = 0; i < GY_SKETCH_PLACES; i++)
        at = gy_put(at, sums->places[i], width);
    at = gy_put(at, sums->missing, width);
    at = gy_put(at, sums->not_a_number, width);
    at = gy_put(at, sums->infinite, width);
    at = gy_put(at, gy_float_bits(sums->least), 4);
    at = gy_put(at, gy_float_bits(sums->greatest), 4);
    at = gy_put(at, sums->sum, 8);
    return gy_put(at, sums->sum_squares, 8);
}

// The checksum. Returns the size of all; 0: no room, or at was NULL.
static size_t put_end(uint8_t *bytes, size_t capacity_bytes, uint8_t *at)
{
    if (at == NULL || capacity_bytes - (size_t)(at - bytes) < 4)
        return 0;
    at = gy_put(at, gy_crc32(0, bytes, (size_t)(at - bytes)), 4);
    return (size_t)(at - bytes);
}

size_t gy_sketch_write(uint8_t *bytes, size_t capacity_bytes, const gy_sketch *sketch)
{
    gy_sketch_total head = {
        .name = sketch->name,
        .parts = 1,
        .rows = sketch->rows,
        .feature_count = sketch->feature_count,
    };
    memcpy(head.reference, sketch->reference, sizeof(head.reference));
    fingerprint_of(head.fingerprint, &head.name);

    uint8_t *at = put_head(bytes, capacity_bytes, &head);
    for (size_t i = 0; i < sketch->feature_count && at != NULL; i++) {
        const gy_sketch_feature *feature = &sketch->features[i];
        gy_sketch_sums sums = {
            .missing = feature->missing,
            .not_a_number = feature->not_a_number,
            .infinite = feature->infinite,
            .sum = feature->sum,
            .sum_squares = feature->sum_squares,
            .least = feature->least,
            .greatest = feature->greatest,
        };
        for (size_t place = 0; place < GY_SKETCH_PLACES; place++)
            sums.places[place] = feature->places[place];
        at = put_feature(at, capacity_bytes - (size_t)(at - bytes), &sums);
    }
    return put_end(bytes, capacity_bytes, at);
}

size_t gy_sketch_total_write(uint8_t *bytes, size_t capacity_bytes, const gy_sketch_total *total)
{
    uint8_t *at = put_head(bytes, capacity_bytes, total);
    for (size_t i = 0; i < total->feature_count && at != NULL; i++)
        at = put_feature(at, capacity_bytes - (size_t)(at - bytes), &total->features[i]);
    return put_end(bytes, capacity_bytes, at);
}

// ---- reading

static bool is_zero(const uint8_t *bytes, size_t size_bytes)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size_bytes; i++)
        any |= bytes[i];
    return any == 0;
}

// Magic, version and checksum, which stand at the same place in sketches and references.
static gy_sketch_verdict check_frame(const uint8_t *bytes, size_t size_bytes,
                                     const uint8_t magic[4], size_t head_bytes)
{
    if (size_bytes < 6 || memcmp(bytes, magic, 4) != 0)
        return GY_SKETCH_FOREIGN;
    if (gy_get(bytes + 4, 2) != VERSION)
        return gy_get(bytes + 4, 2) > VERSION ? GY_SKETCH_NEWER : GY_SKETCH_FOREIGN;
    if (size_bytes < head_bytes + 4 ||
        gy_get(bytes + size_bytes - 4, 4) != gy_crc32(0, bytes, size_bytes - 4))
        return GY_SKETCH_DAMAGED;
    return GY_SKETCH_OK;
}

static gy_sketch_verdict get_head(gy_sketch_total *total, const uint8_t *bytes)
{
    const uint8_t *at = bytes + 8;
    memcpy(total->name.source, at, GY_SKETCH_SOURCE_BYTES);
    at += GY_SKETCH_SOURCE_BYTES;
    total->name.nonce = gy_get(at, 8);
    total->name.sequence = gy_get(at + 8, 8);
    total->parts = gy_get(at + 16, 8);
    for (size_t i = 0; i < 4; i++)
        total->fingerprint[i] = gy_get(at + 24 + 8 * i, 8);
    memcpy(total->reference, at + 56, sizeof(total->reference));
    total->rows = gy_get(at + 88, 8);

    if (total->parts == 0 && (total->rows != 0 || gy_get(bytes + 6, 2) != 0))
        return GY_SKETCH_IMPOSSIBLE;
    if (is_zero(total->name.source, GY_SKETCH_SOURCE_BYTES))
        return total->name.nonce == 0 && total->name.sequence == 0 ? GY_SKETCH_OK
                                                                   : GY_SKETCH_IMPOSSIBLE;
    uint64_t own[4];
    fingerprint_of(own, &total->name);
    return total->parts == 1 && memcmp(own, total->fingerprint, sizeof(own)) == 0
               ? GY_SKETCH_OK
               : GY_SKETCH_IMPOSSIBLE;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

// Whether sum can be the sum of `values` numbers from 0 to limit.
static bool may_sum(uint64_t sum, uint64_t values, uint64_t limit)
{
    return sum == UINT64_MAX || values > UINT64_MAX / limit || sum <= values * limit;
}

static bool is_finite(float number)
{
    return (gy_float_bits(number) & 0x7f800000u) != 0x7f800000u;
}

// Whether the sums can be those of so many steps: each step is within its bounds, and its square is
// at least its size.
static bool may_be_steps(const gy_sketch_sums *sums, uint64_t values)
{
    if (!may_sum(sums->sum, values, GY_SKETCH_STEPS_OFFSET + GY_SKETCH_STEPS_MAX) ||
        !may_sum(sums->sum_squares, values, GY_SKETCH_STEPS_MAX * (uint64_t)GY_SKETCH_STEPS_MAX))
        return false;
    if (sums->sum == UINT64_MAX || values > UINT64_MAX / GY_SKETCH_STEPS_OFFSET)
        return true;
    uint64_t offsets = values * GY_SKETCH_STEPS_OFFSET;
    uint64_t away = sums->sum > offsets ? sums->sum - offsets : offsets - sums->sum;
    return sums->sum >= values && away <= sums->sum_squares;
}

// Whether some stream of `rows` values gives these sums. A count that stopped at its end says
// nothing any more, so it is let pass.
static bool is_possible(const gy_sketch_sums *sums, uint64_t rows)
{
    uint64_t values = 0;
    for (size_t i = 0; i < GY_SKETCH_PLACES; i++)
        values = add(values, sums->places[i]);
    uint64_t all = add(add(add(values, sums->missing), sums->not_a_number), sums->infinite);
    if (all != rows)
        return false;
    uint32_t least = gy_float_bits(sums->least), greatest = gy_float_bits(sums->greatest);
    if (values == 0)
        return least == 0x7f800000u && greatest == 0xff800000u && sums->sum == 0 &&
               sums->sum_squares == 0;
    return is_finite(sums->least) && is_finite(sums->greatest) && sums->least <= sums->greatest &&
           least != 0x80000000u && greatest != 0x80000000u && may_be_steps(sums, values);
}

// Read one feature. Returns the place behind it; NULL: cut, or not in its one form.
static const uint8_t *get_feature(gy_sketch_sums *sums, const uint8_t *at, const uint8_t *end)
{
    if (end - at < 1)
        return NULL;
    size_t width = *at++;
    if ((width != 1 && width != 2 && width != 4 && width != 8) ||
        (size_t)(end - at) < width * COUNTS + 24)
        return NULL;
    for (size_t i = 0; i < GY_SKETCH_PLACES; i++, at += width)
        sums->places[i] = gy_get(at, width);
    sums->missing = gy_get(at, width);
    sums->not_a_number = gy_get(at + width, width);
    sums->infinite = gy_get(at + 2 * width, width);
    at += 3 * width;
    sums->least = gy_bits_float((uint32_t)gy_get(at, 4));
    sums->greatest = gy_bits_float((uint32_t)gy_get(at + 4, 4));
    sums->sum = gy_get(at + 8, 8);
    sums->sum_squares = gy_get(at + 16, 8);
    return width == width_of(largest_count(sums)) ? at + 24 : NULL;
}

static gy_sketch_verdict get_all(gy_sketch_total *total, const uint8_t *bytes, size_t size_bytes)
{
    gy_sketch_verdict verdict = check_frame(bytes, size_bytes, sketch_magic, GY_SKETCH_HEAD_BYTES);
    if (verdict != GY_SKETCH_OK)
        return verdict;
    size_t count = (size_t)gy_get(bytes + 6, 2);
    if (count > GY_SKETCH_FEATURES_MAX || count > total->feature_capacity)
        return GY_SKETCH_TOO_LARGE;
    verdict = get_head(total, bytes);

    const uint8_t *at = bytes + GY_SKETCH_HEAD_BYTES, *end = bytes + size_bytes - 4;
    for (size_t i = 0; i < count && verdict == GY_SKETCH_OK; i++) {
        at = get_feature(&total->features[i], at, end);
        if (at == NULL)
            return GY_SKETCH_DAMAGED;
        if (!is_possible(&total->features[i], total->rows))
            verdict = GY_SKETCH_IMPOSSIBLE;
    }
    if (verdict == GY_SKETCH_OK && at != end)
        return GY_SKETCH_DAMAGED;
    total->feature_count = count;
    return verdict;
}

void gy_sketch_total_init(gy_sketch_total *total, gy_sketch_sums *features, size_t capacity)
{
    memset(total, 0, sizeof(*total));
    total->features = features;
    total->feature_capacity = capacity;
}

gy_sketch_verdict gy_sketch_read(gy_sketch_total *total, const uint8_t *bytes, size_t size_bytes)
{
    gy_sketch_verdict verdict = get_all(total, bytes, size_bytes);
    if (verdict != GY_SKETCH_OK)
        gy_sketch_total_init(total, total->features, total->feature_capacity);
    return verdict;
}

// ---- merging: sums of numbers that are not negative, stopped at the end of their range. The order
// cannot matter: either the true sum fits, or the result is the end of the range.

static void merge_feature(gy_sketch_sums *into, const gy_sketch_sums *from)
{
    for (size_t i = 0; i < GY_SKETCH_PLACES; i++)
        into->places[i] = add(into->places[i], from->places[i]);
    into->missing = add(into->missing, from->missing);
    into->not_a_number = add(into->not_a_number, from->not_a_number);
    into->infinite = add(into->infinite, from->infinite);
    into->sum = add(into->sum, from->sum);
    into->sum_squares = add(into->sum_squares, from->sum_squares);
    into->least = from->least < into->least ? from->least : into->least;
    into->greatest = from->greatest > into->greatest ? from->greatest : into->greatest;
}

gy_sketch_verdict gy_sketch_merge(gy_sketch_total *total, const gy_sketch_total *other)
{
    if (other->parts == 0)
        return GY_SKETCH_OK;
    if (total->parts == 0) {
        if (other->feature_count > total->feature_capacity)
            return GY_SKETCH_TOO_LARGE;
        total->feature_count = other->feature_count;
        memcpy(total->reference, other->reference, sizeof(total->reference));
        memset(total->features, 0, other->feature_count * sizeof(*total->features));
        for (size_t i = 0; i < other->feature_count; i++) {
            total->features[i].least = gy_bits_float(0x7f800000u);
            total->features[i].greatest = gy_bits_float(0xff800000u);
        }
    }
    if (total->feature_count != other->feature_count ||
        memcmp(total->reference, other->reference, sizeof(total->reference)) != 0)
        return GY_SKETCH_UNLIKE;

    memset(&total->name, 0, sizeof(total->name));
    total->parts = add(total->parts, other->parts);
    total->rows = add(total->rows, other->rows);
    for (size_t i = 0; i < 4; i++)
        total->fingerprint[i] += other->fingerprint[i]; // modulo 2^64: no order matters
    for (size_t i = 0; i < total->feature_count; i++)
        merge_feature(&total->features[i], &other->features[i]);
    return GY_SKETCH_OK;
}

gy_sketch_verdict gy_sketch_window_take(gy_sketch_window *window, uint64_t sequence)
{
    if (sequence == UINT64_MAX)
        return GY_SKETCH_LATE; // the one number that has no successor
    if (sequence >= window->newest) {
        uint64_t ahead = sequence + 1 - window->newest;
        window->seen = ahead < 64 ? window->seen << ahead | 1 : 1;
        window->newest = sequence + 1;
        return GY_SKETCH_OK;
    }
    uint64_t age = window->newest - 1 - sequence;
    if (age >= 64)
        return GY_SKETCH_LATE;
    if ((window->seen >> age & 1) != 0)
        return GY_SKETCH_REPEATED;
    window->seen |= (uint64_t)1 << age;
    return GY_SKETCH_OK;
}

// ---- references

size_t gy_reference_write(uint8_t *bytes, size_t capacity_bytes, const gy_sketch_edges *edges,
                          size_t feature_count)
{
    if (feature_count > GY_SKETCH_FEATURES_MAX ||
        capacity_bytes < GY_REFERENCE_BYTES(feature_count))
        return 0;
    memcpy(bytes, reference_magic, 4);
    uint8_t *at = gy_put(gy_put(bytes + 4, VERSION, 2), feature_count, 2);
    for (size_t i = 0; i < feature_count; i++) {
        for (size_t edge = 0; edge < GY_SKETCH_EDGES; edge++)
            at = gy_put(at, gy_float_bits(edges[i].edges[edge]), 4);
        at = gy_put(at, gy_float_bits(edges[i].center), 4);
        at = gy_put(at, gy_float_bits(edges[i].scale), 4);
    }
    return put_end(bytes, capacity_bytes, at);
}

static bool may_bin(const gy_sketch_edges *edges)
{
    bool fine = is_finite(edges->center) && is_finite(edges->scale) && edges->scale > 0;
    for (size_t i = 0; i < GY_SKETCH_EDGES; i++)
        fine = fine && is_finite(edges->edges[i]) &&
               (i == 0 || edges->edges[i - 1] <= edges->edges[i]);
    return fine;
}

gy_sketch_verdict gy_reference_read(gy_sketch_edges *edges, size_t *feature_count,
                                    const uint8_t *bytes, size_t size_bytes)
{
    size_t capacity = *feature_count;
    *feature_count = 0;
    gy_sketch_verdict verdict =
        check_frame(bytes, size_bytes, reference_magic, GY_REFERENCE_HEAD_BYTES);
    if (verdict != GY_SKETCH_OK)
        return verdict;
    size_t count = (size_t)gy_get(bytes + 6, 2);
    if (count > GY_SKETCH_FEATURES_MAX || count > capacity)
        return GY_SKETCH_TOO_LARGE;
    if (size_bytes != GY_REFERENCE_BYTES(count))
        return GY_SKETCH_DAMAGED;

    const uint8_t *at = bytes + GY_REFERENCE_HEAD_BYTES;
    for (size_t i = 0; i < count; i++) {
        for (size_t edge = 0; edge < GY_SKETCH_EDGES; edge++, at += 4)
            edges[i].edges[edge] = gy_bits_float((uint32_t)gy_get(at, 4));
        edges[i].center = gy_bits_float((uint32_t)gy_get(at, 4));
        edges[i].scale = gy_bits_float((uint32_t)gy_get(at + 4, 4));
        at += 8;
        if (!may_bin(&edges[i]))
            return GY_SKETCH_IMPOSSIBLE;
    }
    *feature_count = count;
    return GY_SKETCH_OK;
}
