#include "CPondCurses.h"
