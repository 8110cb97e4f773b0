/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/topology.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "rig/move_card.h"
#include "tests/assert.h"

#define PLAIN                                                                                \
	"[Topology]\nTitle=T\nPF=pf\nPFAddress=0000:01:00.0\n[Machine]\ntype=q35\nx-a=b,c\n" \
	"[Kernel]\nArguments=intel_iommu=on iomem=relaxed\n"                                 \
	"[Device rp1]\ndriver=pcie-root-port\nslot=1\n[Netdev n0]\ntype=hubport\nhubid=0\n"  \
	"[Device pf]\ndriver=igb\nbus=rp1\nromfile=\n"

struct fixture {
	char path[32]; /* of the file under test */
	struct ini *overlay;
	struct topology *topology;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int fd;

	strcpy(fixture->path, "/tmp/topology-XXXXXX.ini");
	fd = mkstemps(fixture->path, 4);
	if (fd < 0)
		return -1;
	close(fd);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	topology_free(fixture->topology);
	ini_free(fixture->overlay);
	free(fixture);
	return 0;
}

static int load(struct fixture *fixture, const char *text, const char *overlay)
{
	topology_free(TAKE(fixture->topology));
	ini_free(TAKE(fixture->overlay));
	fixture->err = (struct err){ 0 };
	assert_int_equal(file_write_atomic(AT_FDCWD, fixture->path, text, strlen(text), NULL), 0);
	if (overlay)
		assert_int_equal(ini_parse("over.ini", overlay, &fixture->overlay, NULL), 0);
	return topology_load("/nowhere", fixture->path,
			(const struct ini *const *)&fixture->overlay, overlay != NULL,
			&fixture->topology, &fixture->err);
}

static void assert_option(const struct topology_item *item, const char *wanted)
{
	CLEANUP(cleanup_free) char *text = topology_option(item, "/run/rig");

	assert_string_equal(text, wanted);
}

static void assert_kernel(const struct topology *topology, const char *wanted)
{
	CLEANUP(cleanup_free) char *text = topology_kernel(topology, "console=ttyS0 quiet audit=0");

	assert_string_equal(text, wanted);
}

static void has_guests_or_only_their_daemon(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load(fixture, PLAIN, NULL), 0);
	assert_false(fixture->topology->hosts_guests);
	assert_int_equal(load(fixture, PLAIN, "[Topology]\nGuests=2\n"), 0);
	assert_true(fixture->topology->hosts_guests);
	assert_int_equal(fixture->topology->guests, 2);
	assert_int_equal(load(fixture, PLAIN, "[Topology]\nGuests=0\n"), 0);
	assert_true(fixture->topology->hosts_guests);
	assert_int_equal(fixture->topology->guests, 0);
}

static void finds_the_peer_beside_its_file(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load(fixture, PLAIN, NULL), 0);
	assert_null(fixture->topology->peer);
	assert_int_equal(load(fixture, PLAIN, "[Topology]\nPeer=peers/b.ini\n"), 0);
	assert_string_equal(fixture->topology->peer, "/tmp/peers/b.ini");
	assert_int_equal(load(fixture, PLAIN, "[Topology]\nPeer=/b.ini\n"), 0);
	assert_string_equal(fixture->topology->peer, "/b.ini");
}

static void names_the_folder_of_sockets(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
			load(fixture, PLAIN,
					"[Netdev w]\ntype=stream\naddr.path=@FOLDER@/a,@FOLDER@/b\n"
					"[Netdev v]\ntype=user\nx=@FOLDER\n"),
			0);
	assert_option(&fixture->topology->netdevs[1],
			"stream,id=w,addr.path=/run/rig/a,,/run/rig/b");
	assert_option(&fixture->topology->netdevs[2], "user,id=v,x=@FOLDER");
}

static void may_need_a_newer_qemu(void **state)
{
	struct fixture *fixture = *state;
	const char *text = "[Topology]\nQEMU=11.0\n", *wrong = "[Topology]\nQEMU=newest\n";

	assert_int_equal(load(fixture, PLAIN, NULL), 0);
	assert_null(fixture->topology->qemu);
	assert_int_equal(load(fixture, PLAIN, text), 0);
	assert_string_equal(fixture->topology->qemu, "11.0");
	assert_int_equal(load(fixture, PLAIN, wrong), -EINVAL);
	assert_non_null(strstr(fixture->err.msg, "over.ini:2:1: no version like 11.0: newest"));
}

