/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "reports/results/results.h"
#include "rig/rig_kind.h"
#include "run/output.h"
#include "run/vary.h"
#include "tests/assert.h"

/* Images that cannot be built, and a QEMU that only prints its version. */
static const char build_script[] =
		"#!/bin/sh\n"
		"case \"$*\" in\n"
		"*'--kernel 9.9'*) echo \"vmimages: no kernel '9.9': there is 6.1\" >&2; exit 2 ;;\n"
		"*--check*) exit 0 ;;\n"
		"esac\n"
		"echo 'vmimages: the mirror is on fire' >&2\n"
		"exit 1\n";
static const char qemu_script[] = "#!/bin/sh\necho 'QEMU emulator version 10.0.2 (Fake)'\n";

struct fixture {
	char path[32];
	char *data, *qemu, *out;
	struct certification_profile *profile;
	struct vary vary;
	struct run_job job;
	struct record *record;
	struct err err;
};

static void write_script(const char *path, const char *text)
{
	assert_int_equal(file_write_atomic(AT_FDCWD, path, text, strlen(text), NULL), 0);
	assert_int_equal(chmod(path, 0700), 0);
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	CLEANUP(cleanup_free) char *images = NULL;
	CLEANUP(cleanup_free) char *build = NULL;
	CLEANUP(cleanup_free) char *fixtures = NULL;

	strcpy(fixture->path, "/tmp/vary-XXXXXX");
	assert_non_null(mkdtemp(fixture->path));
	fixture->data = text_format("%s/data", fixture->path);
	fixture->qemu = text_format("%s/qemu", fixture->path);
	fixture->out = text_format("%s/out", fixture->path);
	images = text_format("%s/vmimages", fixture->data);
	build = text_format("%s/build", images);
	fixtures = text_format("%s/fixtures", fixture->data);
	assert_int_equal(file_make_dirs(images, 0700, NULL), 0);
	assert_int_equal(symlink(FIXTURES_DIR, fixtures), 0);
	write_script(build, build_script);
	write_script(fixture->qemu, qemu_script);
	if (cert_profile_load(PROFILES_DIR, NULL, &fixture->profile, &fixture->err) < 0)
		fail_msg("%s", fixture->err.msg);
	fixture->job = (struct run_job){ .folder = fixture->out,
		.prefix = "",
		.repeat.count = 1,
		.profile = fixture->profile,
		.options = { .kind = rig_kind_find("emulated"),
				.data_dir = fixture->data,
				.tools_dir = fixture->path,
				.cache_dir = fixture->path,
				.run_dir = fixture->path,
				.qemu = fixture->qemu } };
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	file_remove_tree(fixture->path, NULL);
	vary_free(&fixture->vary);
	record_free(fixture->record);
	cert_profile_free(fixture->profile);
	free(fixture->data);
	free(fixture->qemu);
	free(fixture->out);
	free(fixture);
	return 0;
}

static void parse(struct fixture *fixture, const char *first, const char *second)
{
	const char *const texts[] = { first, second };

	if (vary_parse(texts, second ? 2 : 1, &fixture->vary, &fixture->err) < 0)
		fail_msg("%s", fixture->err.msg);
}

static void assert_name(struct fixture *fixture, size_t index, const char *wanted)
{
	CLEANUP(cleanup_free) char *name = vary_name(&fixture->vary, index);

	assert_string_equal(name, wanted);
}

static void combines_all_axes(void **state)
{
	struct fixture *fixture = *state;
	struct rig_options options;

	parse(fixture, "kernel=6.1,6.12", "nic=igb,virtio");
	assert_int_equal(vary_count(&fixture->vary), 4);
	assert_name(fixture, 0, "kernel-6.1_nic-igb");
	assert_name(fixture, 1, "kernel-6.1_nic-virtio");
	assert_name(fixture, 2, "kernel-6.12_nic-igb");
	assert_name(fixture, 3, "kernel-6.12_nic-virtio");
	assert_string_equal(vary_value(&fixture->vary, 2, VARY_KERNEL), "6.12");
	assert_null(vary_value(&fixture->vary, 2, VARY_QEMU));
	options = vary_apply(&fixture->vary, 1, &fixture->job.options);
	assert_string_equal(rig_option(&options, "kernel"), "6.1");
	assert_string_equal(rig_option(&options, "topology"), "virtio");
	assert_null(rig_option(&options, "qemu"));
	assert_string_equal(options.qemu, fixture->qemu);
}

