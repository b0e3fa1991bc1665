// SQLite: the destructor constants are casts that Swift does not import.
#ifndef POND_SQLITE_H
#define POND_SQLITE_H

#include <sqlite3.h>

static const sqlite3_destructor_type POND_SQLITE_TRANSIENT = SQLITE_TRANSIENT;

#endif
