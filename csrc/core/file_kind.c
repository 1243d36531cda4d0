#include "core/file_kind.h"

#include <fcntl.h>
#include <sys/stat.h>

/*
 * glibc has stat() as a symbol since 2.33 only; a binary that calls it does not load on
 * the older ones that Node runs on. statx() is there since 2.28, which Node asks for.
 */
static int mode_of(const char *path, unsigned *mode) {
#ifdef __GLIBC__
  struct statx x;
  if (statx(AT_FDCWD, path, 0, STATX_TYPE, &x) != 0) return -1;
  *mode = x.stx_mode;
#else
  struct stat st;
  if (stat(path, &st) != 0) return -1;
  *mode = (unsigned)st.st_mode;
#endif
  return 0;
}

enum shf__file_kind shf__file_kind(const char *path) {
  unsigned mode;
  if (mode_of(path, &mode) != 0) return SHF__FILE_NONE;
  if (S_ISREG(mode)) return SHF__FILE_REGULAR;
  return S_ISDIR(mode) ? SHF__FILE_FOLDER : SHF__FILE_OTHER;
}
