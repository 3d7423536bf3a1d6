/*
 * replay.c - run a fuzz target over its seeds, without a fuzzer.
 *
 * usage: fuzz_<name> FILE|FOLDER...
 *
 * Every seed runs whole; one of at most SMALL bytes also with its end cut off at every byte, and
 * with every byte changed in three ways. Each input lies in memory of exactly its own size, so that
 * a sanitizer sees the first byte that is read past the end.
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SMALL ((size_t)512)

static void give_up(const char *what, const char *path)
{
    (void)fprintf(stderr, "%s '%s': %s\n", what, path, strerror(errno));
    exit(1);
}

static void *allocate(size_t size)
{
    void *bytes = malloc(size ? size : 1);

    if (!bytes)
        give_up("no memory for", "a seed");
    return bytes;
}

static void run(const uint8_t *data, size_t size)
{
    uint8_t *exact = allocate(size);

    if (size > 0)
        memcpy(exact, data, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void run_variants(uint8_t *data, size_t size)
{
    static const uint8_t CHANGES[] = {0x01, 0x20, 0x80};

    for (size_t cut = 0; cut < size; cut++)
        run(data, cut);
    for (size_t i = 0; i < size; i++) {
        for (size_t k = 0; k < sizeof(CHANGES); k++) {
            data[i] ^= CHANGES[k];
            run(data, size);
            data[i] ^= CHANGES[k];
        }
    }
}

static void run_seed(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = allocate(size);

    if (!file || fread(data, 1, size, file) != size)
        give_up("cannot read", path);
    (void)fclose(file);
    (void)fprintf(stderr, "seed %s\n", path);
    run(data, size);
    if (size <= SMALL)
        run_variants(data, size);
    free(data);
}

static void run_path(const char *path);

static void run_folder(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);

    if (count < 0)
        give_up("cannot list", path);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        size_t size = strlen(path) + strlen(name) + 2;
        char *inner = allocate(size);
        (void)snprintf(inner, size, "%s/%s", path, name);
        if (name[0] != '.')
            run_path(inner);
        free(inner);
        free(entries[i]);
    }
    free(entries);
}

static void run_path(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0)
        give_up("cannot open", path);
    if (S_ISDIR(info.st_mode))
        run_folder(path);
    else
        run_seed(path, (size_t)info.st_size);
}

int main(int argc, char **argv)
{
    run((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        run_path(argv[i]);
    return 0;
}
