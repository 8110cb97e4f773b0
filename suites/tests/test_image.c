/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "rig/rig_kind.h"
#include "tests/assert.h"

/* What is made of the folders that vmimages/build names, by a script in its place. */

static char folder[] = "/tmp/vfcert-test-image-XXXXXX";
static char *script;

static void write_script(const char *text)
{
	CLEANUP(cleanup_free) char *whole = text_format("#!/bin/sh\n%s\n", text);

	assert_int_equal(file_write_atomic(AT_FDCWD, script, whole, strlen(whole), NULL), 0);
	assert_int_equal(chmod(script, 0755), 0);
}

static int find(const char *qemu, bool guests, struct image *image, struct err *err)
{
	struct rig_options options = { .kind = rig_kind_find("emulated"),
		.data_dir = folder,
		.tools_dir = "/nowhere",
		.cache_dir = folder };
	struct image_wanted wanted = { .qemu = qemu, .guests = guests };

	return image_find(&options, &wanted, image, err);
}

static void takes_each_folder_that_it_asked_for(void **state)
{
	(void)state;
	for (unsigned asked = 0; asked < 4; asked++) {
		const char *qemu = asked & 1 ? "11.0" : NULL;
		bool guests = asked & 2;
		struct image image = { 0 };
		struct err err = { 0 };

		write_script(asked == 0 ? "echo /root; echo /kernel"
						: asked == 1
						? "echo /root; echo /kernel; echo /qemu"
						: asked == 2
						? "echo /root; echo /kernel; echo /guests"
						: "echo /root; echo /kernel; echo "
						  "/qemu; echo /guests");
		assert_int_equal(find(qemu, guests, &image, &err), 0);
		assert_string_equal(image.root, "/root");
		assert_string_equal(image.kernel, "/kernel");
		assert_string_equal(image.qemu ? image.qemu : "", qemu ? "/qemu" : "");
		assert_string_equal(image.guests ? image.guests : "", guests ? "/guests" : "");
		image_free(&image);
	}
}

static void refuses_another_number_of_folders(void **state)
{
	struct image image = { 0 };
	struct err err = { 0 };

	(void)state;
	write_script("echo /root; echo /kernel");
	assert_int_equal(find("11.0", false, &image, &err), -EPROTO);
	assert_says(err.msg, "named no folders of an image");
}

static int setup(void **state)
{
	CLEANUP(cleanup_free) char *images = NULL;

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	images = text_format("%s/vmimages", folder);
	script = text_format("%s/build", images);
	return mkdir(images, 0755);
}

static int teardown(void **state)
{
	CLEANUP(cleanup_free) char *images = text_format("%s/vmimages", folder);

	(void)state;
	unlink(script);
	free(script);
	rmdir(images);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_each_folder_that_it_asked_for),
		cmocka_unit_test(refuses_another_number_of_folders),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
