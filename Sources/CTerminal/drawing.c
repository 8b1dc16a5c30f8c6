#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "CTerminal.h"

#include <curses.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

#undef columns // term.h calls a capability so

enum { most_pairs = 64, most_cells = 512 };

static SCREEN *screen;
static int tty = -1;
static bool is_entered;
static bool has_colors_;
static bool has_default_colors;
static char own_modes[256];

static struct { attr_t attributes; short pair; } styles[256];
static struct { int foreground, background; } pairs[most_pairs];
static int pair_count = 1;

static cchar_t cells[most_cells];
static int cell_count;

// --- what undoes everything, kept ready for signal handlers

static char restore[1024];
static size_t restore_length;

static void add_to_restore(const char *text) {
    if (text == NULL || text == (char *)-1) return;
    while (*text != 0 && restore_length < sizeof restore) {
        if (text[0] == '$' && text[1] == '<') { // padding, for terminals of another time
            const char *end = strchr(text, '>');
            if (end != NULL) {
                text = end + 1;
                continue;
            }
        }
        restore[restore_length++] = *text++;
    }
}

/// Each mode of ours is set by `CSI ? n h` and unset by `CSI ? n l`; what is pushed by `CSI 22` is popped by `CSI 23`.
static void undo_modes(char *undo, size_t size) {
    size_t length = strlen(own_modes);
    if (length >= size) length = size - 1;
    memcpy(undo, own_modes, length);
    undo[length] = 0;
    for (size_t i = 0; i < length; i++)
        if (undo[i] == 'h') undo[i] = 'l';
    char *order = strstr(undo, "\033[8l"); // the one that is unset at the start
    if (order != NULL) order[3] = 'h';
    char *push = strstr(undo, "\033[22;");
    if (push != NULL) push[3] = '3';
}

static void prepare_restore(void) {
    char undo[sizeof own_modes];
    undo_modes(undo, sizeof undo);
    restore_length = 0;
    add_to_restore("\030"); // CAN ends a sequence that another thread was in the middle of
    add_to_restore(undo);
    add_to_restore(exit_attribute_mode);
    add_to_restore(orig_pair);
    add_to_restore(cursor_normal);
    const char *clear = clear_screen;
    if (exit_ca_mode != NULL && *exit_ca_mode != 0)
        add_to_restore(exit_ca_mode);
    else
        add_to_restore(clear);
    ct_restore_prepare(tty, restore, restore_length);
}

/// Until it was left and entered again once, ncurses 6.4 flushes after every move of the cursor: hundreds of writes for one
/// picture. Both are done here with the terminal out of its reach, so that nothing is written and no mode is set.
static void begin_buffering(FILE *out) {
    int file = fileno(out), rows = LINES, columns = COLS;
    int terminal = fcntl(file, F_DUPFD_CLOEXEC, 3);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (terminal >= 0 && nowhere >= 0 && dup2(nowhere, file) == file) {
        endwin();
        doupdate();
        dup2(terminal, file);
        resize_term(rows, columns);
        clearok(curscr, TRUE);
    }
    if (terminal >= 0) close(terminal);
    if (nowhere >= 0) close(nowhere);
}

bool ct_open(const char *name, int input, int output, bool colors, const char *modes) {
    FILE *in = fdopen(dup(input), "r");
    FILE *out = fdopen(dup(output), "w");
    if (in == NULL || out == NULL) return false;
    tty = output;
    snprintf(own_modes, sizeof own_modes, "%s", modes);
    // Whatever ends the process from here on, the modes of this moment come back.
    ct_restore_prepare(tty, "", 0);
    screen = newterm(name, out, in);
    if (screen == NULL) {
        fclose(in);
        fclose(out);
        return false;
    }
    prepare_restore();
    ct_restore_arm(true);
    raw();
    noecho();
    nonl();
    keypad(stdscr, FALSE);
    idcok(stdscr, FALSE);
    typeahead(-1);
    has_colors_ = colors && has_colors() && start_color() == OK;
    has_default_colors = has_colors_ && use_default_colors() == OK;
    begin_buffering(out);
    is_entered = true;
    ct_write(tty, own_modes, strlen(own_modes));
    return true;
}

