#include "CPondZlib.h"
