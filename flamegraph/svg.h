/* The parts of the SVG writer, for each other only. */
#ifndef SHF_FLAMEGRAPH_SVG_H
#define SHF_FLAMEGRAPH_SVG_H

#include "color.h"
#include "layout.h"
#include "text_metrics.h"
#include "xml.h"

/* The page's own colours; each is told apart by its value, as fills are. */
#define SHF_PAGE_LIGHT "#fff"
#define SHF_PAGE_DARK "#15161a"
#define SHF_MUTED_LIGHT "#667"
#define SHF_MUTED_DARK "#9c9ca8"

/* Of the outermost element. */
#define SHF_ID "shap-flame"

#define SHF_SANS "ui-sans-serif,system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
#define SHF_MONO "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

/* Between tspans: a blank that no renderer leaves out. */
#define SHF_BLANK "\xC2\xA0"
/* Opens a tspan. */
#define SHF_MUTED_SPAN "<tspan fill=\"" SHF_MUTED_LIGHT "\">"

enum { SHF_NARROW = 720 /* px: below it the figures stand under the title */ };
enum {
  SHF_MARGIN = 10,
  SHF_FOOT_HEIGHT = 30,
  SHF_LEGEND_SIZE = 11,
  SHF_TOP_FUNCTIONS = 5,
  SHF_TOP_PACKAGES = 8
};

typedef struct shf_package_share {
  shf_str name;
  int64_t value;
} shf_package_share;

typedef struct shf_function_share {
  uint32_t frame;
  int64_t value;
} shf_function_share;

/* What the header says; values are self. */
typedef struct shf_summary {
  int64_t category[SHF_CATEGORIES];
  bool occurs[SHF_CATEGORIES];                 /* maybe without a value of its own */
  shf_package_share package[SHF_TOP_PACKAGES]; /* most first */
  uint32_t packages;                           /* rows of it in use */
  shf_function_share top[SHF_TOP_FUNCTIONS];   /* most first */
  uint32_t tops;
  uint32_t functions;                   /* that have a value themselves */
  double error;                         /* standard error / total; 0: none is known */
  shf_change change[SHF_TOP_FUNCTIONS]; /* of a difference: the largest, noise behind the rest */
  uint32_t changes;
} shf_summary;

enum { SHF_FACTS = 256 };

typedef struct shf_svg {
  const shf_profile *p; /* what was asked to be shown; layout.p is it reversed with o.reverse */
  shf_svg_options o;    /* defaults filled in */
  int scheme;           /* of colours */
  shf_layout layout;
  shf_summary summary;
  char facts[SHF_TYPES][SHF_FACTS]; /* ` · sampled every 65,536 bytes · gc forced` */
  uint8_t *paint;                   /* rows as frames of layout.p */
  uint32_t head_height;             /* px from the top of the page to the first row */
  int64_t min_titled;               /* tenths of a px: narrower frames have no title */
  bool used[SHF_PAINTS];            /* by what is filled */
  bool lined[SHF_PAINTS];           /* by lines */
  uint32_t rows;                    /* of frames and grey blocks */
  uint64_t drawn;                   /* frames */
  uint64_t hidden;                  /* frames that grey blocks stand for */
  int64_t hidden_value;             /* what these frames amount to */
  int code;                         /* the first failure while frames were chosen */
} shf_svg;

/* Fills summary and paint from the layout. */
int shf__svg_summarize(shf_svg *svg);

/* px from the top of the page to the first row. */
uint32_t shf__svg_head_height(const shf_svg *svg);

/* The profile with each stack turned around. */
int shf__svg_reverse(const shf_profile *p, shf_profile **out);

/*
 * False, and not finished, once more than `budget` bytes are written, or with
 * pic->code where memory is short. Sets pic->rows and counts.
 */
