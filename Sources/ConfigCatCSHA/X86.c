// The compression functions of SHA-1 and SHA-256 with the SHA extensions of x86-64.

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#include "Compression.h"

#define WITH_EXTENSIONS __attribute__((target("sha,sse4.1,ssse3")))
#define UNROLL _Pragma("clang loop unroll(full)")

bool configcat_sha_find_extensions(void) {
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return false;
    bool has_ssse3 = ecx & bit_SSSE3, has_sse41 = ecx & bit_SSE41;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return false;
    return has_ssse3 && has_sse41 && (ebx & bit_SHA);
}

static inline WITH_EXTENSIONS __m128i load(const void *source) { return _mm_loadu_si128(source); }

static inline WITH_EXTENSIONS void store(void *target, __m128i vector) { _mm_storeu_si128(target, vector); }

WITH_EXTENSIONS
void configcat_sha1_compress_with_extensions(uint32_t *state, const uint8_t *blocks, size_t block_count) {
    // The instructions expect the first of four words in the highest lane.
    const __m128i reversal = _mm_set_epi64x(0x0001020304050607, 0x08090A0B0C0D0E0F);
    __m128i abcd = _mm_shuffle_epi32(load(state), _MM_SHUFFLE(0, 1, 2, 3));
    __m128i e = _mm_set_epi32((int)state[4], 0, 0, 0);

    for (; block_count > 0; block_count--, blocks += BLOCK_SIZE) {
        const __m128i abcd_before = abcd, e_before = e;
        // `words[i % 4]` are the words 4i to 4i + 3. `older` is the state before the last four rounds: its a is the
        // next e.
        __m128i words[4], older = abcd;
        UNROLL for (int i = 0; i < 20; i++) {
            __m128i *now = &words[i & 3];
            if (i < 4) {
                *now = _mm_shuffle_epi8(load(blocks + 16 * i), reversal);
            } else {
                __m128i sum = _mm_xor_si128(_mm_sha1msg1_epu32(*now, words[(i + 1) & 3]), words[(i + 2) & 3]);
                *now = _mm_sha1msg2_epu32(sum, words[(i + 3) & 3]);
            }
            e = i == 0 ? _mm_add_epi32(e, *now) : _mm_sha1nexte_epu32(older, *now);
            older = abcd;
            switch (i / 5) {
            case 0: abcd = _mm_sha1rnds4_epu32(abcd, e, 0); break;
            case 1: abcd = _mm_sha1rnds4_epu32(abcd, e, 1); break;
            case 2: abcd = _mm_sha1rnds4_epu32(abcd, e, 2); break;
            default: abcd = _mm_sha1rnds4_epu32(abcd, e, 3); break;
            }
        }
        e = _mm_sha1nexte_epu32(older, e_before);
        abcd = _mm_add_epi32(abcd, abcd_before);
    }
    store(state, _mm_shuffle_epi32(abcd, _MM_SHUFFLE(0, 1, 2, 3)));
    state[4] = (uint32_t)_mm_extract_epi32(e, 3);
}

WITH_EXTENSIONS
void configcat_sha256_compress_with_extensions(uint32_t *state, const uint8_t *blocks, size_t block_count) {
    // Reverses the bytes of each word.
    const __m128i reversal = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
    // The instructions expect one vector of the words f, e, b, a and one of h, g, d, c, the first in the lowest lane.
    __m128i badc = _mm_shuffle_epi32(load(state), _MM_SHUFFLE(2, 3, 0, 1));
    __m128i fehg = _mm_shuffle_epi32(load(state + 4), _MM_SHUFFLE(2, 3, 0, 1));
    __m128i feba = _mm_unpacklo_epi64(fehg, badc), hgdc = _mm_unpackhi_epi64(fehg, badc);

    for (; block_count > 0; block_count--, blocks += BLOCK_SIZE) {
        const __m128i feba_before = feba, hgdc_before = hgdc;
        // `words[i % 4]` are the words 4i to 4i + 3.
        __m128i words[4];
        UNROLL for (int i = 0; i < 16; i++) {
            __m128i *now = &words[i & 3];
            if (i < 4) {
                *now = _mm_shuffle_epi8(load(blocks + 16 * i), reversal);
            } else {
                __m128i last = words[(i + 3) & 3], seven_ago = _mm_alignr_epi8(last, words[(i + 2) & 3], 4);
                __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*now, words[(i + 1) & 3]), seven_ago);
                *now = _mm_sha256msg2_epu32(sum, last);
            }
            __m128i input = _mm_add_epi32(*now, load(configcat_sha256_constants + 4 * i));
            // Two rounds compute the new a, b, e, f. The previous a, b, e, f become c, d, g, h.
            hgdc = _mm_sha256rnds2_epu32(hgdc, feba, input);
            feba = _mm_sha256rnds2_epu32(feba, hgdc, _mm_shuffle_epi32(input, _MM_SHUFFLE(0, 0, 3, 2)));
        }
        feba = _mm_add_epi32(feba, feba_before);
        hgdc = _mm_add_epi32(hgdc, hgdc_before);
    }
    fehg = _mm_unpacklo_epi64(feba, hgdc), badc = _mm_unpackhi_epi64(feba, hgdc);
    store(state, _mm_shuffle_epi32(badc, _MM_SHUFFLE(2, 3, 0, 1)));
    store(state + 4, _mm_shuffle_epi32(fehg, _MM_SHUFFLE(2, 3, 0, 1)));
}

#endif
