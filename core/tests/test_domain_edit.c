/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/domain_edit.h"

#include "base/cleanup.h"
#include "tests/assert.h"

/* One NIC of a description is removed, or gets another bridge; all else stays byte by byte. */

#define NIC(bridge, alias)                                                                      \
	"<interface type='bridge'><source network='x' bridge='" bridge "'/><alias name='" alias \
	"'/></interface>"

#define BEFORE                                                                         \
	"<?xml version='1.0'?><!-- <interface><alias name='ua-nic1'/></interface> -->" \
	"<domain><metadata><interface><alias name='ua-nic1'/></interface></metadata>"  \
	"<devices><disk><alias name='ua-nic1'/></disk>"

static const char whole[] =
		BEFORE NIC("br0", "ua-nic10") NIC("br0", "ua-nic1") "</devices></domain>";

static void removes_the_nic_that_has_the_alias(void **state)
{
	CLEANUP(cleanup_free) char *text = domain_without_nic(whole, "ua-nic1");

	(void)state;
	assert_string_equal(text, BEFORE NIC("br0", "ua-nic10") "</devices></domain>");
}

static void changes_the_bridge_of_the_nic_that_has_the_alias(void **state)
{
	CLEANUP(cleanup_free) char *text = domain_with_bridge(whole, "ua-nic1", "bridge-b");

	(void)state;
	assert_string_equal(text,
			BEFORE NIC("br0", "ua-nic10")
					NIC("bridge-b", "ua-nic1") "</devices></domain>");
}

static void reads_tags_as_xml_is_written(void **state)
{
	static const char *const sources[] = {
		"<domain><devices><interface a='>'><source x=\"bridge='no'\" bridge = \"br0\"/>"
		"<alias name=\"ua-nic1\"/></interface></devices></domain>",
		"<domain><devices><interface>\n<source\tbridge='br0'></source>\n"
		"<alias\nname='ua-nic1'\n/></interface></devices></domain>",
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(cleanup_free)
		char *text = domain_with_bridge(sources[i], "ua-nic1", "br7");
		CLEANUP(cleanup_free) char *without = domain_without_nic(sources[i], "ua-nic1");

		assert_says(text, "br7");
		assert_null(strstr(text, "br0"));
		assert_string_equal(without, "<domain><devices></devices></domain>");
	}
}

static void leaves_what_has_no_such_nic(void **state)
{
	static const char *const others[] = { "<domain/>", "<domain><devices/></domain>",
		"<domain><devices><interface/></devices></domain>", whole };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		CLEANUP(cleanup_free) char *text = domain_without_nic(others[i], "ua-nic2");
		CLEANUP(cleanup_free) char *same = domain_with_bridge(others[i], "ua-nic2", "b");

		assert_string_equal(text, others[i]);
		assert_string_equal(same, others[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removes_the_nic_that_has_the_alias),
		cmocka_unit_test(changes_the_bridge_of_the_nic_that_has_the_alias),
		cmocka_unit_test(reads_tags_as_xml_is_written),
		cmocka_unit_test(leaves_what_has_no_such_nic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
