/* Passes an input, gzipped or not, to the reader of its format. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/budget.h"
#include "core/unzip.h"
#include "format/reader.h"
#include "format/unsupported_inputs.h"
#include "profile/memory_use.h"
#include "text/utf16.h"

enum {
  HEAD_BYTES = 4096, /* enough to detect the format */
  BLOCK_BYTES = 128 * 1024,
  UNZIPPED_MAX = 32 /* times the memory limit, as text is much larger than the profile made of it */
};

/* Both stages hold bytes back until gzip, then the format, is known. */
struct shf_reader {
  shf_type single;
  shf__builder head;         /* first bytes of the input, until it is known whether it is gzipped */
  shf_unzip *unzip;          /* NULL for plain input */
  bool known;                /* whether the format is */
  bool compact;              /* whether the profile may be */
  uint64_t plain, max_plain; /* unzipped bytes; 0: no limit */
  shf__builder pending;      /* unzipped bytes until it is */
  bool is_utf16;             /* the text is UTF-16, */
  shf__utf16 utf16;          /* of which this is what waits, */
  shf__builder utf8;         /* and this the piece at hand in UTF-8 */
  shf__input input;
  shf_error error;
};

/* ---- Captures: read in one piece ------------------------------------------------ */

static int capture_push(void *self, const char *bytes, size_t len, shf_error *error) {
  shf__builder *all = self;
  (void)error;
  shf__builder_add(all, bytes, len);
  return all->code;
}

static int capture_finish(void *self, shf_profile **out, shf_error *error) {
  const shf__builder *all = self;
  return shf_profile_from_capture(all->ptr, all->len, out, error);
}

static void capture_free(void *self) {
  shf__builder_free(self);
  free(self);
}

static int capture_open(shf__input *in) {
  shf__builder *all = calloc(1, sizeof *all);
  if (!all) return SHF_E_NOMEM;
  *in = (shf__input){all, capture_push, capture_finish, capture_free};
  /* cppcheck-suppress memleak ; it is the input's now */
  return SHF_OK;
}

/* ---- Stages ------------------------------------------------------------------------ */

static int open_format(shf_reader *r) {
  shf_type single = r->single;
  const char *refusal = shf__unsupported_bytes(r->pending.ptr, r->pending.len);
  if (refusal) return shf__damaged(&r->error, refusal, 0);
  switch (shf_format_of(r->pending.ptr, r->pending.len)) {
    case SHF_FORMAT_CAPTURE:
      return capture_open(&r->input);
    case SHF_FORMAT_PPROF:
      return shf__pprof_open(&r->input);
    case SHF_FORMAT_HEAPPROFILE:
      return shf__heapprofile_open(single < SHF_TYPES ? single : SHF_INUSE_SPACE, &r->input);
    case SHF_FORMAT_FOLDED:
      return shf__folded_open(single < SHF_TYPES ? single : SHF_ALLOC_SPACE, &r->input);
    default:
      return shf__damaged(&r->error, "the file is empty", 0);
  }
}

/* Text in UTF-16 is converted to UTF-8. */
static int take_text(shf_reader *r, const char *bytes, size_t len) {
  if (!r->is_utf16) return r->input.push(r->input.self, bytes, len, &r->error);
  r->utf8.len = 0;
  shf__utf16_take(&r->utf16, bytes, len, &r->utf8);
  if (r->utf8.code || r->utf8.len == 0) return r->utf8.code;
  return r->input.push(r->input.self, r->utf8.ptr, r->utf8.len, &r->error);
}

static int begin_utf16(shf_reader *r) {
  shf__builder pending = r->pending;
  r->pending = (shf__builder){.ptr = NULL};
  r->is_utf16 = true;
  shf__utf16_take(&r->utf16, pending.ptr + 2, pending.len - 2, &r->pending);
  shf__builder_free(&pending);
  return r->pending.code;
}

static int begin_format(shf_reader *r) {
  r->known = true;
  int code = shf__utf16_begins(r->pending.ptr, r->pending.len, &r->utf16) ? begin_utf16(r) : SHF_OK;
  if (!code) code = open_format(r);
  if (!code) code = r->input.push(r->input.self, r->pending.ptr, r->pending.len, &r->error);
  shf__builder_free(&r->pending);
  return code;
}

