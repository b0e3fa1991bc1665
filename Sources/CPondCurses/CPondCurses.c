#define _GNU_SOURCE
#include "CPondCurses.h"

#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

// Screen. stdscr and friends are macros over per-thread state: Swift cannot import them, and only one thread calls.

static SCREEN *screen;
// What curses writes goes into a file in memory: it would wait, or spin, where a terminal takes nothing for a while.
static int sink = -1;
static struct termios shell_termios;
static struct termios program_termios;

int pond_screen_open(void) {
    // Exported by some shells; curses would believe them for ever.
    unsetenv("LINES");
    unsetenv("COLUMNS");
    int copy = dup(STDOUT_FILENO);
    FILE *output = copy < 0 ? NULL : fdopen(copy, "w");
    int memory = memfd_create("pond-screen", MFD_CLOEXEC);
    if (output == NULL || memory < 0 || tcgetattr(STDIN_FILENO, &shell_termios) != 0) {
        if (output != NULL) fclose(output);
        if (memory >= 0) close(memory);
        return 0;
    }
    fcntl(copy, F_SETFD, FD_CLOEXEC);
    screen = newterm(NULL, output, stdin);
    if (screen == NULL) {
        fclose(output);
        close(memory);
        return 0;
    }
    raw();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    leaveok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    idlok(stdscr, TRUE);
    if (has_colors()) {
        start_color();
        use_default_colors();
    }
    def_prog_mode();
    tcgetattr(STDIN_FILENO, &program_termios);
    // From now on curses knows all it asks a terminal for, and its settings are put in force here.
    sink = dup3(memory, copy, O_CLOEXEC);
    close(memory);
    return sink >= 0;
}

size_t pond_screen_take(char *bytes, size_t capacity) {
    off_t length = lseek(sink, 0, SEEK_CUR);
    if (length <= 0) return 0;
    if (bytes == NULL) return (size_t)length;
    ssize_t count = pread(sink, bytes, capacity, 0);
    if (ftruncate(sink, 0) == 0) lseek(sink, 0, SEEK_SET);
    return count < 0 ? 0 : (size_t)count;
}

void pond_screen_leave(void) {
    if (!isendwin()) endwin();
}

void pond_screen_settings(int program) {
    tcsetattr(STDIN_FILENO, TCSANOW, program ? &program_termios : &shell_termios);
}

void pond_screen_resume(void) {
    keypad(stdscr, TRUE);
    clearok(curscr, TRUE);
    refresh();
}

void pond_screen_resize(int rows, int columns) { resizeterm(rows, columns); }

void pond_screen_forget(void) { clearok(curscr, TRUE); }

int pond_screen_colours(void) { return has_colors() ? COLORS : 0; }

void pond_row_begin(int row) { wmove(stdscr, row, 0); }

void pond_row_put(const wchar_t *text, int attributes, int pair) {
    attr_t attr = WA_NORMAL;
    if (attributes & POND_BOLD) attr |= WA_BOLD;
    if (attributes & POND_DIM) attr |= WA_DIM;
    if (attributes & POND_REVERSE) attr |= WA_REVERSE;
    if (attributes & POND_UNDERLINE) attr |= WA_UNDERLINE;
    cchar_t cell;
    if (setcchar(&cell, text, attr, 0, &pair) == ERR) setcchar(&cell, L"?", attr, 0, &pair);
    // In the last cell of the screen this reports an error after having written.
    (void)wadd_wch(stdscr, &cell);
}

void pond_screen_show(int row, int column, int cursor_visible) {
    curs_set(cursor_visible ? 1 : 0);
    wmove(stdscr, row, column);
    wnoutrefresh(stdscr);
    doupdate();
}

#define POND_PAIRS 256
static struct { int foreground, background; } pairs[POND_PAIRS];
static int pair_count;

// The nearest of the colours there are to one of 256. Greys of 8 colours would be black on black: the terminal's own.
static int fitted(int colour) {
    if (colour < COLORS) return colour;
    if (colour == 8 || colour >= 232) return COLORS >= 16 ? 8 : -1;
    if (colour < 16) return colour - 8;
    return (COLORS >= 16 ? 9 : 1) + colour % 6;
}