static void gives_qemus_options(void **state)
{
	struct fixture *fixture = *state;
	struct topology *topology;

	assert_int_equal(load(fixture, PLAIN, NULL), 0);
	topology = fixture->topology;
	assert_option(&topology->machine, "q35,x-a=b,,c");
	assert_int_equal(topology->device_count, 2);
	assert_option(&topology->devices[0], "pcie-root-port,id=rp1,slot=1");
	assert_option(&topology->devices[1], "igb,id=pf,bus=rp1,romfile=");
	assert_option(&topology->netdevs[0], "hubport,id=n0,hubid=0");
	assert_kernel(topology, "console=ttyS0 quiet audit=0 intel_iommu=on iomem=relaxed");
	assert_int_equal(topology->memory_mib, 768);
	assert_null(topology->partner);
}

static void lays_overlays_over(void **state)
{
	struct fixture *fixture = *state;
	struct topology *topology;

	assert_int_equal(
			load(fixture, PLAIN,
					"[Defect]\nAnything=1\n[Device "
					"rp1]\ndisable-acs=on\nslot=2\n"
					"[Device pf]\nbus=sw\n[Device sw]\ndriver=switch\nbus=rp1\n"
					"[Machine]\nMemory=0x400\n"
					"[Kernel]\nRemove=intel_iommu "
					"quiet\nArguments=intel_iommu=off\n"),
			0);
	topology = fixture->topology;
	assert_int_equal(topology->device_count, 3);
	assert_option(&topology->devices[0], "pcie-root-port,id=rp1,slot=2,disable-acs=on");
	/* A bus comes before the devices on it, wherever it was added. */
	assert_option(&topology->devices[1], "switch,id=sw,bus=rp1");
	assert_option(&topology->devices[2], "igb,id=pf,bus=sw,romfile=");
	assert_kernel(topology, "console=ttyS0 audit=0 iomem=relaxed intel_iommu=off");
	assert_int_equal(topology->memory_mib, 1024);
}

static void reports_where_it_is_wrong(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "[Device a,b]\ndriver=x\n", "ini:20:1: a section needs an id" },
		{ "[Device 1a]\ndriver=x\n", "ini:20:1: a section needs an id" },
		{ "[Device]\ndriver=x\n", "ini:20:1: a section needs an id" },
		{ "[Device vfcert-root]\ndriver=x\n", "ini:20:1: ids that begin with vfcert-" },
		{ "[Device pf]\ndriver=x\n", "ini:20:1: there is already a section" },
		{ "[Device x]\nbus=rp1\n", "ini:20:1: this section needs the key driver" },
		{ "[Netdev x]\nhubid=1\n", "ini:20:1: this section needs the key type" },
		{ "[Device x]\ndriver=x\n  a,b=1\n", "ini:22:3: no property of QEMU" },
		{ "[Device x]\ndriver=x\nBus=1\n", "ini:22:1: no property of QEMU" },
		{ "[Device x]\ndriver=x\nid=y\n", "ini:22:1: the id is that of the section" },
		{ "[Device x]\ndriver=x\ny=\001\n", "ini:22:1: control characters" },
		{ "[Machine]\nMemory=1G\n", "ini:21:1: Memory needs a number from 256" },
		{ "[Machine]\nCPUs=0\n", "ini:21:1: CPUs needs a number from 1" },
		{ "[Kernel]\nArgument=x\n", "ini:21:1: unknown key Argument" },
		{ "[Topology]\nName=x\n", "ini:21:1: unknown key Name" },
		{ "[Topology]\nPFAddress=1.0\n", "ini:21:1: no address like" },
		{ "[Topology]\nPartnerMAC=1\n", "ini:21:1: no address like" },
		{ "[Topology]\nPF=other\n", "PF=other is no [Device]" },
		{ "[Topology]\nPartner=pf\n", "given together" },
		{ "[Topology]\nTitle=\n", "needs Title=" },
		{ "[Wire]\na=b\n", "ini:20:1: unknown section Wire" },
		{ "[Device a]\ndriver=x\nbus=b\n[Device b]\ndriver=x\nbus=a\n",
				"plugged into itself" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CLEANUP(cleanup_free) char *text = text_format("%s%s", PLAIN, bad[i].text);

		assert_int_equal(load(fixture, text, NULL), -EINVAL);
		assert_int_equal(fixture->err.code, EINVAL);
		assert_says(fixture->err.msg, bad[i].says);
	}
}

