/* Preloaded into the tools of prune.sh: before the KILL_AT-th file or directory is removed, counted over all of them in
   the file KILL_COUNTER, the whole process group is killed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void count(void) {
    struct stat counter;
    int file = open(getenv("KILL_COUNTER"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file < 0 || write(file, ".", 1) != 1 || fstat(file, &counter) != 0) abort();
    close(file);
    if (counter.st_size == atol(getenv("KILL_AT"))) kill(0, SIGKILL);
}

int unlink(const char *path) {
    int (*next)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
    count();
    return next(path);
}

int rmdir(const char *path) {
    int (*next)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "rmdir");
    count();
    return next(path);
}

int unlinkat(int directory, const char *path, int flags) {
    int (*next)(int, const char *, int) = (int (*)(int, const char *, int))dlsym(RTLD_NEXT, "unlinkat");
    count();
    return next(directory, path, flags);
}