int pond_colour_pair(int foreground, int background) {
    if (!has_colors() || (foreground < 0 && background < 0)) return 0;
    foreground = fitted(foreground);
    background = fitted(background);
    if (foreground < 0 && background < 0) return 0;
    for (int index = 0; index < pair_count; index++)
        if (pairs[index].foreground == foreground && pairs[index].background == background) return index + 1;
    if (pair_count >= POND_PAIRS || pair_count + 1 >= COLOR_PAIRS) return 0;
    if (init_extended_pair(pair_count + 1, foreground, background) == ERR) return 0;
    pairs[pair_count].foreground = foreground;
    pairs[pair_count].background = background;
    pair_count += 1;
    return pair_count;
}

// tigetstr answers (char *)-1 for a name that is no string.
const char *pond_capability(const char *name) {
    const char *value = tigetstr(name);
    return value == (const char *)-1 ? NULL : value;
}

int pond_locale_utf8(void) {
    setlocale(LC_ALL, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return 1;
    const char *language = getenv("LC_ALL");
    if (language == NULL || *language == 0) language = getenv("LC_CTYPE");
    if (language == NULL || *language == 0) language = getenv("LANG");
    // Nobody chose a locale: take the one that can show everything. Who asked for another keeps it.
    if (language != NULL && *language != 0) return 0;
    return setlocale(LC_ALL, "C.UTF-8") != NULL;
}

int pond_terminal_size(int *rows, int *columns) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return 0;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 1;
}

// Crash. Only async-signal-safe calls from here on: write, tcsetattr, sigaction, raise, and glibc's backtrace once loaded.

static char restore_bytes[512];
static volatile size_t restore_length;
static char restore_report[512];
static struct termios restore_termios;
static int has_termios;
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};
#define CRASH_SIGNALS ((int)(sizeof crash_signals / sizeof crash_signals[0]))
static struct sigaction previous[CRASH_SIGNALS];

void pond_crash_arm(const char *bytes, size_t length, const char *report) {
    restore_length = 0;
    if (length > sizeof restore_bytes) length = sizeof restore_bytes;
    memcpy(restore_bytes, bytes, length);
    strncpy(restore_report, report, sizeof restore_report - 1);
    restore_length = length;
}

static void put(const char *bytes, size_t length) {
    while (length > 0) {
        // A terminal that takes nothing must not keep a dead program.
        struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
        if (poll(&ready, 1, 1000) <= 0) return;
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written <= 0) return;
        bytes += written;
        length -= (size_t)written;
    }
}

// In the report even where Swift's own backtracer is not installed.
static void report(int signal_number) {
    char line[] = "pond-tui: signal 00 at\n";
    line[17] = (char)('0' + signal_number / 10 % 10);
    line[18] = (char)('0' + signal_number % 10);
    ssize_t ignored = write(STDERR_FILENO, line, sizeof line - 1);
    (void)ignored;
    void *frames[64];
    backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
}

static void crashed(int signal_number, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    if (restore_length > 0) {
        size_t length = restore_length;
        restore_length = 0;
        put(restore_bytes, length);
        if (has_termios) tcsetattr(STDIN_FILENO, TCSANOW, &restore_termios);
        put("\r\npond-tui crashed. Report: ", 28);
        put(restore_report, strlen(restore_report));
        put("\r\n", 2);
        report(signal_number);
        // What the backtracer prints goes where standard error goes: to the report, not over the shell.
        dup2(STDERR_FILENO, STDOUT_FILENO);
        // It would also wait for a key for half a minute.
        int nothing = open("/dev/null", O_RDONLY);
        if (nothing >= 0) dup2(nothing, STDIN_FILENO);
    }
    // Whoever was here before gets the signal now: Swift's backtracer, or the default.
    for (int index = 0; index < CRASH_SIGNALS; index++)
        if (crash_signals[index] == signal_number) sigaction(signal_number, &previous[index], NULL);
    raise(signal_number);
    // The backtracer counts on the fault to come again; a signal from outside does not.
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void pond_crash_install(void) {
    has_termios = tcgetattr(STDIN_FILENO, &restore_termios) == 0;
    // The first call loads a library, which a handler must not.
    void *frame[1];
    backtrace(frame, 1);
    static char stack[64 * 1024];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_DISABLE)) sigaltstack(&alternate, NULL);
    struct sigaction action = {0};
    action.sa_sigaction = crashed;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    for (int index = 0; index < CRASH_SIGNALS; index++) sigaction(crash_signals[index], &action, &previous[index]);
}
