/* Decimal numbers as in JSON. Independent of the locale. */
#ifndef SHF_CORE_DECIMAL_H
#define SHF_CORE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHF__DECIMAL 40

/* Whether the text is a number: -12, 0.5, 1e3, -1.5E-3. */
bool shf__decimal_valid(const char *text, size_t len);
/*
 * The value, exact to two units in the last place; infinite when it exceeds a double.
 * @return false when the text is no number
 */
bool shf__decimal_parse(const char *text, size_t len, double *value);
/*
 * Rounds the same number, whose value is known, to an integer without losing digits beyond 2^53.
 * @return false when it does not fit 64 bits
 */
bool shf__decimal_whole(const char *text, size_t len, double value, int64_t *whole);
/*
 * Writes a finite number and a NUL into SHF__DECIMAL bytes, with at most `figures` significant
 * digits (17 are exact).
 * @return the length
 */
size_t shf__decimal_put(char *out, double value, int figures);

#endif
