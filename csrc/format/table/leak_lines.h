/* Likely leaks as lines of text and as JSON, with the types and labels of most of their memory. */
#ifndef SHF_FORMAT_TABLE_LEAK_LINES_H
#define SHF_FORMAT_TABLE_LEAK_LINES_H

#include "text/string_builder.h"

/*
 * Adds a line for each likely leak, which ends in LF: `likely leaks: createSession (server.js:35),
 * Session and Map, +1.2 MB a minute ± 0.2, from POST /login (93 %), steady over 10 minutes`.
 * @param min_seconds as for shf_profile_leaks()
 * @return 0 or SHF_E_NOMEM
 */
int shf__leak_lines(const shf_profile *p, shf_str cwd, double min_seconds, shf__builder *out);
/* Adds `,"leaks":[…]` if there are any. @return 0, SHF_E_NOMEM, or the sink's */
int shf__leak_json(const shf_profile *p, shf_sink *sink);

#endif
