#include "core/file_kind.h"

#include <fcntl.h>
#include <sys/stat.h>

/*
 * glibc has stat() as a symbol since 2.33 only; a binary that calls it does not load on
 * the older ones that Node runs on. statx() is there since 2.28, which Node asks for.
 */
static int ask(const char *path, shf__file_owner *owner) {
#ifdef __GLIBC__
  struct statx x;
  if (statx(AT_FDCWD, path, 0, STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID, &x) != 0) return -1;
  *owner = (shf__file_owner){x.stx_uid, x.stx_gid, x.stx_mode};
#else
  struct stat st;
  if (stat(path, &st) != 0) return -1;
  *owner = (shf__file_owner){st.st_uid, st.st_gid, st.st_mode};
#endif
  return 0;
}

enum shf__file_kind shf__file_kind(const char *path, shf__file_owner *owner) {
  shf__file_owner found;
  if (ask(path, &found) != 0) return SHF__FILE_NONE;
  const mode_t mode = found.mode;
  found.mode &= 0777;
  if (owner) *owner = found;
  if (S_ISREG(mode)) return SHF__FILE_REGULAR;
  return S_ISDIR(mode) ? SHF__FILE_FOLDER : SHF__FILE_OTHER;
}