static void names_are_folders_and_differ(void **state)
{
	struct fixture *fixture = *state;

	parse(fixture, "kernel=/a/bzImage,/b/bzImage,../c d/bz$Image,6.12.95+deb12", NULL);
	assert_name(fixture, 0, "kernel-bzImage");
	assert_name(fixture, 1, "kernel-bzImage_2");
	assert_name(fixture, 2, "kernel-bz-Image");
	assert_name(fixture, 3, "kernel-6.12.95+deb12");
}

static void refuses_what_is_no_axis(void **state)
{
	static const struct {
		const char *texts[2];
		const char *said;
	} cases[] = {
		{ { "card=igb" }, "must be kernel=, qemu=, libvirt= or nic=" },
		{ { "kernel" }, "must be kernel=, qemu=, libvirt= or nic=" },
		{ { "" }, "must be kernel=, qemu=, libvirt= or nic=" },
		{ { "kernel=" }, "--vary kernel= has an empty value" },
		{ { "nic=igb,,virtio" }, "--vary nic= has an empty value" },
		{ { "qemu=10.0,10.0" }, "--vary qemu= has the value '10.0' twice" },
		{ { "nic=igb", "nic=virtio" }, "--vary nic= is given twice" },
		{ { "kernel=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
				  "qemu=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16" },
				"272 combinations, more than 256" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };
		struct vary vary;

		assert_int_equal(vary_parse(cases[i].texts, cases[i].texts[1] ? 2 : 1, &vary, &err),
				-EINVAL);
		if (!strstr(err.msg, cases[i].said))
			fail_msg("'%s' was said instead of '%s'", err.msg, cases[i].said);
		vary_free(&vary);
	}
}

static int run(struct fixture *fixture)
{
	return vary_run(&fixture->vary, &fixture->job, "vfcert run", &fixture->record,
			&fixture->err);
}

static const struct record *entry(const struct fixture *fixture, size_t index)
{
	return record_at(record_get(fixture->record, "combinations"), index);
}

static void a_value_that_cannot_be_had_ends_it_before_it_begins(void **state)
{
	struct fixture *fixture = *state;

	parse(fixture, "kernel=6.1,9.9", NULL);
	assert_int_equal(run(fixture), -EINVAL);
	assert_string_equal(fixture->err.msg, "no kernel '9.9': there is 6.1");
	assert_null(fixture->record);
	assert_int_equal(access(fixture->out, F_OK), -1);
}

/* Every combination is tried, none counts as passed, and each folder has the reason. */
static void goes_on_where_one_does_not_come_up(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(cleanup_record) struct record *results = NULL;
	CLEANUP(cleanup_record) struct record *kept = NULL;
	CLEANUP(cleanup_free) char *path = NULL;
	CLEANUP(cleanup_free) char *whole = NULL;

	parse(fixture, "kernel=6.1,6.12", NULL);
	assert_int_equal(run(fixture), 0);
	assert_int_equal(vary_worst(fixture->record), EXIT_UNUSABLE);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(record_str(entry(fixture, i), "status", ""), "unusable");
		assert_non_null(strstr(
				record_str(entry(fixture, i), "why", ""), "the mirror is on fire"));
	}
	path = text_format("%s/kernel-6.12/" OUTPUT_RESULTS, fixture->out);
	assert_int_equal(record_load(AT_FDCWD, path, &results, NULL), 0);
	assert_false(results_good(results));
	assert_false(record_bool(results_run(results), "complete", true));
	whole = text_format("%s/" OUTPUT_VARY, fixture->out);
	assert_int_equal(record_load(AT_FDCWD, whole, &kept, NULL), 0);
	assert_string_equal(record_str(kept, "schema", ""), "vfcert-vary/1");
	assert_true(record_bool(record_get(kept, "run"), "complete", false));
}

