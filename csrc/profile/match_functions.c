/*
 * Pairs the functions of two profiles. A function is known by its name and file. Where several
 * share both, as anonymous functions do, their places decide: an edit moves all functions below it
 * by as many lines (or, within a line, by as many columns), often to where another one stood.
 *
 * For each file that both profiles have:
 *  1. A name that each side has once is a pair, wherever it stands. So is a file's own code, at
 *     line 1 and column 1.
 *  2. If every name can have stayed where it was, no move is looked for: go on with 5.
 *  3. Candidates for moves: functions of one name, one of each side and at most NEAR apart in
 *     their order, vote for the distance between their lines, or between their columns within one
 *     line. The MOVES - 1 distances with most votes, and no move at all, are the candidates.
 *  4. The functions of one side, by line, are divided into stretches that each have one candidate.
 *     A function costs the difference between its weight and that of the function of its name that
 *     stands where the move leads to, 0 if none does; a weight is 1 + log2(1 + samples). A new
 *     stretch costs STRETCH. The division of the least total cost is found by dynamic programming,
 *     in time of functions times MOVES.
 *  5. Each function without a partner is paired with the one where its move leads to, then with
 *     the one that stands where it stood. What is left of a name is paired in the order of place
 *     until one side has none left.
 *
 * A function has at most one partner, and the pairs are the same if both profiles are swapped.
 * Same place and same order alone (steps 1, 2 and 5) pair functions wrongly as soon as a line is
 * inserted above neighbours of one name, and so report growth where there is none.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/growable.h"
#include "profile/profile.h"

enum {
  MOVES = 8,  /* moves tried for a file; the first one is no move */
  NEAR = 8,   /* functions of one name further apart than this, by their order, suggest no move */
  STRETCH = 3 /* cost of a new stretch; a function that it misses costs 1 + log2(1 + samples) */
};

#define LOG2_E 1.4426950408889634 /* 1 / ln 2 */

typedef struct place {
  shf_str name, file;
  uint32_t frame;
  int32_t line, column;
  uint32_t from, end; /* rows of the other side with this name and file */
  uint32_t partner;   /* the matching row of these, or SHF_NONE */
  uint8_t move;
} place;

typedef struct move {
  int32_t lines, columns;
} move;

/* The functions of both profiles, or those of one file. */
typedef struct sides {
  place *rows[2];
  uint32_t count[2];
} sides;

/* The weights of each side are computed at the first file that moved. */
typedef struct matcher {
  const shf_profile *p[2];
  double *weight[2];
  sides all;
  place **way;     /* memory for the rows of a side */
  uint8_t *choice; /* memory for the best previous move, for each row and move */
  move *votes;     /* moves that the functions of a file suggest */
  uint32_t nvotes, votes_capacity;
} matcher;

/* ---- Order */

/* Texts of one profile are interned. */
static int compare_text(shf_str a, shf_str b) {
  return a.ptr == b.ptr && a.len == b.len ? 0 : shf_str_compare(a, b);
}

static int by_function(const place *a, const place *b) {
  int order = compare_text(a->file, b->file);
  return order ? order : compare_text(a->name, b->name);
}

static int by_position(const place *a, int32_t line, int32_t column) {
  int order = (a->line > line) - (a->line < line);
  return order ? order : (a->column > column) - (a->column < column);
}

static int by_place(const void *a, const void *b) {
  const place *x = a, *y = b;
  int order = by_function(x, y);
  return order ? order : by_position(x, y->line, y->column);
}

static int by_line(const void *a, const void *b) {
  const place *x = *(place *const *)a, *y = *(place *const *)b;
  int order = by_position(x, y->line, y->column);
  return order ? order : (x > y) - (x < y);
}

static int by_move(const void *a, const void *b) {
  const move *x = a, *y = b;
  int order = (x->lines > y->lines) - (x->lines < y->lines);
  return order ? order : (x->columns > y->columns) - (x->columns < y->columns);
}

/* `process 12 (node a.js)` by its command: the number differs in each run. */
static shf_str without_pid(shf_str name) {
  static const char word[] = "process ";
  size_t at = sizeof word - 1;
  if (name.len <= at || memcmp(name.ptr, word, at) != 0) return name;
  while (at < name.len && name.ptr[at] >= '0' && name.ptr[at] <= '9') at++;
  if (name.len - at < 2 || name.ptr[at] != ' ') return name;
  return (shf_str){name.ptr + at + 1, name.len - at - 1};
}

/* Whether the frame is the first one of its function: it stands for all lines of it. */
static bool is_first(const shf_profile *p, uint32_t frame) {
  return frame == 0 || !shf__same_function(&p->frames[frame - 1], &p->frames[frame]);
}

