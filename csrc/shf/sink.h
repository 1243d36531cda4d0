/* Sinks: where the bytes of an output go. Conventions: shf.h. */
#ifndef SHF_SINK_H
#define SHF_SINK_H

#include "shf/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where a writer's bytes go. After the first failure, every later write returns the same error. */
typedef struct shf_sink shf_sink;

/* A buffer in memory that grows. */
int shf_sink_memory(shf_sink **out);
/*
 * Writes to a temporary file beside `path`; shf_sink_finish renames it, so that `path` is never
 * half written. The file gets the mode of the one that it replaces, and its owner where that is
 * permitted; else mode 0666 less umask.
 */
int shf_sink_file(const char *path, shf_sink **out, shf_error *error);
/* An open file descriptor, which stays open and belongs to the caller. */
int shf_sink_fd(int fd, shf_sink **out);
/* Counts the bytes and keeps none. Writing more than `limit` bytes fails with SHF_E_LIMIT. */
int shf_sink_count(uint64_t limit, shf_sink **out);
/* The number of bytes written to a counting sink so far. */
uint64_t shf_sink_counted(const shf_sink *sink);
/*
 * Compresses (RFC 1952, without name and time) into `next`, which stays the caller's.
 * @param level 1 to 9
 */
int shf_sink_gzip(shf_sink *next, int level, shf_sink **out);

/* Accepts at most `limit` more bytes; then writing fails with SHF_E_LIMIT. */
void shf_sink_limit(shf_sink *sink, uint64_t limit);

int shf_sink_write(shf_sink *sink, const void *bytes, size_t len);
int shf_sink_puts(shf_sink *sink, const char *text);
int shf_sink_str(shf_sink *sink, shf_str text);
int shf_sink_u64(shf_sink *sink, uint64_t value);
int shf_sink_i64(shf_sink *sink, int64_t value);
/* printf with at most 512 bytes of result; not for names and paths, which may be longer. */
int shf_sink_printf(shf_sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Flushes the buffer; a file sink renames its file, a gzip sink writes its trailer. */
int shf_sink_finish(shf_sink *sink, shf_error *error);
/* The code of the first failure, or SHF_OK. */
int shf_sink_code(const shf_sink *sink);
/* The reason of the first failure. */
shf_error shf_sink_error(const shf_sink *sink);
/*
 * Hands over the bytes of a memory sink, which the caller frees with free(); NULL and 0 when
 * empty.
 */
void shf_sink_take(shf_sink *sink, char **bytes, size_t *len);
/* Destroys the sink and removes an unfinished file. NULL is allowed. */
void shf_sink_free(shf_sink *sink);

#ifdef __cplusplus
}
#endif

#endif
