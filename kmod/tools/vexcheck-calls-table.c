// SPDX-License-Identifier: GPL-2.0
/*
 * The calls, what they are given, and which errors they may answer with. None
 * can wait for another process, and nothing leads out of the current directory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "vexcheck-calls.h"

/* The first ones are made when a process starts: see vexcheck-calls-run.c. */
const char * const call_paths[] = {
	"(null)", "(bad)", "(empty)", "(long)", "(name)", "a", "b", "c", "a/", "d", "d/a", "d/b", "d/d",
	"d/d/a", "e", "e/a", "s", "s/a", "t", ".", "./a", "d//a", NULL
};

const char * const call_names[] = {
	"(null)", "(bad)", "(empty)", "(long)", "(name)", "user.a", "user.b", "user.", "trusted.a",
	"system.a", "nothing", NULL
};

const char * const call_memories[] = { "good", "null", "bad", "edge", "readonly", NULL };

#define VALUES(name, ...) static const int64_t name[] = { __VA_ARGS__, LAST_VALUE }

VALUES(lengths, 0, 1, 7, 512, 4096, 4096, 8192, 65536, 1 << 30, -1, INT64_MAX);
VALUES(offsets, 0, 0, 1, 511, 4096, 10000, 65536, 1 << 20, 1LL << 31, 1LL << 40, INT64_MAX, -1, -4096);
VALUES(modes, 0600, 0644, 0755, 0777, 0, 0444, 07777, 0177777);
/* O_NONBLOCK everywhere: nobody waits for the other end of a FIFO. */
VALUES(open_flags, O_NONBLOCK, O_RDWR | O_NONBLOCK, O_RDWR | O_CREAT | O_NONBLOCK,
       O_RDWR | O_CREAT | O_NONBLOCK, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK,
       O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, O_WRONLY | O_APPEND | O_NONBLOCK,
       O_RDWR | O_DIRECT | O_NONBLOCK, O_DIRECTORY | O_NONBLOCK, O_PATH, O_NOFOLLOW | O_NONBLOCK,
       O_TMPFILE | O_RDWR | O_NONBLOCK, O_RDWR | O_SYNC | O_CREAT | O_NONBLOCK, 3 | O_NONBLOCK,
       O_DIRECTORY | O_CREAT | O_NONBLOCK);
VALUES(node_modes, S_IFIFO | 0600, S_IFSOCK | 0600, S_IFREG | 0600, 0600, S_IFDIR | 0700, S_IFMT);
VALUES(unlink_flags, 0, 0, AT_REMOVEDIR, 0xffff);
VALUES(at_flags, 0, 0, AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH, 0x40000000);
VALUES(rename_flags, 0, 0, 1, 2, 4, 3, 0x80);
VALUES(masks, 0x7ff, 0, -1, 0x80000000);
VALUES(ids, -1, 0, 1, 65534);
VALUES(whences, SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE, 5, -1);
VALUES(allocations, 0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE,
       FALLOC_FL_ZERO_RANGE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, 0x1000);
VALUES(small, 0, 1, 4096, 10000, 65536);
VALUES(near, 0, 1, 4096, 10000, 65536, 1 << 20, -1, INT64_MAX);
VALUES(range_flags, 1, 2, 4, 7, 0, 0x100);
/* None that would wait, send a signal or take O_NONBLOCK away. */
VALUES(controls, F_GETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_GETPIPE_SZ, F_GET_SEALS, 9999);
VALUES(status_flags, O_NONBLOCK, O_NONBLOCK | O_APPEND, O_NONBLOCK | O_DIRECT | O_APPEND);
VALUES(lock_flags, LOCK_SH | LOCK_NB, LOCK_EX | LOCK_NB, LOCK_UN, LOCK_NB | 0x40, LOCK_NB);
VALUES(advices, 0, 1, 2, 3, 4, 5, 77);
VALUES(xattr_flags, 0, 0, XATTR_CREATE, XATTR_REPLACE, 3, 8);
VALUES(zero_or_one, 0, 0, 1);
VALUES(accesses, F_OK, R_OK, W_OK | X_OK, 8);
VALUES(iovecs, 0, 1, 3, 8, 1024, 1025, -1);
/* 'V' without those of vexfs, and some that every file has. */
VALUES(requests, 0, 0x5600, 0x567f, 0x541b, 0x80086601, 2, -1);
VALUES(protections, PROT_READ, PROT_READ | PROT_WRITE, PROT_WRITE, 0);
VALUES(dims, 1, 4, 4, 4, 16, 1024, 0, 1025, -1);
VALUES(counts, 1, 3, 16, 1024, 0, 1025, -1);
VALUES(formats, 0, 0, 1, 2, -1);
VALUES(metrics, 0, 1, 2, 3, -1);

