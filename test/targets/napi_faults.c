/*
 * An addon that makes Node-API fail for other addons: their calls come here first, and one of them
 * is refused. On Linux, where a library's calls go through a table that can be written.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef uintptr_t word;

enum { OK = 0, FAILURE = 9, NO_EXTERNAL_BUFFERS = 22 };

/* Of every hooked addon: calls since arm(), and the one that fails; 0: none. */
static atomic_long calls, fails;
/* What was made and not yet let go of. */
static atomic_long deferreds, references, works, scopes;

static bool refused(void) {
  long n = atomic_fetch_add(&calls, 1) + 1;
  return n == atomic_load(&fails);
}

static int settled(int status, atomic_long *count, long step) {
  if (status == OK) atomic_fetch_add(count, step);
  return status;
}

#define A2 word a, word b
#define V2 a, b
#define A3 A2, word c
#define V3 V2, c
#define A4 A3, word d
#define V4 V3, d
#define A5 A4, word e
#define V5 V4, e
#define A6 A5, word f
#define V6 V5, f
#define A7 A6, word g
#define V7 V6, g

/* One that may fail, with so many words as arguments; and `after`, of its status. */
#define CALL(name, n, failure, after) \
  int name(A##n);                     \
  static int our_##name(A##n) {       \
    if (refused()) return failure;    \
    int status = name(V##n);          \
    return after;                     \
  }
/* One that only a wrong use makes fail. */
#define FREE(name, n, count)               \
  int name(A##n);                          \
  static int our_##name(A##n) {            \
    return settled(name(V##n), count, -1); \
  }

#define CALLS(X)                      \
  X(napi_add_env_cleanup_hook, 3)     \
  X(napi_check_object_type_tag, 4)    \
  X(napi_create_array_with_length, 3) \
  X(napi_create_arraybuffer, 4)       \
  X(napi_create_buffer_copy, 5)       \
  X(napi_create_error, 4)             \
  X(napi_create_external, 5)          \
  X(napi_create_function, 6)          \
  X(napi_create_buffer, 4)            \
  X(napi_create_object, 2)            \
  X(napi_create_string_utf8, 4)       \
  X(napi_create_typedarray, 6)        \
  X(napi_create_uint32, 3)            \
  X(napi_define_properties, 4)        \
  X(napi_get_array_length, 3)         \
  X(napi_get_boolean, 3)              \
  X(napi_get_cb_info, 6)              \
  X(napi_get_element, 4)              \
  X(napi_get_global, 2)               \
  X(napi_get_instance_data, 2)        \
  X(napi_get_named_property, 4)       \
  X(napi_get_node_version, 2)         \
  X(napi_get_property, 4)             \
  X(napi_get_all_property_names, 6)   \
  X(napi_get_typedarray_info, 7)      \
  X(napi_get_undefined, 2)            \
  X(napi_get_uv_event_loop, 2)        \
  X(napi_get_value_bool, 3)           \
  X(napi_get_value_double, 3)         \
  X(napi_get_value_int32, 3)          \
  X(napi_get_value_external, 3)       \
  X(napi_get_value_string_utf8, 5)    \
  X(napi_is_array, 3)                 \
  X(napi_is_exception_pending, 2)     \
  X(napi_is_typedarray, 3)            \
  X(napi_has_own_property, 4)         \
  X(napi_queue_async_work, 2)         \
  X(napi_set_element, 4)              \
  X(napi_set_instance_data, 4)        \
  X(napi_set_named_property, 4)       \
  X(napi_set_property, 4)             \
  X(napi_strict_equals, 4)            \
  X(napi_throw, 2)                    \
  X(napi_throw_error, 3)              \
  X(napi_type_tag_object, 3)          \
  X(napi_typeof, 3)

#define PLAIN(name, n) CALL(name, n, FAILURE, status)
CALLS(PLAIN)
CALL(napi_create_external_buffer, 6, NO_EXTERNAL_BUFFERS, status)
CALL(napi_create_promise, 3, FAILURE, settled(status, &deferreds, 1))
CALL(napi_resolve_deferred, 3, FAILURE, settled(status, &deferreds, -1))
CALL(napi_reject_deferred, 3, FAILURE, settled(status, &deferreds, -1))
CALL(napi_create_reference, 4, FAILURE, settled(status, &references, 1))
CALL(napi_create_async_work, 7, FAILURE, settled(status, &works, 1))
CALL(napi_open_handle_scope, 2, FAILURE, settled(status, &scopes, 1))
FREE(napi_delete_reference, 2, &references)
FREE(napi_delete_async_work, 2, &works)
FREE(napi_close_handle_scope, 2, &scopes)

int napi_create_double(void *env, double value, void **result);
static int our_napi_create_double(void *env, double value, void **result) {
  return refused() ? FAILURE : napi_create_double(env, value, result);
}

/* C++'s new fails at the n-th call for so many bytes; 0: for any. */
static atomic_long news, new_fails, new_size;

static bool no_room(word size) {
  word wanted = (word)atomic_load(&new_size);
  if (wanted && wanted != size) return false;
  return atomic_fetch_add(&news, 1) + 1 == atomic_load(&new_fails);
}

void *_Znwm(word size);
/* Of what nobody has the real one throws. */
static void *our_Znwm(word size) {
  return _Znwm(no_room(size) ? (word)1 << 62 : size);
}

void *_ZnwmRKSt9nothrow_t(word size, void *nothrow);
static void *our_ZnwmRKSt9nothrow_t(word size, void *nothrow) {
  return no_room(size) ? NULL : _ZnwmRKSt9nothrow_t(size, nothrow);
}

#define ROW(name, n) {#name, (word)our_##name},
static const struct {
  const char *name;
  word ours;
} rows[] = {CALLS(ROW) ROW(napi_create_external_buffer, 6) ROW(napi_create_promise, 3)
                ROW(napi_resolve_deferred, 3) ROW(napi_reject_deferred, 3)
                    ROW(napi_create_reference, 4) ROW(napi_create_async_work, 7)
                        ROW(napi_open_handle_scope, 2) ROW(napi_delete_reference, 2)
                            ROW(napi_delete_async_work, 2) ROW(napi_close_handle_scope, 2)
                                ROW(napi_create_double, 3){"_Znwm", (word)our_Znwm},
            {"_ZnwmRKSt9nothrow_t", (word)our_ZnwmRKSt9nothrow_t}};

static word ours(const char *name) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].name, name) == 0) return rows[i].ours;
  return 0;
}