static place *sorted_places(const shf_profile *p, uint32_t *count) {
  place *rows = malloc((p->nframes ? p->nframes : 1) * sizeof *rows);
  *count = 0;
  for (uint32_t i = 0; rows && i < p->nframes; i++) {
    const shf_frame *f = &p->frames[i];
    if (!is_first(p, i)) continue;
    shf_str name = shf_profile_text(p, f->name), file = shf_profile_text(p, f->file);
    if (file.len == 0) name = without_pid(name);
    rows[(*count)++] = (place){name, file, i, f->line, f->column, 0, 0, SHF_NONE, 0};
  }
  if (rows) qsort(rows, *count, sizeof *rows, by_place);
  return rows;
}

/* The end of the rows of one function, or of one file, that begin at `from`. */
static uint32_t end_of(const place *rows, uint32_t from, uint32_t count, bool file) {
  uint32_t end = from + 1;
  while (end < count && (file ? compare_text(rows[from].file, rows[end].file)
                              : by_function(&rows[from], &rows[end])) == 0)
    end++;
  return end;
}

/* ---- What moved */

static void pair(place *a, uint32_t a_row, place *b, uint32_t b_row) {
  a[a_row].partner = b_row;
  b[b_row].partner = a_row;
}

/* The row of that name which is at the moved position, or SHF_NONE. */
static uint32_t find(const place *a, const place *others, move by) {
  int64_t line = (int64_t)a->line + by.lines, column = (int64_t)a->column + by.columns;
  if (line < 0 || line > INT32_MAX || column < 0 || column > INT32_MAX) return SHF_NONE;
  uint32_t low = a->from, high = a->end;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int order = by_position(&others[middle], (int32_t)line, (int32_t)column);
    if (order == 0) return middle;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return SHF_NONE;
}

/*
 * Pairs a function that is the only one of its name, and the top-level code of a file, which
 * does not move.
 */
static void pair_exact(place *a, uint32_t from, uint32_t end, place *b) {
  uint32_t first = a[from].from, count = a[from].end - first;
  if (end - from == 1 && count == 1) pair(a, from, b, first);
  if (a[from].line <= 1 && a[from].column <= 1 &&
      by_position(&b[first], a[from].line, a[from].column) == 0)
    pair(a, from, b, first);
}

/* Whether some of the functions of one name must have moved. */
static bool has_moved(const place *a, uint32_t from, uint32_t end, const place *b) {
  uint32_t there = 0, count = a[from].end - a[from].from;
  if (end - from == 1 && count == 1)
    return by_position(&b[a[from].from], a[from].line, a[from].column) != 0;
  for (uint32_t i = from; i < end; i++) there += find(&a[i], b, (move){0, 0}) != SHF_NONE;
  return there < (end - from < count ? end - from : count);
}

static void set_namesakes(place *rows, uint32_t count, uint32_t from, uint32_t end) {
  for (uint32_t i = 0; i < count; i++) {
    rows[i].from = from;
    rows[i].end = end;
  }
}

/* Sets the rows with the same name on the other side. @return whether some functions moved */
static bool index_by_name(sides *file) {
  bool moved = false;
  place *a = file->rows[0], *b = file->rows[1];
  for (uint32_t i = 0, k = 0; i < file->count[0] && k < file->count[1];) {
    int order = by_function(&a[i], &b[k]);
    uint32_t a_end = end_of(a, i, file->count[0], false),
             b_end = end_of(b, k, file->count[1], false);
    if (order == 0) {
      set_namesakes(a + i, a_end - i, k, b_end);
      set_namesakes(b + k, b_end - k, i, a_end);
      pair_exact(a, i, a_end, b);
      moved = has_moved(a, i, a_end, b) || moved;
    }
    if (order <= 0) i = a_end;
    if (order >= 0) k = b_end;
  }
  return moved;
}

/* ---- Moves */

static int vote(matcher *m, const place *a, const place *b) {
  if (a->line != b->line && a->column != b->column) return SHF_OK;
  int code =
      shf__growable_reserve((void **)&m->votes, m->nvotes, &m->votes_capacity, sizeof *m->votes);
  if (code) return code;
  m->votes[m->nvotes++] = (move){b->line - a->line, b->column - a->column};
  return SHF_OK;
}

