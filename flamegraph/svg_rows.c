/* Writes the frames, row by row. */
#include "svg.h"

enum {
  PAD = 30,    /* tenths of a px between an edge and the label */
  THIN = 50,   /* wider frames that are drawn as lines have a gap of GAP */
  GAP = 5,     /* width of a rectangle's outline */
  WIDE = 300,  /* narrower frames without a label are drawn as lines */
  LINES = 4096 /* lines that are buffered */
};

/* Neighbours in a row that are not drawn. */
typedef struct block {
  uint64_t frames; /* 0: no block is open */
  int64_t value;
  int64_t side[2];     /* of a difference: the value before and after */
  int64_t first, last; /* tenths of a px: start, and end of its last part */
  int64_t width;       /* sum of its parts */
  shf_span widest;
  shf_xml path; /* held */
} block;

/*
 * A frame that is drawn as a line as thick as its row: a path with a title or, for frames that are
 * too narrow for titles, one path for all of a colour.
 */
typedef struct line {
  uint32_t next; /* the next line of the same paint and kind: see line_at */
  uint32_t node;
  uint32_t depth;
  uint32_t x, width; /* tenths of a px */
} line;

typedef struct row {
  shf_svg *svg;
  shf_xml *x;
  uint64_t top;            /* px: top of the first row */
  uint32_t depth, deepest; /* current row; deepest row with content */
  bool open, grey;         /* whether the row's element and the blocks' element within are open */
  block block;
  uint32_t lines; /* in use */
  line line[LINES];
  uint16_t first[SHF_PAINTS][2], last[SHF_PAINTS][2]; /* by paint; [1]: lines without a title */
} row;

/* In tenths of a px; 0 if rows are too low for text. */
static uint32_t font_size(const shf_svg *svg) {
  uint32_t h = svg->o.height;
  if (svg->o.font_size) return svg->o.font_size * 10;
  if (h < 10) return 0;
  return h >= 21 ? 160 : (h - 5) * 10;
}

/* px from the top of the page. */
static uint64_t top_of(const row *r, uint32_t depth) {
  const shf_svg *svg = r->svg;
  return r->top + (uint64_t)(svg->o.inverted ? depth : svg->rows - 1 - depth) * svg->o.height;
}

/* Opens a group of paths of one colour and, with `thick`, of a row's thickness. */
static void begin_lines(row *r, uint32_t paint, bool thick) {
  r->svg->lined[paint] = true;
  shf__xml_raw(r->x, "<g stroke=\"");
  shf__xml_raw(r->x, shf__paint_at(paint)->light);
  if (thick) {
    shf__xml_raw(r->x, "\" stroke-width=\"");
    shf__xml_u64(r->x, r->svg->o.height - 1);
  }
  shf__xml_raw(r->x, "\">");
}

/* Opens the row's element; opens or closes the blocks' element within. */
static void open_row(row *r, bool grey) {
  if (!r->open) {
    shf__xml_raw(r->x, "<g transform=\"translate(0 ");
    shf__xml_u64(r->x, top_of(r, r->depth));
    shf__xml_raw(r->x, ")\">");
    r->open = true;
  }
  if (r->grey == grey) return;
  if (grey)
    begin_lines(r, SHF_PAINT_PRUNED, true);
  else
    shf__xml_raw(r->x, "</g>");
  r->grey = grey;
}

static void close_row(row *r) {
  if (!r->open) return;
  open_row(r, false);
  shf__xml_raw(r->x, "</g>\n");
  r->open = false;
}

/* ---- Lines -------------------------------------------------------------------- */

/* Tenths of a px from a row's top to its middle. */
static int64_t middle_of(const row *r) {
  return ((int64_t)r->svg->o.height - 1) * 5;
}

static void write_pair(shf_xml *x, int64_t first, int64_t second) {
  shf__xml_tenths(x, first);
  if (second >= 0) shf__xml_raw(x, " ");
  shf__xml_tenths(x, second);
}

/* Relative to the end of the line before; the first of a path is absolute. */
static void write_stretch(const row *r, const line *before, const line *l) {
  int64_t top = (int64_t)top_of(r, l->depth) * 10;
  if (!before) {
    shf__xml_raw(r->x, "M");
    write_pair(r->x, l->x, top + middle_of(r));
  } else if (before->depth != l->depth || before->x + before->width != l->x) {
    shf__xml_raw(r->x, "m");
    write_pair(r->x, (int64_t)l->x - before->x - before->width,
               top - (int64_t)top_of(r, before->depth) * 10);
  }
  shf__xml_raw(r->x, "h");
  shf__xml_tenths(r->x, l->width);
}

