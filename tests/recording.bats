#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Recordings: what is replayed is what the live run printed; what is cut or damaged is told.

load helper

setup_file() {
	need_live
}
