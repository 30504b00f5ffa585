/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs files through a fuzz target, without libFuzzer. Arguments are files and directories of files;
 * messages of the tool go to /dev/null unless -v is the first.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned long files;
static int failed;

static void run_file(const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	uint8_t *data;

	if (!f || fstat(fileno(f), &st)) {
		printf("%s cannot be read\n", path);
		failed = 1;
		return;
	}
	fprintf(stderr, "%s\n", path);
	data = malloc(st.st_size ? st.st_size : 1);
	MUST(data);
	MUST(fread(data, 1, st.st_size, f) == (size_t)st.st_size);
	fclose(f);
	LLVMFuzzerTestOneInput(data, st.st_size);
	free(data);
	files++;
}

static void run(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	char name[4096];

	if (!dir) {
		run_file(path);
		return;
	}
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, d->d_name);
		run_file(name);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	int first = argc > 1 && !strcmp(argv[1], "-v") ? 2 : 1;

	if (first == 1)
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
	for (int i = first; i < argc; i++)
		run(argv[i]);
	if (!files) {
		printf("no files\n");
		failed = 1;
	}
	return failed;
}
