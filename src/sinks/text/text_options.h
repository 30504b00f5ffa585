/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_options.h - how text.h writes a time. */
#ifndef ET_TEXT_OPTIONS_H
#define ET_TEXT_OPTIONS_H

enum time_format {
	TIME_OF_DAY,	   /* -t: 18:03:22 */
	TIME_OF_DAY_MICRO, /* -tt: 18:03:22.104301 */
	TIME_EPOCH,	   /* -ttt: 1795455479.750009 */
	TIME_RELATIVE,	   /* -r: since the line before */
};

#endif
