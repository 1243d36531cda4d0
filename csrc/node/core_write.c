/* Promises of bytes and of files. */
#include <stdlib.h>
#include <string.h>

#include "node/async_work.h"
#include "node/core_binding.h"
#include "output/formats.h"

/* Text options, each owned by its job. */
enum { CWD, ROOTS, TITLE, SUBTITLE, NOTES, FONT, COUNT_NAME, NAME_TYPE, COLORS, TEXTS };

typedef struct write_job {
  shf_job job;
  const shf__format *format;
  int level;      /* of gzip; 0: none */
  uint64_t bound; /* bytes, before they are packed; 0: any number */
  shf__write_options o;
  char *texts[TEXTS];
  char *bytes; /* what encode made */
  size_t len;
  uint64_t max, measured; /* bytes: what is measured is counted so far; what measure counted */
} write_job;

static int write_format(write_job *w, shf_sink *sink) {
  if (w->bound) shf_sink_limit(sink, w->bound);
  const shf_profile *p = w->format->lines ? w->job.handles[0]->profile : shf_job_functions(&w->job);
  int code = shf__format_write(w->format, p, &w->o, sink);
  if (code) w->job.error = shf_sink_error(sink);
  return code;
}

static int write_zipped(write_job *w, shf_sink *sink) {
  if (w->level == 0) return write_format(w, sink);
  shf_sink *gzip;
  int code = shf_sink_gzip(sink, w->level, &gzip);
  if (code) return code;
  code = write_format(w, gzip);
  if (!code) code = shf_sink_finish(gzip, NULL);
  shf_sink_free(gzip);
  return code;
}

static int run_write(shf_job *job) {
  write_job *w = (write_job *)job;
  shf_sink *sink;
  int code;
  if (!job->path)
    code = shf_sink_memory(&sink);
  else if (strcmp(job->path, "-") == 0)
    code = shf_sink_fd(1, &sink);
  else
    code = shf_sink_file(job->path, &sink, &job->error);
  if (code) return code;
  code = write_zipped(w, sink);
  int finished = code && !shf_sink_code(sink) ? code : shf_sink_finish(sink, &job->error);
  if (!code) code = finished;
  if (!code && !job->path) shf_sink_take(sink, &w->bytes, &w->len);
  shf_sink_free(sink);
  return code;
}

/* Counts the uncompressed bytes and keeps none. */
static int run_measure(shf_job *job) {
  write_job *w = (write_job *)job;
  shf_sink *sink;
  int code = shf_sink_count(w->max, &sink);
  if (code) return code;
  code = write_format(w, sink);
  w->measured = shf_sink_counted(sink);
  const bool cut = shf_sink_code(sink) == SHF_E_LIMIT;
  shf_sink_free(sink);
  return cut ? SHF_OK : code;
}

static void destroy_write(shf_job *job) {
  write_job *w = (write_job *)job;
  for (int i = 0; i < TEXTS; i++) free(w->texts[i]);
  free(w->bytes);
  free(w);
}

static napi_value return_buffer(napi_env env, shf_job *job) {
  write_job *w = (write_job *)job;
  char *bytes = w->bytes;
  w->bytes = NULL;
  return shf_js_buffer(env, bytes, w->len);
}

static napi_value return_undefined(napi_env env, shf_job *job) {
  (void)job;
  return shf_js_undefined(env);
}

/* A text option, NUL-terminated in w->texts[i]. */
static shf_str read_text(napi_env env, napi_value o, const char *name, write_job *w, int i) {
  shf_str text = {"", 0};
  w->texts[i] = shf_js_string_of(env, o, name, &text.len);
  if (w->texts[i]) text.ptr = w->texts[i];
  return text;
}

