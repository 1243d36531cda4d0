/* What a path leads to. */
#ifndef SHF_FILE_KIND_H
#define SHF_FILE_KIND_H

enum shf__file_kind {
  SHF__FILE_NONE, /* nothing, or what cannot be asked: errno says why */
  SHF__FILE_REGULAR,
  SHF__FILE_FOLDER,
  SHF__FILE_OTHER /* a pipe, a device, a socket */
};

/* Follows links; opens nothing, so that no pipe is waited for. */
enum shf__file_kind shf__file_kind(const char *path);

#endif