#define PATH_ERRORS	ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP
#define NEW_ERRORS	PATH_ERRORS, EEXIST, EPERM, EROFS

const struct call_kind call_kinds[] = {
	{ "openat", "TCPvm", SYS_openat, { open_flags },
	  { NEW_ERRORS, EISDIR, ENXIO, EOPNOTSUPP, ETXTBSY, EMFILE, EFBIG } },
	{ "openat", "TCPvm", SYS_openat, { open_flags },
	  { NEW_ERRORS, EISDIR, ENXIO, EOPNOTSUPP, ETXTBSY, EMFILE, EFBIG } },
	{ "mkdirat", "CPm", SYS_mkdirat, { 0 }, { NEW_ERRORS, EMLINK } },
	{ "mknodat", "CPvZ", SYS_mknodat, { node_modes }, { NEW_ERRORS } },
	{ "unlinkat", "CPv", SYS_unlinkat, { unlink_flags }, { PATH_ERRORS, EISDIR, ENOTEMPTY, EBUSY, EPERM } },
	{ "linkat", "CPCPv", SYS_linkat, { at_flags }, { NEW_ERRORS, EMLINK, EXDEV } },
	{ "symlinkat", "PCP", SYS_symlinkat, { 0 }, { NEW_ERRORS } },
	{ "renameat2", "CPCPv", SYS_renameat2, { rename_flags },
	  { NEW_ERRORS, EISDIR, ENOTEMPTY, EBUSY, EXDEV, EMLINK } },
	{ "readlinkat", "CPML", SYS_readlinkat, { 0 }, { PATH_ERRORS } },
	{ "newfstatat", "CPMv", SYS_newfstatat, { at_flags }, { PATH_ERRORS, EOVERFLOW } },
	{ "statx", "CPvwM", SYS_statx, { at_flags, masks }, { PATH_ERRORS } },
	{ "faccessat", "CPv", SYS_faccessat, { accesses }, { PATH_ERRORS, EROFS, ETXTBSY } },
	{ "fchmodat", "CPm", SYS_fchmodat, { 0 }, { PATH_ERRORS, EPERM, EROFS } },
	{ "fchownat", "CPvwx", SYS_fchownat, { ids, ids, at_flags }, { PATH_ERRORS, EPERM, EROFS } },
	{ "utimensat", "CPMv", SYS_utimensat, { at_flags }, { PATH_ERRORS, EPERM, EROFS } },
	{ "truncate", "PO", SYS_truncate, { 0 }, { PATH_ERRORS, EISDIR, EFBIG, EPERM, ETXTBSY, EROFS } },
	{ "read", "FML", SYS_read, { 0 }, { EISDIR, EAGAIN } },
	{ "write", "FML", SYS_write, { 0 }, { EFBIG, EPERM, EPIPE, EAGAIN } },
	{ "pread64", "FMLO", SYS_pread64, { 0 }, { EISDIR, ESPIPE, EOVERFLOW } },
	{ "pwrite64", "FMLO", SYS_pwrite64, { 0 }, { EFBIG, ESPIPE, EPERM, EOVERFLOW } },
	{ "pwrite64", "FMLO", SYS_pwrite64, { 0 }, { EFBIG, ESPIPE, EPERM, EOVERFLOW } },
	{ "preadv", "FIvOZ", SYS_preadv, { iovecs }, { EISDIR, ESPIPE, EOVERFLOW } },
	{ "pwritev", "FIvOZ", SYS_pwritev, { iovecs }, { EFBIG, ESPIPE, EPERM, EOVERFLOW } },
	{ "lseek", "FOv", SYS_lseek, { whences }, { ESPIPE, ENXIO, EOVERFLOW } },
	{ "ftruncate", "FO", SYS_ftruncate, { 0 }, { EFBIG, EPERM } },
	{ "fallocate", "FvOw", SYS_fallocate, { allocations, near },
	  { EFBIG, EOPNOTSUPP, ENODEV, ESPIPE, EISDIR, EPERM, ETXTBSY } },
	{ "fsync", "F", SYS_fsync, { 0 }, { EROFS } },
	{ "fdatasync", "F", SYS_fdatasync, { 0 }, { EROFS } },
	{ "sync_file_range", "FOOv", SYS_sync_file_range, { range_flags }, { ESPIPE } },
	{ "getdents64", "FML", SYS_getdents64, { 0 }, { ENOTDIR, ENOENT } },
	{ "dup", "TF", SYS_dup, { 0 }, { EMFILE } },
	{ "close", "F", SYS_close, { 0 }, { 0 } },
	{ "fcntl", "Fvw", SYS_fcntl, { controls, status_flags }, { EAGAIN, EACCES, EPERM, EOVERFLOW } },
	{ "flock", "Fv", SYS_flock, { lock_flags }, { EAGAIN } },
	{ "ioctl", "FvM", SYS_ioctl, { requests }, { ENOTTY, EOPNOTSUPP, EPERM } },
	{ "sendfile", "FFZv", SYS_sendfile, { small }, { ESPIPE, EFBIG, EAGAIN, EISDIR, EOVERFLOW } },
	{ "copy_file_range", "FZFZvw", SYS_copy_file_range, { small, zero_or_one },
	  { EISDIR, EXDEV, EFBIG, EOPNOTSUPP, EOVERFLOW, ETXTBSY, EPERM } },
	{ "fadvise64", "FOLv", SYS_fadvise64, { advices }, { ESPIPE } },
	{ "readahead", "FOv", SYS_readahead, { near }, { 0 } },
	{ "fstatfs", "FM", SYS_fstatfs, { 0 }, { EOVERFLOW } },
	{ "statfs", "PM", SYS_statfs, { 0 }, { PATH_ERRORS, EOVERFLOW } },
	{ "fchmod", "Fm", SYS_fchmod, { 0 }, { EPERM, EROFS } },
	{ "fchown", "Fvw", SYS_fchown, { ids, ids }, { EPERM, EROFS } },
	{ "setxattr", "PXMLv", SYS_setxattr, { xattr_flags },
	  { PATH_ERRORS, EEXIST, ENODATA, EOPNOTSUPP, EPERM, ERANGE, E2BIG } },
	{ "getxattr", "PXML", SYS_getxattr, { 0 }, { PATH_ERRORS, ENODATA, EOPNOTSUPP, ERANGE, E2BIG, EPERM } },
	{ "listxattr", "PML", SYS_listxattr, { 0 }, { PATH_ERRORS, EOPNOTSUPP, ERANGE, E2BIG } },
	{ "removexattr", "PX", SYS_removexattr, { 0 }, { PATH_ERRORS, ENODATA, EOPNOTSUPP, EPERM, ERANGE } },
	{ "fsetxattr", "FXMLv", SYS_fsetxattr, { xattr_flags },
	  { EEXIST, ENODATA, EOPNOTSUPP, EPERM, EACCES, ERANGE, E2BIG } },
	{ "fgetxattr", "FXML", SYS_fgetxattr, { 0 }, { ENODATA, EOPNOTSUPP, EPERM, EACCES, ERANGE, E2BIG } },
	{ "mmap_touch", "FvOw", CALL_TOUCH, { protections, small }, { ENODEV, EOVERFLOW, EPERM, EAGAIN, EACCES } },
	{ "vector_add", "FvwxM", CALL_VECTOR_ADD, { dims, counts, formats }, { ENOTTY, E2BIG } },
	{ "vector_search", "FvwxM", CALL_VECTOR_SEARCH, { dims, counts, metrics }, { ENOTTY, ENODATA } },
	{ "vector_stats", "FM", CALL_VECTOR_STATS, { 0 }, { ENOTTY } },
};

const size_t call_kind_count = COUNT(call_kinds);

size_t call_table_size(char kind)
{
	const char * const *table = kind == 'P' ? call_paths : kind == 'X' ? call_names : call_memories;
	size_t n = 0;

	while (table[n])
		n++;
	return n;
}

const int64_t *call_values(const struct call_kind *what, char kind)
{
	switch (kind) {
	case 'L': return lengths;
	case 'O': return offsets;
	case 'm': return modes;
	default: return what->values[kind - 'v'];
	}
}
