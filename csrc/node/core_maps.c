/*
 * Gives frames to JavaScript, which applies source maps, and puts the results back. Frames
 * are rows of numbers; each text is passed once.
 */
#include <stdlib.h>
#include <string.h>

#include "node/async_work.h"
#include "node/core_binding.h"

/* Texts by string id, each passed to JavaScript once. */
typedef struct texts {
  napi_env env;
  const shf_profile *p;
  uint32_t *place; /* index in `array` by string id; SHF_NONE: not added */
  napi_value array;
  uint32_t count;
} texts;

static bool texts_init(texts *t, napi_env env, const shf_profile *p) {
  size_t bytes = ((size_t)shf_profile_strings(p) + 1) * sizeof *t->place;
  *t = (texts){env, p, malloc(bytes), NULL, 0};
  if (!t->place) return false;
  memset(t->place, 0xff, bytes);
  t->array = shf_js_array(env, 0);
  return true;
}

static uint32_t text_place(texts *t, uint32_t string) {
  if (t->place[string] == SHF_NONE) {
    t->place[string] = t->count;
    napi_handle_scope scope = shf_js_open(t->env);
    shf_js_set_at(t->env, t->array, t->count++,
                  shf_js_text(t->env, shf_profile_text(t->p, string)));
    shf_js_close(t->env, scope);
  }
  return t->place[string];
}

/* files(profile): every file once, in the order of the frames */
napi_value shf_js_files(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  shf_handle *h = shf_handle_of(env, argv[0]);
  texts t;
  if (!h) return NULL;
  if (!texts_init(&t, env, h->profile)) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  for (uint32_t f = 0; f < shf_profile_frames(h->profile); f++)
    text_place(&t, shf_profile_frame_at(h->profile, f)->file);
  free(t.place);
  return t.array;
}

/*
 * scripts(profile): name, facts, name, facts… of scripts compiled in memory; names without
 * SHF_SCRIPT_FACTS
 */
napi_value shf_js_scripts(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  const size_t mark = sizeof SHF_SCRIPT_FACTS - 1;
  uint32_t count = 0;
  shf_js_args(env, info, argv, 1);
  shf_handle *h = shf_handle_of(env, argv[0]);
  if (!h) return NULL;
  napi_value list = shf_js_array(env, 0);
  for (uint32_t i = 0; i < shf_profile_contents(h->profile); i++) {
    shf_str file, text;
    shf_profile_content_at(h->profile, i, &file, &text);
    if (file.len <= mark || memcmp(file.ptr, SHF_SCRIPT_FACTS, mark) != 0) continue;
    napi_handle_scope scope = shf_js_open(env);
    shf_str name = {file.ptr + mark, file.len - mark};
    shf_js_set_at(env, list, count++, shf_js_text(env, name));
    shf_js_set_at(env, list, count++, shf_js_text(env, text));
    shf_js_close(env, scope);
  }
  return list;
}

/* Numbers of a frame in `rows`: its id, the indexes of its file and name, line, column, call. */
enum { ROW = 6 };

static int32_t *new_rows(napi_env env, uint32_t count, napi_value *out) {
  void *rows = NULL;
  napi_value buffer;
  size_t bytes = (size_t)count * ROW * sizeof(int32_t);
  if (!shf_js_ok(napi_create_arraybuffer(env, bytes, &rows, &buffer))) return NULL;
  if (!shf_js_ok(
          napi_create_typedarray(env, napi_int32_array, (size_t)count * ROW, buffer, 0, out)))
    return NULL;
  return count ? rows : (int32_t *)"";
}

/*
 * places(profile, wanted): the frames of the files for which `wanted`, a byte for
 * each row of files(), is not 0: { rows, names }.
 */
napi_value shf_js_places(napi_env env, napi_callback_info info) {
  napi_value argv[2], rows_value = NULL;
  size_t len = 0;
  shf_js_args(env, info, argv, 2);
  shf_handle *h = shf_handle_of(env, argv[0]);
  const unsigned char *wanted = h ? shf_js_bytes(env, argv[1], &len) : NULL;
  if (!h) return NULL;
  if (!wanted) return shf_js_throw(env, "SHF_E_ARG", "wanted is a Uint8Array");
  const shf_profile *p = h->profile;
  texts files, names;
  if (!texts_init(&files, env, p)) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  if (!texts_init(&names, env, p)) {
    free(files.place);
    return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  }
  uint32_t count = 0, at = 0;
  for (uint32_t f = 0; f < shf_profile_frames(p); f++) {
    uint32_t file = text_place(&files, shf_profile_frame_at(p, f)->file);
    if (file < len && wanted[file]) count++;
  }
  int32_t *rows = new_rows(env, count, &rows_value);
  for (uint32_t f = 0; rows && f < shf_profile_frames(p); f++) {
    const shf_frame *frame = shf_profile_frame_at(p, f);
    uint32_t file = files.place[frame->file];
    if (file >= len || !wanted[file]) continue;
    int32_t *row = rows + (size_t)ROW * at++;
    row[0] = (int32_t)f;
    row[1] = (int32_t)file;
    row[2] = (int32_t)text_place(&names, frame->name);
    row[3] = frame->line;
    row[4] = frame->column;
    row[5] = frame->call;
  }
  free(files.place);
  free(names.place);
  if (!rows) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "rows", rows_value);
  shf_js_set(env, o, "names", names.array);
  return o;
}

