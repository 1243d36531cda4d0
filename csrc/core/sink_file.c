/* Sinks that write to a file or to a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file_stat.h"
#include "core/sink.h"

typedef struct file {
  int fd;
  bool owned;      /* close it at the end */
  int folder;      /* open folder of the file; -1: nothing to rename */
  char *name;      /* final name in the folder */
  char *temporary; /* name in the folder until the rename; NULL: none */
} file;

/* Limit of a file name, and the bytes that a temporary name adds: `.PID.N~`. */
enum { NAME_BYTES = 255, ADDED_BYTES = 20 };

static int failed(shf_sink *s, const char *message) {
  s->error.sys = errno;
  s->error.message = message;
  return SHF_E_IO;
}

/* Whether to repeat a write; waits for space in a full non-blocking pipe. */
static bool again(int fd) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
  struct pollfd wait = {fd, POLLOUT, 0};
  return poll(&wait, 1, -1) > 0 || errno == EINTR;
}

static int file_drain(shf_sink *s, const char *bytes, size_t len) {
  file *f = s->self;
  while (len) {
    ssize_t n = write(f->fd, bytes, len);
    if (n < 0 && again(f->fd)) continue;
    if (n < 0) return failed(s, "write failed");
    bytes += n;
    len -= (size_t)n;
  }
  return SHF_OK;
}

static int file_finish(shf_sink *s) {
  file *f = s->self;
  if (!f->owned) return SHF_OK;
  int closed = close(f->fd);
  f->fd = -1;
  if (closed != 0) return failed(s, "close failed");
  if (!f->temporary) return SHF_OK;
  if (renameat(f->folder, f->temporary, f->folder, f->name) != 0) return failed(s, "rename failed");
  free(f->temporary);
  f->temporary = NULL;
  return SHF_OK;
}

static void file_free(file *f) {
  if (f->owned && f->fd >= 0) close(f->fd);
  if (f->temporary) unlinkat(f->folder, f->temporary, 0);
  if (f->folder >= 0) close(f->folder);
  free(f->temporary);
  free(f->name);
  free(f);
}

static void file_destroy(shf_sink *s) {
  file_free(s->self);
}

static int file_sink(file *f, shf_sink **out) {
  shf_sink *s = shf__sink_sized(f, file_drain, SHF_SINK_FILE_BUFFER);
  if (!s) return SHF_E_NOMEM;
  s->finish = file_finish;
  s->destroy = file_destroy;
  *out = s;
  return SHF_OK;
}

int shf_sink_fd(int fd, shf_sink **out) {
  file *f = calloc(1, sizeof *f);
  if (!f) return SHF_E_NOMEM;
  f->fd = fd;
  f->folder = -1;
  int code = file_sink(f, out);
  if (code) file_free(f);
  return code;
}

/*
 * Gives the new file the owner and the permissions of the old one, as far as permitted. If the
 * group cannot be kept, the new group gets no more rights than everybody.
 */
static void take_after(int fd, const shf__file_owner *old) {
  mode_t mode = old->mode;
  if (fchown(fd, old->user, old->group) != 0 && fchown(fd, (uid_t)-1, old->group) != 0)
    mode &= (mode_t)(0707 | (mode & 07) << 3);
  /* if this fails, open() gave the file no right that the old one did not have */
  if (fchmod(fd, mode) != 0) return;
}

/* A device or a pipe is written in place: a rename would replace it by a file. */
static int open_in_place(const char *path) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  /* somebody has put a file there since: do not write to it */
  if (fd < 0 || shf__file_stat_fd(fd, NULL) == SHF__FILE_OTHER) return fd;
  close(fd);
  errno = EAGAIN;
  return -1;
}

/* Splits `path`, which is changed, into an open folder and a name. @return false on failure */
static bool open_folder(file *f, char *path) {
  char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  if (!*name) errno = ENOENT;
  f->name = *name ? strdup(name) : NULL;
  if (!f->name) return false;
  if (slash) slash[slash == path] = 0;
#ifdef O_PATH
  const int how = O_PATH; /* a folder need not be readable */
#else
  const int how = O_RDONLY;
#endif
  f->folder = open(slash ? path : ".", how | O_DIRECTORY | O_CLOEXEC);
  return f->folder >= 0;
}

/* Creates a new file beside the one that it replaces. */
static int open_temporary(file *f) {
  shf__file_owner old = {.mode = 0666};
  errno = 0;
  const bool replaces = shf__file_stat_at(f->folder, f->name, &old) == SHF__FILE_REGULAR;
  if (!replaces) old.mode = 0666;
  if (!replaces && errno == ENAMETOOLONG) return -1; /* fail before writing anything */
  f->temporary = malloc(NAME_BYTES + ADDED_BYTES);
  if (!f->temporary) return -1;
  for (int i = 0; i < 100; i++) {
    snprintf(f->temporary, NAME_BYTES + ADDED_BYTES, "%.*s.%ld.%d~", NAME_BYTES - ADDED_BYTES,
             f->name, (long)getpid(), i);
    int fd = openat(f->folder, f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    old.mode & 0666);
    if (fd >= 0 && replaces) take_after(fd, &old);
    if (fd >= 0) return fd;
    if (errno != EEXIST) break;
  }
  free(f->temporary); /* no file of that name is ours */
  f->temporary = NULL;
  return -1;
}

/*
 * A link of another user is not followed: it could make us overwrite, with our rights, any file
 * that it points to.
 */
static bool link_is_foreign(const char *path) {
  shf__file_owner owner = {0};
  return shf__file_stat_at(AT_FDCWD, path, &owner) == SHF__FILE_LINK && owner.user != 0 &&
         owner.user != geteuid();
}

/*
 * A symbolic link is kept, and its target replaced. After the folder is open, no path is used:
 * whoever owns a folder above could exchange it.
 */
static int open_file(file *f, const char *path) {
  const bool foreign = link_is_foreign(path);
  const enum shf__file_kind kind = foreign ? SHF__FILE_NONE : shf__file_stat(path, NULL);
  if (kind == SHF__FILE_FOLDER) {
    errno = EISDIR;
    return -1;
  }
  if (kind == SHF__FILE_OTHER) return open_in_place(path);
  char *full = kind == SHF__FILE_REGULAR ? realpath(path, NULL) : strdup(path);
  if (!full) return -1;
  const bool opened = open_folder(f, full);
  const int sys = errno;
  free(full);
  errno = sys;
  return opened ? open_temporary(f) : -1;
}

int shf_sink_file(const char *path, shf_sink **out, shf_error *error) {
  file *f = calloc(1, sizeof *f);
  int code = SHF_E_NOMEM;
  if (f) {
    f->owned = true;
    f->folder = -1;
    f->fd = open_file(f, path);
    if (f->fd >= 0)
      code = file_sink(f, out);
    else if (errno != ENOMEM)
      code = SHF_E_IO;
  }
  if (code == SHF_OK) return SHF_OK;
  if (error) *error = (shf_error){.message = "cannot open for writing", .sys = errno};
  if (f) file_free(f);
  return code;
}