/* Appends a part of the open row to the block's path. */
static void add_stretch(const row *r, block *b, shf_span s) {
  bool first = b->path.used == 0;
  shf__xml_raw(&b->path, first ? "M" : "m");
  write_pair(&b->path, first ? s.x : s.x - b->last, first ? middle_of(r) : 0);
  shf__xml_raw(&b->path, "h");
  shf__xml_tenths(&b->path, s.width);
  b->last = s.x + s.width;
}

/* ---- A frame ------------------------------------------------------------------ */

/* An outlined frame is inset, as half of a stroke is outside of the path. */
static void write_rect(const row *r, shf_span s, uint32_t paint, enum shf_mark mark) {
  int64_t inset = mark ? 5 : 0;
  shf__xml_raw(r->x, "<rect x=\"");
  shf__xml_tenths(r->x, s.x + inset);
  shf__xml_raw(r->x, "\" width=\"");
  shf__xml_tenths(r->x, s.width - 2 * inset);
  shf__xml_raw(r->x, inset ? "\" y=\".5\" height=\"" : "\" height=\"");
  shf__xml_u64(r->x, r->svg->o.height - (inset ? 2 : 1));
  shf__xml_raw(r->x, "\" fill=\"");
  shf__xml_raw(r->x, shf__paint_at(paint)->light);
  shf__xml_raw(r->x, "\"");
  if (inset) shf__xml_raw(r->x, shf__svg_diff_outline(mark));
}

/* A label that fits. Its first `least` bytes are never cut, because a cut number would be wrong. */
typedef struct label {
  shf_str text;       /* empty: nothing fits */
  uint32_t available; /* hundredths of the font size */
} label;

static label fit_label(const row *r, shf_span s, shf_str text, size_t least) {
  uint32_t size = font_size(r->svg);
  int64_t wide = s.width - 2 * (int64_t)PAD;
  if (size == 0 || wide <= 0) return (label){0};
  uint64_t available = (uint64_t)wide * 100 / size;
  bool cut;
  if (available > UINT32_MAX) available = UINT32_MAX;
  size_t fits = shf__label_fit(text, SHF_FACE_MONO, (uint32_t)available, &cut);
  if (fits == 0 || fits < least) return (label){0};
  return (label){text, (uint32_t)available};
}

static void write_label(const row *r, shf_span s, label what) {
  uint32_t size = font_size(r->svg);
  shf__xml_raw(r->x, "<text x=\"");
  shf__xml_tenths(r->x, s.x + PAD);
  shf__xml_raw(r->x, "\" y=\"");
  shf__xml_tenths(r->x, (r->svg->o.height - 1) * 5 + size * 35 / 100);
  shf__xml_raw(r->x, "\" stroke=\"none\">");
  shf__label_write(r->x, what.text, SHF_FACE_MONO, what.available);
  shf__xml_raw(r->x, "</text>");
}

static uint32_t paint_of(const shf_svg *svg, uint32_t node) {
  const shf_layout *l = &svg->layout;
  if (shf__layout_compares(l)) return shf__svg_diff_paint(svg, node);
  uint32_t frame = shf_profile_frame_of(l->p, node);
  return frame == SHF_NONE ? shf__paint_of(l->p, frame, 0) : svg->paint[frame];
}

/* In a difference the change comes first; `held` is the buffer for that. */
static label label_of_frame(const row *r, shf_span s, uint32_t node, shf_xml *held) {
  const shf_layout *l = &r->svg->layout;
  char buffer[SHF_PLACE];
  shf_str name = shf__svg_label(l->p, shf_profile_frame_of(l->p, node), buffer);
  if (!shf__layout_compares(l) && name.ptr != buffer) return fit_label(r, s, name, 0);
  shf__xml_hold(held);
  if (shf__layout_compares(l)) shf__svg_diff_sign(r->svg, node, held);
  size_t least = held->used ? held->used - 1 : 0; /* without the space */
  shf__xml_bytes(held, name.ptr, name.len);
  return fit_label(r, s, shf__xml_held(held), least);
}

static enum shf_mark mark_of(const shf_layout *l, uint32_t node) {
  if (!shf__layout_compares(l)) return SHF_MARK_NONE;
  return shf__svg_diff_mark(l->diff.total[0][node], l->diff.total[1][node]);
}

/* ---- Frames as lines ---------------------------------------------------------- */

