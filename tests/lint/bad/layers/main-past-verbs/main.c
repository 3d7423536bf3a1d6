#include "cluster/kind.h"