/* Plain bytes: unzipped, or as they came. */
static int take_plain(void *self, const char *bytes, size_t len) {
  shf_reader *r = self;
  r->plain += len;
  shf__budget_read(len);
  if (r->max_plain && r->unzip && r->plain > r->max_plain) {
    r->error.message = "it unzips to more than 32 times --max-memory: raise that";
    return SHF_E_LIMIT;
  }
  if (r->known) return take_text(r, bytes, len);
  shf__builder_add(&r->pending, bytes, len);
  if (r->pending.code) return r->pending.code;
  return r->pending.len >= HEAD_BYTES ? begin_format(r) : SHF_OK;
}

static bool is_gzip(const shf__builder *head) {
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
  shf__builder_add(&r->head, bytes, *len);
  if (r->head.code || r->head.len < MARK_BYTES) return r->head.code;
  int code = is_gzip(&r->head) ? shf_unzip_new(take_plain, r, &r->unzip) : SHF_OK;
  return code ? code : take(r, r->head.ptr, r->head.len);
}

/* In a UTF-16 file offsets of the UTF-8 text mean nothing. */
static int set_error(shf_reader *r, int code, shf_error *error) {
  if (code && !r->error.message) r->error.message = shf_code_text(code);
  if (r->is_utf16) r->error.offset = 0;
  if (error) *error = r->error;
  return code;
}

int shf_reader_push(shf_reader *r, const void *bytes, size_t len, shf_error *error) {
  size_t pending = 0;
  int code = SHF_OK;
  if (len && r->head.len < MARK_BYTES) {
    pending = len;
    code = push_head(r, bytes, &pending);
  }
  if (!code && len > pending) code = take(r, (const char *)bytes + pending, len - pending);
  return set_error(r, code, error);
}

int shf_reader_finish(shf_reader *r, shf_profile **out, shf_error *error) {
  int code = SHF_OK;
  if (r->head.len && r->head.len < MARK_BYTES) code = take(r, r->head.ptr, r->head.len);
  if (!code && r->unzip) code = shf_unzip_finish(r->unzip, &r->error);
  if (!code && !r->known) code = begin_format(r);
  if (!code) code = r->input.finish(r->input.self, out, &r->error);
  if (!code && !r->compact) code = shf_profile_build_index(*out);
  return set_error(r, code, error);
}

void shf_reader_free(shf_reader *r) {
  if (!r) return;
  if (r->input.self) r->input.free(r->input.self);
  shf_unzip_free(r->unzip);
  shf__builder_free(&r->head);
  shf__builder_free(&r->pending);
  shf__builder_free(&r->utf8);
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

static int read_fd(int fd, shf_reader *r, shf_profile **out, shf_error *error) {
  char *block = malloc(BLOCK_BYTES);
  int code = block ? read_blocks(fd, r, block, error) : SHF_E_NOMEM;
  free(block);
  return code ? code : shf_reader_finish(r, out, error);
}

static int begin(const shf_read_options *o, shf_reader **r) {
  int code = shf_reader_new(o->single, r);
  if (code) return code;
  (*r)->compact = o->compact;
  (*r)->max_plain = o->max_memory < UINT64_MAX / UNZIPPED_MAX ? o->max_memory * UNZIPPED_MAX : 0;
  shf__budget_begin(o->max_memory, o->by_size);
  return SHF_OK;
}

/* A refusal by the budget is not a lack of memory. */
static int end(shf_reader *r, int code, shf_profile **out, shf_error *error) {
  uint64_t bytes = 0;
  shf_reader_free(r);
  if (!code && !shf__profile_memory_use(*out, &bytes)) {
    shf_profile_free(*out);
    *out = NULL;
    code = SHF_E_NOMEM;
  }
  if (!shf__budget_end(bytes) || code != SHF_E_NOMEM) return code;
  if (error)
    *error = (shf_error){.message = "it needs more memory than --max-memory allows: raise that"};
  return SHF_E_LIMIT;
}

int shf_profile_read_fd(int fd, const shf_read_options *o, shf_profile **out, shf_error *error) {
  shf_reader *r;
  int code = begin(o, &r);
  return code ? code : end(r, read_fd(fd, r, out, error), out, error);
}

int shf_profile_read_bytes(const void *bytes, size_t len, const shf_read_options *o,
                           shf_profile **out, shf_error *error) {
  shf_reader *r;
  int code = begin(o, &r);
  if (code) return code;
  code = shf_reader_push(r, bytes, len, error);
  if (!code) code = shf_reader_finish(r, out, error);
  return end(r, code, out, error);
}

int shf_profile_read(const void *bytes, size_t len, shf_type single, shf_profile **out,
                     shf_error *error) {
  return shf_profile_read_bytes(bytes, len, &(shf_read_options){.single = single}, out, error);
}
