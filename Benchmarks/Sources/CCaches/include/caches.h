#pragma once
#include <stddef.h>

// What the adapters are compared with: the same work in C, with the same libraries, blocking.

/// A blocking connection of hiredis; null if there is none.
void *c_redis_open(int port);
/// The length of a value; its bytes are received and freed.
size_t c_redis_get(void *connection, const char *key);

/// A connection to a database of ours; null if there is none.
void *c_sqlite_open(const char *path);
/// The length of a value, which is copied out of the row and freed.
size_t c_sqlite_get(void *database, const char *key);

/// The length of a file, read with open, read and close into a buffer that is there already.
size_t c_file_read(const char *path);
/// Writes a file durably: a temporary file, fsync, rename, fsync of the directory. 0 if all went well.
int c_file_write(const char *directory, const char *name, const void *bytes, size_t count);
