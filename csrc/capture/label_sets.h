/*
 * Sets of labels that the app has set: one table for the process, which all threads share. A set is
 * never removed, and its texts are copies.
 */
#ifndef SHF_CAPTURE_LABEL_SETS_H
#define SHF_CAPTURE_LABEL_SETS_H

#include "capture/capture.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  SHF_LABEL_SETS = 1000,     /* different ones */
  SHF_LABEL_SETS_ALL = 1024, /* with those whose values are (other) */
  SHF_LABELS_OF_SET = 16,    /* labels; further ones are dropped */
  SHF_LABEL_BYTES = 128      /* of a key or a value; cut at a character's end */
};

/*
 * Adds a set, or finds an equal one. Any thread.
 * @param texts key, value, key, value …: valid UTF-8
 * @param other may be one of those beyond SHF_LABEL_SETS
 * @return its number, from 1 on; 0: there are too many, or memory is short
 */
uint32_t shf_label_sets_add(const shf_str *texts, uint32_t count, bool other);
/*
 * Gives a set other texts, once: as when a server's framework has told the pattern of a path. Those
 * before stay in memory, as other threads may read them.
 * @return whether it was done
 */
bool shf_label_sets_rename(uint32_t set, const shf_str *texts, uint32_t count);
/* The texts of a set; `count` is 0 if there is no such set. They stay as they are. */
const shf_str *shf_label_sets_texts(uint32_t set, uint32_t *count);
/*
 * Adds labels to a capture, as its set `number`.
 * @param set 0: none
 * @param type of live blocks: a label SHF_LABEL_TYPE; empty: none
 * @return 0 or a SHF_E… code
 */
int shf_label_sets_write(uint32_t set, shf_str type, uint32_t number, shf_capture *c);

#ifdef __cplusplus
}
#endif

#endif
