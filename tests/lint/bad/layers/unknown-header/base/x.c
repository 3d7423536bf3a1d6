#  include <glib.h>
