/* gunzip as bytes come. */
#ifndef SHF_CORE_UNZIP_H
#define SHF_CORE_UNZIP_H

#include "shf.h"

typedef struct shf_unzip shf_unzip;

/* Takes unzipped bytes. @return 0 to go on; any other code ends and is returned */
typedef int (*shf_unzip_put)(void *self, const char *bytes, size_t len);

int shf_unzip_new(shf_unzip_put put, void *self, shf_unzip **out);
/* Gzip members, one behind the other. @return SHF_E_FORMAT with the byte in the zipped input */
int shf_unzip_push(shf_unzip *u, const void *bytes, size_t len, shf_error *error);
/* SHF_E_FORMAT where the last member has not ended. */
int shf_unzip_finish(shf_unzip *u, shf_error *error);
/* NULL is allowed. */
void shf_unzip_free(shf_unzip *u);

#endif
