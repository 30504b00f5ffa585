/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/progress.h"

/* If the number is the address of what waits first, it also changes when something comes to what was empty. */
bool pending_was_taken(const struct pending *then, const struct pending *now)
{
	if (then->taken == now->taken)
		return false;
	switch (now->class) {
	case CLASS_STREAM:
		return now->port || then->unread_bytes; /* of TCP it is a counter */
	case CLASS_DATAGRAM:
	case CLASS_LISTENER:
	case CLASS_INOTIFY:
	case CLASS_SIGNALFD:
		return then->count || then->unread_bytes;
	case CLASS_OTHER:
	case CLASS_PIPE:
	case CLASS_EVENTFD:
	case CLASS_SEMAPHORE:
	case CLASS_TIMERFD:
	case CLASS_INSTANCE:
		break;
	}
	return true;
}
