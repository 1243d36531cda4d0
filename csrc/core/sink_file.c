/* Sinks that end in a file or a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file_kind.h"
#include "core/sink.h"

typedef struct file {
  int fd;
  bool owned;      /* close it */
  char *path;      /* where it shall appear; NULL: no rename */
  char *temporary; /* where it is until then */
} file;

static int failed(shf_sink *s, const char *message) {
  s->error.sys = errno;
  s->error.message = message;
  return SHF_E_IO;
}

/* Whether a write may be tried again; a full pipe that does not block is waited for. */
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
  if (rename(f->temporary, f->path) != 0) return failed(s, "rename failed");
  free(f->temporary);
  f->temporary = NULL;
  return SHF_OK;
}

static void file_destroy(shf_sink *s) {
  file *f = s->self;
  if (f->owned && f->fd >= 0) close(f->fd);
  if (f->temporary) unlink(f->temporary);
  free(f->temporary);
  free(f->path);
  free(f);
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
  int code = file_sink(f, out);
  if (code) free(f);
  return code;
}

/*
 * The new file is whose the old one was, and open to the same, as far as we may say so. Where
 * its group is another, that group may do no more than everybody.
 */
static void take_after(int fd, const shf__file_owner *old) {
  mode_t mode = old->mode;
  if (fchown(fd, old->user, old->group) != 0 && fchown(fd, (uid_t)-1, old->group) != 0)
    mode &= (mode_t)(0707 | (mode & 07) << 3);
  /* Where it fails, open() gave it no right that the old one had not. */
  if (fchmod(fd, mode) != 0) return;
}

/*
 * A device or a pipe is written in place: a rename would put a file where it
 * was. A symbolic link keeps pointing where it points.
 */
static int open_file(file *f, const char *path) {
  shf__file_owner old = {.mode = 0666};
  enum shf__file_kind kind = shf__file_kind(path, &old);
  if (kind == SHF__FILE_FOLDER) {
    errno = EISDIR;
    return -1;
  }
  if (kind == SHF__FILE_OTHER) return open(path, O_WRONLY | O_CLOEXEC);
  f->path = kind == SHF__FILE_REGULAR ? realpath(path, NULL) : strdup(path);
  if (!f->path) return -1;
  size_t len = strlen(f->path);
  f->temporary = malloc(len + 32);
  if (!f->temporary) return -1;
  for (int i = 0; i < 100; i++) {
    snprintf(f->temporary, len + 32, "%s.%ld.%d~", f->path, (long)getpid(), i);
    int fd =
        open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, old.mode & 0666);
    if (fd >= 0 && kind == SHF__FILE_REGULAR) take_after(fd, &old);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

int shf_sink_file(const char *path, shf_sink **out, shf_error *error) {
  int code = SHF_E_NOMEM;
  file *f = calloc(1, sizeof *f);
  if (f) {
    f->owned = true;
    f->fd = open_file(f, path);
    if (f->fd >= 0)
      code = file_sink(f, out);
    else if (errno != ENOMEM)
      code = SHF_E_IO;
  }
  if (code == SHF_OK) return SHF_OK;
  if (error) *error = (shf_error){.message = "cannot open for writing", .sys = errno};
  if (!f) return code;
  if (f->fd >= 0) {
    close(f->fd);
    if (f->temporary) unlink(f->temporary);
  }
  free(f->temporary);
  free(f->path);
  free(f);
  return code;
}
