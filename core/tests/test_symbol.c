/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/symbol.h"

#include "tests/assert.h"
#include "tests/tree.h"

static const char symbols[] = "ffffffff81000000 T startup_64\n"
			      "ffffffff810d1bd0 T file_ns_capable\n"
			      "ffffffff810d1c00 t file_ns_capable.cold\n"
			      "ffffffff817a4150 t numa_node_show\n"
			      "ffffffff8192e260 t numa_node_show\n"
			      "ffffffff82000000 D some_data\n"
			      "ffffffffc0288220 t igb_ndo_get_vf_config\t[igb]\n"
			      "ffffffffc0300000 t shared_name\t[igb]\n"
			      "ffffffffc0400000 t shared_name\t[igbvf]\n"
			      "0000000000000000 t hidden\n";

static int find(void **state, const char *name, uint64_t *address, struct err *err)
{
	struct tree *tree = *state;

	tree_file(tree, "proc/kallsyms", symbols);
	return kernel_symbol(tree->host, name, address, err);
}

static void functions_are_found(void **state)
{
	static const struct {
		const char *name;
		uint64_t address;
	} cases[] = {
		{ "file_ns_capable", 0xffffffff810d1bd0 },
		{ "igb_ndo_get_vf_config", 0xffffffffc0288220 },
		{ "igb:igb_ndo_get_vf_config", 0xffffffffc0288220 },
		{ "igbvf:shared_name", 0xffffffffc0400000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };
		uint64_t address = 0;

		if (find(state, cases[i].name, &address, &err) < 0)
			fail_msg("%s", err.msg);
		assert_true(address == cases[i].address);
	}
}

static void others_are_refused(void **state)
{
	static const struct {
		const char *name, *said;
		int rc;
	} cases[] = {
		{ "no_such", "no function no_such", -ENOENT },
		{ "some_data", "no function some_data", -ENOENT },
		{ "igbvf:igb_ndo_get_vf_config", "no function", -ENOENT },
		{ "numa_node_show", "2 functions", -EEXIST },
		{ "shared_name", "2 functions", -EEXIST },
		{ "hidden", "hides the address", -EPERM },
		{ "", "no function", -ENOENT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };
		uint64_t address = 0;

		assert_int_equal(find(state, cases[i].name, &address, &err), cases[i].rc);
		assert_says(err.msg, cases[i].said);
	}
}

static void a_kernel_without_symbols_is_told(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };
	uint64_t address;

	assert_int_equal(kernel_symbol(tree->host, "x", &address, &err), -ENOENT);
	assert_says(err.msg, "cannot read the kernel's symbols");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(functions_are_found, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(others_are_refused, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				a_kernel_without_symbols_is_told, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
