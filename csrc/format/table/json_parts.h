/* Parts of the JSON of profiles and of differences. */
#ifndef SHF_FORMAT_TABLE_JSON_PARTS_H
#define SHF_FORMAT_TABLE_JSON_PARTS_H

#include "text/string_builder.h"

/* `"key":`, behind a comma where wanted. */
void shf__json_key(shf_sink *sink, const char *key, bool comma);
/* One standard error, to one decimal. */
void shf__json_error(shf_sink *sink, double variance);
/* What stands between the brackets of "meta", "sources" and "types". */
void shf__json_meta(const shf_profile *p, shf_sink *sink);
void shf__json_sources(const shf_profile *p, shf_sink *sink);
void shf__json_types(uint32_t types, shf_sink *sink);
/* `"name":text,"file":text,"line":n,"column":n` */
void shf__json_place(const shf_profile *p, uint32_t frame, shf_sink *sink);

#endif