typedef struct library {
  const char *name;        /* how its file's name ends */
  double replaced, others; /* of its calls of Node-API; `others` are none of rows[] */
} library;

static bool ends(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

/* musl leaves these as the file has them. */
static word at(word base, word address) {
  return address < base ? base + address : address;
}

static void replace(library *l, word base, const ElfW(Rela) * r, const ElfW(Sym) * symbols,
                    const char *names) {
  const char *name = names + symbols[r->r_info >> 32].st_name;
  word function = ours(name), page = (word)sysconf(_SC_PAGESIZE);
  word *slot = (word *)(base + r->r_offset);
  if (!function) {
    if (strncmp(name, "napi_", 5) == 0) l->others++;
    return;
  }
  mprotect((void *)((word)slot & ~(page - 1)), page, PROT_READ | PROT_WRITE);
  *slot = function;
  l->replaced++;
}

static int visit(struct dl_phdr_info *info, size_t size, void *self) {
  library *l = self;
  word table[2] = {0}, bytes[2] = {0}, symbols = 0, names = 0, base = info->dlpi_addr;
  (void)size;
  if (!ends(info->dlpi_name, l->name)) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const ElfW(Dyn) *d = (const ElfW(Dyn) *)(base + info->dlpi_phdr[i].p_vaddr);
    for (; d->d_tag != DT_NULL; d++) {
      if (d->d_tag == DT_JMPREL) table[0] = at(base, d->d_un.d_ptr);
      if (d->d_tag == DT_PLTRELSZ) bytes[0] = d->d_un.d_val;
      if (d->d_tag == DT_RELA) table[1] = at(base, d->d_un.d_ptr);
      if (d->d_tag == DT_RELASZ) bytes[1] = d->d_un.d_val;
      if (d->d_tag == DT_SYMTAB) symbols = at(base, d->d_un.d_ptr);
      if (d->d_tag == DT_STRTAB) names = at(base, d->d_un.d_ptr);
    }
  }
  for (int t = 0; t < 2; t++)
    for (size_t i = 0; i < bytes[t] / sizeof(ElfW(Rela)); i++)
      replace(l, base, (const ElfW(Rela) *)table[t] + i, (const ElfW(Sym) *)symbols,
              (const char *)names);
  return 0;
}

