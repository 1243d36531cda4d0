/* Any input, gzipped or not, to the reader of its format. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/unzip.h"
#include "format/reader.h"

enum {
  HEAD_BYTES = 4096, /* that tell the format */
  BLOCK_BYTES = 128 * 1024
};

/* Both stages hold bytes back until they know what they have. */
struct shf_reader {
  shf_type single;
  shf__text head;   /* of the input, until it is known to be gzipped or not */
  shf_unzip *unzip; /* NULL for plain input */
  bool known;       /* whether the format is */
  bool lean;        /* whether the profile may be */
  shf__text begun;  /* unzipped bytes until it is */
  shf__input input;
  shf_error error;
};

/* ---- Captures: read in one piece ------------------------------------------------ */

static int capture_push(void *self, const char *bytes, size_t len, shf_error *error) {
  shf__text *all = self;
  (void)error;
  shf__text_add(all, bytes, len);
  return all->code;
}

static int capture_finish(void *self, shf_profile **out, shf_error *error) {
  const shf__text *all = self;
  return shf_profile_from_capture(all->ptr, all->len, out, error);
}

static void capture_free(void *self) {
  shf__text_free(self);
  free(self);
}

static int capture_open(shf__input *in) {
  shf__text *all = calloc(1, sizeof *all);
  if (!all) return SHF_E_NOMEM;
  *in = (shf__input){all, capture_push, capture_finish, capture_free};
  /* cppcheck-suppress memleak ; it is the input's now */
  return SHF_OK;
}

/* ---- Stages ------------------------------------------------------------------------ */

static int open_format(shf_reader *r) {
  shf_type single = r->single;
  switch (shf_format_of(r->begun.ptr, r->begun.len)) {
    case SHF_FORMAT_CAPTURE:
      return capture_open(&r->input);
    case SHF_FORMAT_PPROF:
      return shf__pprof_open(&r->input);
    case SHF_FORMAT_HEAPPROFILE:
      return shf__heapprofile_open(single < SHF_TYPES ? single : SHF_INUSE_SPACE, &r->input);
    case SHF_FORMAT_FOLDED:
      return shf__folded_open(single < SHF_TYPES ? single : SHF_ALLOC_SPACE, &r->input);
    default:
      return shf__damaged(&r->error, "it is empty", 0);
  }
}

static int begin_format(shf_reader *r) {
  r->known = true;
  int code = open_format(r);
  if (!code) code = r->input.push(r->input.self, r->begun.ptr, r->begun.len, &r->error);
  shf__text_free(&r->begun);
  return code;
}

/* Plain bytes: unzipped, or as they came. */
static int take_plain(void *self, const char *bytes, size_t len) {
  shf_reader *r = self;
  if (r->known) return r->input.push(r->input.self, bytes, len, &r->error);
  shf__text_add(&r->begun, bytes, len);
  if (r->begun.code) return r->begun.code;
  return r->begun.len >= HEAD_BYTES ? begin_format(r) : SHF_OK;
}

static bool is_gzip(const shf__text *head) {
  return head->len >= 2 && (uint8_t)head->ptr[0] == 0x1f && (uint8_t)head->ptr[1] == 0x8b;
}

static int take(shf_reader *r, const char *bytes, size_t len) {
  return r->unzip ? shf_unzip_push(r->unzip, bytes, len, &r->error) : take_plain(r, bytes, len);
}

int shf_reader_new(shf_type single, shf_reader **out) {
  shf_reader *r = calloc(1, sizeof *r);
  if (!r) return SHF_E_NOMEM;
  r->single = single;
  *out = r;
  return SHF_OK;
}

enum { MARK_BYTES = 2 }; /* of gzip */

static int push_head(shf_reader *r, const char *bytes, size_t *len) {
  size_t missing = MARK_BYTES - r->head.len;
  if (*len > missing) *len = missing;
  shf__text_add(&r->head, bytes, *len);
  if (r->head.code || r->head.len < MARK_BYTES) return r->head.code;
  int code = is_gzip(&r->head) ? shf_unzip_new(take_plain, r, &r->unzip) : SHF_OK;
  if (code == SHF_E_ABSENT) r->error.message = "gzipped, and this was built without zlib";
  return code ? code : take(r, r->head.ptr, r->head.len);
}

int shf_reader_push(shf_reader *r, const void *bytes, size_t len, shf_error *error) {
  size_t begun = 0;
  int code = SHF_OK;
  if (len && r->head.len < MARK_BYTES) {
    begun = len;
    code = push_head(r, bytes, &begun);
  }
  if (!code && len > begun) code = take(r, (const char *)bytes + begun, len - begun);
  if (code && !r->error.message) r->error.message = shf_code_text(code);
  if (error) *error = r->error;
  return code;
}

int shf_reader_finish(shf_reader *r, shf_profile **out, shf_error *error) {
  int code = SHF_OK;
  if (r->head.len && r->head.len < MARK_BYTES) code = take(r, r->head.ptr, r->head.len);
  if (!code && r->unzip) code = shf_unzip_finish(r->unzip, &r->error);
  if (!code && !r->known) code = begin_format(r);
  if (!code) code = r->input.finish(r->input.self, out, &r->error);
  if (!code && !r->lean) code = shf_profile_shape(*out);
  if (code && !r->error.message) r->error.message = shf_code_text(code);
  if (error) *error = r->error;
  return code;
}

void shf_reader_free(shf_reader *r) {
  if (!r) return;
  if (r->input.self) r->input.free(r->input.self);
  shf_unzip_free(r->unzip);
  shf__text_free(&r->head);
  shf__text_free(&r->begun);
  free(r);
}

/* ---- Whole inputs --------------------------------------------------------------------- */

static int read_failed(shf_error *error) {
  if (error) *error = (shf_error){.message = "cannot be read", .sys = errno};
  return SHF_E_IO;
}

static int read_blocks(int fd, shf_reader *r, char *block, shf_error *error) {
  for (;;) {
    ssize_t n = read(fd, block, BLOCK_BYTES);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return read_failed(error);
    if (n == 0) return SHF_OK;
    int code = shf_reader_push(r, block, (size_t)n, error);
    if (code) return code;
  }
}

int shf_profile_read_fd(int fd, shf_type single, bool lean, shf_profile **out, shf_error *error) {
  shf_reader *r = NULL;
  char *block = malloc(BLOCK_BYTES);
  int code = block ? shf_reader_new(single, &r) : SHF_E_NOMEM;
  if (!code) {
    r->lean = lean;
    code = read_blocks(fd, r, block, error);
  }
  free(block);
  if (!code) code = shf_reader_finish(r, out, error);
  shf_reader_free(r);
  return code;
}

int shf_profile_read(const void *bytes, size_t len, shf_type single, shf_profile **out,
                     shf_error *error) {
  shf_reader *r;
  int code = shf_reader_new(single, &r);
  if (code) return code;
  code = shf_reader_push(r, bytes, len, error);
  if (!code) code = shf_reader_finish(r, out, error);
  shf_reader_free(r);
  return code;
}
