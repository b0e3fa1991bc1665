// ncursesw: global variables, macros and what a signal handler needs, as functions.
#ifndef POND_CURSES_H
#define POND_CURSES_H

#define _XOPEN_SOURCE_EXTENDED 1
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>

// The attributes of a cell, independent of ncurses' own values.
#define POND_BOLD 1
#define POND_DIM 2
#define POND_REVERSE 4
#define POND_UNDERLINE 8

// A screen on the process's own terminal, with keys unprocessed and not echoed; 0 when TERM has no entry.
// initscr would end the program instead.
int pond_screen_open(void);
// What curses has written since the last call, which nobody else sends to the terminal: its length where `bytes` is NULL,
// else the bytes themselves.
size_t pond_screen_take(char *bytes, size_t capacity);
// Ends curses' use of the terminal; pond_screen_resume takes it up again. Both only write.
void pond_screen_leave(void);
void pond_screen_resume(void);
// Puts the terminal's settings in force: the program's, or those it was started with.
void pond_screen_settings(int program);
// Tells curses the size that the kernel gave.
void pond_screen_resize(int rows, int columns);
// Has the next frame drawn on an emptied terminal.
void pond_screen_forget(void);
// How many colours there are; 0 on a monochrome terminal.
int pond_screen_colours(void);

// Begins a row; the cells follow from left to right.
void pond_row_begin(int row);
// One cell: a base scalar with its marks, ended by 0. `pair` is from pond_colour_pair.
void pond_row_put(const wchar_t *text, int attributes, int pair);
// Puts the cursor and sends the frame.
void pond_screen_show(int row, int column, int cursor_visible);
// The pair of two colours, -1 being the terminal's own.
int pond_colour_pair(int foreground, int background);

// A string capability of the terminal, or NULL.
const char *pond_capability(const char *name);
// Whether the locale's characters are UTF-8; tries C.UTF-8 where they are not.
int pond_locale_utf8(void);
// The terminal's size from the kernel; 0 when there is none.
int pond_terminal_size(int *rows, int *columns);

// What a crash sends to the terminal, and which settings it puts back; `report` is shown afterwards. The bytes are
// copied. With `length` 0 a crash no longer touches the terminal.
void pond_crash_arm(const char *bytes, size_t length, const char *report);
// Catches the signals of a crash, on a stack of their own, and hands them on when the terminal is sane again.
void pond_crash_install(void);

#endif
