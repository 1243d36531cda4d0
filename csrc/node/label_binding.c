/* Labels of shap_sampler.node: sets of them, and how their async contexts are read. */
#include <stdlib.h>

#include "capture/label_sets.h"
#include "node/instance.h"

enum { MAX_SLOTS = 1 << 16 };

static shf_sampler *sampler_of(const shf_instance *in) {
  return in ? shf_session_sampler(in->session) : NULL;
}

/* The texts of an array of strings, each of which is freed by the caller. @return whether all were
 * read */
static bool read_texts(napi_env env, napi_value array, shf_str *texts, uint32_t *count) {
  napi_value element;
  uint32_t length = 0;
  *count = 0;
  if (!shf_js_ok(napi_get_array_length(env, array, &length))) return false;
  if (length > 2 * SHF_LABELS_OF_SET) length = 2 * SHF_LABELS_OF_SET;
  for (; *count < length && shf_js_ok(napi_get_element(env, array, *count, &element)); ++*count) {
    shf_str *text = &texts[*count];
    text->ptr = shf_js_string(env, element, &text->len);
    if (!text->ptr) break;
  }
  return *count == length;
}

static void free_texts(shf_str *texts, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) free((void *)texts[i].ptr);
}

static uint32_t number_of(napi_env env, napi_value value) {
  double number = 0;
  shf_js_ok(napi_get_value_double(env, value, &number));
  return number >= 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* labelSet(pairs, isOther): the number of a set; 0: there are too many */
napi_value shf_js_label_set(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  shf_str texts[2 * SHF_LABELS_OF_SET];
  uint32_t count, set = 0;
  bool other = false;
  shf_js_args(env, info, argv, 2);
  shf_js_ok(napi_get_value_bool(env, argv[1], &other));
  if (read_texts(env, argv[0], texts, &count)) set = shf_label_sets_add(texts, count, other);
  free_texts(texts, count);
  return shf_js_number(env, set);
}

/* labelRename(set, pairs): whether the set has these texts now */
napi_value shf_js_label_rename(napi_env env, napi_callback_info info) {
  napi_value argv[2], result = NULL;
  shf_str texts[2 * SHF_LABELS_OF_SET];
  uint32_t count;
  shf_js_args(env, info, argv, 2);
  bool done = read_texts(env, argv[1], texts, &count) &&
              shf_label_sets_rename(number_of(env, argv[0]), texts, count);
  free_texts(texts, count);
  shf_js_ok(napi_get_boolean(env, done, &result));
  return result;
}

/* labelBase(set): of what is sampled from now on where the context has none; whether it is */
napi_value shf_js_label_base(napi_env env, napi_callback_info info) {
  napi_value set, result = NULL;
  shf_sampler *s = sampler_of(shf__instance_of(env));
  shf_js_args(env, info, &set, 1);
  bool done = s && shf_sampler_label_base(s, number_of(env, set));
  shf_js_ok(napi_get_boolean(env, done, &result));
  return result;
}

/* labelTexts(set): its pairs, as they are kept */
napi_value shf_js_label_texts(napi_env env, napi_callback_info info) {
  napi_value number;
  uint32_t count;
  shf_js_args(env, info, &number, 1);
  const shf_str *texts = shf_label_sets_texts(number_of(env, number), &count);
  napi_value pairs = shf_js_array(env, count);
  for (uint32_t i = 0; i < count; i++) shf_js_set_at(env, pairs, i, shf_js_text(env, texts[i]));
  return pairs;
}

/* labelContexts(probe): how labels are read from now on */
napi_value shf_js_label_contexts(napi_env env, napi_callback_info info) {
  static const char *const names[] = {"none", "frames", "hooks"};
  napi_value probe;
  double number = 0;
  shf_sampler *s = sampler_of(shf__instance_of(env));
  shf_js_args(env, info, &probe, 1);
  shf_js_ok(napi_get_value_double(env, probe, &number));
  return shf_js_text(
      env, shf_str_of(names[s ? shf_sampler_label_contexts(s, number) : SHF_LABELS_NONE]));
}

/* labelsReason(): why labels are not known, or what they lack; else empty */
napi_value shf_js_labels_reason(napi_env env, napi_callback_info info) {
  (void)info;
  shf_sampler *s = sampler_of(shf__instance_of(env));
  return shf_js_text(env, shf_str_of(s ? shf_sampler_labels_limit(s) : ""));
}

/*
 * labelSlots(count): an ArrayBuffer of pairs of 32-bit numbers, execution and set, which native
 * code reads. The same one for the whole life of the environment; it ends with it.
 */
napi_value shf_js_label_slots(napi_env env, napi_callback_info info) {
  napi_value number, buffer = NULL;
  double count = 0;
  shf_instance *in = shf__instance_of(env);
  shf_js_args(env, info, &number, 1);
  shf_js_ok(napi_get_value_double(env, number, &count));
  if (!in || !(count >= 2 && count <= MAX_SLOTS)) return shf__instance_throw(env, SHF_E_ARG);
  uint32_t slots = (uint32_t)count;
  if ((slots & (slots - 1)) != 0) return shf__instance_throw(env, SHF_E_ARG);
  if (!in->label_slots) {
    void *bytes;
    if (!shf_js_ok(napi_create_arraybuffer(env, sizeof(int32_t) * 2 * slots, &bytes, &buffer)))
      return NULL;
    if (!shf_js_ok(napi_create_reference(env, buffer, 1, &in->label_buffer))) return NULL;
    in->label_slots = bytes;
    in->label_slot_count = slots;
  } else if (!shf_js_ok(napi_get_reference_value(env, in->label_buffer, &buffer))) {
    return NULL;
  }
  shf_sampler *s = sampler_of(in);
  if (s) shf_sampler_label_slots(s, in->label_slots, in->label_slot_count);
  return buffer;
}
