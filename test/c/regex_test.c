/* Regular expressions in RE2's syntax: the verdicts are those of Go's regexp for ^(expression)$. */
#include "text/regex.h"

#include "test.h"

#define STEPS UINT64_C(1000000)

static bool matches(const char *expression, const char *text) {
  test_checked();
  shf__regex *r = NULL;
  uint64_t steps = STEPS;
  int code = shf__regex_new(shf_str_of(expression), &r);
  if (code) test_fail(__FILE__, __LINE__, "%s is refused", expression);
  bool yes = !code && shf__regex_matches(r, shf_str_of(text), &steps);
  shf__regex_free(r);
  return yes;
}

static void check_takes(const char *expression, const char *text) {
  if (!matches(expression, text))
    test_fail(__FILE__, __LINE__, "%s does not match %s", expression, text);
}

static void check_leaves(const char *expression, const char *text) {
  if (matches(expression, text)) test_fail(__FILE__, __LINE__, "%s matches %s", expression, text);
}

static void check_refuses(const char *expression) {
  test_checked();
  shf__regex *r = NULL;
  if (shf__regex_new(shf_str_of(expression), &r) != SHF_E_FORMAT)
    test_fail(__FILE__, __LINE__, "%s is taken", expression);
  shf__regex_free(r);
}

TEST(regex_matches_whole_texts) {
  check_takes("malloc|operator new", "operator new");
  check_takes("malloc|operator new", "malloc");
  check_leaves("malloc|operator new", "malloc2");
  check_leaves("malloc|operator new", "a malloc");
  check_leaves("a|ab", "");
  check_takes("a|ab", "ab");
  check_takes("", "");
  check_takes("|a", "");
}

TEST(regex_repeats) {
  check_takes("a*b+c?", "aabb");
  check_leaves("a*b+c?", "aac");
  check_takes("(a|b)*c", "ababc");
  check_takes("x{2,3}", "xxx");
  check_leaves("x{2,3}", "xxxx");
  check_leaves("x{2,3}", "x");
  check_takes("(ab){2,}", "ababab");
  check_leaves("(ab){2}", "ababab");
  check_takes("x{0}y", "y");
  check_takes("(a*)*b", "aab");
  check_takes("(a+)+", "aaa");
  check_takes("a*?b", "aab");
  check_takes("a{,2}", "a{,2}");
}

TEST(regex_nests_groups_and_alternatives) {
  check_takes("(?:tcmalloc|je_(m|c)alloc)::.*", "je_calloc::x");
  check_takes("(?P<name>a(b|c(d|e))+)f", "abcdf");
  check_leaves("((a|b)(c|d))", "ab");
  check_takes("(a|(b|)c)d", "cd");
}

TEST(regex_knows_classes) {
  check_takes("[a-c_]+[^0-9]", "abc_x");
  check_leaves("[a-c_]+[^0-9]", "abc_5");
  check_takes("[]a]+", "]a");
  check_takes("[a-]+", "a-");
  check_takes("\\d+\\w\\s\\D\\W\\S", "12x a-b");
  check_takes("[[:alpha:]]+[[:^digit:]][\\d.]+", "abc-1.5");
  check_takes("operator new\\[\\]", "operator new[]");
  check_takes("\\Qa.b*\\E.", "a.b*c");
  check_leaves("\\Qa.b*\\E.", "axb*c");
  check_takes("\\x41\\x{1F600}\\t", "A\xF0\x9F\x98\x80\t");
  check_takes(".", "\xC3\xA9");
  check_leaves(".", "\n");
  check_takes("(?s).", "\n");
  check_takes("(?i)mAlloc[a-z]", "MALLOCX");
  check_takes("(?i:m)alloc", "Malloc");
  check_leaves("(?i:m)alloc", "MAlloc");
}

TEST(regex_knows_edges) {
  check_takes("^a.*\\bb$", "a b");
  check_leaves("a.*\\bb", "axb");
  check_takes("a\\Bb", "ab");
  check_leaves("a^b", "ab");
  check_takes("(^a|b$)", "b");
  check_takes("^?a$*", "a");
}

TEST(regex_refuses_what_is_none_and_what_it_does_not_know) {
  static const char *const none[] = {
      "(",  ")",       "a**", "*a",     "[a",     "[b-a]",        "a{2,1}", "(?",        "(?<a",
      "\\", "x{1001}", "\\1", "\\p{L}", "(?m)^a", "(?i)\xC3\xA9", "a\xFF",  "[[:nix:]]", "(?=a)"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) check_refuses(none[i]);
  check_refuses("((((x{100}){100}){100}){100})");
}

/* Where engines that go back take 2^40 steps, this one takes some thousand. */
TEST(regex_never_takes_longer_than_both_lengths) {
  char text[64];
  memset(text, 'a', 40);
  text[40] = 'b';
  text[41] = 0;
  check_leaves("(a*)*(a|aa)+(a?){20}a{20}c", text);
  shf__regex *r;
  uint64_t steps = 100;
  CHECK_EQ(shf__regex_new(shf_str_of("(a|aa)+c"), &r), SHF_OK);
  CHECK(!shf__regex_matches(r, shf_str_of(text), &steps));
  CHECK_EQ(steps, 0);
  shf__regex_free(r);
}
