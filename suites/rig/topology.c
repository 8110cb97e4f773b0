/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/topology.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bdf.h"
#include "base/cleanup.h"
#include "base/mac.h"
#include "base/number.h"
#include "base/text.h"

/*
 * A topology is a file and the overlays on it. An overlay changes properties, and adds devices,
 * backends and kernel arguments. Each entry is checked when it is read, so that an error names its
 * line; what depends on all entries (such as a PF that is not a device) is checked at the end.
 */

#define ID_LIMIT       31
#define RESERVED_ID    "vfcert-"
#define DEFAULT_MEMORY 768
#define DEFAULT_CPUS   1
#define GUESTS_LIMIT   2 /* on the disk (vmimages/guests.sh) */

/* The position that an error message names. */
struct place {
	const struct ini *ini;
	unsigned line, column;
};

static int complain(struct place at, const char *what, const char *name, struct err *err)
{
	return err_set(err, EINVAL, "%s:%u:%u: %s %s", at.ini->file, at.line, at.column, what,
			name);
}

static void *grow(void *array, size_t count, size_t size)
{
	array = realloc(array, count * size);
	if (!array)
		abort();
	return array;
}

static void set_text(char **text, const char *value)
{
	free(*text);
	*text = strdup(value);
	if (!*text)
		abort();
}

static bool is_name(const char *text, const char *more)
{
	if (!isalpha((unsigned char)text[0]))
		return false;
	while (isalnum((unsigned char)*text) || (*text && strchr(more, *text)))
		text++;
	return !*text;
}

static bool is_printable(const char *text)
{
	while ((unsigned char)*text >= ' ' && *text != 0x7f)
		text++;
	return !*text;
}

void topology_item_set(struct topology_item *item, const char *key, const char *value)
{
	for (size_t i = 0; i < item->count; i++) {
		if (!strcmp(item->properties[i].key, key)) {
			set_text(&item->properties[i].value, value);
			return;
		}
	}
	item->properties = grow(item->properties, item->count + 1, sizeof(*item->properties));
	item->properties[item->count] = (struct topology_property){ NULL, NULL };
	set_text(&item->properties[item->count].key, key);
	set_text(&item->properties[item->count].value, value);
	item->count++;
}

const char *topology_item_get(const struct topology_item *item, const char *key)
{
	for (size_t i = 0; i < item->count; i++) {
		if (!strcmp(item->properties[i].key, key))
			return item->properties[i].value;
	}
	return NULL;
}

static struct topology_item *items_find(struct topology_item *items, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(items[i].id, id))
			return &items[i];
	}
	return NULL;
}

struct topology_item *topology_pf(const struct topology *topology)
{
	return items_find(topology->devices, topology->device_count, topology->pf);
}

static int number_entry(struct place at, const struct ini_entry *entry, uint64_t min, uint64_t max,
		unsigned *number, struct err *err)
{
	uint64_t value;

	if (number_parse(entry->value, min, max, &value) < 0)
		return err_set(err, EINVAL, "%s:%u:%u: %s needs a number from %llu to %llu",
				at.ini->file, at.line, at.column, entry->key,
				(unsigned long long)min, (unsigned long long)max);
	*number = (unsigned)value;
	return 0;
}

static int read_guests(struct topology *topology, struct place at, const struct ini_entry *entry,
		struct err *err)
{
	topology->hosts_guests = true;
	return number_entry(at, entry, 0, GUESTS_LIMIT, &topology->guests, err);
}

/* The file of the peer is named as seen from that of the topology. */
static void locate_peer(struct topology *topology, const char *path)
{
	const char *end = strrchr(path, '/');
	char *peer = topology->peer;

	if (!peer || *peer == '/' || !end)
		return;
	topology->peer = text_format("%.*s/%s", (int)(end - path), path, peer);
	free(peer);
}

static int read_topology(struct topology *topology, struct place at, const struct ini_entry *entry,
		struct err *err)
{
	struct bdf bdf;
	struct mac mac;

