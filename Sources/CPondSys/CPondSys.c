#include "CPondSys.h"
