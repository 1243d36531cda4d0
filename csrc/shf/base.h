/* Errors and text. Conventions: shf.h. */
#ifndef SHF_BASE_H
#define SHF_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHF_VERSION "0.1.0"

/* No such row: the parent of the root, or a frame that does not exist. */
#define SHF_NONE UINT32_MAX

/* ---- Errors */

enum shf_code {
  SHF_OK = 0,
  SHF_E_NOMEM,  /* an allocation failed */
  SHF_E_IO,     /* a file could not be opened, written or renamed */
  SHF_E_FORMAT, /* the input is damaged or has another format */
  SHF_E_LIMIT,  /* more rows than 32-bit indices can number, a sum beyond 2^63 */
  SHF_E_ARG,    /* an argument is out of range */
  SHF_E_ABSENT  /* the profile does not have the value asked for */
};

/* Where and why a reader or a sink failed. */
typedef struct shf_error {
  const char *message; /* constant text, never freed; NULL: no error */
  uint64_t offset;     /* byte in the input, from 0; 0 for sinks */
  int sys;             /* errno of the system call that failed, else 0 */
  uint64_t line;       /* line of a text input, from 1; else 0 */
} shf_error;

/* A sentence for a code; constant, never NULL. */
const char *shf_code_text(int code);

/* ---- Text */

typedef struct shf_str {
  const char *ptr; /* not NUL-terminated */
  size_t len;      /* bytes */
} shf_str;

/* A NUL-terminated text as shf_str. */
shf_str shf_str_of(const char *text);
/* Order by bytes; a prefix comes before a longer text. */
int shf_str_compare(shf_str a, shf_str b);

#ifdef __cplusplus
}
#endif

#endif
