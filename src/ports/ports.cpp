// Compiles every header of the room alone together once.
#include "ports/outbox.h"
