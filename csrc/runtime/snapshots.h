/*
 * Snapshots of a running process: every thread writes its capture with the number of the
 * snapshot. Numbers start at 1.
 */
#ifndef SHF_RUNTIME_SNAPSHOTS_H
#define SHF_RUNTIME_SNAPSHOTS_H

#include "shf.h"

typedef struct shf_snapshots_options {
  shf_str dir;       /* the folder of the threads' captures */
  uint64_t every_ms; /* time between two; 0: no timer */
  bool fixed;        /* false: at least every_ms, and 200 times the duration of the last one */
  uint32_t keep;     /* how many stay in `dir`; 0: all */
  bool marks;        /* write a file `<pid>.<number>.snapshot` when one is complete; it
                        contains `signal` where a signal took it */
} shf_snapshots_options;

/* Once a process. @return 0 or an errno */
int shf_snapshots_start(const shf_snapshots_options *options);
/* Any thread. @return the number of the snapshot; 0 where none can be taken */
uint32_t shf_snapshots_ask(void);
/* For a signal handler. */
void shf_snapshots_signal(void);

#endif
