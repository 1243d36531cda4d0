/*
 * Snapshots of a process that goes on: every thread writes its capture under the
 * same number. Numbers begin at 1.
 */
#ifndef SHF_RUNTIME_SNAPSHOTS_H
#define SHF_RUNTIME_SNAPSHOTS_H

#include "shf.h"

typedef struct shf_snapshots_options {
  shf_str dir;       /* where the threads leave their captures */
  uint64_t every_ms; /* between two; 0: none by time */
  bool fixed;        /* else at least that, and 200 times as long as the last one took */
  uint32_t keep;     /* older ones are removed from `dir`; 0: all are kept */
  bool marks;        /* a file `<pid>.<number>.snapshot` says that one is complete; it
                        holds `signal` where a signal asked */
} shf_snapshots_options;

/* Once a process. @return 0 or an errno */
int shf_snapshots_start(const shf_snapshots_options *options);
/* Any thread. @return the number that the snapshot will have; 0 where none can be taken */
uint32_t shf_snapshots_ask(void);
/* For a signal handler. */
void shf_snapshots_signal(void);

#endif
