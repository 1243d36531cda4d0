/*
 * The C core of shap-flame: profiles of heap allocations.
 *
 * A capture (the bytes that a profiled process wrote) becomes a profile. Writers write a profile
 * to a sink, in any format.
 *
 * Conventions
 * - A function that can fail returns SHF_OK (0) or another enum shf_code. Nothing prints, exits or
 *   aborts. After a failure, the objects that were passed in are still valid, and their owner
 *   frees them.
 * - A pointer is never NULL unless a comment says that it may be.
 * - One thread builds a profile. Once it is sealed it is read-only, and any number of threads may
 *   read it at the same time.
 * - Text is UTF-8 with a length. It may hold any byte, NUL included.
 * - Lines and columns begin at 1; 0 means unknown.
 */
#ifndef SHF_H
#define SHF_H

#include "shf/ages.h"
#include "shf/base.h"
#include "shf/diff.h"
#include "shf/estimate.h"
#include "shf/frame.h"
#include "shf/leaks.h"
#include "shf/profile.h"
#include "shf/read.h"
#include "shf/sink.h"
#include "shf/transform.h"
#include "shf/write.h"

#endif
