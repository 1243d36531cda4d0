#include "core/file_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <unistd.h>

/*
 * glibc has the symbol stat() since 2.33 only, and a binary that needs it does not load with the
 * older glibc that Node supports. statx() exists since 2.28, which Node requires.
 */
#ifdef __GLIBC__
/* Filters of system calls that are older than statx() deny it. The structs are the kernel's. */
static int ask_older(int folder, const char *name, int flags, shf__file_owner *owner) {
#if defined SYS_newfstatat && defined __LP64__
  struct stat st = {0};
  if (syscall(SYS_newfstatat, folder, name, &st, flags) != 0) return -1;
  *owner = (shf__file_owner){st.st_uid, st.st_gid, st.st_mode};
  return 0;
#else
  (void)folder, (void)name, (void)flags, (void)owner;
  return -1;
#endif
}

static int ask(int folder, const char *name, int flags, shf__file_owner *owner) {
  struct statx x;
  if (statx(folder, name, flags, STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID, &x) != 0)
    return errno == EPERM ? ask_older(folder, name, flags, owner) : -1;
  *owner = (shf__file_owner){x.stx_uid, x.stx_gid, x.stx_mode};
  return 0;
}

static int ask_open(int fd, shf__file_owner *owner) {
  return ask(fd, "", AT_EMPTY_PATH, owner);
}
#else
static int check(int failed, const struct stat *st, shf__file_owner *owner) {
  if (failed) return -1;
  *owner = (shf__file_owner){st->st_uid, st->st_gid, st->st_mode};
  return 0;
}

static int ask(int folder, const char *name, int flags, shf__file_owner *owner) {
  struct stat st;
  return check(fstatat(folder, name, &st, flags), &st, owner);
}

static int ask_open(int fd, shf__file_owner *owner) {
  struct stat st;
  return check(fstat(fd, &st), &st, owner);
}
#endif

static enum shf__file_kind kind_of(int failed, shf__file_owner found, shf__file_owner *owner) {
  if (failed) return SHF__FILE_NONE;
  const mode_t mode = found.mode;
  found.mode &= 0777;
  if (owner) *owner = found;
  if (S_ISREG(mode)) return SHF__FILE_REGULAR;
  if (S_ISLNK(mode)) return SHF__FILE_LINK;
  return S_ISDIR(mode) ? SHF__FILE_FOLDER : SHF__FILE_OTHER;
}

enum shf__file_kind shf__file_stat(const char *path, shf__file_owner *owner) {
  shf__file_owner found = {0};
  int failed = ask(AT_FDCWD, path, 0, &found);
  return kind_of(failed, found, owner);
}

enum shf__file_kind shf__file_stat_at(int folder, const char *name, shf__file_owner *owner) {
  shf__file_owner found = {0};
  int failed = ask(folder, name, AT_SYMLINK_NOFOLLOW, &found);
  return kind_of(failed, found, owner);
}

enum shf__file_kind shf__file_stat_fd(int fd, shf__file_owner *owner) {
  shf__file_owner found = {0};
  int failed = ask_open(fd, &found);
  return kind_of(failed, found, owner);
}

int shf__file_open_untrusted(const char *path, const char **refused) {
  shf__file_owner owner = {.user = (uid_t)-1};
  *refused = NULL;
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    /* what open() returns for a link, and for a socket */
    if (errno == ELOOP || errno == ENXIO) *refused = "it is no regular file";
    if (*refused) errno = 0;
    return -1;
  }
  const enum shf__file_kind kind = shf__file_stat_fd(fd, &owner);
  const int sys = kind == SHF__FILE_NONE ? errno : 0;
  if (kind == SHF__FILE_REGULAR && (owner.user == geteuid() || owner.user == 0)) return fd;
  if (kind == SHF__FILE_REGULAR)
    *refused = "it is another user's";
  else if (kind != SHF__FILE_NONE)
    *refused = "it is no regular file";
  close(fd);
  errno = sys;
  return -1;
}
