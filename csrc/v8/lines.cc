#include "v8/lines.h"

#include <node_version.h>

#include <new>

#include "v8/detour_proof.h"
#include "v8/sampler_internal.h"

namespace shf {

namespace {

void Drain(shf_sampler *s) {
  if (!s->busy) s->lines->calls.Drain(false);
}

void OnLineSample(void *self, uint64_t id, size_t size) {
  shf_sampler *s = static_cast<shf_sampler *>(self);
  if (!s->lines) return;
  s->lines->calls.Add(id, size);
  if (s->lines->calls.Due()) RequestInterrupt(s, &s->lines->drain, Drain);
}

const char *TryLines(shf_sampler *s) {
  if (!SampleObserver::Supported()) return "this Node's V8 is not known";
  if (!s->options.alloc) return "only memory in use is sampled";
  s->lines = new (std::nothrow) Lines(s->isolate, s->options.max_memory);
  if (!s->lines || !s->observer.Listen(OnLineSample, s)) return "out of memory";
  const char *why = s->lines->calls.Start();
  if (why) return why;
  ProveLeafLines(s->isolate, &s->observer, &s->lines->calls);
  return nullptr;
}

}  // namespace

void StartLines(shf_sampler *s) {
  if (!s->options.lines) return;
  try {
    s->lines_why = TryLines(s);
  } catch (const std::bad_alloc &) {
    s->lines_why = "out of memory";
  }
  if (s->lines_why) StopLines(s);
}

void StopLines(shf_sampler *s) {
  if (!s->lines) return;
  CancelInterrupt(s->lines->drain);
  delete s->lines;
  s->lines = nullptr;
}

void DrainSoon(shf_sampler *s) {
  if (!s->lines) return;
  if (s->lines->calls.Full())
    Drain(s);
  else if (s->lines->calls.Due())
    RequestInterrupt(s, &s->lines->drain, Drain);
}

void EndLinesOfSegment(shf_sampler *s) {
  if (!s->lines) return;
  s->lines->earlier_samples = s->lines->samples;
  s->lines->earlier_without = s->lines->without;
}

std::string LinesLimit(const shf_sampler *s) {
  if (!s->options.lines) return std::string();
  if (!s->lines) return std::string("no lines are known: ") + s->lines_why;
  const Lines &lines = *s->lines;
  if (*s->observer_why) return std::string("no lines are known: ") + s->observer_why;
  std::string limit;
  auto add = [&limit](const std::string &text) { limit += limit.empty() ? text : "; " + text; };
  if (*lines.calls.failure()) add(std::string("lines are missing: ") + lines.calls.failure());
  if (lines.without > 0)
    add(std::to_string(lines.without) + " of " + std::to_string(lines.samples) +
        " samples without lines");
  if (!lines.calls.leaf_lines()) add("the lines of allocations are not known, only those of calls");
#if NODE_MODULE_VERSION == 115
  add("Node 20 counts inlined functions for their callers");
#endif
  return limit;
}

}  // namespace shf