static void *array_of(void *env, const double *numbers, uint32_t count) {
  void *array, *value;
  napi_create_array_with_length((word)env, count, (word)&array);
  for (uint32_t i = 0; i < count; i++) {
    napi_create_double(env, numbers[i], &value);
    napi_set_element((word)env, (word)array, i, (word)value);
  }
  return array;
}

/* hook(end of a file's name): [calls that come here now, calls that do not] */
static void *hook(void *env, void *info) {
  char name[256];
  size_t count = 1, len;
  void *value;
  napi_get_cb_info((word)env, (word)info, (word)&count, (word)&value, 0, 0);
  napi_get_value_string_utf8((word)env, (word)value, (word)name, sizeof name, (word)&len);
  library l = {name, 0, 0};
  dl_iterate_phdr(visit, &l);
  return array_of(env, &l.replaced, 2);
}

/* arm(n): the n-th call from here on fails; 0: none */
static void *arm(void *env, void *info) {
  size_t count = 1;
  void *value;
  double n = 0;
  napi_get_cb_info((word)env, (word)info, (word)&count, (word)&value, 0, 0);
  napi_get_value_double((word)env, (word)value, (word)&n);
  atomic_store(&calls, 0);
  atomic_store(&fails, (long)n);
  return 0;
}

/* armNew(n, bytes): C++'s n-th new of so many bytes fails. @return how many there were before */
static void *arm_new(void *env, void *info) {
  size_t count = 2;
  void *values[2], *result;
  double numbers[2] = {0, 0}, before = (double)atomic_load(&news);
  napi_get_cb_info((word)env, (word)info, (word)&count, (word)values, 0, 0);
  for (int i = 0; i < 2; i++) napi_get_value_double((word)env, (word)values[i], (word)&numbers[i]);
  atomic_store(&news, 0);
  atomic_store(&new_fails, (long)numbers[0]);
  atomic_store(&new_size, (long)numbers[1]);
  napi_create_double(env, before, &result);
  return result;
}

/* told(): [calls since arm(), deferreds, references, works and scopes that are left] */
static void *told(void *env, void *info) {
  (void)info;
  double numbers[] = {(double)atomic_load(&calls), (double)atomic_load(&deferreds),
                      (double)atomic_load(&references), (double)atomic_load(&works),
                      (double)atomic_load(&scopes)};
  return array_of(env, numbers, sizeof numbers / sizeof *numbers);
}

__attribute__((visibility("default"))) void *napi_register_module_v1(void *env, void *exports) {
  const struct {
    const char *name;
    void *(*call)(void *env, void *info);
  } methods[] = {{"hook", hook}, {"arm", arm}, {"armNew", arm_new}, {"told", told}};
  for (int i = 0; i < 4; i++) {
    void *function;
    napi_create_function((word)env, (word)methods[i].name, strlen(methods[i].name),
                         (word)methods[i].call, 0, (word)&function);
    napi_set_named_property((word)env, (word)exports, (word)methods[i].name, (word)function);
  }
  return exports;
}
