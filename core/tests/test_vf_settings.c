/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/vf_settings.h"

#include <errno.h>

#include "base/cleanup.h"
#include "tests/assert.h"

static const struct vf_settings full = {
	.given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE | VF_LINK | VF_QUERY_RSS |
			VF_GUIDS,
	.mac = { { 0x52, 0x54, 0, 1, 2, 3 } },
	.vlan = 42,
	.qos = 3,
	.proto = 0x88a8,
	.spoofchk = true,
	.trust = true,
	.min_rate = 10,
	.max_rate = 1000,
	.link = VF_LINK_DISABLE,
	.query_rss = true,
	.node_guid = 0x0200000000000001,
	.port_guid = 0xfffffffffffffffe,
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
	for (unsigned setting = 1; vf_setting_of(setting); setting <<= 1) {
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
	other.port_guid ^= 1;
	assert_int_equal(vf_settings_difference(&full, &other), VF_PORT_GUID);
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

static const struct vf_value *value_of(const char *key)
{
	const struct vf_value *value;

	for (unsigned i = 0; (value = vf_value_at(i)); i++) {
		if (!strcmp(value->key, key))
			return value;
	}
	fail_msg("no value %s", key);
	return NULL;
}

/* Asserts that TEXT in a file prints as FILE in a file and as OPTION in an option; NULL: it is
 * refused. */
static void assert_written(const char *key, const char *text, const char *file, const char *option)
{
	const struct vf_value *value = value_of(key);
	struct vf_settings settings = { 0 }, again = { 0 };
	char printed[32];

	assert_int_equal(vf_value_parse(value, VF_IN_FILES, text, &settings), file ? 0 : -EINVAL);
	if (!file)
		return;
	vf_value_print(value, VF_IN_FILES, &settings, printed, sizeof(printed));
	assert_string_equal(printed, file);
	vf_value_print(value, VF_IN_OPTIONS, &settings, printed, sizeof(printed));
	assert_string_equal(printed, option);
	assert_int_equal(vf_value_parse(value, VF_IN_OPTIONS, option, &again), 0);
	assert_memory_equal(&settings, &again, sizeof(again));
}

static void writes_values_as_files_and_options_do(void **state)
{
	(void)state;
	assert_written("MACAddress", "52:54:00:AA:00:01", "52:54:00:aa:00:01", "52:54:00:aa:00:01");
	assert_written("MACAddress", "01:00:5e:00:00:01", NULL, NULL);
	assert_written("VLANId", "4094", "4094", "4094");
	assert_written("VLANId", "4095", NULL, NULL);
	assert_written("QualityOfService", "8", NULL, NULL);
	assert_written("VLANProtocol", "802.1q", "802.1Q", "802.1Q");
	assert_written("VLANProtocol", "802.1ad", "802.1ad", "802.1ad");
	assert_written("VLANProtocol", "8021q", NULL, NULL);
	assert_written("VLANProtocol", "yes", NULL, NULL);
	assert_written("MACSpoofCheck", "True", "yes", "on");
	assert_written("Trust", "0", "no", "off");
	assert_written("Trust", "auto", NULL, NULL);
	assert_written("QueryReceiveSideScaling", "off", "no", "off");
	assert_written("QueryReceiveSideScaling", "maybe", NULL, NULL);
	assert_written("LinkState", "Auto", "auto", "auto");
	assert_written("LinkState", "on", "yes", "enable");
	assert_written("LinkState", "no", "no", "disable");
	assert_written("LinkState", "enable", NULL, NULL);
	assert_written("MaxRate", "4294967295", "4294967295", "4294967295");
	assert_written("MaxRate", "4294967296", NULL, NULL);
	assert_written("NodeGUID", "0200:0000:0000:ABCD", "02:00:00:00:00:00:ab:cd",
			"02:00:00:00:00:00:ab:cd");
	assert_written("PortGUID", "0xfedcba9876543210", "fe:dc:ba:98:76:54:32:10",
			"fe:dc:ba:98:76:54:32:10");
	assert_written("PortGUID", "52:54:00:aa:00:01", NULL, NULL);
}

static void says_what_options_take(void **state)
{
	static const char *const takes[][2] = {
		{ "MACAddress", "an address such as 52:54:00:12:34:56" },
		{ "VLANId", "a number from 0 to 4094" },
		{ "VLANProtocol", "802.1Q or 802.1ad" },
		{ "Trust", "on or off" },
		{ "LinkState", "auto, enable or disable" },
		{ "PortGUID", "the GUID of one port, such as 02:00:00:00:00:00:00:01" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(takes) / sizeof(*takes); i++)
		assert_string_equal(vf_value_takes(value_of(takes[i][0]), VF_IN_OPTIONS, text,
						    sizeof(text)),
				takes[i][1]);
}

/* A setting that is put in the form for the kernel and read in the form of its reports is the
 * same. */
static void goes_through_netlink_unchanged(void **state)
{
	(void)state;
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		char payload[VF_PAYLOAD_MOST];
		size_t size = vf_setting_put(setting, &full, 7, payload);
		struct vf_settings again = { 0 };

		assert_in_range(size, 1, sizeof(payload));
		vf_setting_get(setting, &again, payload, size - 1);
		assert_int_equal(again.given, 0);
		vf_setting_get(setting, &again, payload, size);
		assert_int_equal(again.given, setting->bit);
		again.given = full.given;
		assert_int_equal(vf_settings_difference(&full, &again) & setting->bit, 0);
	}
}

/* struct ifla_vf_vlan_info in a list, the protocol in network byte order. */
static void puts_a_vlan_as_the_kernel_takes_it(void **state)
{
	struct {
		uint16_t size, type;
		uint32_t vf, vlan, qos;
		uint8_t proto[2], padding[2];
	} want = { 20, 1, 7, 42, 3, { 0x88, 0xa8 }, { 0 } };
	char payload[VF_PAYLOAD_MOST];

	(void)state;
	assert_int_equal(vf_setting_put(vf_setting_of(VF_VLAN), &full, 7, payload), sizeof(want));
	assert_memory_equal(payload, &want, sizeof(want));
}

/* struct ifla_vf_guid, in host byte order. */
static void puts_a_guid_as_the_kernel_takes_it(void **state)
{
	struct {
		uint32_t vf, padding;
		uint64_t guid;
	} want = { 7, 0, 0x0200000000000001 };
	char payload[VF_PAYLOAD_MOST];

	(void)state;
	assert_int_equal(vf_setting_put(vf_setting_of(VF_NODE_GUID), &full, 7, payload),
			sizeof(want));
	assert_memory_equal(payload, &want, sizeof(want));
}

static void says_that_a_guid_is_not_set(void **state)
{
	struct vf_settings none = { .given = VF_GUIDS };
	char text[64];

	(void)state;
	for (unsigned bit = VF_NODE_GUID; bit <= VF_PORT_GUID; bit <<= 1) {
		const struct vf_setting *setting = vf_setting_of(bit);

		vf_setting_text(setting, &none, text, sizeof(text));
		assert_string_equal(text, "not set");
	}
	vf_setting_full_text(vf_setting_of(VF_NODE_GUID), &full, text, sizeof(text));
	assert_string_equal(text, "node GUID 02:00:00:00:00:00:00:01");
	vf_settings_drop_unset(&none);
	assert_int_equal(none.given, 0);
}

static void knows_what_each_link_layer_has(void **state)
{
	(void)state;
	assert_int_equal(vf_settings_foreign(full.given, LAYER_ETHERNET), VF_GUIDS);
	assert_int_equal(vf_settings_foreign(full.given, LAYER_INFINIBAND),
			full.given & ~(unsigned)(VF_GUIDS | VF_LINK));
	assert_int_equal(vf_settings_foreign(VF_LINK, LAYER_ETHERNET), 0);
	assert_int_equal(vf_settings_foreign(VF_MAC | VF_TRUST, LAYER_INFINIBAND),
			VF_MAC | VF_TRUST);
}

/* -1, the kernel's initial value, and values that this program does not know. */
static void counts_only_what_the_driver_says(void **state)
{
	const uint32_t nothing[] = { 7, UINT32_MAX }, unknown[] = { 7, 3 };
	struct vf_settings found = { 0 };

	(void)state;
	vf_setting_get(vf_setting_of(VF_SPOOFCHK), &found, nothing, sizeof(nothing));
	vf_setting_get(vf_setting_of(VF_TRUST), &found, nothing, sizeof(nothing));
	vf_setting_get(vf_setting_of(VF_LINK), &found, unknown, sizeof(unknown));
	assert_int_equal(found.given, 0);
}

static void drops_what_nobody_has_chosen(void **state)
{
	struct vf_settings some = { .given = full.given, .qos = 3 };

	(void)state;
	vf_settings_drop_unset(&some);
	assert_int_equal(some.given, VF_SPOOFCHK | VF_TRUST | VF_LINK | VF_QUERY_RSS);
	some = full;
	vf_settings_drop_unset(&some);
	assert_int_equal(some.given, full.given);
}

static void lacks_what_few_drivers_report(void **state)
{
	struct vf_settings found = { .given = VF_MAC };

	(void)state;
	assert_int_equal(vf_settings_lacking(&full, &found), VF_QUERY_RSS);
	found.given |= VF_QUERY_RSS;
	assert_int_equal(vf_settings_lacking(&full, &found), 0);
	found.given = 0;
	assert_int_equal(vf_settings_lacking(&found, &full), 0);
}

static void names_the_rss_query_in_json(void **state)
{
	CLEANUP(cleanup_record) struct record *record = vf_settings_to_record(&full);

	(void)state;
	assert_int_equal(record_type(record_get(record, "query_rss")), RECORD_BOOL);
	assert_true(record_bool(record, "query_rss", false));
}

/* Each setting has a bit, and each value has its option and its keys. */
static void has_a_whole_table(void **state)
{
	unsigned bits = 0, values = 0;
	const struct vf_value *value;

	(void)state;
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		assert_int_equal(bits & setting->bit, 0);
		bits |= setting->bit;
		for (value = setting->values; value->key; value++) {
			assert_int_equal(value->bit, setting->bit);
			assert_true(value->option->name && value->option->help && value->takes);
			assert_true(setting->layers);
			assert_in_range(value - setting->values, 0, VF_SETTING_VALUES - 2);
			values++;
		}
	}
	assert_int_equal(bits & (bits + 1), 0);
	assert_int_equal(bits, full.given);
	assert_in_range(values, 1, VF_VALUES_MOST);
	assert_null(vf_value_at(values));
	for (unsigned i = 0; i < values; i++)
		assert_non_null(vf_value_at(i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_through_a_record_unchanged),
		cmocka_unit_test(records_only_what_is_reported),
		cmocka_unit_test(tells_each_difference),
		cmocka_unit_test(takes_no_protocol_for_8021q),
		cmocka_unit_test(writes_values_as_files_and_options_do),
		cmocka_unit_test(says_what_options_take),
		cmocka_unit_test(goes_through_netlink_unchanged),
		cmocka_unit_test(puts_a_vlan_as_the_kernel_takes_it),
		cmocka_unit_test(puts_a_guid_as_the_kernel_takes_it),
		cmocka_unit_test(says_that_a_guid_is_not_set),
		cmocka_unit_test(knows_what_each_link_layer_has),
		cmocka_unit_test(counts_only_what_the_driver_says),
		cmocka_unit_test(drops_what_nobody_has_chosen),
		cmocka_unit_test(lacks_what_few_drivers_report),
		cmocka_unit_test(names_the_rss_query_in_json),
		cmocka_unit_test(has_a_whole_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
