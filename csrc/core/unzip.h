/* Streaming gunzip. */
#ifndef SHF_CORE_UNZIP_H
#define SHF_CORE_UNZIP_H

#include "shf.h"

typedef struct shf_unzip shf_unzip;

/* Receives unzipped bytes. @return 0 to continue; any other code stops and is returned */
typedef int (*shf_unzip_put)(void *self, const char *bytes, size_t len);

int shf_unzip_new(shf_unzip_put put, void *self, shf_unzip **out);
/*
 * Takes one or more concatenated gzip members.
 * @return SHF_E_FORMAT with the byte in the zipped input
 */
int shf_unzip_push(shf_unzip *u, const void *bytes, size_t len, shf_error *error);
/* SHF_E_FORMAT when the last member is incomplete. */
int shf_unzip_finish(shf_unzip *u, shf_error *error);
/* NULL is allowed. */
void shf_unzip_free(shf_unzip *u);

#endif
