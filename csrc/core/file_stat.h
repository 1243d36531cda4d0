/* What a path leads to. */
#ifndef SHF_CORE_FILE_STAT_H
#define SHF_CORE_FILE_STAT_H

#include <sys/types.h>

enum shf__file_kind {
  SHF__FILE_NONE, /* nothing, or what cannot be asked: errno says why */
  SHF__FILE_REGULAR,
  SHF__FILE_FOLDER,
  SHF__FILE_LINK, /* symbolic; only where none is followed */
  SHF__FILE_OTHER /* a pipe, a device, a socket */
};

/* Whose a file is, and who may do what with it. */
typedef struct shf__file_owner {
  uid_t user;
  gid_t group;
  mode_t mode; /* permissions alone */
} shf__file_owner;

/*
 * Follows links; opens nothing, so that no pipe is waited for.
 * @param owner may be NULL; set unless there is nothing
 */
enum shf__file_kind shf__file_stat(const char *path, shf__file_owner *owner);
/* The same of a name in an open folder (or AT_FDCWD), where a last link is not followed. */
enum shf__file_kind shf__file_stat_at(int folder, const char *name, shf__file_owner *owner);
/* The same of what is open. */
enum shf__file_kind shf__file_stat_fd(int fd, shf__file_owner *owner);

/*
 * Opens a file that a profiled process left: a regular one, which is ours or root's. Waits for
 * nobody, and follows no last link.
 * @param refused why it is not opened, where that is not the system's: errno is 0 then
 * @return a descriptor, or -1
 */
int shf__file_open_untrusted(const char *path, const char **refused);

#endif
