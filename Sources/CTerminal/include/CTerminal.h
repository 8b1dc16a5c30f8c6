// What the Terminal room needs of ncurses and of signals. Nothing else of the program sees curses: the header is free of
// it, so that no macro and no global of curses has to be imported.
#ifndef CTERMINAL_H
#define CTERMINAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// --- database.c: what the terminal database and the locale say

enum {
    ct_setup_ok = 0,
    ct_setup_unknown = 1,     // no entry of that name
    ct_setup_no_database = 2, // no entries at all
    ct_setup_generic = 3,     // an entry that describes no real terminal
};

/// Reads the entry for `name`, whose facts the functions below then tell. Never exits.
int ct_setup(const char *name, int fd);
bool ct_can_address_cursor(void);
/// Whether cursor addressing begins with `ESC [`.
bool ct_is_ansi(void);
/// Whether the terminal says it knows xterm's title sequences (the XT capability).
bool ct_has_xterm_extensions(void);
int ct_colors(void);
/// Takes the locale of the environment; true if its characters are UTF-8.
bool ct_use_locale(void);
/// glibc's idea of the columns of a character in the current locale; -1 for what it cannot print.
int ct_width(uint32_t scalar);

// --- drawing.c: ncurses; the main thread only

enum { ct_bold = 1, ct_dim = 2, ct_underline = 4, ct_reverse = 8, ct_italic = 16 };

/// Takes over the terminal; false when ncurses refuses it. `modes` is written after each start of the full screen.
bool ct_open(const char *name, int input, int output, bool colors, const char *modes);
/// How cells with `style` look; colours are palette numbers, -1 the terminal's own.
void ct_set_style(uint8_t style, unsigned attributes, int foreground, int background);
/// Whether the locale prints a character, and counts its columns likewise.
bool ct_can_print(uint32_t base, int columns);
void ct_cell(uint32_t base, uint32_t mark0, uint32_t mark1, uint32_t mark2, uint32_t mark3, int columns, uint8_t style);
/// Puts the cells given since the last call.
void ct_put(int row, int column);
/// Takes back everything put: all is blank, in the look of `style`.
void ct_erase(uint8_t style);
/// Sends what changed and places the cursor; a negative row hides it.
void ct_show(int row, int column);
void ct_redraw_everything(void);
void ct_resize(int rows, int columns);
/// Gives the terminal back: cooked mode, main screen, cursor, no modes of ours. Idempotent.
void ct_leave(void);
/// Takes it again after `ct_leave`.
void ct_enter(void);
/// `true` and the size the kernel knows, or false.
bool ct_window_size(int fd, int *rows, int *columns);

// --- signals.c: the ways out, and the one file descriptor that wakes the main thread

enum { ct_woken_input = 1, ct_woken_wake = 2, ct_woken_closed = 4 };

/// What is written and set back when the process ends without asking the main thread.
void ct_restore_prepare(int fd, const char *sequence, size_t length);
void ct_restore_arm(bool armed);
void ct_restore_now(void);
/// Until `own` is set back, a background process may set the terminal's modes.
void ct_block_background_stop(sigset_t *own);

/// HUP, TERM, INT and QUIT are noted; a second one later than 0.3 s after the first restores and ends the process.
/// ILL, TRAP, SEGV, BUS, FPE and ABRT restore, show the end of the error log, and crash on.
void ct_signals_install(void);
/// WINCH, TSTP and CONT as well.
void ct_signals_install_for_screen(void);
/// The first of HUP, TERM, INT, QUIT that came; 0 if none did.
int ct_quit_signal(void);
bool ct_take_resized(void);
bool ct_take_continued(void);
/// Whether the process was stopped, the machine slept, or the clock was set since the last call.
bool ct_take_time_jump(void);
bool ct_take_stop_asked(void);
/// Stops the own process group as Ctrl-Z does; returns when it goes on.
void ct_stop_process_group(void);

/// Whether the terminal is ours now, and not the shell's or another job's.
bool ct_is_foreground(void);

/// While armed, what is written to standard error goes to `log`, or to memory if that is negative.
void ct_errors_redirect(int log);
/// Standard error as it was.
void ct_errors_return(void);

/// From any thread and from signal handlers.
void ct_wake(void);
/// Sleeps until something can be read from `input` (if not negative), `ct_wake` was called, or `nanoseconds` have passed
/// (for ever if negative). Without `reads` only the end of a terminal at `input` counts. A mask of `ct_woken_…`; 0 after the
/// time or a signal.
int ct_wait(int input, bool reads, int64_t nanoseconds);
/// The bytes that are there; 0 for none, -1 when there will be no more.
long ct_read(int fd, void *buffer, size_t size);
/// Forgets what has come and was not read.
void ct_discard_input(void);
/// All of it, whatever it takes.
bool ct_write(int fd, const void *bytes, size_t length);
/// CLOCK_MONOTONIC in nanoseconds.
int64_t ct_now(void);

/// One heap for all threads, and little of it kept in hand. At the start, before other threads.
void ct_heap_be_frugal(void);

#endif