static int collect_votes(matcher *m, const sides *file, int side) {
  const place *a = file->rows[side], *b = file->rows[!side];
  int code = SHF_OK;
  m->nvotes = 0;
  for (uint32_t i = 0, first = 0; i < file->count[side] && !code; i++) {
    if (i && (a[i].from != a[i - 1].from || a[i].end != a[i - 1].end)) first = i;
    uint32_t at = a[i].from + (i - first), low = at > a[i].from + NEAR ? at - NEAR : a[i].from;
    for (uint32_t k = low; k < a[i].end && k <= at + NEAR && !code; k++)
      code = vote(m, &a[i], &b[k]);
  }
  return code;
}

/*
 * The moves with most votes, after the first one, which is no move; of equal votes the shorter
 * move first.
 */
static uint32_t choose_moves(matcher *m, move *moves) {
  uint32_t count = 1, votes[MOVES] = {0};
  moves[0] = (move){0, 0};
  if (m->nvotes) qsort(m->votes, m->nvotes, sizeof *m->votes, by_move);
  for (uint32_t i = 0, end; i < m->nvotes; i = end) {
    for (end = i + 1; end < m->nvotes && by_move(&m->votes[i], &m->votes[end]) == 0;) end++;
    if (m->votes[i].lines == 0 && m->votes[i].columns == 0) continue;
    uint32_t at = count < MOVES ? count++ : MOVES - 1;
    if (at == MOVES - 1 && votes[at] >= end - i) continue;
    for (; at > 1 && votes[at - 1] < end - i; at--) {
      votes[at] = votes[at - 1];
      moves[at] = moves[at - 1];
    }
    votes[at] = end - i;
    moves[at] = m->votes[i];
  }
  return count;
}

/* ---- Stretches */

/* The weight of each function, in the row of its first frame: 1 + log2(1 + own samples). */
static double *weights_of(const shf_profile *p) {
  double *rows = calloc(p->nframes ? p->nframes : 1, sizeof *rows);
  if (!rows) return NULL;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    double seen = b.allocated;
    for (int t = 0; t < SHF_TYPES && b.allocated == 0; t++)
      seen = fmax(seen, fabs((double)b.value[t]));
    if (b.node) rows[p->frame[b.node]] += seen;
  }
  for (uint32_t f = p->nframes; f-- > 1;)
    if (!is_first(p, f)) rows[f - 1] += rows[f];
  /* the log2() of newer C libraries is missing in the oldest one that Node supports */
  for (uint32_t f = 0; f < p->nframes; f++) rows[f] = 1 + log1p(rows[f]) * LOG2_E;
  return rows;
}

/* The cost of a move for a function: the difference of the samples at both positions. */
static double cost_of(const matcher *m, int side, const place *a, const place *others, move by) {
  uint32_t k = find(a, others, by);
  double there = k == SHF_NONE ? 0 : m->weight[!side][others[k].frame];
  return fabs(m->weight[side][a->frame] - there);
}

/* The rows without a partner, by line, that have rows of their name on the other side. */
static uint32_t rows_in_order(matcher *m, const sides *file, int side) {
  uint32_t count = 0;
  place *a = file->rows[side];
  for (uint32_t i = 0; i < file->count[side]; i++)
    if (a[i].end > a[i].from && (a[i].line > 1 || a[i].column > 1)) m->way[count++] = &a[i];
  if (count) qsort(m->way, count, sizeof(place *), by_line);
  return count;
}

/* Gives each row of a side its move: the path of least cost through all rows. */
static void find_stretches(matcher *m, const sides *file, int side, const move *moves,
                           uint32_t count) {
  double cost[MOVES] = {0};
  uint32_t rows = rows_in_order(m, file, side), best = 0;
  for (uint32_t s = 1; s < count; s++) cost[s] = STRETCH;
  for (uint32_t i = 0; i < rows; i++) {
    double least = cost[best];
    for (uint32_t s = 0; s < count; s++) {
      bool stays = cost[s] <= least + STRETCH;
      m->choice[(size_t)i * MOVES + s] = (uint8_t)(stays ? s : best);
      cost[s] = (stays ? cost[s] : least + STRETCH) +
                cost_of(m, side, m->way[i], file->rows[!side], moves[s]);
    }
    best = 0;
    for (uint32_t s = 1; s < count; s++)
      if (cost[s] < cost[best]) best = s;
  }
  for (uint32_t i = rows; i-- > 0;) {
    m->way[i]->move = (uint8_t)best;
    best = m->choice[(size_t)i * MOVES + best];
  }
}

/* The side to start from; the same one when the profiles are swapped. */
static int leading_side(const sides *file) {
  if (file->count[0] != file->count[1]) return file->count[0] > file->count[1];
  for (uint32_t i = 0; i < file->count[0]; i++) {
    int order = by_position(&file->rows[0][i], file->rows[1][i].line, file->rows[1][i].column);
    if (order) return order > 0;
  }
  return 0;
}

