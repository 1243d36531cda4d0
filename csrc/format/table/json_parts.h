/* Parts that the JSON of profiles and of differences share. */
#ifndef SHF_FORMAT_TABLE_JSON_PARTS_H
#define SHF_FORMAT_TABLE_JSON_PARTS_H

#include "text/string_builder.h"

/* `"key":`, after a comma if `comma`. */
void shf__json_key(shf_sink *sink, const char *key, bool comma);
/* One standard error with one decimal. */
void shf__json_error(shf_sink *sink, double variance);
/* The content of "meta", "sources" and "types", without brackets. */
void shf__json_meta(const shf_profile *p, shf_sink *sink);
void shf__json_sources(const shf_profile *p, shf_sink *sink);
void shf__json_types(uint32_t types, shf_sink *sink);
/* `"name":text,"file":text,"line":n,"column":n` */
void shf__json_place(const shf_profile *p, uint32_t frame, shf_sink *sink);

#endif
