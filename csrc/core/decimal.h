/* Decimal numbers as JSON has them, whatever the locale of the program is. */
#ifndef SHF_CORE_DECIMAL_H
#define SHF_CORE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHF__DECIMAL 40

/* -12, 0.5, 1e3, -1.5E-3: whether it is one, by its syntax. */
bool shf__decimal_valid(const char *text, size_t len);
/*
 * The value, within two units of the last place; infinite beyond what a double holds.
 * @return false where the syntax is another
 */
bool shf__decimal_parse(const char *text, size_t len, double *value);
/*
 * The same number, whose value is known, rounded to a whole one: digits beyond 2^53 are not lost.
 * @return false where that is none of 64 bits
 */
bool shf__decimal_whole(const char *text, size_t len, double value, int64_t *whole);
/*
 * Writes a finite number and a NUL into SHF__DECIMAL bytes, in so many figures at most (17 tell
 * doubles apart). @return its length
 */
size_t shf__decimal_put(char *out, double value, int figures);

#endif
