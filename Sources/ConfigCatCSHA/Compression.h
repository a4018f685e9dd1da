// The compression functions of FIPS 180-4. Each updates a state with a number of blocks of 64 bytes.

#ifndef CONFIGCAT_C_SHA_COMPRESSION_H
#define CONFIGCAT_C_SHA_COMPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_SIZE 64

/// Updates a state, which has 5 words for SHA-1 and 8 for SHA-256, with blocks.
typedef void Compression(uint32_t *state, const uint8_t *blocks, size_t block_count);

Compression configcat_sha1_compress_portable;
Compression configcat_sha256_compress_portable;

#if defined(__x86_64__) || (defined(__aarch64__) && !defined(__AARCH64EB__))
#define HAS_EXTENSIONS_FILE 1

/// Returns whether this processor and its operating system support the two functions below. Does not cache the answer.
bool configcat_sha_find_extensions(void);

Compression configcat_sha1_compress_with_extensions;
Compression configcat_sha256_compress_with_extensions;
#endif

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
extern const uint32_t configcat_sha256_constants[64];

#endif
