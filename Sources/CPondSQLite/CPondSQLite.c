#include "CPondSQLite.h"