	if (!strcmp(entry->key, "Title"))
		set_text(&topology->title, entry->value);
	else if (!strcmp(entry->key, "Description"))
		set_text(&topology->description, entry->value);
	else if (!strcmp(entry->key, "PF"))
		set_text(&topology->pf, entry->value);
	else if (!strcmp(entry->key, "Partner"))
		set_text(&topology->partner, entry->value);
	else if (!strcmp(entry->key, "QEMU") && !isdigit((unsigned char)entry->value[0]))
		return complain(at, "no version like 11.0:", entry->value, err);
	else if (!strcmp(entry->key, "QEMU"))
		set_text(&topology->qemu, entry->value);
	else if (!strcmp(entry->key, "Image") && !is_name(entry->value, "-"))
		return complain(at, "no flavour of an image can be called", entry->value, err);
	else if (!strcmp(entry->key, "Image"))
		set_text(&topology->flavour, entry->value);
	else if (!strcmp(entry->key, "Guests"))
		return read_guests(topology, at, entry, err);
	else if (!strcmp(entry->key, "Peer"))
		set_text(&topology->peer, entry->value);
	else if (!strcmp(entry->key, "PFAddress") && bdf_parse(entry->value, &bdf) < 0)
		return complain(at, "no address like 0000:01:00.0:", entry->value, err);
	else if (!strcmp(entry->key, "PFAddress"))
		set_text(&topology->pf_address, entry->value);
	else if (!strcmp(entry->key, "PartnerMAC") && mac_parse(entry->value, &mac) < 0)
		return complain(at, "no address like 52:54:00:00:00:02:", entry->value, err);
	else if (!strcmp(entry->key, "PartnerMAC"))
		set_text(&topology->partner_mac, entry->value);
	else
		return complain(at, "unknown key", entry->key, err);
	return 0;
}

/* Adds each word of VALUE. */
static int add_words(char ***list, struct place at, const char *value, struct err *err)
{
	CLEANUP(cleanup_free) char *copy = strdup(value);
	char *rest = copy, *word;
	size_t count = 0;

	if (!copy)
		abort();
	if (!is_printable(value))
		return complain(at, "control characters in", "a kernel argument", err);
	while (*list && (*list)[count])
		count++;
	while ((word = strsep(&rest, " \t"))) {
		if (!*word)
			continue;
		*list = grow(*list, count + 2, sizeof(**list));
		(*list)[count] = NULL;
		set_text(&(*list)[count++], word);
		(*list)[count] = NULL;
	}
	return 0;
}

/* An overlay may remove an argument of the file below it. */
static void remove_words(char **list, const char *removed)
{
	CLEANUP(cleanup_free) char *copy = strdup(removed);
	char *rest = copy, *word;

	if (!copy)
		abort();
	while ((word = strsep(&rest, " \t"))) {
		for (size_t i = 0; list && list[i];) {
			if (!topology_word_is(list[i], word)) {
				i++;
				continue;
			}
			free(list[i]);
			for (size_t k = i; list[k]; k++)
				list[k] = list[k + 1];
		}
	}
}

static int read_kernel(struct topology *topology, struct place at, const struct ini_entry *entry,
		struct err *err)
{
	if (!strcmp(entry->key, "Arguments"))
		return add_words(&topology->arguments, at, entry->value, err);
	if (strcmp(entry->key, "Remove"))
		return complain(at, "unknown key", entry->key, err);
	remove_words(topology->arguments, entry->value);
	return add_words(&topology->removed, at, entry->value, err);
}

static int read_property(struct topology_item *item, struct place at, const struct ini_entry *entry,
		struct err *err)
{
	if (!is_name(entry->key, "-_.") || !islower((unsigned char)entry->key[0]))
		return complain(at, "no property of QEMU can be called", entry->key, err);
	if (!strcmp(entry->key, "id"))
		return complain(at, "the id is that of the section, not a", "property", err);
	if (!is_printable(entry->value))
		return complain(at, "control characters in the value of", entry->key, err);
	topology_item_set(item, entry->key, entry->value);
	return 0;
}

static int read_machine(struct topology *topology, struct place at, const struct ini_entry *entry,
		struct err *err)
{
	if (!strcmp(entry->key, "Memory"))
		return number_entry(at, entry, 256, 65536, &topology->memory_mib, err);
	if (!strcmp(entry->key, "CPUs"))
		return number_entry(at, entry, 1, 64, &topology->cpus, err);
	return read_property(&topology->machine, at, entry, err);
}