static short pair_for(int foreground, int background) {
    if (!has_colors_ || (foreground < 0 && background < 0)) return 0;
    if (!has_default_colors) {
        if (foreground < 0) foreground = COLOR_WHITE;
        if (background < 0) background = COLOR_BLACK;
    }
    for (int i = 1; i < pair_count; i++)
        if (pairs[i].foreground == foreground && pairs[i].background == background) return (short)i;
    if (pair_count >= most_pairs || pair_count >= COLOR_PAIRS) return 0;
    if (init_extended_pair(pair_count, foreground, background) != OK) return 0;
    pairs[pair_count].foreground = foreground;
    pairs[pair_count].background = background;
    return (short)pair_count++;
}

void ct_set_style(uint8_t style, unsigned attributes, int foreground, int background) {
    attr_t value = A_NORMAL;
    if (attributes & ct_bold) value |= A_BOLD;
    if (attributes & ct_dim) value |= A_DIM;
    if (attributes & ct_underline) value |= A_UNDERLINE;
    if (attributes & ct_reverse) value |= A_REVERSE;
    if (attributes & ct_italic) value |= A_ITALIC;
    styles[style].attributes = value;
    styles[style].pair = pair_for(foreground, background);
}

static void add(const wchar_t *text, uint8_t style) {
    if (cell_count < most_cells) setcchar(&cells[cell_count++], text, styles[style].attributes, styles[style].pair, NULL);
}

bool ct_can_print(uint32_t base, int columns) { return wcwidth((wchar_t)base) == columns; }

/// What the locale cannot print, or counts otherwise than we do, is shown as question marks of the right width.
void ct_cell(uint32_t base, uint32_t mark0, uint32_t mark1, uint32_t mark2, uint32_t mark3, int columns, uint8_t style) {
    wchar_t text[6] = {(wchar_t)base, 0, 0, 0, 0, 0};
    if (base >= 0x20 && base < 0x7F && mark0 == 0) {
        add(text, style);
        return;
    }
    if (columns == 2 && base >= 0x1F1E6 && base <= 0x1F1FF && wcwidth((wchar_t)base) == 1) { // a flag: two cells
        add(text, style);
        text[0] = (wchar_t)mark0;
        add(text, style);
        return;
    }
    if (wcwidth((wchar_t)base) != columns) {
        text[0] = L'?';
        for (int i = 0; i < columns; i++) add(text, style);
        return;
    }
    const uint32_t marks[] = {mark0, mark1, mark2, mark3};
    int length = 1;
    for (int i = 0; i < 4 && marks[i] != 0; i++)
        if (wcwidth((wchar_t)marks[i]) == 0) text[length++] = (wchar_t)marks[i];
    add(text, style);
}

void ct_put(int row, int column) {
    if (cell_count > 0) mvwadd_wchnstr(stdscr, row, column, cells, cell_count);
    cell_count = 0;
}

void ct_erase(uint8_t style) {
    cchar_t blank;
    setcchar(&blank, L" ", styles[style].attributes, styles[style].pair, NULL);
    wbkgrndset(stdscr, &blank);
    werase(stdscr);
}

void ct_show(int row, int column) {
    static int cursor_shown = -1;
    int wanted = row >= 0;
    if (wanted != cursor_shown) {
        curs_set(wanted);
        cursor_shown = wanted;
    }
    if (wanted) wmove(stdscr, row, column);
    wnoutrefresh(stdscr);
    doupdate();
}

void ct_redraw_everything(void) { clearok(curscr, TRUE); }

void ct_resize(int rows, int columns) {
    if (rows > 0 && columns > 0) resize_term(rows, columns);
}

void ct_leave(void) {
    if (!is_entered) return;
    is_entered = false;
    char undo[sizeof own_modes];
    undo_modes(undo, sizeof undo);
    sigset_t own;
    ct_block_background_stop(&own);
    ct_write(tty, undo, strlen(undo));
    endwin();
    ct_restore_arm(false);
    pthread_sigmask(SIG_SETMASK, &own, NULL);
}

void ct_enter(void) {
    if (is_entered || screen == NULL) return;
    is_entered = true;
    ct_restore_arm(true);
    reset_prog_mode();
    ct_redraw_everything();
    ct_write(tty, own_modes, strlen(own_modes));
}

bool ct_window_size(int fd, int *rows, int *columns) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return false;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return true;
}
