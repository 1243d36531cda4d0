/* The kind and the owner of a file. */
#ifndef SHF_CORE_FILE_STAT_H
#define SHF_CORE_FILE_STAT_H

#include <sys/types.h>

enum shf__file_kind {
  SHF__FILE_NONE, /* missing, or not accessible; see errno */
  SHF__FILE_REGULAR,
  SHF__FILE_FOLDER,
  SHF__FILE_LINK, /* symbolic; only from the functions that do not follow links */
  SHF__FILE_OTHER /* a pipe, a device, a socket */
};

/* Who owns a file, and its permissions. */
typedef struct shf__file_owner {
  uid_t user;
  gid_t group;
  mode_t mode; /* permission bits only */
} shf__file_owner;

/*
 * Follows links. Opens nothing, so a pipe does not block.
 * @param owner may be NULL; not set for SHF__FILE_NONE
 */
enum shf__file_kind shf__file_stat(const char *path, shf__file_owner *owner);
/* The same for a name in an open folder (or AT_FDCWD), without following a link at the end. */
enum shf__file_kind shf__file_stat_at(int folder, const char *name, shf__file_owner *owner);
/* The same for an open file. */
enum shf__file_kind shf__file_stat_fd(int fd, shf__file_owner *owner);

/*
 * Opens a file that a profiled process wrote: it must be a regular file that belongs to us or to
 * root. Does not block and does not follow a link at the end.
 * @param refused why it was rejected; then errno is 0
 * @return a descriptor, or -1
 */
int shf__file_open_untrusted(const char *path, const char **refused);

#endif
