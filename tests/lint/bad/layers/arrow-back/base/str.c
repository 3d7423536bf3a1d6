#include "ingest/command.h"
