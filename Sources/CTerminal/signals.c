// Everything a signal handler touches is in this file: static, written before the handlers are installed, and changed by
// nothing but what POSIX calls async-signal-safe.
#define _GNU_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int tty = -1;
static struct termios saved;
static bool has_saved;
static char restore[1024];
static size_t restore_length;
static atomic_bool is_armed;

static int wake_fd = -1;
static atomic_int quit_signal;
static _Atomic int64_t quit_time;
static atomic_bool resized, continued, stop_asked, time_jumped;
static int clock_fd = -1; // readable when the clock was set, which waking from sleep does, too
static bool can_stop;

static int own_errors = -1;  // standard error as it was, while redirected
static int error_log = -1;   // readable
static off_t error_start;

int64_t ct_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool ct_write(int fd, const void *bytes, size_t length) {
    const char *next = bytes;
    while (length > 0) {
        ssize_t written = write(fd, next, length);
        if (written > 0) {
            next += written;
            length -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            struct pollfd room = {fd, POLLOUT, 0};
            if (poll(&room, 1, 200) <= 0) return false;
        } else if (written == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

long ct_read(int fd, void *buffer, size_t size) {
    struct pollfd waiting = {fd, POLLIN, 0};
    int ready = poll(&waiting, 1, 0);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return 0;
    if (ready < 0) return -1;
    ssize_t count = read(fd, buffer, size);
    if (count > 0) return count;
    return count < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : -1;
}

void ct_discard_input(void) {
    sigset_t own;
    ct_block_background_stop(&own);
    tcflush(0, TCIFLUSH);
    pthread_sigmask(SIG_SETMASK, &own, NULL);
}

// --- giving the terminal back

void ct_restore_prepare(int fd, const char *sequence, size_t length) {
    static bool is_registered;
    tty = fd;
    if (!has_saved) has_saved = tcgetattr(fd, &saved) == 0;
    if (length > sizeof restore) length = sizeof restore;
    memcpy(restore, sequence, length);
    restore_length = length;
    if (!is_registered) atexit(ct_restore_now);
    is_registered = true;
}

void ct_restore_arm(bool armed) {
    if (!armed && has_saved) tcsetattr(tty, TCSADRAIN, &saved);
    atomic_store(&is_armed, armed);
}

void ct_restore_now(void) {
    if (!atomic_exchange(&is_armed, false)) return;
    ct_write(tty, restore, restore_length);
    if (!has_saved) return;
    sigset_t own;
    ct_block_background_stop(&own);
    tcsetattr(tty, TCSANOW, &saved);
    pthread_sigmask(SIG_SETMASK, &own, NULL);
}

/// From the background, tcsetattr would stop the whole process; who leaves wants to end.
void ct_block_background_stop(sigset_t *own) {
    sigset_t background;
    sigemptyset(&background);
    sigaddset(&background, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &background, own);
}

bool ct_is_foreground(void) {
    pid_t group = tcgetpgrp(tty);
    return group < 0 || group == getpgrp();
}

// --- standard error

void ct_errors_redirect(int log) {
    if (own_errors >= 0 || !isatty(2)) return;
    char path[32];
    bool is_memory = log < 0;
    if (error_log >= 0) close(error_log);
    if (is_memory) {
        error_log = memfd_create("errors", MFD_CLOEXEC);
        log = error_log;
    } else {
        snprintf(path, sizeof path, "/proc/self/fd/%d", log);
        error_log = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (log < 0) return;
    struct stat status;
    error_start = fstat(log, &status) == 0 ? status.st_size : 0;
    own_errors = fcntl(2, F_DUPFD_CLOEXEC, 3);
    if (own_errors >= 0) dup2(log, 2);
}

/// The end of what was written to standard error meanwhile; from the last “Fatal error” on if there is one.
static void show_errors(int fd) {
    static char tail[2048];
    struct stat status;
    if (error_log < 0 || fstat(error_log, &status) != 0) return;
    off_t from = status.st_size - (off_t)sizeof tail;
    if (from < error_start) from = error_start;
    ssize_t count = pread(error_log, tail, sizeof tail, from);
    if (count <= 0) return;
    ssize_t start = 0;
    static const char mark[] = "Fatal error";
    const ssize_t length = sizeof mark - 1;
    for (ssize_t i = count - length; i >= 0; i--) {
        if (memcmp(tail + i, mark, (size_t)length) != 0) continue;
        while (i > 0 && tail[i - 1] != '\n') i--;
        start = i;
        break;
    }
    for (ssize_t i = start; i < count; i++) // it may quote what came from the network
        if ((unsigned char)tail[i] < 0x20 && tail[i] != '\n' && tail[i] != '\t') tail[i] = '?';
    ct_write(fd, tail + start, (size_t)(count - start));
    if (tail[count - 1] != '\n') ct_write(fd, "\n", 1);
}

void ct_errors_return(void) {
    if (own_errors < 0) return;
    dup2(own_errors, 2);
    close(own_errors);
    own_errors = -1;
}

// --- handlers

static void on_fatal(int number) {
    static atomic_bool is_crashing;
    if (!atomic_exchange(&is_crashing, true)) {
        ct_restore_now();
        if (own_errors >= 0) show_errors(own_errors);
    }
    // SA_RESETHAND has put the default back.
    raise(number);
}

void ct_wake(void) {
    int error = errno;
    uint64_t one = 1;
    if (wake_fd >= 0 && write(wake_fd, &one, sizeof one) < 0) { /* full: awake anyway */ }
    errno = error;
}

static void on_quit(int number) {
    int error = errno;
    int none = 0;
    if (atomic_compare_exchange_strong(&quit_signal, &none, number)) {
        atomic_store(&quit_time, ct_now());
    } else if (ct_now() - atomic_load(&quit_time) > 300000000) {
        // The kernel and the shell both send HUP when a window closes; only a later one is impatience.
        ct_restore_now();
        _exit(128 + number);
    }
    ct_wake();
    errno = error;
}

static void on_note(int number) {
    atomic_bool *note = number == SIGWINCH ? &resized : number == SIGCONT ? &continued : &stop_asked;
    atomic_store(note, true);
    if (number == SIGCONT) atomic_store(&time_jumped, true);
    ct_wake();
}

static void handle(int number, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    // tcsetattr from the background must not stop us in the middle of leaving.
    sigaddset(&action.sa_mask, SIGTTOU);
    sigaction(number, &action, NULL);
}

/// Whether whoever started us wants this signal ignored, as nohup and shells without job control do.
static bool is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN;
}

/// Never comes of itself; the kernel cancels it when the clock jumps.
static void watch_clock(void) {
    struct itimerspec never = {.it_value = {.tv_sec = 0x7fffffff}};
    if (clock_fd >= 0) timerfd_settime(clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static void prepare_wake(void) {
    if (wake_fd < 0) wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (clock_fd < 0) {
        clock_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
        watch_clock();
    }
}

void ct_signals_install(void) {
    static char stack[64 * 1024]; // for a stack overflow on the main thread
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    static const int fatal[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
    static const int quits[] = {SIGHUP, SIGTERM, SIGINT, SIGQUIT};
    prepare_wake();
    sigaltstack(&alternate, NULL);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        handle(fatal[i], on_fatal, SA_ONSTACK | SA_NODEFER | (int)SA_RESETHAND);
    for (size_t i = 0; i < sizeof quits / sizeof *quits; i++)
        if (!is_ignored(quits[i])) handle(quits[i], on_quit, SA_RESTART);
    handle(SIGCONT, on_note, SA_RESTART);
}

void ct_signals_install_for_screen(void) {
    handle(SIGWINCH, on_note, SA_RESTART);
    can_stop = !is_ignored(SIGTSTP);
    if (can_stop) handle(SIGTSTP, on_note, SA_RESTART);
}

int ct_quit_signal(void) { return atomic_load(&quit_signal); }
bool ct_take_resized(void) { return atomic_exchange(&resized, false); }
bool ct_take_continued(void) { return atomic_exchange(&continued, false); }
bool ct_take_time_jump(void) { return atomic_exchange(&time_jumped, false); }
bool ct_take_stop_asked(void) { return atomic_exchange(&stop_asked, false); }

void ct_stop_process_group(void) {
    if (!can_stop) return;
    atomic_store(&continued, false);
    handle(SIGTSTP, SIG_DFL, 0);
    kill(0, SIGTSTP);
    // With other threads about, the stop may come a moment after kill has returned; in an orphaned group, never.
    for (int i = 0; i < 200 && !atomic_load(&continued); i++) {
        struct timespec moment = {0, 1000000};
        nanosleep(&moment, NULL);
    }
    atomic_store(&continued, false);
    handle(SIGTSTP, on_note, SA_RESTART);
}

// --- waiting

int ct_wait(int input, bool reads, int64_t nanoseconds) {
    prepare_wake();
    struct pollfd files[3] = {{wake_fd, POLLIN, 0}, {clock_fd, POLLIN, 0}, {input, reads ? POLLIN : 0, 0}};
    struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    int ready = ppoll(files, input < 0 ? 2 : 3, nanoseconds < 0 ? NULL : &limit, NULL);
    if (ready <= 0) return 0;
    int reasons = 0;
    if (files[0].revents != 0) {
        uint64_t count;
        if (read(wake_fd, &count, sizeof count) < 0) { /* somebody else took it */ }
        reasons |= ct_woken_wake;
    }
    if (files[1].revents != 0) {
        uint64_t count;
        if (read(clock_fd, &count, sizeof count) < 0) { /* ECANCELED: it jumped */ }
        watch_clock();
        atomic_store(&time_jumped, true);
        reasons |= ct_woken_wake;
    }
    short found = files[2].revents;
    // A terminal that is gone can be read for ever, and reports POLLERR as well. A pipe without a writer reports POLLHUP,
    // and POLLIN for as long as it holds something.
    if (found & (POLLERR | POLLNVAL)) reasons |= ct_woken_closed;
    else if (found & POLLIN) reasons |= ct_woken_input;
    else if (found & POLLHUP) reasons |= ct_woken_closed;
    return reasons;
}