/* Numbers begin at 1; NULL for 0. */
static const line *line_at(const row *r, uint32_t number) {
  return number ? &r->line[number - 1] : NULL;
}

/* One path with a title for each. */
static void write_titled(const row *r, const line *l) {
  for (; l; l = line_at(r, l->next)) {
    shf__xml_raw(r->x, "<path d=\"");
    write_stretch(r, NULL, l);
    shf__xml_raw(r->x, "\">");
    shf__svg_frame_title(r->svg, l->node, r->x);
    shf__xml_raw(r->x, "</path>");
  }
}

/* One path for all. */
static void write_untitled(const row *r, const line *l) {
  if (!l) return;
  shf__xml_raw(r->x, "<path d=\"");
  for (const line *before = NULL; l; before = l, l = line_at(r, l->next))
    write_stretch(r, before, l);
  shf__xml_raw(r->x, "\"/>");
}

static void write_lines(row *r) {
  if (r->lines == 0) return;
  close_row(r);
  shf__xml_raw(r->x, "<g stroke-width=\"");
  shf__xml_u64(r->x, r->svg->o.height - 1);
  shf__xml_raw(r->x, "\">\n");
  for (uint32_t paint = 0; paint < SHF_PAINTS; paint++) {
    uint16_t *first = r->first[paint];
    if (!first[0] && !first[1]) continue;
    begin_lines(r, paint, false);
    write_titled(r, line_at(r, first[0]));
    write_untitled(r, line_at(r, first[1]));
    shf__xml_raw(r->x, "</g>\n");
    first[0] = first[1] = 0;
  }
  shf__xml_raw(r->x, "</g>\n");
  r->lines = 0;
}

static void add_line(row *r, shf_span s, uint32_t paint, uint32_t node) {
  if (r->lines == LINES) write_lines(r);
  int kind = s.width < r->svg->min_titled;
  /* Rounded to 0, but visible when zoomed in. */
  if (s.width == 0) s.width = 1;
  if (s.width > THIN) s.width -= GAP;
  r->line[r->lines++] = (line){0, node, r->depth, (uint32_t)s.x, (uint32_t)s.width};
  if (r->first[paint][kind])
    r->line[r->last[paint][kind] - 1].next = r->lines;
  else
    r->first[paint][kind] = (uint16_t)r->lines;
  r->last[paint][kind] = (uint16_t)r->lines;
}

static void write_frame(row *r, uint32_t node) {
  shf_svg *svg = r->svg;
  const shf_layout *l = &svg->layout;
  uint32_t paint = paint_of(svg, node);
  enum shf_mark mark = mark_of(l, node);
  r->deepest = r->depth;
  shf_span s = shf__layout_span(l, l->start[node], shf__layout_end_of(l, node));
  if (node == 0) s.width = l->width; /* even if the total is 0 */
  svg->drawn++;
  shf_xml held;
  label what = {0};
  if (s.width >= svg->min_titled) what = label_of_frame(r, s, node, &held);
  if (s.width < svg->min_titled || (s.width < WIDE && !what.text.len && !mark)) {
    add_line(r, s, paint, node);
    return;
  }
  open_row(r, false);
  svg->used[paint] = true;
  if (what.text.len) {
    shf__xml_raw(r->x, "<g>");
    shf__svg_frame_title(r->svg, node, r->x);
    write_rect(r, s, paint, mark);
    shf__xml_raw(r->x, "/>");
    write_label(r, s, what);
    shf__xml_raw(r->x, "</g>");
    return;
  }
  write_rect(r, s, paint, mark);
  shf__xml_raw(r->x, ">");
  shf__svg_frame_title(r->svg, node, r->x);
  shf__xml_raw(r->x, "</rect>");
}

/* ---- Grey blocks -------------------------------------------------------------- */

static void write_block(row *r) {
  block *b = &r->block;
  if (b->frames == 0) return;
  r->deepest = r->depth;
  open_row(r, true);
  /* Never less than a tenth of a pixel. */
  if (b->path.used == 0) add_stretch(r, b, (shf_span){b->first, 1});
  shf_xml frames;
  shf__xml_hold(&frames);
  shf__xml_grouped(&frames, b->frames);
  shf__xml_raw(&frames, b->frames == 1 ? " frame" : " frames");
  label what = fit_label(r, b->widest, shf__xml_held(&frames), frames.used);
  if (what.text.len) {
    shf__xml_raw(r->x, "<g>");
    shf__svg_block_title(r->svg, shf__xml_held(&frames), b->value, b->side, r->x);
  }
  shf__xml_raw(r->x, "<path d=\"");
  shf__xml_bytes(r->x, b->path.buffer, b->path.used);
  if (what.text.len) {
    shf__xml_raw(r->x, "\"/>");
    write_label(r, b->widest, what);
    shf__xml_raw(r->x, "</g>");
  } else {
    shf__xml_raw(r->x, "\">");
    shf__svg_block_title(r->svg, shf__xml_held(&frames), b->value, b->side, r->x);
    shf__xml_raw(r->x, "</path>");
  }
  r->svg->hidden += b->frames;
  r->svg->hidden_value += b->value;
  b->frames = 0;
}