bool shf__svg_rows(shf_svg *svg, shf_xml *x, shf_rule rule, uint64_t budget);
void shf__svg_head(shf_svg *svg, shf_xml *x);
/* A comma and a member's name of the data's JSON. */
void shf__svg_key(shf_xml *x, const char *name);
/* Members of the data's JSON, a comma before each. */
void shf__svg_meta(const shf_svg *svg, shf_xml *x);
/* Fills pic->facts. */
int shf__svg_find_facts(shf_svg *svg);
/* As the legend calls it. */
const char *shf__svg_category(enum shf_category category);
shf_str shf__svg_title(const shf_svg *svg);
void shf__svg_style(const shf_svg *svg, shf_xml *x);
/* First baseline in, last one out. */
uint32_t shf__svg_legend(const shf_svg *svg, shf_xml *x, uint32_t y);
void shf__svg_foot(const shf_svg *svg, shf_xml *x);

/* `name (file:line:column)`, the file without cwd; SHF_NONE is `all`. */
void shf__svg_frame_text(const shf_profile *p, shf_str cwd, uint32_t frame, shf_xml *x);
/* `<title>`, the same with what it amounts to, `</title>` */
void shf__svg_frame_title(const shf_svg *svg, uint32_t node, shf_xml *x);
/* `<title>37 frames, 1,234 bytes</title>` */
void shf__svg_block_title(const shf_svg *svg, shf_str frames, int64_t value, const int64_t sides[2],
                          shf_xml *x);
enum { SHF_PLACE = 256 };
/*
 * The name; of an anonymous function also where it is, for it is one of many.
 * `room` holds what had to be put together.
 */
shf_str shf__svg_label(const shf_profile *p, uint32_t frame, char buffer[SHF_PLACE]);
/* ` bytes`, ` objects` or what the options call it. */
void shf__svg_unit(const shf_svg *svg, shf_xml *x);
/* ` font-family="…"` */
void shf__svg_font(const shf_svg *svg, shf_xml *x, const char *usual);
/* Three figures and a unit: 1.23 GB, 12.3 M */
void shf__svg_format_human(const shf_svg *svg, int64_t value, shf_xml *x);
/* 12.3 %, <0.1 % */
void shf__svg_share(shf_xml *x, int64_t part, int64_t whole);
/* `<text x="…" y="…" font-size="…"`, to be gone on with. */
void shf__svg_text_at(shf_xml *x, uint32_t at_x, uint32_t at_y, uint32_t size);
/* How wide a text is, in px rounded up. */
uint32_t shf__svg_pixels(shf_str text, enum shf_face face, uint32_t size);

/* ---- Of a difference, in svg_diff.c ---- */

/* How a frame that only one side has is told apart. */
enum shf_mark { SHF_MARK_NONE, SHF_MARK_NEW, SHF_MARK_GONE };
enum shf_mark shf__svg_diff_mark(int64_t before, int64_t after);
/* Fills the summary. */
int shf__svg_diff_summarize(shf_svg *svg);
uint32_t shf__svg_diff_paint(const shf_svg *svg, uint32_t node);
/* `+12% `, `new `, nothing within noise: in front of a label. */
void shf__svg_diff_sign(const shf_svg *svg, uint32_t node, shf_xml *x);
/* `before 1,234 → after 2,345 bytes` */
void shf__svg_diff_sides(const shf_svg *svg, const int64_t sides[2], shf_xml *x);
/* The same with what it amounts to, of a node and of its self. */
void shf__svg_diff_title(const shf_svg *svg, uint32_t node, shf_xml *x);
/* alloc_space 1.2 MB → 2.3 MB +90.0% ± 3.0%, grew */
void shf__svg_diff_total(const shf_svg *svg, shf_xml *x, bool markup);
/* 1,234 → 2,345 bytes, +1,111 ± 50 */
void shf__svg_diff_figures(const shf_svg *svg, shf_xml *x);
/* `. Changed most: …` */
void shf__svg_diff_top(const shf_svg *svg, shf_xml *x);
/* Stroke and dashes of a marked frame, as attributes. */
const char *shf__svg_diff_outline(enum shf_mark mark);
/* First baseline in, last one out. */
uint32_t shf__svg_diff_legend(const shf_svg *svg, shf_xml *x, uint32_t y);

#endif
