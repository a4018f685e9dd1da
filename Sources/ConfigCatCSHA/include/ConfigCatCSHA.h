// SHA-1 and SHA-256 of short byte strings.
//
// These hashes choose percentage options, compare hashed lists, and name cache entries, as ConfigCat's formats
// require. They must not protect secrets: use a cryptography library for passwords, keys and signatures.
//
// Nothing here allocates, blocks or fails. All functions may be called from any thread.

#ifndef CONFIGCAT_C_SHA_H
#define CONFIGCAT_C_SHA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes that are hashed. `start` may be null if `count` is 0.
typedef struct {
    const void *_Nullable start;
    size_t count;
} ConfigCatSHABytes;

/// The bytes of a hash as big-endian numbers. A SHA-1, which has 20 bytes, is followed by zeros.
typedef struct {
    uint64_t first;
    uint64_t second;
    uint64_t third;
    uint64_t fourth;
} ConfigCatSHADigest;

/// Returns the SHA-1 of the concatenation of three byte strings.
ConfigCatSHADigest configcat_sha1(ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third);

/// Returns the SHA-256 of the concatenation of three byte strings.
ConfigCatSHADigest configcat_sha256(ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third);

/// Returns whether the two functions above use the processor's instructions for these hashes.
bool configcat_sha_uses_extensions(void);

// For tests: the same hashes, computed without such instructions.

/// Returns what `configcat_sha1` returns.
ConfigCatSHADigest configcat_sha1_portable(ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third);

/// Returns what `configcat_sha256` returns.
ConfigCatSHADigest configcat_sha256_portable(
    ConfigCatSHABytes first, ConfigCatSHABytes second, ConfigCatSHABytes third);

#endif