/* Whether one more part belongs to the open block. */
static bool joins(const row *r, shf_span s) {
  const block *b = &r->block;
  if (b->frames == 0) return true;
  int64_t min_titled = r->svg->min_titled;
  if (b->width >= min_titled || s.width >= min_titled) return false;
  return s.x - b->first <= 4 * min_titled && b->path.used < sizeof b->path.buffer - 64;
}

/*
 * Adds undrawn callees in [start, end). A part that is wide enough to point at is a block of its
 * own; narrower ones are joined with neighbours, even those of another caller.
 */
static void add_to_block(row *r, int64_t start, int64_t end, uint64_t frames,
                         const int64_t side[2]) {
  block *b = &r->block;
  shf_span s = shf__layout_span(&r->svg->layout, start, end);
  if (!joins(r, s)) write_block(r);
  if (b->frames == 0) {
    shf__xml_hold(&b->path);
    b->first = s.x;
    b->width = b->value = b->side[0] = b->side[1] = 0;
    b->widest = (shf_span){s.x, 0};
  }
  if (s.width) add_stretch(r, b, s);
  if (s.width > b->widest.width) b->widest = s;
  b->width += s.width;
  b->frames += frames;
  b->value += end - start;
  for (int i = 0; i < 2; i++) b->side[i] += side[i];
}

/* False if memory is short. */
static bool write_callees(row *r, uint32_t parent) {
  shf_layout *l = &r->svg->layout;
  uint32_t c = shf__layout_child(l, parent);
  while (c != SHF_NONE) {
    if (shf__layout_kept(l, c)) {
      if (!shf__layout_keep(l, c)) return false;
      write_frame(r, c);
      c = shf__layout_sibling(l, parent, c);
      continue;
    }
    int64_t start = l->start[c], value = 0, side[2] = {0, 0};
    uint64_t frames = 0;
    for (; c != SHF_NONE && !shf__layout_kept(l, c); c = shf__layout_sibling(l, parent, c)) {
      frames += shf__layout_frames(l, c);
      value += shf__layout_total(l, c);
      for (int i = 0; i < 2 && shf__layout_compares(l); i++) side[i] += l->diff.total[i][c];
    }
    add_to_block(r, start, start + value, frames, side);
  }
  return true;
}

/* ---- All rows ----------------------------------------------------------------- */

bool shf__svg_rows(shf_svg *svg, shf_xml *x, shf_rule rule, uint64_t budget) {
  row r = {.svg = svg, .x = x, .top = svg->head_height};
  uint32_t size = font_size(svg);
  svg->drawn = svg->hidden = 0;
  svg->hidden_value = 0;
  for (uint32_t i = 0; i < SHF_PAINTS; i++) svg->used[i] = svg->lined[i] = false;
  shf__xml_raw(x, "<g id=\"frames\" fill=\"" SHF_INK_LIGHT "\"");
  shf__svg_font(svg, x, SHF_MONO);
  shf__xml_raw(x, " font-size=\"");
  shf__xml_tenths(x, size ? size : 10);
  shf__xml_raw(x, "\" stroke=\"" SHF_PAGE_LIGHT "\" stroke-width=\".5\">\n");
  shf__layout_start(&svg->layout, rule);
  write_frame(&r, 0);
  close_row(&r);
  uint32_t rows = 1;
  do {
    r.depth++;
    const shf_layout *l = &svg->layout;
    for (uint32_t i = l->row_begin; i < l->row_end; i++) {
      if (!write_callees(&r, l->queue[i])) svg->code = SHF_E_NOMEM;
      if (svg->code || x->bytes > budget) return false;
    }
    write_block(&r);
    if (r.deepest == r.depth) rows = r.depth + 1;
    close_row(&r);
  } while (shf__layout_next(&svg->layout));
  write_lines(&r);
  shf__xml_raw(x, "</g>\n");
  svg->rows = rows;
  return true;
}
