#include "profile/metadata_lines.h"

#include <math.h>

#include "text/number.h"

/* Bytes of ArrayBuffers from before the sampling; every process has some. */
enum { NOTABLE = 1000000 };

static void add_grouped(shf__builder *out, uint64_t value) {
  char text[SHF__NUMBER];
  shf__builder_add(out, text, shf__number_grouped(text, (int64_t)value));
}

static void add_interval(const shf_profile *p, bool all, enum shf_side side, shf__builder *out) {
  uint64_t min = UINT64_MAX, max = 0;
  for (uint32_t i = 0; i < shf_profile_sources(p); i++) {
    const shf_source *s = shf_profile_source_at(p, i);
    uint64_t interval = s->interval;
    if (interval == 0 || (!all && s->side != (uint32_t)side)) continue;
    if (interval < min) min = interval;
    if (interval > max) max = interval;
  }
  if (max == 0) return;
  add_grouped(out, min);
  if (min != max) {
    shf__builder_puts(out, " to ");
    add_grouped(out, max);
  }
  shf__builder_puts(out, " bytes");
}

void shf__metadata_interval(const shf_profile *p, shf__builder *out) {
  add_interval(p, true, SHF_SIDE_NONE, out);
}

void shf__metadata_side_interval(const shf_profile *p, enum shf_side side, shf__builder *out) {
  size_t start = out->len;
  add_interval(p, false, side, out);
  if (out->len == start) shf__builder_puts(out, "not known");
}

void shf__metadata_gc(const shf_profile *p, shf__builder *out) {
  uint32_t forced = 0, none = 0, heaps = 0;
  for (uint32_t i = 0; i < shf_profile_sources(p); i++) {
    const shf_source *s = shf_profile_source_at(p, i);
    if (s->kind != SHF_HEAP) continue;
    heaps++;
    if (s->gc == SHF_GC_FORCED) forced++;
    if (s->gc == SHF_GC_NONE) none++;
  }
  if (forced)
    shf__builder_puts(out, forced == heaps ? "forced" : "forced in some");
  else if (none)
    shf__builder_puts(out, "none");
}

void shf__metadata_since(const shf_profile *p, shf__builder *out) {
  uint64_t latest = 0;
  for (uint32_t i = 0; i < shf_profile_sources(p); i++) {
    uint64_t since = shf_profile_source_at(p, i)->since_ms;
    if (since > latest) latest = since;
  }
  if (latest == 0) return;
  char text[SHF__NUMBER];
  shf__builder_add(out, text, shf__number_time(text, latest));
}

/* Whether stacks were filtered out: then the memory of the process includes more. */
static bool is_part(const shf_profile *p) {
  return shf_profile_meta_get(p, SHF_META_FILTERED).len > 0;
}

void shf__metadata_offheap(const shf_profile *p, shf__builder *out) {
  int64_t sum = 0;
  double variance = 0;
  if (!(shf_profile_types(p) & 1u << SHF_INUSE_SPACE) || is_part(p)) return;
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    if (shf_profile_source_at(p, b.source)->kind != SHF_OFFHEAP) continue;
    sum += b.value[SHF_INUSE_SPACE];
    variance += shf_bucket_variance(p, &b, SHF_INUSE_SPACE);
  }
  if (sum == 0) return;
  shf__builder_puts(out, "Off-heap: ");
  add_grouped(out, (uint64_t)sum);
  shf__builder_puts(out, " \xC2\xB1 ");
  add_grouped(out, (uint64_t)(sqrt(variance) + 0.5));
  shf__builder_puts(out, " bytes in use");
  uint64_t counted = shf__meta_number(p, "array_buffers_bytes");
  if (counted == 0) return;
  shf__builder_puts(out, "; Node counts ");
  add_grouped(out, counted);
  shf__builder_puts(out, " of ArrayBuffers");
  uint64_t before = shf__meta_number(p, "array_buffers_before_bytes");
  if (before < NOTABLE) return;
  shf__builder_puts(out, ", ");
  add_grouped(out, before);
  shf__builder_puts(out, " when sampling began");
}

/* Files do not distinguish the kinds of sources, but frames do. */
static int64_t heap_sampled(const shf_profile *p) {
  int64_t sum = 0;
  if (!(shf_profile_types(p) & 1u << SHF_INUSE_SPACE)) return -1;
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    uint32_t frame = shf_profile_frame_of(p, b.node);
    bool offheap = frame != SHF_NONE && shf_frame_category(p, frame, NULL) == SHF_CAT_OFFHEAP;
    if (!offheap) sum += b.value[SHF_INUSE_SPACE];
  }
  return sum < 0 ? -1 : sum;
}

bool shf__metadata_memory(const shf_profile *p, shf__memory *out) {
  uint64_t rss = shf__meta_number(p, "rss_bytes"), heap = shf__meta_number(p, "heap_bytes");
  if (!rss || !heap || is_part(p) || shf_profile_is_diff(p)) return false;
  uint64_t external = shf__meta_number(p, "external_bytes");
  *out = (shf__memory){.start = shf__meta_number(p, "rss_start_bytes"),
                       .peak = shf__meta_number(p, "rss_peak_bytes"),
                       .rss = rss,
                       .heap = heap,
                       .offheap = shf__meta_number(p, "array_buffers_bytes"),
                       .code = shf__meta_number(p, "rss_files_bytes"),
                       .sampled = heap_sampled(p)};
  /* blocks that were freed after the capture of V8 */
  out->external = external > out->offheap ? external - out->offheap : 0;
  out->native = (int64_t)(rss - heap - out->offheap - out->external - out->code);
  return true;
}

static void add_part(shf__builder *out, const char *before, uint64_t value) {
  shf__builder_puts(out, before);
  add_grouped(out, value);
}

/* Number of processes, by the list of their ids, which `; ` separates. */
static uint64_t processes_of(const shf_profile *p) {
  shf_str ids = shf_profile_meta_get(p, "pid");
  uint64_t count = 1;
  for (size_t i = 0; i < ids.len; i++) count += ids.ptr[i] == ';';
  return count;
}

void shf__metadata_process(const shf_profile *p, shf__builder *out) {
  shf__memory m;
  if (!shf__metadata_memory(p, &m)) return;
  uint64_t processes = processes_of(p);
  if (processes == 1) {
    shf__builder_puts(out, "Memory of the process: RSS ");
  } else {
    add_part(out, "Memory of ", processes);
    shf__builder_puts(out, " processes, added up: RSS ");
  }
  if (m.start) add_part(out, "at the start ", m.start);
  add_part(out, m.start ? ", at its peak " : "at its peak ", m.peak);
  add_part(out, ", at the end ", m.rss);
  add_part(out, " bytes = heap ", m.heap);
  if (m.sampled >= 0) {
    add_part(out, " (of it sampled ", (uint64_t)m.sampled);
    shf__builder_puts(out, ")");
  }
  if (m.offheap) add_part(out, " + off-heap ", m.offheap);
  add_part(out, " + external, not sampled, ", m.external);
  add_part(out, " + code ", m.code);
  add_part(out, m.native < 0 ? " - not in RAM " : " + other native ",
           m.native < 0 ? 0 - (uint64_t)m.native : (uint64_t)m.native);
}
