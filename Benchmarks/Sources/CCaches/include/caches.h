#pragma once
#include <stddef.h>

// The work of the adapters in C, with the same libraries and blocking calls, for comparison.

/// Opens a blocking connection of hiredis; returns null if that fails.
void *c_redis_open(int port);
/// Receives a value, frees it, and returns its length.
size_t c_redis_get(void *connection, const char *key);

/// Opens a database of the SQLite adapter; returns null if that fails.
void *c_sqlite_open(const char *path);
/// Copies a value out of its row, frees it, and returns its length.
size_t c_sqlite_get(void *database, const char *key);

/// Reads a file with open, read and close into an existing buffer, and returns its length.
size_t c_file_read(const char *path);
/// Writes a file durably: a temporary file, fsync, rename, fsync of the directory. Returns 0 on success.
int c_file_write(const char *directory, const char *name, const void *bytes, size_t count);
