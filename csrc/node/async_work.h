/* Profiles as JavaScript holds them, and work on libuv's threads for them. */
#ifndef SHF_NODE_ASYNC_WORK_H
#define SHF_NODE_ASYNC_WORK_H

#include <uv.h>

#include "node/napi_util.h"

/*
 * A profile and who uses it; only the JavaScript thread changes it. It is freed
 * when JavaScript let go of it and no job reads it any more.
 */
enum shf_use {
  SHF_WHOLE,
  SHF_SPENT, /* shf_profile_spend: only for one more merge or difference */
  SHF_TAKEN  /* which is under way, or done */
};
typedef struct shf_handle {
  shf_profile *profile; /* NULL once freed by hand */
  uint32_t users;       /* jobs under way */
  bool released;        /* freed by hand, or collected */
  bool collected;
  enum shf_use use;
  uv_mutex_t lock; /* of making the profile's shape, which several jobs may ask for */
} shf_handle;

/* NULL and an exception where `value` is no handle, or one that was freed, spent or taken. */
shf_handle *shf_handle_of(napi_env env, napi_value value);
/* The same of one that is used no further than that. */
shf_handle *shf_handle_until(napi_env env, napi_value value, enum shf_use use);
/* The profile whose stacks are asked about at once, no longer lean. NULL and an exception else. */
const shf_profile *shf_handle_stacks(napi_env env, napi_value value);
void shf_handle_release(shf_handle *h);

typedef struct shf_job shf_job;
struct shf_job {
  /* On another thread: no JavaScript. @return 0 or a SHF_E… code */
  int (*run)(shf_job *job);
  /* Back on the JavaScript thread: what the promise gives; where something failed, it is rejected.
   */
  napi_value (*result)(napi_env env, shf_job *job);
  /* Frees the job's own memory, at the end of all. */
  void (*destroy)(shf_job *job);
  shf_handle **handles; /* in use until the end; owned, may be NULL */
  uint32_t nhandles;
  bool lean;  /* `run` asks nothing that a lean profile does not know */
  char *path; /* for messages; owned, may be NULL */
  shf_error error;
  shf_profile *profile; /* what `run` made, for shf_job_profile */

  napi_async_work work;
  napi_deferred deferred;
  napi_ref kept; /* the JavaScript value, or an array of them, that holds the profiles in use */
  int code;
};

/*
 * Takes `job` over, and its handles into use; `kept` may be NULL. Memory of JavaScript's is none of
 * a job's: it is changed, resized and transferred meanwhile.
 * @return a promise; NULL and an exception where the job cannot begin
 */
napi_value shf_job_start(napi_env env, shf_job *job, napi_value kept);
/* For `result`: a handle of what `run` made. */
napi_value shf_job_profile(napi_env env, shf_job *job);
/* Room for `count` handles, all NULL. @return whether there is */
bool shf_job_handles(shf_job *job, uint32_t count);

#endif