static uint32_t read_count(napi_env env, napi_value o, const char *name) {
  double number = shf_js_number_of(env, o, name, 0);
  return number >= 1 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* The gzip level; default 1. */
static int read_level(napi_env env, napi_value o) {
  uint32_t level = read_count(env, o, "level");
  return level >= 1 && level <= 9 ? (int)level : 1;
}

static void read_options(napi_env env, napi_value o, write_job *w) {
  char *name = shf_js_string_of(env, o, "type", NULL);
  shf_type type = name ? shf_type_parse(name) : SHF_ALLOC_SPACE;
  free(name);
  shf_str cwd = read_text(env, o, "cwd", w, CWD), roots = {NULL, 0};
  shf_str given = read_text(env, o, "sourceRoots", w, ROOTS);
  if (w->texts[ROOTS]) roots = given;
  double bytes = shf_js_number_of(env, o, "maxBytes", 0);
  size_t max_bytes = bytes >= 1 && bytes <= 9007199254740991 ? (size_t)bytes : 0;
  double max = shf_js_number_of(env, o, "maxMemory", 0);
  w->bound = max >= 1 && max <= 9007199254740991 ? (uint64_t)max : 0;
  w->level = w->format->zipped ? read_level(env, o) : 0;
  w->o = (shf__write_options){.type = type, .max_bytes = max_bytes};
  w->o.listing = (shf_listing_options){.type = type,
                                       .rows = read_count(env, o, "rows"),
                                       .width = read_count(env, o, "width"),
                                       .source_lines = read_count(env, o, "sourceLines"),
                                       .source_roots = roots,
                                       .cwd = cwd,
                                       .human = shf_js_bool_of(env, o, "human", false),
                                       .color = shf_js_bool_of(env, o, "color", false)};
  w->o.svg = (shf_svg_options){.type = type,
                               .title = read_text(env, o, "title", w, TITLE),
                               .subtitle = read_text(env, o, "subtitle", w, SUBTITLE),
                               .notes = read_text(env, o, "notes", w, NOTES),
                               .font = read_text(env, o, "fontType", w, FONT),
                               .font_size = read_count(env, o, "fontSize"),
                               .count_name = read_text(env, o, "countName", w, COUNT_NAME),
                               .name_type = read_text(env, o, "nameType", w, NAME_TYPE),
                               .colors = read_text(env, o, "colors", w, COLORS),
                               .reverse = shf_js_bool_of(env, o, "reverse", false),
                               .width = read_count(env, o, "width"),
                               .height = read_count(env, o, "frameHeight"),
                               .min_width = shf_js_number_of(env, o, "minWidth", 0),
                               .max_bytes = max_bytes,
                               .inverted = shf_js_bool_of(env, o, "inverted", false),
                               .cwd = cwd};
}

/* NULL: unknown format. */
static const shf__format *read_format(napi_env env, napi_value value) {
  char *name = shf_js_string(env, value, NULL);
  const shf__format *format = name ? shf__format_find(name) : NULL;
  free(name);
  return format;
}

/* argv: profile, format, options. NULL and an exception when they are wrong. */
static write_job *write_new(napi_env env, const napi_value *argv) {
  shf_handle *h = shf_handle_of(env, argv[0]);
  if (!h) return NULL;
  const shf__format *format = read_format(env, argv[1]);
  if (!format) {
    shf_js_throw(env, "SHF_E_ARG", "no such format");
    return NULL;
  }
  write_job *w = calloc(1, sizeof *w);
  if (!w || !shf_job_handles(&w->job, 1)) {
    free(w);
    shf_js_throw_code(env, SHF_E_NOMEM, NULL);
    return NULL;
  }
  w->format = format;
  w->job.compact = format->write == shf_pprof_write || format->write == shf_folded_write;
  w->job.functions = !format->lines;
  w->job.handles[0] = h;
  w->job.run = run_write;
  w->job.destroy = destroy_write;
  read_options(env, argv[2], w);
  return w;
}

napi_value shf_js_encode(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  shf_js_args(env, info, argv, 3);
  write_job *w = write_new(env, argv);
  if (!w) return NULL;
  w->job.result = return_buffer;
  return shf_job_start(env, &w->job, argv[0]);
}

napi_value shf_js_write(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  shf_js_args(env, info, argv, 4);
  char *path = shf_js_string(env, argv[3], NULL);
  if (!path) return shf_js_throw(env, "SHF_E_ARG", "a path is a string");
  write_job *w = write_new(env, argv);
  if (!w) {
    free(path);
    return NULL;
  }
  w->job.path = path;
  w->job.result = return_undefined;
  return shf_job_start(env, &w->job, argv[0]);
}

static napi_value return_measured(napi_env env, shf_job *job) {
  return shf_js_number(env, (double)((write_job *)job)->measured);
}

/* measure(profile, format, options, max): bytes, or any number above `max` */
napi_value shf_js_measure(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  double max = 0;
  shf_js_args(env, info, argv, 4);
  if (shf_js_is(env, argv[3], napi_number)) shf_js_ok(napi_get_value_double(env, argv[3], &max));
  if (!(max >= 1 && max < 1e15))
    return shf_js_throw(env, "SHF_E_ARG", "a bound is a number of bytes");
  write_job *w = write_new(env, argv);
  if (!w) return NULL;
  w->max = (uint64_t)max;
  w->job.run = run_measure;
  w->job.result = return_measured;
  return shf_job_start(env, &w->job, argv[0]);
}
