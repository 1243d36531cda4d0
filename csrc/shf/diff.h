/* Differences of two profiles, and limits. Conventions: shf.h. */
#ifndef SHF_DIFF_H
#define SHF_DIFF_H

#include "shf/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Differences */

/*
 * Both profiles in one tree; each source is marked with its side. A function of `before` that
 * only moved within its file is matched with the one of `after`: same name and file, in the
 * order of lines. Roots `process N (command)` that differ only in N become one. A side with
 * several runs is their mean.
 * @param normalize scale `before` to the total of `type` of `after`
 */
int shf_profile_diff(const shf_profile *before, const shf_profile *after, shf_type type,
                     bool normalize, shf_profile **out);
/* Whether the profile is a difference: any source has a side. */
bool shf_profile_is_diff(const shf_profile *p);
/*
 * Whether the two sides were sampled at different intervals. Errors then include what the
 * coarser side missed.
 */
bool shf_profile_is_uneven(const shf_profile *p);
/* Like shf_profile_sums, for the buckets of one side. */
void shf_profile_side_sums(const shf_profile *p, enum shf_side side, shf_type type, int64_t *self,
                           int64_t *total);
/* The total of one side. */
int64_t shf_profile_side_total(const shf_profile *p, enum shf_side side, shf_type type);

/*
 * The values of a function in one type: [0] before, [1] after. For several runs, a variance is
 * the variance of their mean: that of sampling or, when the runs differ by more than sampling
 * explains, that of the runs, widened by Student's t. A side with one run borrows the spread of
 * the other. A side that saw fewer samples gets the error of its own interval.
 */
typedef struct shf_change {
  uint32_t frame;
  int64_t self[2], total[2]; /* a recursive function counts once for a stack */
  double self_variance[2], total_variance[2];
} shf_change;
/*
 * All functions of a difference that have a value on either side: largest change of self first,
 * then of total, then by text. The caller frees the rows with free(). SHF_E_ARG when the profile
 * is no difference.
 */
int shf_profile_changes(const shf_profile *p, shf_type type, shf_change **rows, uint32_t *count);
/*
 * The variance of the change of every node: of its total, or of its self when `self` is set.
 * `variance` has shf_profile_nodes() rows and belongs to the caller.
 */
int shf_profile_change_variances(const shf_profile *p, shf_type type, bool self, double *variance);

enum shf_verdict { SHF_WITHIN_NOISE, SHF_GREW, SHF_SHRANK };
/*
 * Whether a change is beyond sampling noise with 99 % confidence. Without a variance, every
 * change is.
 */
enum shf_verdict shf_change_verdict(int64_t before, int64_t after, double variance);
/* "within noise", "grew" or "shrank". */
const char *shf_verdict_name(enum shf_verdict verdict);

/*
 * What a process allocated between two captures, and by what its memory in use changed, which may
 * be less than 0: values are those of `after` without those of `before`, by stack and label.
 * Labels of a block's age and type are left out, as they change from one capture to the next.
 */
int shf_profile_delta(const shf_profile *before, const shf_profile *after, shf_profile **out);

/* ---- Limits */

/* The total of a profile, or of one side of a difference; for several runs, their mean. */
typedef struct shf_figure {
  int64_t value;
  double variance;  /* as in shf_change */
  uint64_t samples; /* sampled blocks of all runs */
  uint32_t runs;
} shf_figure;
int shf_profile_figure(const shf_profile *p, enum shf_side side, shf_type type, shf_figure *out);
/* Both sides of a difference. A side with one run borrows the spread of the other. */
int shf_profile_figures(const shf_profile *p, shf_type type, shf_figure out[2]);

enum shf_judgement {
  SHF_HOLDS,
  SHF_EXCEEDED, /* with 99 % confidence */
  SHF_UNSURE    /* too few samples to decide */
};
/* Whether a figure exceeds a limit; SHF_UNSURE when it does, but within noise. */
enum shf_judgement shf_judge_limit(const shf_figure *f, double limit);
/*
 * Whether figures[1] grew by more than `percent` of figures[0]. SHF_UNSURE when neither this nor
 * the opposite is beyond noise, and the noise is larger than that growth and than 5 % of
 * figures[0].
 */
enum shf_judgement shf_judge_growth(const shf_figure figures[2], double percent);

#ifdef __cplusplus
}
#endif

#endif