/* Changes the device or backend with that id, or adds one. */
static int read_item(struct topology_item **items, size_t *count, const char *first, bool overlay,
		const struct ini *ini, const struct ini_section *section, struct err *err)
{
	struct place at = { ini, section->line, 1 };
	struct topology_item *item = items_find(*items, *count, section->name);
	int rc = 0;

	if (!is_name(section->name, "-_") || strlen(section->name) > ID_LIMIT)
		return complain(at,
				"a section needs an id (a letter, then letters, digits, - or _):",
				section->kind, err);
	if (!strncmp(section->name, RESERVED_ID, strlen(RESERVED_ID)))
		return complain(at, "ids that begin with " RESERVED_ID " are vfcert's own:",
				section->name, err);
	if (item && !overlay)
		return complain(at, "there is already a section of this id:", section->name, err);
	if (!item) {
		*items = grow(*items, *count + 1, sizeof(**items));
		item = &(*items)[(*count)++];
		*item = (struct topology_item){ .id = NULL };
		set_text(&item->id, section->name);
		topology_item_set(item, first,
				ini_value(section, first) ? ini_value(section, first) : "");
	}
	for (size_t i = 0; !rc && i < section->count; i++) {
		at.line = section->entries[i].line;
		at.column = section->entries[i].column;
		rc = read_property(item, at, &section->entries[i], err);
	}
	at = (struct place){ ini, section->line, 1 };
	if (!rc && !*topology_item_get(item, first))
		return complain(at, "this section needs the key", first, err);
	return rc;
}

static int read_section(struct topology *topology, const struct ini *ini,
		const struct ini_section *section, bool overlay, struct err *err)
{
	int (*read)(struct topology *, struct place, const struct ini_entry *, struct err *) = NULL;
	int rc = 0;

	if (!strcmp(section->kind, "Device"))
		return read_item(&topology->devices, &topology->device_count, "driver", overlay,
				ini, section, err);
	if (!strcmp(section->kind, "Netdev"))
		return read_item(&topology->netdevs, &topology->netdev_count, "type", overlay, ini,
				section, err);
	if (!strcmp(section->kind, "Topology"))
		read = read_topology;
	else if (!strcmp(section->kind, "Machine"))
		read = read_machine;
	else if (!strcmp(section->kind, "Kernel"))
		read = read_kernel;
	else if (overlay)
		return 0;
	else
		return complain((struct place){ ini, section->line, 1 }, "unknown section",
				section->kind, err);
	for (size_t i = 0; !rc && i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];

		rc = read(topology, (struct place){ ini, entry->line, entry->column }, entry, err);
	}
	return rc;
}