static void names_overlays_in_errors(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load(fixture, PLAIN, "[Defect]\nX=1\n[Device rp1]\nBad=1\n"), -EINVAL);
	assert_says(fixture->err.msg, "over.ini:4:1:");
}

static void misses_an_unknown_name(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(topology_load("/nowhere", "no-such", NULL, 0, &fixture->topology,
					 &fixture->err),
			-EINVAL);
	assert_says(fixture->err.msg, "no topology 'no-such'");
}

static void reads_those_of_the_project(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(topology_load(TOPOLOGIES_DIR, "igb", NULL, 0, &fixture->topology,
					 &fixture->err),
			0);
	assert_string_equal(fixture->topology->id, "igb");
	assert_string_equal(fixture->topology->pf_address, "0000:01:00.0");
	assert_string_equal(fixture->topology->partner_mac, "52:54:00:ac:02:01");
}

static void lays_a_peer_over_its_topology(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(cleanup_topology) struct topology *first = NULL;
	const struct topology_item *pf;

	assert_int_equal(topology_load(TOPOLOGIES_DIR, "two-hosts", NULL, 0, &first, NULL), 0);
	assert_int_equal(ini_load(AT_FDCWD, first->peer, &fixture->overlay, NULL), 0);
	assert_int_equal(topology_load(TOPOLOGIES_DIR, "two-hosts",
					 (const struct ini *const *)&fixture->overlay, 1,
					 &fixture->topology, &fixture->err),
			0);
	pf = topology_pf(fixture->topology);
	assert_string_not_equal(
			topology_item_get(pf, "mac"), topology_item_get(topology_pf(first), "mac"));
	assert_int_equal(first->guests, 2);
	assert_int_equal(fixture->topology->guests, 0);
}

/* The other slot has its own port, which is removed when the card moves back. */
static void moves_the_card_to_another_slot_and_back(void **state)
{
	struct fixture *fixture = *state;
	struct topology *topology;
	struct moved_card card = { NULL };

	assert_int_equal(topology_load(TOPOLOGIES_DIR, "igb", NULL, 0, &fixture->topology,
					 &fixture->err),
			0);
	topology = fixture->topology;
	assert_true(card_can_move(topology));
	assert_string_equal(card_pf(&card, topology), "0000:01:00.0");
	card_move(&card, topology);
	assert_int_equal(topology->device_count, 5);
	assert_option(&topology->devices[0],
			"pcie-root-port,id=vfcert-slot,bus=pcie.0,addr=0x1a,chassis=250,slot=250");
	assert_option(&topology->devices[3],
			"igb,id=pf,netdev=wire-pf,mac=52:54:00:ac:01:01,romfile=,bus=vfcert-slot");
	assert_string_equal(card_pf(&card, topology), "52:54:00:ac:01:01");
	card_move(&card, topology);
	assert_int_equal(topology->device_count, 4);
	assert_option(&topology->devices[2],
			"igb,id=pf,bus=rp1,netdev=wire-pf,mac=52:54:00:ac:01:01,romfile=");
	card_move(&card, topology);
	card_move_back(&card, topology);
	assert_int_equal(topology->device_count, 4);
}

static void leaves_a_card_in_a_shared_slot(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(topology_load(TOPOLOGIES_DIR, "igb-two-ports", NULL, 0, &fixture->topology,
					 &fixture->err),
			0);
	assert_false(card_can_move(fixture->topology));
	topology_free(TAKE(fixture->topology));
	assert_int_equal(topology_load(TOPOLOGIES_DIR, "igb-root-complex", NULL, 0,
					 &fixture->topology, &fixture->err),
			0);
	assert_true(card_can_move(fixture->topology));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(gives_qemus_options),
		TEST(may_need_a_newer_qemu),
		TEST(lays_overlays_over),
		TEST(has_guests_or_only_their_daemon),
		TEST(finds_the_peer_beside_its_file),
		TEST(names_the_folder_of_sockets),
		TEST(reports_where_it_is_wrong),
		TEST(names_overlays_in_errors),
		TEST(misses_an_unknown_name),
		TEST(reads_those_of_the_project),
		TEST(lays_a_peer_over_its_topology),
		TEST(moves_the_card_to_another_slot_and_back),
		TEST(leaves_a_card_in_a_shared_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
