/*
 * short_io.c - reads and writes that are cut short, by the linker's --wrap: at most seven bytes
 * pass at a time, which POSIX allows at any time.
 */
#include <stddef.h>
#include <sys/types.h>

#define SHORT 7

/* The linker gives these names. NOLINTBEGIN(bugprone-reserved-identifier) */
ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
    return __real_read(fd, bytes, size < SHORT ? size : SHORT);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    return __real_write(fd, bytes, size < SHORT ? size : SHORT);
}
/* NOLINTEND(bugprone-reserved-identifier) */
