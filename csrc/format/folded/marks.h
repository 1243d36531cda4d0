/* What stacks begin with, by the hash of their first bytes. */
#ifndef SHF_FORMAT_FOLDED_MARKS_H
#define SHF_FORMAT_FOLDED_MARKS_H

#include <stddef.h>
#include <stdint.h>

/* What tells the first bytes of a text from others: 95 of its bits. */
typedef struct shf__prefix {
  uint64_t hash;
  uint32_t more;
} shf__prefix;

typedef struct shf__mark {
  uint64_t hash;
  uint32_t more, node; /* 0: a free row */
} shf__mark;

/*
 * A cache: what it forgets must be looked up otherwise. Each has a hash of its own: that two
 * beginnings are taken for one is less likely than that memory errs, and no file can bring it
 * about.
 */
typedef struct shf__marks {
  uint64_t seed;
  shf__mark *rows;
  uint32_t room, made; /* a power of two, or 0; how many were put */
} shf__marks;

enum {
  SHF__STRIDE = 192, /* bytes */
  SHF__STRIDES = 64  /* of a text: what is behind them is not told apart */
};

void shf__marks_init(shf__marks *m);
void shf__marks_free(shf__marks *m);
/*
 * The prefixes of a text's first SHF__STRIDE bytes, of twice as many and so on.
 * @return how many there are, 0 where there is no arithmetic for it
 */
uint32_t shf__marks_hash(const shf__marks *m, const char *text, size_t len,
                         shf__prefix prefixes[SHF__STRIDES]);
/* 0 where none is known. */
uint32_t shf__marks_find(const shf__marks *m, shf__prefix prefix);
/* @param node not 0. @return 0 or SHF_E_NOMEM */
int shf__marks_put(shf__marks *m, shf__prefix prefix, uint32_t node);

#endif
