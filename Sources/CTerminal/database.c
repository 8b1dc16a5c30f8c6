#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "CTerminal.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <term.h>
#include <wchar.h>

int ct_setup(const char *name, int fd) {
    int found = 0;
    if (setupterm(name, fd, &found) == OK) return ct_setup_ok;
    if (found < 0) return ct_setup_no_database;
    return found == 0 ? ct_setup_unknown : ct_setup_generic;
}

static const char *string_capability(const char *name) {
    const char *text = tigetstr(name);
    return text == NULL || text == (char *)-1 ? NULL : text;
}

bool ct_can_address_cursor(void) {
    const char *text = string_capability("cup");
    return text != NULL && *text != 0;
}

bool ct_is_ansi(void) {
    const char *text = string_capability("cup");
    return text != NULL && strncmp(text, "\033[", 2) == 0;
}

bool ct_has_xterm_extensions(void) { return tigetflag("XT") > 0; }

int ct_colors(void) {
    int colors = tigetnum("colors");
    return colors < 0 ? 0 : colors;
}

bool ct_use_locale(void) {
    if (setlocale(LC_CTYPE, "") == NULL) {
        // The environment names a locale that is not installed, as ssh likes to bring along.
        const char *wanted = getenv("LC_ALL");
        if (wanted == NULL || *wanted == 0) wanted = getenv("LC_CTYPE");
        if (wanted == NULL || *wanted == 0) wanted = getenv("LANG");
        if (wanted != NULL && (strcasestr(wanted, "utf-8") != NULL || strcasestr(wanted, "utf8") != NULL))
            setlocale(LC_CTYPE, "C.UTF-8");
    }
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int ct_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }
