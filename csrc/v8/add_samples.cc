// Adds V8's samples and their stacks to a capture.
#include <vector>

#include "v8/copy_tree.h"
#include "v8/sampler_internal.h"
#include "v8/weave.h"

namespace shf {

namespace {

using v8::AllocationProfile;

// Samples of the same node, size, labels and age share a row. The search is limited, so a node of
// many sizes may have duplicate rows: that is cheaper than a full search.
class Buckets {
 public:
  Buckets(shf_capture *c, size_t nodes) : c_(c), last_(nodes, SHF_NONE) {}

  // `node`: its row.
  int Add(uint32_t node, const shf_capture_bucket &b) {
    uint32_t row = last_[node];
    for (int looks = 0; row != SHF_NONE && looks < kLooks; looks++) {
      const Row &r = rows_[row];
      if (r.size == b.size && r.labels == b.labels && r.age == b.age) {
        shf_capture_bucket_more(c_, row, b.allocated, b.live);
        return SHF_OK;
      }
      row = r.before;
    }
    int code = shf_capture_bucket_add(c_, &b);
    if (code) return code;
    rows_.push_back({b.size, b.labels, b.age, last_[node]});
    last_[node] = static_cast<uint32_t>(rows_.size() - 1);
    return SHF_OK;
  }

 private:
  static constexpr int kLooks = 8;

  struct Row {
    uint64_t size;
    uint32_t labels, age;
    uint32_t before;  // row of the same node
  };

  shf_capture *c_;
  std::vector<uint32_t> last_;  // row of each node
  std::vector<Row> rows_;
};

// Adds each sample. `node_of`: gets the sample; the row of its node, or SHF_NONE, and the node's
// id.
template <class NodeOf>
int AddBuckets(const shf_sampler *s, const std::vector<AllocationProfile::Sample> &samples,
               const SampleColumns &columns, uint32_t source, CaptureLabels *labels,
               Buckets *buckets, NodeOf node_of) {
  uint32_t allocated = s->liveness == SHF_LIVENESS_ONLY ? 0 : 1;
  for (size_t i = 0; i < samples.size(); i++) {
    uint32_t id, node = node_of(i, &id);
    if (node == SHF_NONE) continue;
    shf_capture_bucket b = {id, source, samples[i].size, allocated, columns.Live(i), 0, 0};
    b.age = columns.Age(i);
    int code = labels->SetOf(columns.Labels(i), columns.Type(i), &b.labels);
    if (!code) code = buckets->Add(node, b);
    if (code) return code;
  }
  return SHF_OK;
}

// The tree as V8 has it.
int CopySamples(shf_sampler *s, AllocationProfile *profile, const SampleColumns &columns,
                uint32_t source, FunctionRows *functions, CaptureLabels *labels, shf_capture *c) {
  const std::vector<AllocationProfile::Sample> &samples = profile->GetSamples();
  RowTable nodes;
  int code = CopyTree(profile, functions, c, &nodes);
  if (code) return code;
  s->v8_nodes = static_cast<uint32_t>(nodes.size());
  Buckets buckets(c, nodes.size());
  return AddBuckets(s, samples, columns, source, labels, &buckets, [&](size_t i, uint32_t *id) {
    *id = samples[i].node_id;
    return nodes.Row(*id);
  });
}

// A tree with lines. Samples that V8 took of its own work since Drain() do not count.
int WeaveSamples(shf_sampler *s, AllocationProfile *profile, const SampleColumns &columns,
                 uint32_t source, FunctionRows *functions, CaptureLabels *labels, shf_capture *c) {
  const std::vector<AllocationProfile::Sample> &samples = profile->GetSamples();
  Lines *lines = s->lines;
  Weaver weaver(lines->calls, functions, static_cast<uint32_t>(V8Depth(s)));
  std::vector<uint32_t> stacks(samples.size());
  int code = weaver.AddTree(profile->GetRootNode());
  s->v8_nodes = weaver.v8_nodes();
  lines->samples = lines->earlier_samples;
  lines->without = lines->earlier_without;
  for (size_t i = 0; i < samples.size() && !code; i++) {
    const AllocationProfile::Sample &sample = samples[i];
    bool with_lines;
    code = weaver.AddSample(sample.node_id, lines->calls.Find(sample.sample_id, sample.size),
                            &stacks[i], &with_lines);
    if (stacks[i] == SHF_NONE || !lines->calls.Drained(sample.sample_id)) continue;
    lines->samples++;
    lines->without += !with_lines;
  }
  if (!code) code = weaver.Write(c);
  if (code) return code;
  Buckets buckets(c, weaver.size());
  return AddBuckets(s, samples, columns, source, labels, &buckets, [&](size_t i, uint32_t *id) {
    *id = stacks[i] == SHF_NONE ? 0 : weaver.NodeId(stacks[i]);
    return stacks[i];
  });
}

}  // namespace

int AddSamples(shf_sampler *s, AllocationProfile *profile, const SampleColumns &columns,
               uint32_t source, FunctionRows *functions, CaptureLabels *labels, shf_capture *c) {
  return s->lines ? WeaveSamples(s, profile, columns, source, functions, labels, c)
                  : CopySamples(s, profile, columns, source, functions, labels, c);
}

}  // namespace shf
