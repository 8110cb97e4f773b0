/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/domain_print.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "domain/domain_check.h"
#include "tests/assert.h"

/*
 * Each NAME.xml of domains/ gives the JSON NAME.json and the text NAME.txt, and all of them the list
 * list.txt, on a host with two cards. VFCERT_UPDATE_GOLDEN=1 rewrites these files, for review.
 */

enum { DOMAINS_MOST = 100 };

struct fixture {
	struct inventory inventory;
	struct pf pfs[2];
	struct vf vfs[5];
	struct catalog catalog;
	struct domain domains[DOMAINS_MOST];
	size_t count;
};

/* An igb with 4 VFs, of which VF 2 has a MAC and VF 3 port VLAN 100, and a card without an interface. */
static void make_inventory(struct fixture *fixture)
{
	struct pf *pfs = fixture->pfs;
	struct vf *vfs = fixture->vfs;

	for (unsigned i = 0; i < 4; i++)
		vfs[i] = (struct vf){ .function.bdf = { 0, 1, 0x10, (uint8_t)i }, .index = i };
	vfs[2].settings =
			(struct vf_settings){ .given = VF_MAC, .mac = { { 2, 0, 0, 0, 5, 0x11 } } };
	vfs[3].settings = (struct vf_settings){ .given = VF_VLAN, .vlan = 100 };
	vfs[4] = (struct vf){ .function.bdf = { 0, 2, 0, 1 } };
	pfs[0] = (struct pf){
		.function = { .bdf = { 0, 1, 0, 0 }, .netdev = "eth0" }, .vf_count = 4, .vfs = vfs
	};
	pfs[1] = (struct pf){ .function.bdf = { 0, 2, 0, 0 }, .vf_count = 1, .vfs = &vfs[4] };
	fixture->inventory = (struct inventory){ .count = 2, .pfs = pfs };
}

static void make_catalog(struct fixture *fixture)
{
	struct vnic *vnic;

	fixture->catalog.vnics.kind = &vnic_kind;
	vnic = definition_add(&fixture->catalog.vnics, "1");
	strcpy(vnic->vm, "web1");
	strcpy(vnic->nic, "nic1");
	strcpy(vnic->profile, "fast");
	vnic = definition_add(&fixture->catalog.vnics, "2");
	strcpy(vnic->vm, "web2");
	strcpy(vnic->nic, "nic2");
	strcpy(vnic->profile, "slow");
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (!fixture)
		return -1;
	make_inventory(fixture);
	make_catalog(fixture);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < fixture->count; i++)
		domain_free(&fixture->domains[i]);
	definitions_free(&fixture->catalog.vnics);
	free(fixture);
	return 0;
}

static void compare(int folder, const char *stem, const char *end, const char *text)
{
	CLEANUP(cleanup_free) char *name = text_format("%s%s", stem, end);
	CLEANUP(cleanup_free) char *expected = NULL;

	if (getenv("VFCERT_UPDATE_GOLDEN"))
		file_write_atomic(folder, name, text, strlen(text), NULL);
	assert_int_equal(file_read(folder, name, 1 << 20, &expected, NULL, NULL), 0);
	assert_string_equal(text, expected);
}

static void compare_domain(
		struct fixture *fixture, int folder, const char *stem, const struct domain *domain)
{
	struct record *record = domain_to_record(domain, &fixture->inventory, &fixture->catalog);
	CLEANUP(cleanup_free) char *json = record_print_pretty(record);
	CLEANUP(cleanup_free) char *lines = text_format("%s\n", json);
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	record_free(record);
	compare(folder, stem, ".json", lines);
	domain_print(domain, &fixture->inventory, &fixture->catalog, out);
	fclose(out);
	compare(folder, stem, ".txt", text);
	free(text);
}

static void read_domain(struct fixture *fixture, int folder, const char *file)
{
	struct domain *domain = &fixture->domains[fixture->count];
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *stem = text_format("%.*s", (int)strlen(file) - 4, file);
	struct err err = { 0 };
	size_t length;

	assert_int_equal(file_read(folder, file, 1 << 20, &text, &length, NULL), 0);
	if (domain_parse(file, text, length, domain, &err) < 0)
		fail_msg("%s", err.msg);
	fixture->count++;
	compare_domain(fixture, folder, stem, domain);
}

static int is_xml(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return end && !strcmp(end, ".xml");
}

static void shows_what_managers_write(void **state)
{
	struct fixture *fixture = *state;
	struct dirent **entries;
	int count = scandir(DOMAINS, &entries, is_xml, alphasort);
	CLEANUP(cleanup_fd) int folder = open(DOMAINS, O_RDONLY | O_DIRECTORY);
	char *text = NULL;
	size_t length;
	FILE *out;

	assert_true(count > 30 && count <= DOMAINS_MOST && folder >= 0);
	for (int i = 0; i < count; i++) {
		read_domain(fixture, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	out = open_memstream(&text, &length);
	domains_print(fixture->domains, fixture->count, &fixture->inventory, out);
	fclose(out);
	compare(folder, "list", ".txt", text);
	free(text);
}

static struct domain *parse(struct fixture *fixture, const char *text)
{
	struct domain *domain = &fixture->domains[fixture->count];
	struct err err = { 0 };

	if (domain_parse("a", text, strlen(text), domain, &err) < 0)
		fail_msg("%s", err.msg);
	fixture->count++;
	return domain;
}

static const char one_vf[] =
		"<domain id='1'><name>a\x7f&#10;b</name><devices><interface type='hostdev'>"
		"<source><address bus='1' slot='0x10' function='2'/></source><vlan>"
		"<tag id='1'/></vlan></interface></devices></domain>";

/* A recorded domain on a host that nobody knows. */
static void shows_a_domain_without_a_host(void **state)
{
	struct fixture *fixture = *state;
	struct record *record = domain_to_record(
			parse(fixture,
					"<domain><name>a</name><devices><interface type='hostdev'>"
					"<source><address bus='1' slot='0x10'/></source><vlan><tag "
					"id='1'/></vlan></interface></devices></domain>"),
			NULL, NULL);
	const struct record *nic = record_at(record_get(record, "nics"), 0);

	assert_string_equal(record_str(nic, "host", ""), "0000:01:10.0");
	assert_int_equal(record_type(record_get(nic, "function")), RECORD_NULL);
	assert_int_equal(record_type(record_get(nic, "profile")), RECORD_NULL);
	assert_int_equal(record_length(record_get(record, "warnings")), 0);
	record_free(record);
}

/* A guest's owner may choose the name of the domain. */
static void keeps_terminals_safe(void **state)
{
	struct fixture *fixture = *state;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct domain *domain = parse(fixture, one_vf);

	domain_print(domain, &fixture->inventory, NULL, out);
	domains_print(domain, 1, &fixture->inventory, out);
	fclose(out);
	assert_null(strchr(text, '\x7f'));
	assert_null(strstr(text, "\nb"));
	assert_says(text, "VF 2 of 0000:01:00.0 (eth0)");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(shows_what_managers_write, setup, teardown),
		cmocka_unit_test_setup_teardown(shows_a_domain_without_a_host, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_terminals_safe, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
