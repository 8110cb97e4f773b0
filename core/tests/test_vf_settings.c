/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vf_settings.h"

#include <errno.h>

#include "base/cleanup.h"
#include "tests/assert.h"

static const struct vf_settings full = {
	.given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE | VF_LINK,
	.mac = { { 0x52, 0x54, 0, 1, 2, 3 } },
	.vlan = 42,
	.qos = 3,
	.proto = 0x88a8,
	.spoofchk = true,
	.trust = true,
	.min_rate = 10,
	.max_rate = 1000,
	.link = VF_LINK_DISABLE,
};

static void goes_through_a_record_unchanged(void **state)
{
	CLEANUP(cleanup_record) struct record *record = vf_settings_to_record(&full);
	struct vf_settings again = vf_settings_from_record(record);

	(void)state;
	assert_int_equal(again.given, full.given);
	assert_int_equal(vf_settings_difference(&full, &again), 0);
	assert_int_equal(vf_settings_difference(&again, &full), 0);
}

static void records_only_what_is_reported(void **state)
{
	struct vf_settings some = full;
	struct vf_settings again;

	(void)state;
	for (unsigned setting = 1; setting <= VF_LINK; setting <<= 1) {
		CLEANUP(cleanup_record) struct record *record = NULL;

		some.given = setting;
		record = vf_settings_to_record(&some);
		again = vf_settings_from_record(record);
		assert_int_equal(again.given, setting);
	}
}

static void tells_each_difference(void **state)
{
	struct vf_settings other = full;

	(void)state;
	other.vlan = 43;
	assert_int_equal(vf_settings_difference(&full, &other), VF_VLAN);
	other = full;
	other.proto = 0x8100;
	assert_int_equal(vf_settings_difference(&full, &other), VF_VLAN);
	other = full;
	other.max_rate = 0;
	other.trust = false;
	assert_int_equal(vf_settings_difference(&full, &other), VF_RATE | VF_TRUST);
	other = full;
	other.given = VF_MAC;
	assert_int_equal(vf_settings_difference(&full, &other), full.given & ~(unsigned)VF_MAC);
}

static void takes_no_protocol_for_8021q(void **state)
{
	struct vf_settings want = { .given = VF_VLAN, .vlan = 5 }, found = want;

	(void)state;
	found.proto = 0x8100;
	assert_int_equal(vf_settings_difference(&want, &found), 0);
	want.vlan = found.vlan = 0;
	found.proto = 0;
	assert_int_equal(vf_settings_difference(&want, &found), 0);
}

static void parses_names(void **state)
{
	enum vf_link_state link;
	uint16_t proto;

	(void)state;
	assert_int_equal(vf_link_parse("enable", &link), 0);
	assert_int_equal(link, VF_LINK_ENABLE);
	assert_int_equal(vf_link_parse("up", &link), -EINVAL);
	assert_int_equal(vf_proto_parse("802.1q", &proto), 0);
	assert_int_equal(proto, 0x8100);
	assert_int_equal(vf_proto_parse("802.1ad", &proto), 0);
	assert_int_equal(proto, 0x88a8);
	assert_int_equal(vf_proto_parse("8021q", &proto), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_through_a_record_unchanged),
		cmocka_unit_test(records_only_what_is_reported),
		cmocka_unit_test(tells_each_difference),
		cmocka_unit_test(takes_no_protocol_for_8021q),
		cmocka_unit_test(parses_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
