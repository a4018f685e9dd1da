// Collects bytes into blocks, pads the last block, and chooses the compression function.

#include "include/ConfigCatCSHA.h"

#include <stdatomic.h>
#include <string.h>

#include "Compression.h"

/// The state of a hash to which bytes are appended.
typedef struct {
    Compression *compress;
    uint32_t state[8];
    uint64_t byte_count;
    size_t buffered;
    /// Two blocks that are compressed together, and a third for the padding.
    uint8_t buffer[3 * BLOCK_SIZE];
} Hash;

static inline void append(Hash *hash, ConfigCatSHABytes bytes) {
    const uint8_t *source = bytes.start;
    size_t left = bytes.count;
    hash->byte_count += left;
    while (left > 0) {
        size_t room = 2 * BLOCK_SIZE - hash->buffered, count = left < room ? left : room;
        memcpy(hash->buffer + hash->buffered, source, count);
        hash->buffered += count, source += count, left -= count;
        if (hash->buffered == 2 * BLOCK_SIZE) {
            hash->compress(hash->state, hash->buffer, 2);
            hash->buffered = 0;
        }
    }
}

/// Appends a one bit, zeros, and the number of bits as the last 8 bytes of a block.
static inline void finish(Hash *hash) {
    size_t block_count = (hash->buffered + 1 + 8 + BLOCK_SIZE - 1) / BLOCK_SIZE;
    uint8_t *end = hash->buffer + block_count * BLOCK_SIZE, *padding = hash->buffer + hash->buffered;
    memset(padding, 0, (size_t)(end - padding));
    padding[0] = 0x80;
    uint64_t bit_count = hash->byte_count * 8;
    for (int i = 1; i <= 8; i++, bit_count >>= 8) end[-i] = (uint8_t)bit_count;
    hash->compress(hash->state, hash->buffer, block_count);
}

static inline uint64_t pair(const uint32_t *words) { return (uint64_t)words[0] << 32 | words[1]; }

static inline ConfigCatSHADigest sha1(
    Compression *compress, ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third) {
    Hash hash;
    hash.compress = compress, hash.byte_count = 0, hash.buffered = 0;
    static const uint32_t initial[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    memcpy(hash.state, initial, sizeof initial);
    append(&hash, first), append(&hash, second), append(&hash, third);
    finish(&hash);
    return (ConfigCatSHADigest){pair(hash.state), pair(hash.state + 2), (uint64_t)hash.state[4] << 32, 0};
}

static inline ConfigCatSHADigest sha256(
    Compression *compress, ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third) {
    Hash hash;
    hash.compress = compress, hash.byte_count = 0, hash.buffered = 0;
    static const uint32_t initial[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                        0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
    memcpy(hash.state, initial, sizeof initial);
    append(&hash, first), append(&hash, second), append(&hash, third);
    finish(&hash);
    return (ConfigCatSHADigest){pair(hash.state), pair(hash.state + 2), pair(hash.state + 4), pair(hash.state + 6)};
}

bool configcat_sha_uses_extensions(void) {
#if HAS_EXTENSIONS_FILE
    // Cached: detection takes microseconds on a virtual machine. A race is harmless, because all threads find the same.
    enum { UNKNOWN, ABSENT, PRESENT };
    static _Atomic int known = UNKNOWN;
    int extensions = atomic_load_explicit(&known, memory_order_relaxed);
    if (__builtin_expect(extensions == UNKNOWN, 0)) {
        extensions = configcat_sha_find_extensions() ? PRESENT : ABSENT;
        atomic_store_explicit(&known, extensions, memory_order_relaxed);
    }
    return extensions == PRESENT;
#else
    return false;
#endif
}

ConfigCatSHADigest configcat_sha1(ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third) {
#if HAS_EXTENSIONS_FILE
    if (configcat_sha_uses_extensions()) return sha1(configcat_sha1_compress_with_extensions, first, second, third);
#endif
    return configcat_sha1_portable(first, second, third);
}

ConfigCatSHADigest configcat_sha256(ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third) {
#if HAS_EXTENSIONS_FILE
    if (configcat_sha_uses_extensions()) return sha256(configcat_sha256_compress_with_extensions, first, second, third);
#endif
    return configcat_sha256_portable(first, second, third);
}

ConfigCatSHADigest configcat_sha1_portable(ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third) {
    return sha1(configcat_sha1_compress_portable, first, second, third);
}

ConfigCatSHADigest configcat_sha256_portable(
    ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third) {
    return sha256(configcat_sha256_compress_portable, first, second, third);
}
