/*
 * When the stack is read for scripts that were compiled in memory: soon after a collection, and
 * soon after a sample of V8's where a capture had a script without a name. For V8 may collect
 * only while no JavaScript runs.
 */
#include "v8/sampler_internal.h"

namespace shf {

namespace {

void ReadScripts(shf_sampler *s) {
  s->scripts.ReadStack(s->isolate);
}

void ReadScriptsAtSample(shf_sampler *s) {
  s->scripts.ReadStackAtSample(s->isolate);
}

// Amid an allocation or a collection the stack cannot be read.
void OnScriptSample(void *self, uint64_t, size_t) {
  shf_sampler *s = static_cast<shf_sampler *>(self);
  if (s->scripts.DueAtSample(NowUs())) RequestInterrupt(s, &s->scripts_check, ReadScriptsAtSample);
}

}  // namespace

void ReadScriptsSoon(shf_sampler *s) {
  RequestInterrupt(s, &s->scripts_check, ReadScripts);
}

void ReadScriptsAtSamples(shf_sampler *s) {
  if (s->scripts_at_samples || !SampleObserver::Supported()) return;
  s->scripts_at_samples = s->observer.Listen(OnScriptSample, s);
  if (s->running && !s->observer.Works()) InstallObserver(s);
}

}  // namespace shf
