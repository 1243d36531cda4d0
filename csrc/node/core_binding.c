/* shap_core.node: the C core for JavaScript. Plain Node-API: one binary for all Node versions. */
#include "node/core_binding.h"

NAPI_MODULE_INIT() {
  static const shf_method methods[] = {
      {"fromCapture", shf_js_from_capture},
      {"fromCaptureFile", shf_js_from_capture_file},
      {"readFile", shf_js_read_file},
      {"readBuffer", shf_js_read_buffer},
      {"merge", shf_js_merge},
      {"diff", shf_js_diff},
      {"delta", shf_js_delta},
      {"group", shf_js_group},
      {"filter", shf_js_filter},
      {"prune", shf_js_prune},
      {"labels", shf_js_labels},
      {"labelSums", shf_js_label_sums},
      {"labelFrames", shf_js_label_frames},
      {"files", shf_js_files},
      {"scripts", shf_js_scripts},
      {"places", shf_js_places},
      {"remap", shf_js_remap},
      {"encode", shf_js_encode},
      {"write", shf_js_write},
      {"measure", shf_js_measure},
      {"writeBytes", shf_js_write_bytes},
      {"frames", shf_js_frames},
      {"types", shf_js_types},
      {"total", shf_js_total},
      {"losses", shf_js_losses},
      {"error", shf_js_standard_error},
      {"meta", shf_js_meta},
      {"sources", shf_js_sources},
      {"top", shf_js_top},
      {"leaks", shf_js_leaks},
      {"counts", shf_js_counts},
      {"changes", shf_js_changes},
      {"judge", shf_js_judge},
      {"judgeGrowth", shf_js_judge_growth},
      {"free", shf_js_free},
      {"consume", shf_js_consume},
      {"callsites", shf_js_callsites},
      {"visit", shf_js_visit},
      {"openProcess", shf_js_open_process},
      {"signalProcess", shf_js_signal_process},
  };
  bool outer = shf_js_begin();
  shf_js_methods(env, exports, methods, sizeof methods / sizeof *methods);
  shf_js_set(env, exports, "viewer", shf_js_text(env, shf_str_of(shf_viewer_sha256())));
  shf_js_set(env, exports, "version", shf_js_text(env, shf_str_of(SHF_VERSION)));
  return shf_js_end(env, outer) ? exports : NULL;
}
