#include "sync/cmd_sync.h"
