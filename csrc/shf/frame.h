/* Frames as text. Conventions: shf.h. */
#ifndef SHF_FRAME_H
#define SHF_FRAME_H

#include "shf/profile.h"
#include "shf/sink.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Writes `name (file:line:column)`: `(anonymous)` without a name, no column or line where
 * unknown, only the name without a file. Bytes are not escaped; writers of formats do that.
 */
int shf_frame_text(const shf_profile *p, uint32_t frame, shf_sink *sink);
/* The name, or `(anonymous)`; never empty. */
shf_str shf_frame_name(const shf_profile *p, uint32_t frame);
/* The file without a leading `file://`; empty when there is none. */
shf_str shf_frame_path(const shf_profile *p, uint32_t frame);

enum shf_category {
  SHF_CAT_APP,     /* files of the program */
  SHF_CAT_PACKAGE, /* below node_modules */
  SHF_CAT_NODE,    /* Node's own: node:… */
  SHF_CAT_V8,      /* V8's own: (GC), (V8 API), natives */
  SHF_CAT_OFFHEAP, /* (off-heap) */
  SHF_CAT_LABEL,   /* frames of labels: KEY: value, (no KEY) */
  SHF_CAT_OTHER,   /* process and worker roots, (truncated), pruned subtrees */
  SHF_CATEGORIES
};
/*
 * The category of a frame. For SHF_CAT_PACKAGE, *package is the name of the package with its
 * scope, as in `@babel/core`, else empty; `package` may be NULL.
 */
enum shf_category shf_frame_category(const shf_profile *p, uint32_t frame, shf_str *package);
/* "app", "package", "node", "v8", "offheap", "label", "other". */
const char *shf_category_name(enum shf_category category);

#ifdef __cplusplus
}
#endif

#endif
