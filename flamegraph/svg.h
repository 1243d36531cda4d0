/* Internal interface between the parts of the SVG writer. */
#ifndef SHF_FLAMEGRAPH_SVG_H
#define SHF_FLAMEGRAPH_SVG_H

#include "color.h"
#include "layout.h"
#include "text_metrics.h"
#include "xml.h"

/* Colours of the page; each is unique, as the style sheet selects by value. */
#define SHF_PAGE_LIGHT "#fff"
#define SHF_PAGE_DARK "#15161a"
#define SHF_MUTED_LIGHT "#667"
#define SHF_MUTED_DARK "#9c9ca8"

/* id of the outermost element */
#define SHF_ID "shap-flame"

#define SHF_SANS "ui-sans-serif,system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
#define SHF_MONO "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

/* Between tspans: a space that no renderer drops. */
#define SHF_BLANK "\xC2\xA0"
/* Opens a tspan. */
#define SHF_MUTED_SPAN "<tspan fill=\"" SHF_MUTED_LIGHT "\">"

enum { SHF_NARROW = 720 /* px: below this width the numbers go under the title */ };
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

/* Content of the header; values are self. */
typedef struct shf_summary {
  int64_t category[SHF_CATEGORIES];
  bool occurs[SHF_CATEGORIES];                 /* even without self value */
  shf_package_share package[SHF_TOP_PACKAGES]; /* largest first */
  uint32_t packages;                           /* rows of it in use */
  shf_function_share top[SHF_TOP_FUNCTIONS];   /* largest first */
  uint32_t tops;
  uint32_t functions; /* number with a self value */
  double error;       /* standard error / total; 0: unknown */
  shf_change
      change[SHF_TOP_FUNCTIONS]; /* of a difference: the largest significant ones, then noise */
  uint32_t changes;
} shf_summary;

enum { SHF_FACTS = 256 };

typedef struct shf_svg {
  const shf_profile *p; /* the profile; with o.reverse, layout.p is the reversed one */
  shf_svg_options o;    /* defaults filled in */
  int scheme;           /* of colours */
  shf_layout layout;
  shf_summary summary;
  char facts[SHF_TYPES][SHF_FACTS]; /* ` · sampled every 65,536 bytes · gc forced` */
  uint8_t *paint;                   /* row f: paint of frame f of layout.p */
  uint32_t head_height;             /* px from the top of the page to the first row */
  int64_t min_titled;               /* tenths of a px: narrower frames have no title */
  bool used[SHF_PAINTS];            /* paints used as fill */
  bool lined[SHF_PAINTS];           /* paints used as stroke */
  uint32_t rows;                    /* of frames and grey blocks */
  uint64_t drawn;                   /* frames */
  uint64_t hidden;                  /* frames within grey blocks */
  int64_t hidden_value;             /* total of these frames */
  int code;                         /* the first failure while frames were chosen */
} shf_svg;

/* Fills summary and paint from the layout. */
int shf__svg_summarize(shf_svg *svg);

/* px from the top of the page to the first row. */
uint32_t shf__svg_head_height(const shf_svg *svg);

/* The profile with each stack reversed. */
int shf__svg_reverse(const shf_profile *p, shf_profile **out);

/*
 * Writes the frames; sets svg->rows and the counts. False once more than `budget` bytes are
 * written, or with svg->code if memory is short.
 */
bool shf__svg_rows(shf_svg *svg, shf_xml *x, shf_rule rule, uint64_t budget);
void shf__svg_head(shf_svg *svg, shf_xml *x);
/* Writes `,"name":` of the JSON data. */
void shf__svg_key(shf_xml *x, const char *name);
/* Writes members of the JSON data, each after a comma. */
void shf__svg_meta(const shf_svg *svg, shf_xml *x);
/* Fills svg->facts. */
int shf__svg_find_facts(shf_svg *svg);
/* The name of a category in the legend. */
const char *shf__svg_category(enum shf_category category);
shf_str shf__svg_title(const shf_svg *svg);
void shf__svg_style(const shf_svg *svg, shf_xml *x);
/* `y` is the first baseline. @return the last one */
uint32_t shf__svg_legend(const shf_svg *svg, shf_xml *x, uint32_t y);
void shf__svg_foot(const shf_svg *svg, shf_xml *x);

/* `name (file:line:column)`, the file without cwd; SHF_NONE is `all`. */
void shf__svg_frame_text(const shf_profile *p, shf_str cwd, uint32_t frame, shf_xml *x);
/* `<title>name (file:line:column) (1,234 bytes, 5.67%)</title>` */
void shf__svg_frame_title(const shf_svg *svg, uint32_t node, shf_xml *x);
/* `<title>37 frames, 1,234 bytes</title>` */
void shf__svg_block_title(const shf_svg *svg, shf_str frames, int64_t value, const int64_t sides[2],
                          shf_xml *x);
enum { SHF_PLACE = 256 };
/* The name; for an anonymous function also its place. `buffer` is used if both are joined. */
shf_str shf__svg_label(const shf_profile *p, uint32_t frame, char buffer[SHF_PLACE]);
/* ` bytes`, ` objects` or what the options call it. */
void shf__svg_unit(const shf_svg *svg, shf_xml *x);
/* ` font-family="…"` */
void shf__svg_font(const shf_svg *svg, shf_xml *x, const char *usual);
/* Three digits and a unit: 1.23 GB, 12.3 M */
void shf__svg_format_human(const shf_svg *svg, int64_t value, shf_xml *x);
/* 12.3 %, <0.1 % */
void shf__svg_share(shf_xml *x, int64_t part, int64_t whole);
/* `<text x="…" y="…" font-size="…"`, without `>`. */
void shf__svg_text_at(shf_xml *x, uint32_t at_x, uint32_t at_y, uint32_t size);
/* The width of a text in px, rounded up. */
uint32_t shf__svg_pixels(shf_str text, enum shf_face face, uint32_t size);

/* ---- Differences, in svg_diff.c and svg_diff_legend.c ---- */

/* Marks frames that only one side has. */
enum shf_mark { SHF_MARK_NONE, SHF_MARK_NEW, SHF_MARK_GONE };
enum shf_mark shf__svg_diff_mark(int64_t before, int64_t after);
/* Fills the summary. */
int shf__svg_diff_summarize(shf_svg *svg);
uint32_t shf__svg_diff_paint(const shf_svg *svg, uint32_t node);
/* Prefix of a label: `+12% `, `new `; nothing within noise. */
void shf__svg_diff_sign(const shf_svg *svg, uint32_t node, shf_xml *x);
/* `before 1,234 → after 2,345 bytes` */
void shf__svg_diff_sides(const shf_svg *svg, const int64_t sides[2], shf_xml *x);
/* The same with the change in percent and of self. */
void shf__svg_diff_title(const shf_svg *svg, uint32_t node, shf_xml *x);
/* alloc_space 1.2 MB → 2.3 MB +90.0% ± 3.0%, grew */
void shf__svg_diff_total(const shf_svg *svg, shf_xml *x, bool markup);
/* 1,234 → 2,345 bytes, +1,111 ± 50 */
void shf__svg_diff_figures(const shf_svg *svg, shf_xml *x);
/* `. Changed most: …` */
void shf__svg_diff_top(const shf_svg *svg, shf_xml *x);
/* Stroke attributes of a marked frame. */
const char *shf__svg_diff_outline(enum shf_mark mark);
/* `y` is the first baseline. @return the last one */
uint32_t shf__svg_diff_legend(const shf_svg *svg, shf_xml *x, uint32_t y);

#endif
