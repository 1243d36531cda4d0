/* Memory of this process as the operating system counts it. */
#ifndef SHF_RUNTIME_PROCESS_MEMORY_H
#define SHF_RUNTIME_PROCESS_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes. */
typedef struct shf_process_memory {
  uint64_t rss;   /* now */
  uint64_t peak;  /* maximum of rss */
  uint64_t files; /* part of rss that is mapped files, mostly code */
} shf_process_memory;

/*
 * Only on the main thread, so that a process is counted once.
 * @return false on other threads, and where the system does not report it
 */
bool shf_process_memory_read(shf_process_memory *out);

#endif
