/* For builds without zlib (-DSHF_NO_ZLIB, without gzip.c): zipped inputs are refused. */
#include "core/unzip.h"

#ifdef SHF_NO_ZLIB
int shf_unzip_new(shf_unzip_put put, void *self, shf_unzip **out) {
  (void)put;
  (void)self;
  (void)out;
  return SHF_E_ABSENT;
}

int shf_unzip_push(shf_unzip *u, const void *bytes, size_t len, shf_error *error) {
  (void)u;
  (void)bytes;
  (void)len;
  (void)error;
  return SHF_E_ABSENT;
}

int shf_unzip_finish(shf_unzip *u, shf_error *error) {
  (void)u;
  (void)error;
  return SHF_E_ABSENT;
}

void shf_unzip_free(shf_unzip *u) {
  (void)u;
}
#endif
