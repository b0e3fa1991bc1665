#include "CPondUring.h"
