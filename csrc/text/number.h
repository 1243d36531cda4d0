/*
 * Numbers for people, the same in every locale. Each function writes a NUL-terminated text into
 * at least SHF__NUMBER bytes and returns its length, which is also its width in columns.
 */
#ifndef SHF_TEXT_NUMBER_H
#define SHF_TEXT_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define SHF__NUMBER 32

/* -1234567 */
size_t shf__number_plain(char *out, int64_t value);
/* -1,234,567 */
size_t shf__number_grouped(char *out, int64_t value);
/*
 * Bytes in decimal units, which agree with the digits of the exact figure: `999 B`, `1.2 kB`,
 * `123.5 MB`, `1.2 GB`.
 */
size_t shf__number_bytes(char *out, int64_t bytes);
/* part / whole with two decimals: `12.34%`; `-` when the whole is 0. */
size_t shf__number_share(char *out, int64_t part, int64_t whole);
/*
 * Standard error as a percentage of the estimate, with two significant digits: `0.4%`, `9.9%`,
 * `35%`; `-` without an estimate or without a variance.
 */
size_t shf__number_error(char *out, double variance, int64_t estimate);
/*
 * A span of seconds, in the largest unit that `high` has two of: `2-58 s`, `58 s`, `1-12 min`,
 * `2-30 h`; `-` when it is below 0.
 */
size_t shf__number_ages(char *out, int64_t low, int64_t high);
/* A non-negative number with at most one decimal, as in JSON: `12.3`, `12`. */
size_t shf__number_tenths(char *out, double value);
/* Unix milliseconds as `2026-11-03 12:34:56 UTC`. */
size_t shf__number_time(char *out, uint64_t unix_ms);

#endif
