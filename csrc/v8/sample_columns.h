/* What is known of each sample of a capture besides its stack and size. */
#ifndef SHF_V8_SAMPLE_COLUMNS_H
#define SHF_V8_SAMPLE_COLUMNS_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace shf {

// Rows in the order of AllocationProfile::GetSamples(). A column that is not known, or not wanted,
// is empty.
struct SampleColumns {
  std::vector<uint8_t> live;     // 1: alive
  std::vector<uint32_t> labels;  // a label set of this thread; 0: none
  std::vector<uint32_t> types;   // of live samples: row of a type's name + 1; 0: not known
  std::vector<uint32_t> ages;    // of live samples: seconds since the allocation + 1; 0: not known
  // Whether live blocks are counted: not in a segment that ends with a restart.
  bool count_live = false;

  uint32_t Live(size_t row) const {
    return count_live ? live[row] : 0;
  }
  uint32_t Labels(size_t row) const {
    return labels.empty() ? 0 : labels[row];
  }
  uint32_t Type(size_t row) const {
    return types.empty() || !Live(row) ? 0 : types[row];
  }
  uint32_t Age(size_t row) const {
    return ages.empty() || !Live(row) ? 0 : ages[row];
  }
};

}  // namespace shf

#endif
