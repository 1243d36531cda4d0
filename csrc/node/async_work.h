/* Handles of profiles for JavaScript, and jobs on libuv's thread pool. */
#ifndef SHF_NODE_ASYNC_WORK_H
#define SHF_NODE_ASYNC_WORK_H

#include <uv.h>

#include "node/napi_util.h"

/*
 * A profile and its users. Only the JavaScript thread changes it. The profile is freed when
 * JavaScript has released it and no job uses it.
 */
enum shf_use {
  SHF_WHOLE,
  SHF_CONSUMED, /* shf_profile_consume: only for one more merge or difference */
  SHF_TAKEN     /* used by that one */
};
typedef struct shf_handle {
  shf_profile *profile;   /* NULL once freed */
  shf_profile *functions; /* of a profile with lines: its function view, once it was asked for */
  uint32_t users;         /* running jobs */
  bool released;          /* freed explicitly, or collected */
  bool collected;
  enum shf_use use;
  uv_mutex_t lock; /* for the index and the function view, which several jobs may make */
} shf_handle;

/* NULL and an exception where `value` is no handle, or one that was freed, consumed or taken. */
shf_handle *shf_handle_of(napi_env env, napi_value value);
/* The same of one that is used no further than that. */
shf_handle *shf_handle_until(napi_env env, napi_value value, enum shf_use use);
/* The profile whose stacks are asked about at once, no longer compact. NULL and an exception else.
 */
const shf_profile *shf_handle_stacks(napi_env env, napi_value value);
/* The same, but its function view if it has lines. */
const shf_profile *shf_handle_functions(napi_env env, napi_value value);
void shf_handle_release(shf_handle *h);

typedef struct shf_job shf_job;
struct shf_job {
  /* On a pool thread, without JavaScript. @return 0 or a SHF_E… code */
  int (*run)(shf_job *job);
  /* On the JavaScript thread: the result of the promise. It is rejected where a call failed. */
  napi_value (*result)(napi_env env, shf_job *job);
  /* Frees what the job has beside this struct, and the job; called last. NULL: free. */
  void (*destroy)(shf_job *job);
  shf_handle **handles; /* used until the end; owned, may be NULL */
  uint32_t nhandles;
  bool compact;         /* `run` asks nothing that a compact profile does not know */
  bool functions;       /* `run` reads function views, by shf_job_functions */
  char *path;           /* for messages; owned, may be NULL */
  unsigned char *bytes; /* of an input; owned, may be NULL */
  size_t len;
  shf_error error;
  shf_profile *profile; /* result of `run`, for shf_job_profile */

  napi_async_work work;
  napi_deferred deferred;
  napi_ref kept; /* the JavaScript value (or array) that keeps the profiles alive */
  int code;
};

/*
 * Starts `job` and takes ownership of it; `kept` may be NULL. A job must not use memory of
 * JavaScript, which may be changed, resized or transferred meanwhile.
 * @return a promise; NULL and an exception where the job cannot start
 */
napi_value shf_job_start(napi_env env, shf_job *job, napi_value kept);
/* For `result`: a handle of the profile that `run` made. */
napi_value shf_job_profile(napi_env env, shf_job *job);
/* For `run` of a job with `functions`: the function view of its first handle, or the profile. */
const shf_profile *shf_job_functions(const shf_job *job);
/* Allocates `count` handles, all NULL. @return false when memory is short */
bool shf_job_handles(shf_job *job, uint32_t count);

#endif
