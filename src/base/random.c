// SPDX-License-Identifier: Apache-2.0
//
// PCG32 (XSH RR): a state of 64 bits, of which each number is a rotated half.

#include "base/random.h"

void gy_random_init(gy_random *random, uint64_t seed, uint64_t stream)
{
    random->state = 0;
    random->stream = stream << 1 | 1;
    gy_random_next(random);
    random->state += seed;
    gy_random_next(random);
}

uint32_t gy_random_next(gy_random *random)
{
    uint64_t old = random->state;
    random->state = old * 6364136223846793005u + random->stream;
    uint32_t mixed = (uint32_t)((old >> 18 ^ old) >> 27);
    unsigned turn = (unsigned)(old >> 59);
    return mixed >> turn | mixed << (-turn & 31);
}

uint32_t gy_random_below(gy_random *random, uint32_t bound)
{
    // Draws below the remainder would favour small numbers: draw again.
    uint32_t floor = -bound % bound;
    uint32_t drawn;
    do
        drawn = gy_random_next(random);
    while (drawn < floor);
    return drawn % bound;
}

double gy_random_unit(gy_random *random)
{
    uint64_t high = gy_random_next(random) >> 5, low = gy_random_next(random) >> 6;
    return (double)(high << 26 | low) * 0x1p-53;
}

void gy_random_shuffle(gy_random *random, uint32_t *numbers, size_t count)
{
    for (size_t left = count; left > 1; left--) {
        uint32_t other = gy_random_below(random, (uint32_t)left);
        uint32_t kept = numbers[left - 1];
        numbers[left - 1] = numbers[other];
        numbers[other] = kept;
    }
}
