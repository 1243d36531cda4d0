/* The functions of shap_core.node; core_binding.c names them to JavaScript. */
#ifndef SHF_NODE_CORE_BINDING_H
#define SHF_NODE_CORE_BINDING_H

#include "node/napi_util.h"

/* A frame's { name, file, line, column }. */
napi_value shf_js_place(napi_env env, const shf_profile *p, uint32_t frame);
/* A type by its name. SHF_TYPES and an exception for any other value. */
shf_type shf_js_type(napi_env env, napi_value value);
/* Reads argv[0], the function view of a profile, and argv[1], a type. NULL and an exception else.
 */
const shf_profile *shf_js_functions_and_type(napi_env env, const napi_value *argv, shf_type *type);

/* `count` structs of `size` bytes, whose first member is a frame, each at most once. */
typedef struct shf_js_table {
  const void *rows;
  size_t size;
  uint32_t count;
  napi_value (*object)(napi_env env, const shf_profile *p, const void *row);
} shf_js_table;
/*
 * The first `max` rows as objects.
 * @param callers true: with `caller` and `path`
 * @return NULL and an exception where memory is short
 */
napi_value shf_js_row_array(napi_env env, const shf_profile *p, shf_type type,
                            const shf_js_table *table, napi_value max, napi_value callers);

/* core_transform.c: promises of profiles */
napi_value shf_js_from_capture(napi_env env, napi_callback_info info);
napi_value shf_js_from_capture_file(napi_env env, napi_callback_info info);
napi_value shf_js_merge(napi_env env, napi_callback_info info);
napi_value shf_js_diff(napi_env env, napi_callback_info info);
napi_value shf_js_delta(napi_env env, napi_callback_info info);
napi_value shf_js_consume(napi_env env, napi_callback_info info);
napi_value shf_js_group(napi_env env, napi_callback_info info);
napi_value shf_js_filter(napi_env env, napi_callback_info info);
napi_value shf_js_prune(napi_env env, napi_callback_info info);

/* core_labels.c: labels, and frames made of them */
napi_value shf_js_labels(napi_env env, napi_callback_info info);
napi_value shf_js_label_sums(napi_env env, napi_callback_info info);
napi_value shf_js_label_frames(napi_env env, napi_callback_info info);

/* core_maps.c: reads and replaces frames, for source maps */
napi_value shf_js_files(napi_env env, napi_callback_info info);
napi_value shf_js_scripts(napi_env env, napi_callback_info info);
napi_value shf_js_places(napi_env env, napi_callback_info info);
napi_value shf_js_remap(napi_env env, napi_callback_info info);

/* core_read.c: promises of profiles from inputs of any format */
napi_value shf_js_read_file(napi_env env, napi_callback_info info);
napi_value shf_js_read_buffer(napi_env env, napi_callback_info info);

/* core_write.c: profiles as bytes and files */
napi_value shf_js_encode(napi_env env, napi_callback_info info);
napi_value shf_js_write(napi_env env, napi_callback_info info);
napi_value shf_js_measure(napi_env env, napi_callback_info info);

/* core_bytes.c: writes other bytes to files */
napi_value shf_js_write_bytes(napi_env env, napi_callback_info info);

/* core_query.c: synchronous queries */
napi_value shf_js_frames(napi_env env, napi_callback_info info);
napi_value shf_js_types(napi_env env, napi_callback_info info);
napi_value shf_js_total(napi_env env, napi_callback_info info);
napi_value shf_js_losses(napi_env env, napi_callback_info info);
napi_value shf_js_standard_error(napi_env env, napi_callback_info info);
napi_value shf_js_meta(napi_env env, napi_callback_info info);
napi_value shf_js_sources(napi_env env, napi_callback_info info);
napi_value shf_js_top(napi_env env, napi_callback_info info);
napi_value shf_js_leaks(napi_env env, napi_callback_info info);
napi_value shf_js_counts(napi_env env, napi_callback_info info);
napi_value shf_js_free(napi_env env, napi_callback_info info);

/* core_diff.c: differences and limits */
napi_value shf_js_changes(napi_env env, napi_callback_info info);
napi_value shf_js_judge(napi_env env, napi_callback_info info);
napi_value shf_js_judge_growth(napi_env env, napi_callback_info info);

/* core_sample_heap_allocations.c: a capture in the format of sample-heap-allocations */
napi_value shf_js_callsites(napi_env env, napi_callback_info info);
napi_value shf_js_visit(napi_env env, napi_callback_info info);

/* core_process.c: signals to another process */
napi_value shf_js_open_process(napi_env env, napi_callback_info info);
napi_value shf_js_signal_process(napi_env env, napi_callback_info info);

#endif
