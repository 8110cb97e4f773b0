/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

/*
 * Ownership of local variables: CLEANUP(fn) runs fn(&variable) when the variable goes out of scope.
 * TAKE(p) returns the pointer and sets p to NULL; TAKE_FD(fd) returns the descriptor and sets fd to
 * -1.
 */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define TAKE(p)                                \
	__extension__({                        \
		__typeof__(p) *from_ = &(p);   \
		__typeof__(p) taken_ = *from_; \
		*from_ = NULL;                 \
		taken_;                        \
	})

#define TAKE_FD(fd)                  \
	__extension__({              \
		int *from_ = &(fd);  \
		int taken_ = *from_; \
		*from_ = -1;         \
		taken_;              \
	})

/* For CLEANUP: any pointer from malloc, a file descriptor (-1: none), a DIR, a FILE. */
void cleanup_free(void *pointer_to_pointer);
void cleanup_fd(int *fd);
void cleanup_dir(void *pointer_to_dir);
void cleanup_file(void *pointer_to_file);

#endif
