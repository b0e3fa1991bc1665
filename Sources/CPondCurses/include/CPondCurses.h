// ncursesw: global variables and macros as functions.
#ifndef POND_CURSES_H
#define POND_CURSES_H

#define _XOPEN_SOURCE_EXTENDED 1
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <term.h>

static inline WINDOW *pond_stdscr(void) { return stdscr; }

#endif