static int read_file(
		struct topology *topology, const struct ini *ini, bool overlay, struct err *err)
{
	for (size_t i = 0; i < ini->count; i++) {
		int rc = read_section(topology, ini, &ini->sections[i], overlay, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The device that provides a device's bus: "rp1" for the buses "rp1" and "rp1.0". NULL: the machine. */
static struct topology_item *bus_owner(struct topology *topology, const struct topology_item *item)
{
	const char *bus = topology_item_get(item, "bus");
	char id[ID_LIMIT + 1];

	if (!bus)
		return NULL;
	snprintf(id, sizeof(id), "%.*s", (int)strcspn(bus, "."), bus);
	return items_find(topology->devices, topology->device_count, id);
}

/* QEMU needs a bus before the devices on it, but an overlay adds its devices at the end. Otherwise the
 * order of the files stays, because it determines the addresses. */
static int order_devices(struct topology *topology, const char *file, struct err *err)
{
	size_t placed = 0, count = topology->device_count;

	while (placed < count) {
		size_t next = placed;
		struct topology_item item, *owner;

		while (next < count && (owner = bus_owner(topology, &topology->devices[next])) &&
				owner >= &topology->devices[placed])
			next++;
		if (next == count)
			return err_set(err, EINVAL, "%s: device %s is plugged into itself", file,
					topology->devices[placed].id);
		item = topology->devices[next];
		memmove(&topology->devices[placed + 1], &topology->devices[placed],
				(next - placed) * sizeof(item));
		topology->devices[placed++] = item;
	}
	return 0;
}

static int check_whole(struct topology *topology, const char *file, struct err *err)
{
	if (!topology->title || !*topology->title)
		return err_set(err, EINVAL, "%s: [Topology] needs Title=", file);
	if (!topology->pf || !topology->pf_address)
		return err_set(err, EINVAL, "%s: [Topology] needs PF= and PFAddress=", file);
	if (!items_find(topology->devices, topology->device_count, topology->pf))
		return err_set(err, EINVAL, "%s: PF=%s is no [Device]", file, topology->pf);
	if (!topology->partner != !topology->partner_mac)
		return err_set(err, EINVAL,
				"%s: Partner= and PartnerMAC= are given together or not at all",
				file);
	if (topology->partner &&
			!items_find(topology->devices, topology->device_count, topology->partner))
		return err_set(err, EINVAL, "%s: Partner=%s is no [Device]", file,
				topology->partner);
	if (!*topology_item_get(&topology->machine, "type"))
		return err_set(err, EINVAL, "%s: [Machine] needs type=", file);
	return order_devices(topology, file, err);
}

int topology_load(const char *folder, const char *name, const struct ini *const *overlays,
		size_t overlay_count, struct topology **topology, struct err *err)
{
	CLEANUP(cleanup_topology) struct topology *fresh = calloc(1, sizeof(*fresh));
	CLEANUP(cleanup_free) char *path = NULL;
	CLEANUP(cleanup_ini) struct ini *ini = NULL;
	size_t length = strlen(name);
	bool is_path = strchr(name, '/') || (length > 4 && !strcmp(name + length - 4, ".ini"));
	const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	int rc;

	if (!fresh)
		abort();
	path = is_path ? text_format("%s", name) : text_format("%s/%s.ini", folder, name);
	fresh->memory_mib = DEFAULT_MEMORY;
	fresh->cpus = DEFAULT_CPUS;
	topology_item_set(&fresh->machine, "type", "");
	set_text(&fresh->id, base);
	if (is_path && strlen(base) > 4 && !strcmp(base + strlen(base) - 4, ".ini"))
		fresh->id[strlen(base) - 4] = '\0';
	rc = ini_load(AT_FDCWD, path, &ini, err);
	if (rc == -ENOENT) {
		err->code = EINVAL;
		err_prefix(err, "no topology '%s' (vfcert list topologies): ", name);
	}
	if (!rc)
		rc = read_file(fresh, ini, false, err);
	for (size_t i = 0; !rc && i < overlay_count; i++)
		rc = read_file(fresh, overlays[i], true, err);
	locate_peer(fresh, path);
	if (!rc)
		rc = check_whole(fresh, path, err);
	if (!rc)
		*topology = TAKE(fresh);
	return rc < 0 ? -(err && err->code ? err->code : -rc) : 0;
}

void topology_item_free_properties(struct topology_item *item)
{
	for (size_t i = 0; i < item->count; i++) {
		free(item->properties[i].key);
		free(item->properties[i].value);
	}
	free(item->properties);
}

static void item_free(struct topology_item *item)
{
	topology_item_free_properties(item);
	free(item->id);
}

static void items_free(struct topology_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		item_free(&items[i]);
	free(items);
}

static void words_free(char **words)
{
	for (size_t i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}

void topology_free(struct topology *topology)
{
	if (!topology)
		return;
	items_free(topology->devices, topology->device_count);
	items_free(topology->netdevs, topology->netdev_count);
	item_free(&topology->machine);
	words_free(topology->arguments);
	words_free(topology->removed);
	free(topology->id);
	free(topology->title);
	free(topology->description);
	free(topology->flavour);
	free(topology->qemu);
	free(topology->pf);
	free(topology->pf_address);
	free(topology->partner);
	free(topology->partner_mac);
	free(topology->peer);
	free(topology);
}

void cleanup_topology(struct topology **topology)
{
	topology_free(*topology);
}