static void skips_what_does_not_go_together(void **state)
{
	struct fixture *fixture = *state;

	parse(fixture, "nic=igb,virtio", "qemu=10.0");
	assert_int_equal(run(fixture), 0);
	assert_string_equal(record_str(entry(fixture, 0), "status", ""), "unusable");
	assert_string_equal(record_str(entry(fixture, 1), "status", ""), "skipped");
	assert_string_equal(record_str(entry(fixture, 1), "why", ""),
			"topology virtio needs QEMU 11.0 or newer, and not 10.0");
}

static void spares_what_is_not_its_own(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(cleanup_free) char *thesis = text_format("%s/kernel-6.12/thesis.txt", fixture->out);
	CLEANUP(cleanup_free) char *folder = text_format("%s/kernel-6.12", fixture->out);

	parse(fixture, "kernel=6.1,6.12", NULL);
	assert_int_equal(run(fixture), 0);
	assert_int_equal(file_remove_tree(folder, NULL), 0);
	assert_int_equal(file_make_dirs(folder, 0700, NULL), 0);
	assert_int_equal(file_write_atomic(AT_FDCWD, thesis, "x", 1, NULL), 0);
	record_free(TAKE(fixture->record));
	assert_int_equal(run(fixture), -EINVAL);
	assert_non_null(strstr(fixture->err.msg, "holds no former result of vfcert"));
	assert_int_equal(access(thesis, F_OK), 0);
}

/* Results with one check with that verdict. */
static struct record *results_with(const char *verdict)
{
	struct record *results = results_new(record_object(), record_object());

	results_add(results,
			&(struct check_result){ .id = "a.1",
					.suite = "a",
					.title = "",
					.verdict = verdict_parse(verdict),
					.reason = "seen \033[31m",
					.origin = "emulated" });
	return results;
}

static void settle(
		struct fixture *fixture, size_t index, enum exit_status status, const char *verdict)
{
	CLEANUP(cleanup_record) struct record *results = results_with(verdict);

	vary_settle(fixture->record, index, status, results);
}

static void the_worst_counts(void **state)
{
	struct fixture *fixture = *state;

	parse(fixture, "kernel=1,2,3", NULL);
	fixture->record = vary_begin(&fixture->vary, "vfcert run");
	settle(fixture, 0, EXIT_GOOD, "pass");
	settle(fixture, 1, EXIT_GOOD, "pass");
	assert_int_equal(vary_worst(fixture->record), EXIT_UNUSABLE); /* the third was not run */
	vary_skip(fixture->record, 2, "does not go together");
	assert_int_equal(vary_worst(fixture->record), EXIT_GOOD);
	settle(fixture, 1, EXIT_FAILED, "fail");
	assert_int_equal(vary_worst(fixture->record), EXIT_FAILED);
	settle(fixture, 0, EXIT_UNUSABLE, "broken");
	assert_int_equal(vary_worst(fixture->record), EXIT_UNUSABLE);
	for (size_t i = 0; i < 3; i++)
		vary_skip(fixture->record, i, "nothing goes together");
	assert_int_equal(vary_worst(fixture->record), EXIT_UNUSABLE);
}

static void prints_what_was_unexpected(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	parse(fixture, "kernel=1,2", NULL);
	fixture->record = vary_begin(&fixture->vary, "vfcert run");
	settle(fixture, 0, EXIT_GOOD, "pass");
	settle(fixture, 1, EXIT_FAILED, "fail");
	assert_int_equal(vary_print(fixture->record, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "fail: kernel-2: a.1: seen "));
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "fail: kernel-1"));
	assert_non_null(strstr(text, "1 of 2 combinations are good\n"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(combines_all_axes),
		TEST(names_are_folders_and_differ),
		TEST(refuses_what_is_no_axis),
		TEST(a_value_that_cannot_be_had_ends_it_before_it_begins),
		TEST(goes_on_where_one_does_not_come_up),
		TEST(skips_what_does_not_go_together),
		TEST(spares_what_is_not_its_own),
		TEST(the_worst_counts),
		TEST(prints_what_was_unexpected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