/* Most files did not move: this memory is allocated at the first one that did. */
static int allocate(matcher *m) {
  if (m->choice) return SHF_OK;
  size_t rows = 1 + (size_t)(m->all.count[0] > m->all.count[1] ? m->all.count[0] : m->all.count[1]);
  for (int i = 0; i < 2; i++) m->weight[i] = weights_of(m->p[i]);
  m->way = calloc(rows, sizeof(place *));
  m->choice = malloc(rows * MOVES);
  return m->weight[0] && m->weight[1] && m->way && m->choice ? SHF_OK : SHF_E_NOMEM;
}

static int trace_moves(matcher *m, const sides *file, int side, move *moves, uint32_t *count) {
  int code = allocate(m);
  if (code) return code;
  code = collect_votes(m, file, side);
  if (code) return code;
  *count = choose_moves(m, moves);
  find_stretches(m, file, side, moves, *count);
  return SHF_OK;
}

/* ---- Pairs */

static void pair_moved(place *a, uint32_t count, place *b, const move *moves) {
  for (uint32_t i = 0; i < count; i++) {
    if (a[i].partner != SHF_NONE) continue;
    uint32_t k = find(&a[i], b, moves[a[i].move]);
    if (k != SHF_NONE && b[k].partner == SHF_NONE) pair(a, i, b, k);
  }
}

/* Pairs the remaining functions of each name in their order. */
static void pair_remaining(place *a, uint32_t count, place *b) {
  uint32_t k = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (a[i].partner != SHF_NONE) continue;
    if (k < a[i].from) k = a[i].from;
    while (k < a[i].end && b[k].partner != SHF_NONE) k++;
    if (k < a[i].end) pair(a, i, b, k);
  }
}

static int match_file(matcher *m, sides *file) {
  move moves[MOVES] = {{0, 0}};
  static const move none[MOVES] = {{0, 0}};
  uint32_t count = 1;
  int side = leading_side(file), code = SHF_OK;
  if (index_by_name(file)) code = trace_moves(m, file, side, moves, &count);
  if (code) return code;
  place *a = file->rows[side], *b = file->rows[!side];
  pair_moved(a, file->count[side], b, moves);
  for (uint32_t i = 0; i < file->count[side] && count > 1; i++) a[i].move = 0;
  if (count > 1) pair_moved(a, file->count[side], b, none);
  pair_remaining(a, file->count[side], b);
  return SHF_OK;
}

/* `to`: from first frames of functions of the first side to such frames of the second. */
static void fill_table(const sides *file, uint32_t *to) {
  const place *a = file->rows[0], *b = file->rows[1];
  for (uint32_t i = 0; i < file->count[0]; i++) {
    if (a[i].partner != SHF_NONE)
      to[a[i].frame] = b[a[i].partner].frame;
    else if (find(&a[i], b, (move){0, 0}) != SHF_NONE)
      to[a[i].frame] = SHF__DISPLACED;
  }
}

static int match_files(matcher *m, uint32_t *to) {
  const sides *all = &m->all;
  int code = SHF_OK;
  for (uint32_t i = 0, k = 0; i < all->count[0] && k < all->count[1] && !code;) {
    int order = compare_text(all->rows[0][i].file, all->rows[1][k].file);
    uint32_t end = end_of(all->rows[0], i, all->count[0], true),
             other = end_of(all->rows[1], k, all->count[1], true);
    sides file = {{all->rows[0] + i, all->rows[1] + k}, {end - i, other - k}};
    if (order == 0) {
      code = match_file(m, &file);
      if (!code) fill_table(&file, to);
    }
    if (order <= 0) i = end;
    if (order >= 0) k = other;
  }
  return code;
}

int shf__match_frames(const shf_profile *before, const shf_profile *after, uint32_t *to) {
  matcher m = {.p = {before, after}};
  for (int i = 0; i < 2; i++) m.all.rows[i] = sorted_places(m.p[i], &m.all.count[i]);
  memset(to, 0xff, before->nframes * sizeof *to);
  int code = m.all.rows[0] && m.all.rows[1] ? match_files(&m, to) : SHF_E_NOMEM;
  for (uint32_t f = 1; f < before->nframes; f++)
    if (!is_first(before, f)) to[f] = to[f - 1];
  for (int i = 0; i < 2; i++) {
    free(m.all.rows[i]);
    free(m.weight[i]);
  }
  free(m.way);
  free(m.choice);
  free(m.votes);
  return code;
}
