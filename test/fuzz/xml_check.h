/* Whether bytes are a well-formed XML document, as far as our SVG uses XML. */
#ifndef SHF_XML_CHECK_H
#define SHF_XML_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct xml_doc {
  const char *at, *end;
  const char **open; /* names of the open elements */
  size_t *lens;
  size_t depth, capacity, elements;
} xml_doc;

/* The character at `at` by UTF-8 and by XML 1.0; 0 bytes when it is none. */
static size_t xml_character(const xml_doc *d) {
  const unsigned char *s = (const unsigned char *)d->at;
  size_t left = (size_t)(d->end - d->at);
  if (s[0] < 0x80) return s[0] >= 0x20 || s[0] == '\n' || s[0] == '\t' || s[0] == '\r';
  size_t n = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
  if (s[0] < 0xC2 || s[0] > 0xF4 || n > left) return 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xC0) != 0x80) return 0;
  if (s[0] == 0xE0 && s[1] < 0xA0) return 0;
  if (s[0] == 0xED && s[1] > 0x9F) return 0;
  if (s[0] == 0xF0 && s[1] < 0x90) return 0;
  if (s[0] == 0xF4 && s[1] > 0x8F) return 0;
  return !(s[0] == 0xEF && s[1] == 0xBF && s[2] >= 0xBE) ? n : 0;
}

static bool xml_begins(const xml_doc *d, const char *with) {
  size_t n = strlen(with);
  return (size_t)(d->end - d->at) >= n && memcmp(d->at, with, n) == 0;
}

/* Up to behind `end`, all of it characters. */
static bool xml_until(xml_doc *d, const char *end) {
  while (d->at < d->end && !xml_begins(d, end)) {
    size_t n = xml_character(d);
    if (n == 0) return false;
    d->at += n;
  }
  if (d->at == d->end) return false;
  d->at += strlen(end);
  return true;
}

static bool xml_entity(xml_doc *d) {
  static const char *const known[] = {"&amp;", "&lt;",  "&gt;",  "&quot;", "&apos;",
                                      "&#39;", "&#34;", "&#10;", "&#9;",   "&#13;"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (!xml_begins(d, known[i])) continue;
    d->at += strlen(known[i]);
    return true;
  }
  return false;
}

static bool xml_name(xml_doc *d) {
  const char *from = d->at;
  while (d->at < d->end && (strchr("-._:", *d->at) ? *d->at != 0
                                                   : (*d->at >= 'a' && *d->at <= 'z') ||
                                                         (*d->at >= 'A' && *d->at <= 'Z') ||
                                                         (*d->at >= '0' && *d->at <= '9')))
    d->at++;
  return d->at > from && !(*from >= '0' && *from <= '9') && *from != '-' && *from != '.';
}

static bool xml_space(xml_doc *d) {
  const char *from = d->at;
  while (d->at < d->end && (*d->at == ' ' || *d->at == '\n')) d->at++;
  return d->at > from;
}

static bool xml_attribute(xml_doc *d) {
  if (!xml_name(d) || d->at == d->end || *d->at++ != '=') return false;
  if (d->at == d->end || (*d->at != '"' && *d->at != '\'')) return false;
  char quote = *d->at++;
  while (d->at < d->end && *d->at != quote) {
    if (*d->at == '<') return false;
    if (*d->at == '&') {
      if (!xml_entity(d)) return false;
      continue;
    }
    size_t n = xml_character(d);
    if (n == 0) return false;
    d->at += n;
  }
  return d->at < d->end && *d->at++ == quote;
}

static bool xml_close(xml_doc *d) {
  const char *from = d->at += 2;
  if (!xml_name(d) || d->depth == 0 || d->at == d->end) return false;
  size_t len = (size_t)(d->at - from);
  d->depth--;
  return d->lens[d->depth] == len && memcmp(d->open[d->depth], from, len) == 0 && *d->at++ == '>';
}

static bool xml_open(xml_doc *d) {
  const char *from = ++d->at;
  if (!xml_name(d)) return false;
  size_t len = (size_t)(d->at - from);
  while (xml_space(d) && d->at < d->end && *d->at != '/' && *d->at != '>')
    if (!xml_attribute(d)) return false;
  d->elements++;
  if (xml_begins(d, "/>")) {
    d->at += 2;
    return true;
  }
  if (d->at == d->end || *d->at++ != '>') return false;
  if (d->depth == d->capacity) {
    d->capacity = d->capacity * 2 + 16;
    d->open = realloc(d->open, d->capacity * sizeof *d->open);
    d->lens = realloc(d->lens, d->capacity * sizeof *d->lens);
    if (!d->open || !d->lens) abort();
  }
  d->open[d->depth] = from;
  d->lens[d->depth++] = len;
  return true;
}

static bool xml_step(xml_doc *d) {
  if (xml_begins(d, "<?")) return xml_until(d, "?>");
  if (xml_begins(d, "<!--")) return xml_until(d, "-->");
  if (xml_begins(d, "<![CDATA[")) return d->depth > 0 && xml_until(d, "]]>");
  if (xml_begins(d, "</")) return xml_close(d);
  if (xml_begins(d, "<")) return (d->depth > 0 || d->elements == 0) && xml_open(d);
  if (d->depth == 0) return xml_space(d);
  if (xml_begins(d, "&")) return xml_entity(d);
  size_t n = xml_begins(d, "]]>") ? 0 : xml_character(d);
  d->at += n;
  return n > 0;
}

static bool xml_well_formed(const char *bytes, size_t len) {
  xml_doc d = {.at = bytes, .end = bytes + len};
  bool good = true;
  while (good && d.at < d.end) good = xml_step(&d);
  good = good && d.depth == 0 && d.elements > 0;
  free(d.open);
  free(d.lens);
  return good;
}

#endif