typedef struct remap_job {
  shf_job job;
  shf_place *places;
  uint32_t count;
  char *texts;       /* each NUL-terminated */
  shf_str *contents; /* file, text, file, text …, in `sources` */
  char *sources;
  uint32_t ncontents;
} remap_job;

static void destroy_remap(shf_job *job) {
  remap_job *r = (remap_job *)job;
  free(r->places);
  free(r->texts);
  free(r->contents);
  free(r->sources);
  free(r);
}

static int run_remap(shf_job *job) {
  remap_job *r = (remap_job *)job;
  int code = shf_profile_remap(job->handles[0]->profile, r->places, r->count, &job->profile);
  for (uint32_t i = 0; i + 1 < r->ncontents && !code; i += 2)
    code = shf_profile_content(job->profile, r->contents[i], r->contents[i + 1]);
  return code;
}

/* The numbers of an Int32Array; NULL for another value. */
static const int32_t *numbers_of(napi_env env, napi_value value, size_t *len) {
  bool typed = false;
  napi_typedarray_type type;
  void *data = NULL;
  if (!value || !shf_js_ok(napi_is_typedarray(env, value, &typed)) || !typed) return NULL;
  if (!shf_js_ok(napi_get_typedarray_info(env, value, &type, len, &data, NULL, NULL))) return NULL;
  if (type != napi_int32_array) return NULL;
  return data && *len ? data : (const int32_t *)"";
}

/* The NUL-terminated texts of a blob; free() the array. NULL when memory is short. */
static shf_str *split_texts(const char *blob, size_t len, uint32_t *count) {
  uint32_t n = 0;
  for (size_t i = 0; i < len; i++)
    if (blob[i] == 0 && n < UINT32_MAX) n++;
  shf_str *list = malloc(((size_t)n + 1) * sizeof *list);
  if (!list) return NULL;
  for (uint32_t i = 0; i < n; i++) {
    size_t length = strlen(blob); /* terminated: the NULs were counted */
    list[i] = (shf_str){blob, length};
    blob += length + 1;
  }
  *count = n;
  return list;
}

/* @return whether the indexes of all rows are valid */
static bool read_places(remap_job *r, const int32_t *rows, const shf_str *list, uint32_t n) {
  for (uint32_t i = 0; i < r->count; i++) {
    const int32_t *row = rows + (size_t)ROW * i;
    if (row[0] < 0 || row[1] < 0 || row[2] < 0 || (uint32_t)row[1] >= n || (uint32_t)row[2] >= n)
      return false;
    r->places[i] =
        (shf_place){(uint32_t)row[0], list[row[2]], list[row[1]], row[3], row[4], row[5]};
  }
  return true;
}

/* Reads argv except the handle. @return 0, SHF_E_ARG, or SHF_E_NOMEM */
static int read_remap(napi_env env, const napi_value *argv, remap_job *r) {
  size_t numbers = 0, texts_len = 0, sources_len = 0;
  uint32_t n = 0;
  r->texts = (char *)shf_js_copy(env, argv[2], &texts_len);
  r->sources = (char *)shf_js_copy(env, argv[3], &sources_len);
  /* must not call JavaScript until the numbers are read */
  const int32_t *rows = numbers_of(env, argv[1], &numbers);
  if (!rows || !r->texts || !r->sources || numbers / ROW > UINT32_MAX - 1) return SHF_E_ARG;
  r->count = (uint32_t)(numbers / ROW);
  r->places = malloc(((size_t)r->count + 1) * sizeof *r->places);
  r->contents = split_texts(r->sources, sources_len, &r->ncontents);
  shf_str *list = split_texts(r->texts, texts_len, &n);
  int code = r->places && r->contents && list ? SHF_OK : SHF_E_NOMEM;
  if (!code && !read_places(r, rows, list, n)) code = SHF_E_ARG;
  free(list);
  return code;
}

/*
 * remap(profile, rows, texts, contents): `rows` as from places(), with file and name as
 * indexes into `texts`; `texts` and `contents` are NUL-terminated texts in a row.
 * @return a promise of a profile
 */
napi_value shf_js_remap(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  shf_js_args(env, info, argv, 4);
  shf_handle *h = shf_handle_of(env, argv[0]);
  if (!h) return NULL;
  remap_job *r = calloc(1, sizeof *r);
  if (!r) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  int code = read_remap(env, argv, r);
  if (!code && !shf_job_handles(&r->job, 1)) code = SHF_E_NOMEM;
  if (code) {
    destroy_remap(&r->job);
    if (code == SHF_E_NOMEM) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
    return shf_js_throw(env, "SHF_E_ARG",
                        "rows is an Int32Array, texts and contents are Buffers, "
                        "and each row names texts that are there");
  }
  r->job.handles[0] = h;
  r->job.run = run_remap;
  r->job.result = shf_job_profile;
  r->job.destroy = destroy_remap;
  return shf_job_start(env, &r->job, argv[0]);
}
