// The compression functions of SHA-1 and SHA-256 in plain C, for processors without instructions for these hashes.

#include "Compression.h"

static inline uint32_t load(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

static inline uint32_t rotate_left(uint32_t word, int count) { return word << count | word >> (32 - count); }

static inline uint32_t rotate_right(uint32_t word, int count) { return word >> count | word << (32 - count); }

/// Returns the bits of `y` where `x` has ones, and the bits of `z` where `x` has zeros.
static inline uint32_t choose(uint32_t x, uint32_t y, uint32_t z) { return z ^ (x & (y ^ z)); }

static inline uint32_t majority(uint32_t x, uint32_t y, uint32_t z) { return (x & y) | (z & (x | y)); }

void configcat_sha1_compress_portable(uint32_t *state, const uint8_t *blocks, size_t block_count) {
    for (; block_count > 0; block_count--, blocks += BLOCK_SIZE) {
        uint32_t words[80];
        for (int i = 0; i < 16; i++) words[i] = load(blocks + 4 * i);
        for (int i = 16; i < 80; i++)
            words[i] = rotate_left(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);

        uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        for (int i = 0; i < 80; i++) {
            uint32_t mixed;
            if (i < 20) mixed = choose(b, c, d) + 0x5A827999;
            else if (i < 40) mixed = (b ^ c ^ d) + 0x6ED9EBA1;
            else if (i < 60) mixed = majority(b, c, d) + 0x8F1BBCDC;
            else mixed = (b ^ c ^ d) + 0xCA62C1D6;
            uint32_t next = rotate_left(a, 5) + mixed + e + words[i];
            e = d, d = c, c = rotate_left(b, 30), b = a, a = next;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
    }
}

const uint32_t configcat_sha256_constants[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
};

void configcat_sha256_compress_portable(uint32_t *state, const uint8_t *blocks, size_t block_count) {
    for (; block_count > 0; block_count--, blocks += BLOCK_SIZE) {
        uint32_t words[64];
        for (int i = 0; i < 16; i++) words[i] = load(blocks + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t early = words[i - 15], late = words[i - 2];
            words[i] = words[i - 16] + words[i - 7]
                + (rotate_right(early, 7) ^ rotate_right(early, 18) ^ early >> 3)
                + (rotate_right(late, 17) ^ rotate_right(late, 19) ^ late >> 10);
        }

        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < 64; i++) {
            uint32_t first = h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25))
                + choose(e, f, g) + configcat_sha256_constants[i] + words[i];
            uint32_t second = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) + majority(a, b, c);
            h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}
