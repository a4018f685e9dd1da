// The compression functions of SHA-1 and SHA-256 with the cryptographic extensions of ARMv8.

#if defined(__aarch64__) && !defined(__AARCH64EB__)

#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

#include "Compression.h"

#define WITH_EXTENSIONS __attribute__((target("sha2")))
#define UNROLL _Pragma("clang loop unroll(full)")

bool configcat_sha_find_extensions(void) {
#if defined(__APPLE__)
    return true;  // All of Apple's 64-bit processors have them.
#elif defined(__linux__)
    const unsigned long sha1 = 1 << 5, sha2 = 1 << 6;  // HWCAP_SHA1 and HWCAP_SHA2 of <asm/hwcap.h>
    return (getauxval(AT_HWCAP) & (sha1 | sha2)) == (sha1 | sha2);
#else
    return false;
#endif
}

/// Reads four big-endian words.
static inline WITH_EXTENSIONS uint32x4_t load_words(const uint8_t *bytes) {
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(bytes)));
}

WITH_EXTENSIONS
void configcat_sha1_compress_with_extensions(uint32_t *state, const uint8_t *blocks, size_t block_count) {
    static const uint32_t constants[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    uint32x4_t abcd = vld1q_u32(state);
    uint32_t e = state[4];

    for (; block_count > 0; block_count--, blocks += BLOCK_SIZE) {
        const uint32x4_t abcd_before = abcd;
        const uint32_t e_before = e;
        uint32x4_t words[4];  // `words[i % 4]` are the words 4i to 4i + 3.
        UNROLL for (int i = 0; i < 20; i++) {
            uint32x4_t *now = &words[i & 3];
            if (i < 4) {
                *now = load_words(blocks + 16 * i);
            } else {
                uint32x4_t sum = vsha1su0q_u32(*now, words[(i + 1) & 3], words[(i + 2) & 3]);
                *now = vsha1su1q_u32(sum, words[(i + 3) & 3]);
            }
            uint32x4_t input = vaddq_u32(*now, vdupq_n_u32(constants[i / 5]));
            // The current a becomes e after four rounds.
            uint32_t next_e = vsha1h_u32(vgetq_lane_u32(abcd, 0));
            switch (i / 5) {
            case 0: abcd = vsha1cq_u32(abcd, e, input); break;
            case 2: abcd = vsha1mq_u32(abcd, e, input); break;
            default: abcd = vsha1pq_u32(abcd, e, input); break;
            }
            e = next_e;
        }
        abcd = vaddq_u32(abcd, abcd_before);
        e += e_before;
    }
    vst1q_u32(state, abcd);
    state[4] = e;
}

WITH_EXTENSIONS
void configcat_sha256_compress_with_extensions(uint32_t *state, const uint8_t *blocks, size_t block_count) {
    uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);

    for (; block_count > 0; block_count--, blocks += BLOCK_SIZE) {
        const uint32x4_t abcd_before = abcd, efgh_before = efgh;
        uint32x4_t words[4];  // `words[i % 4]` are the words 4i to 4i + 3.
        UNROLL for (int i = 0; i < 16; i++) {
            uint32x4_t *now = &words[i & 3];
            if (i < 4) {
                *now = load_words(blocks + 16 * i);
            } else {
                uint32x4_t sum = vsha256su0q_u32(*now, words[(i + 1) & 3]);
                *now = vsha256su1q_u32(sum, words[(i + 2) & 3], words[(i + 3) & 3]);
            }
            uint32x4_t input = vaddq_u32(*now, vld1q_u32(configcat_sha256_constants + 4 * i));
            uint32x4_t abcd_now = abcd;
            abcd = vsha256hq_u32(abcd, efgh, input);
            efgh = vsha256h2q_u32(efgh, abcd_now, input);
        }
        abcd = vaddq_u32(abcd, abcd_before);
        efgh = vaddq_u32(efgh, efgh_before);
    }
    vst1q_u32(state, abcd);
    vst1q_u32(state + 4, efgh);
}

#endif
