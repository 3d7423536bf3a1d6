#include "base/str.h"
#include "ingest/command.h"
#include "ingest/reader.h"
