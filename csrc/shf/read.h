/* Captures and files of other formats become profiles. Conventions: shf.h. */
#ifndef SHF_READ_H
#define SHF_READ_H

#include "shf/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Captures */

/*
 * Reads a capture (csrc/capture/capture.h describes the layout). Frames of scripts below the
 * path in the capture's metadata line `hide` are removed; their callees become children of their
 * caller. `error` may be NULL.
 */
int shf_profile_from_capture(const void *bytes, size_t len, shf_profile **out, shf_error *error);

/* ---- Readers */

enum shf_format {
  SHF_FORMAT_UNKNOWN,
  SHF_FORMAT_CAPTURE,
  SHF_FORMAT_PPROF,
  SHF_FORMAT_HEAPPROFILE,
  SHF_FORMAT_FOLDED
};
/*
 * The format of an input by its first bytes, which are not gzipped. Folded stacks have no
 * signature: they are assumed when nothing else fits. UNKNOWN only for an empty input.
 */
enum shf_format shf_format_of(const void *bytes, size_t len);

/*
 * Reads any of these formats, gzipped or not; the format is detected. Stacks are merged as they
 * arrive, so memory depends on the tree and not on the size of the text. Offsets in errors count
 * unzipped bytes.
 */
typedef struct shf_reader shf_reader;

/*
 * @param single the type of inputs that have one value without a type: folded stacks and
 * .heapprofile. SHF_TYPES: alloc_space and inuse_space
 */
int shf_reader_new(shf_type single, shf_reader **out);
/* Reads the next bytes. After a failure the reader can only be freed. `error` may be NULL. */
int shf_reader_push(shf_reader *r, const void *bytes, size_t len, shf_error *error);
/* Ends the input and gives a sealed profile. */
int shf_reader_finish(shf_reader *r, shf_profile **out, shf_error *error);
/* NULL is allowed. */
void shf_reader_free(shf_reader *r);

typedef struct shf_read_options {
  shf_type single; /* as for shf_reader_new */
  bool compact;    /* the profile may be compact, see shf_profile_build_index */
  /*
   * Most bytes that this reading may take, with what other readings of this process take and
   * profiles that were read so hold, and with what outputs will need: SHF_E_LIMIT beyond. 0: any.
   */
  uint64_t max_memory;
  bool by_size; /* and at most what an input of its size can need: 128 MiB and 64 bytes for each
                   byte */
} shf_read_options;

/* Reads a file descriptor to its end; it stays open and belongs to the caller. */
int shf_profile_read_fd(int fd, const shf_read_options *o, shf_profile **out, shf_error *error);
int shf_profile_read_bytes(const void *bytes, size_t len, const shf_read_options *o,
                           shf_profile **out, shf_error *error);
/* The same without a memory limit. */
int shf_profile_read(const void *bytes, size_t len, shf_type single, shf_profile **out,
                     shf_error *error);

#ifdef __cplusplus
}
#endif

#endif
