#include "CPostgres.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static CPostgres calls;
static const char *problem;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *text = dlerror();
        problem = strdup(text ? text : "libpq.so.5 cannot be loaded");
        return;
    }
#define CPOSTGRES_FIND(name) \
    { \
        void *found = dlsym(library, #name); \
        if (found == NULL) { \
            problem = "it has no " #name; \
            return; \
        } \
        memcpy(&calls.name, &found, sizeof found); \
    }
    CPOSTGRES_CALLS(CPOSTGRES_FIND)
}

const CPostgres *cpostgres_load(const char **reason) {
    pthread_once(&once, load);
    *reason = problem;
    return problem ? NULL : &calls;
}
