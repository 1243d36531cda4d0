/* Writers of every format. Conventions: shf.h. */
#ifndef SHF_WRITE_H
#define SHF_WRITE_H

#include "shf/profile.h"
#include "shf/sink.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Each writes the whole profile to the sink and does not finish the sink. SHF_E_ABSENT when the
 * profile does not have the type.
 */

/* The signature of a writer without options of its own; lib/formats.js lists all formats. */
typedef int shf_writer(const shf_profile *p, shf_type type, shf_sink *sink);

/*
 * Folded stacks, as flamegraph.pl reads them: one line for each stack that has `type`. A
 * difference has two columns, before and after, as difffolded.pl writes them.
 */
int shf_folded_write(const shf_profile *p, shf_type type, shf_sink *sink);

/*
 * profile.proto, not gzipped: use shf_sink_gzip. `type` is the default sample type. A difference
 * is written as with pprof's -diff_base: values of `before` are negative and labelled
 * pprof::base.
 */
int shf_pprof_write(const shf_profile *p, shf_type type, shf_sink *sink);

/* V8's .heapprofile JSON, which DevTools opens. SHF_E_ARG for a difference. */
int shf_heapprofile_write(const shf_profile *p, shf_type type, shf_sink *sink);

/* Options of the tables. A source line that cannot be read is left out. */
typedef struct shf_listing_options {
  shf_type type;
  uint32_t rows;         /* at most so many functions; 0: all */
  uint32_t width;        /* columns of a line; 0: unlimited */
  uint32_t source_lines; /* source lines shown below a callsite */
  shf_str source_roots;  /* real paths of folders, each followed by a NUL: files are read only below
                            them; ptr NULL: anywhere except in /proc, /sys and /dev */
  shf_str cwd;           /* paths below it are shortened; may be empty */
  bool human;            /* 1.2 MB instead of 1,234,567 */
  bool color;            /* ANSI bold and dim */
} shf_listing_options;
int shf_listing_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);
/* The same table in GitHub's Markdown. Stops after a row before `max_bytes` (0: unlimited). */
int shf_markdown_write(const shf_profile *p, const shf_listing_options *o, size_t max_bytes,
                       shf_sink *sink);
/* {"version":1,"meta":{…},"totals":{…},"functions":[…]}: README describes it. */
int shf_json_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);

/*
 * A difference as tables: what grew, what shrank, and whether that is more than noise; by self,
 * then by what the functions call.
 */
int shf_diff_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);
int shf_diff_markdown_write(const shf_profile *p, const shf_listing_options *o, size_t max_bytes,
                            shf_sink *sink);
/* {"version":1,"kind":"difference",…}: csrc/format/table/diff_json.c describes it. */
int shf_diff_json_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);

typedef struct shf_svg_options {
  shf_type type;
  shf_str title;      /* empty: the command of the capture */
  shf_str subtitle;   /* may be empty */
  shf_str notes;      /* may be empty; part of the description, not drawn */
  uint32_t width;     /* px; 0: 1200 */
  uint32_t height;    /* px of one frame; 0: 16 */
  double min_width;   /* px; narrower frames are summed up in one grey block; 0: 0.1 */
  size_t max_bytes;   /* limit for the whole file; 0: 1 MB */
  bool inverted;      /* root on top (icicle) */
  bool reverse;       /* stacks begin with the function that allocated */
  shf_str font;       /* CSS font-family of all texts; empty: the system's */
  uint32_t font_size; /* px of a frame's text; 0: by height */
  shf_str count_name; /* what is counted; empty: bytes or objects */
  shf_str name_type;  /* what frames are; empty: Function */
  /*
   * Empty: by category. Else hot, mem, io, js, red, orange, yellow, green, aqua, blue or
   * purple; any other is SHF_E_ARG. A name has the same colour in all files. Ignored for a
   * difference, where the colour shows what grew and what shrank.
   */
  shf_str colors;
  shf_str cwd; /* paths below it are shortened in titles; may be empty */
} shf_svg_options;
/*
 * A self-contained SVG that also works with scripts disabled. Its viewer is a script of constant
 * bytes.
 */
int shf_svg_write(const shf_profile *p, const shf_svg_options *o, shf_sink *sink);
/* The hash of the viewer for a CSP's script-src, without quotes: sha256-… */
const char *shf_viewer_sha256(void);

#ifdef __cplusplus
}
#endif

#endif
