#include "CPondHeap.h"
