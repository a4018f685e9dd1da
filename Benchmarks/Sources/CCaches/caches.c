#include "caches.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/hiredis.h>
#include <sqlite3.h>

void *c_redis_open(int port) {
    redisContext *context = redisConnect("127.0.0.1", port);
    return context && !context->err ? context : NULL;
}

size_t c_redis_get(void *connection, const char *key) {
    redisReply *reply = redisCommand(connection, "GET %s", key);
    if (!reply) return 0;
    size_t length = reply->type == REDIS_REPLY_STRING ? (size_t)reply->len : 0;
    freeReplyObject(reply);
    return length;
}

typedef struct {
    sqlite3 *database;
    sqlite3_stmt *statement;
} c_sqlite;

void *c_sqlite_open(const char *path) {
    c_sqlite *opened = calloc(1, sizeof *opened);
    if (sqlite3_open(path, &opened->database) != SQLITE_OK) return NULL;
    const char *sql = "SELECT header, body FROM configcat_entries WHERE key = ?1";
    if (sqlite3_prepare_v2(opened->database, sql, -1, &opened->statement, NULL) != SQLITE_OK) return NULL;
    return opened;
}

size_t c_sqlite_get(void *database, const char *key) {
    sqlite3_stmt *statement = ((c_sqlite *)database)->statement;
    sqlite3_bind_blob(statement, 1, key, (int)strlen(key), SQLITE_STATIC);
    size_t length = 0;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        const void *header = sqlite3_column_blob(statement, 0);
        size_t headerLength = (size_t)sqlite3_column_bytes(statement, 0);
        const void *body = sqlite3_column_blob(statement, 1);
        size_t bodyLength = (size_t)sqlite3_column_bytes(statement, 1);
        length = headerLength + bodyLength;
        char *copy = malloc(length + 1);
        memcpy(copy, header, headerLength);
        memcpy(copy + headerLength, body, bodyLength);
        // Prevents the compiler from removing the copy.
        __asm__ volatile("" : : "r"(copy) : "memory");
        free(copy);
    }
    sqlite3_reset(statement);
    return length;
}

size_t c_file_read(const char *path) {
    static char buffer[8 << 20];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    size_t length = 0;
    ssize_t count;
    while (length < sizeof buffer && (count = read(file, buffer + length, sizeof buffer - length)) > 0) {
        length += (size_t)count;
    }
    close(file);
    return length;
}

int c_file_write(const char *directory, const char *name, const void *bytes, size_t count) {
    char temporary[4096], path[4096];
    snprintf(temporary, sizeof temporary, "%s/.tmp-c", directory);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return -1;
    if (write(file, bytes, count) != (ssize_t)count || fsync(file) != 0) return -1;
    close(file);
    if (rename(temporary, path) != 0) return -1;
    int folder = open(directory, O_RDONLY | O_CLOEXEC);
    if (folder < 0 || fsync(folder) != 0) return -1;
    return close(folder);
}
