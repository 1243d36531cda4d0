/* What a process has in memory, as the system counts it. */
#ifndef SHF_RUNTIME_PROCESS_MEMORY_H
#define SHF_RUNTIME_PROCESS_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes. */
typedef struct shf_process_memory {
  uint64_t rss;   /* now */
  uint64_t peak;  /* the most that rss ever was */
  uint64_t files; /* the part of rss that is pages of files: code, mostly */
} shf_process_memory;

/*
 * Of the process, asked on its main thread alone, so that it is counted once.
 * @return false where the system does not tell, and on other threads
 */
bool shf_process_memory_read(shf_process_memory *out);

#endif
