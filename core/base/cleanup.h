/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

/*
 * Ownership of locals: CLEANUP(fn) runs fn(&variable) when the variable leaves its scope,
 * TAKE(p) hands the value over and leaves NULL behind, TAKE_FD(fd) leaves -1.
 */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define TAKE(p)                             \
	__extension__({                     \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

#define TAKE_FD(fd)                \
	__extension__({            \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

/* For CLEANUP on any pointer from malloc, on a file descriptor (-1: none), on a DIR, a FILE. */
void cleanup_free(void *pointer_to_pointer);
void cleanup_fd(int *fd);
void cleanup_dir(void *pointer_to_dir);
void cleanup_file(void *pointer_to_file);

#endif
