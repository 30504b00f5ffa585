/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads the command line, and hands over to what it asks for. */
#include "base/log.h"
#include "base/version.h"
#include "cli/completion.h"
#include "cli/limits.h"
#include "cli/options.h"
#include "playback.h"
#include "setup.h"
#include "sinks/json/json_table.h"
#include "sinks/text/finding_text.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Nothing of ours may become a standard stream that we were started without. Writing fails. */
static void occupy_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void print_schema(void)
{
	struct buf b = {0};

	json_schema(&b);
	fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
}

static void explain(enum rule_id id)
{
	struct buf b = {0};

	if (id == RULE_COUNT)
		explain_list(&b);
	else
		explain_text(&b, id);
	fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
}

int main(int argc, char **argv)
{
	struct options opt;
	struct failure f = {0};
	int status = 0, err;

	occupy_standard_streams();
	err = options_parse(argc, argv, &opt, &f);
	if (err || opt.action != ACTION_TRACE || opt.replay)
		limits_prepare();
	if (err) {
		setup_report(&f);
		options_free(&opt);
		return opt.command && !options_given(&opt, pids) ? EXIT_LAUNCH_FAILED : EXIT_USAGE;
	}
	switch (opt.action) {
	case ACTION_HELP:
		options_help();
		break;
	case ACTION_VERSION:
		puts(ET_TOOL);
		break;
	case ACTION_FEATURES:
		status = trace_features(&opt);
		break;
	case ACTION_JSON_SCHEMA:
		print_schema();
		break;
	case ACTION_COMPLETION:
		completion_print(opt.shell);
		break;
	case ACTION_EXPLAIN:
		explain(opt.explained);
		break;
	case ACTION_TRACE:
		status = opt.replay ? playback_run(&opt) : trace_run(&opt);
		break;
	}
	options_free(&opt);
	if (fflush(stdout) && !status) {
		log_message("cannot write output: %s", log_errno(errno));
		status = EXIT_FAILED;
	}
	return status;
}
