#include "CPondTLS.h"
