/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/port.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netdev/netdev.h"

/* Takes PREFIX and a number from *TEXT. */
static bool take(const char **text, const char *prefix, unsigned *number)
{
	const char *digits = *text + strlen(prefix);
	unsigned long value;
	char *end;

	if (strncmp(*text, prefix, strlen(prefix)) != 0 || !isdigit((unsigned char)*digits))
		return false;
	value = strtoul(digits, &end, 10);
	if (value > UINT_MAX)
		return false;
	*number = (unsigned)value;
	*text = end;
	return true;
}

bool port_parse(const char *phys_port_name, struct port *port)
{
	const char *at = phys_port_name;
	struct port found = { .kind = PORT_PF };

	found.external = take(&at, "c", &found.controller);
	if (!take(&at, "pf", &found.pf))
		return false;
	if (take(&at, "vf", &found.number))
		found.kind = PORT_VF;
	else if (take(&at, "sf", &found.number))
		found.kind = PORT_SF;
	if (*at)
		return false;
	memcpy(found.name, port->name, sizeof(found.name));
	*port = found;
	return true;
}

/* mlx5 of before Linux 4.19 calls a representor by the number of its VF alone, and gives its uplink
 * no name. Elsewhere a number may be that of an uplink. */
static void parse_numbers(struct port *ports, char (*names)[32], size_t count)
{
	bool has_nameless = false;

	for (size_t i = 0; i < count; i++)
		has_nameless |= !*names[i];
	for (size_t i = 0; i < count && has_nameless; i++) {
		const char *at = names[i];

		if (ports[i].kind == PORT_UPLINK && take(&at, "", &ports[i].number) && !*at)
			ports[i].kind = PORT_VF;
	}
}

static int compare(const void *a, const void *b)
{
	const struct port *left = a, *right = b;

	if (left->kind != right->kind)
		return (int)left->kind - (int)right->kind;
	if (left->dev_port != right->dev_port)
		return left->dev_port < right->dev_port ? -1 : 1;
	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return strcmp(left->name, right->name);
}

/* FOLDER is below the function: "net", or that of its virtio device. */
static size_t ports_in(
		const struct host *host, struct bdf bdf, const char *folder, struct port **ports)
{
	char path[PATH_MAX], text[BDF_TEXT], **names, (*port_names)[32];
	size_t count;

	*ports = NULL;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", bdf_format(bdf, text), folder);
	if (host_names(host, path, &names, &count, NULL) < 0)
		return 0;
	*ports = calloc(count + 1, sizeof(**ports));
	port_names = calloc(count + 1, sizeof(*port_names));
	if (!*ports || !port_names)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct port *port = &(*ports)[i];
		char attribute[320];

		snprintf(port->name, sizeof(port->name), "%s", names[i]);
		snprintf(attribute, sizeof(attribute), "%s/%s/phys_port_name", folder, names[i]);
		function_read(host, bdf, attribute, port_names[i], sizeof(*port_names), NULL);
		port_parse(port_names[i], port);
		snprintf(attribute, sizeof(attribute), "%s/%s/dev_port", folder, names[i]);
		if (function_number(host, bdf, attribute, &port->dev_port, NULL) < 0 ||
				port->dev_port < 0)
			port->dev_port = 0;
	}
	parse_numbers(*ports, port_names, count);
	qsort(*ports, count, sizeof(**ports), compare);
	free(port_names);
	host_names_free(names, count);
	return count;
}

/* The interface of a virtio function belongs to the virtio device below it: virtio3/net. */
static bool find_virtio_folder(const struct host *host, struct bdf bdf, char *folder, size_t size)
{
	char path[64], text[BDF_TEXT], **names;
	bool found = false;
	size_t count;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", bdf_format(bdf, text));
	if (host_names(host, path, &names, &count, NULL) < 0)
		return false;
	for (size_t i = 0; i < count && !found; i++) {
		snprintf(folder, size, "%.32s/net", names[i]);
		found = !strncmp(names[i], "virtio", 6) && function_has(host, bdf, folder);
	}
	host_names_free(names, count);
	return found;
}

size_t function_ports(const struct host *host, struct bdf bdf, struct port **ports)
{
	char driver[64] = "", folder[40];
	size_t count = ports_in(host, bdf, "net", ports);

	if (count)
		return count;
	function_link(host, bdf, "driver", driver, sizeof(driver));
	if (strcmp(driver, "virtio-pci") != 0 ||
			!find_virtio_folder(host, bdf, folder, sizeof(folder)))
		return 0;
	free(*ports);
	return ports_in(host, bdf, folder, ports);
}

static int function_of(const struct host *host, const char *name, struct bdf *bdf)
{
	char path[64], target[PATH_MAX], *slash;

	/* The link is into the tree of devices: ../../devices/.../0000:01:00.0/virtio3/net/eth0. */
	snprintf(path, sizeof(path), "sys/class/net/%.16s", name);
	if (host_link_target(host, path, target, sizeof(target)) < 0)
		return -ENODEV;
	while ((slash = strrchr(target, '/'))) {
		if (!bdf_parse(slash + 1, bdf))
			return 0;
		*slash = '\0';
	}
	return -ENODEV;
}

static bool is_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

int port_find(const struct host *host, const char *name, struct bdf *bdf, struct port *port)
{
	char own[IFNAMSIZ], path[64];
	struct port *ports;
	size_t count;
	int rc = is_name(name) ? 0 : -ENODEV;

	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "sys/class/net/%.16s", name);
	if (strlen(name) < IFNAMSIZ && host_exists(host, path))
		snprintf(own, sizeof(own), "%s", name);
	else
		rc = netdev_of_altname(host, name, own);
	if (!rc)
		rc = function_of(host, own, bdf);
	if (rc < 0)
		return rc;
	rc = -ENODEV;
	count = function_ports(host, *bdf, &ports);
	for (size_t i = 0; i < count && rc < 0; i++) {
		rc = strcmp(ports[i].name, own) ? -ENODEV : 0;
		*port = ports[i];
	}
	free(ports);
	return rc;
}

const char *port_text(const struct port *port, char *text, size_t size)
{
	static const char *const words[] = { [PORT_VF] = "VF ", [PORT_SF] = "SF " };
	size_t used = 0;

	*text = '\0';
	if (port->kind == PORT_VF || port->kind == PORT_SF)
		used = (size_t)snprintf(text, size, "%s%u", words[port->kind], port->number);
	if (used < size && (port->kind == PORT_PF || port->external))
		used += (size_t)snprintf(
				text + used, size - used, "%sPF %u", used ? " of " : "", port->pf);
	if (used < size && port->external)
		snprintf(text + used, size - used, " of controller %u", port->controller);
	return text;
}

int function_netdev(const struct host *host, struct bdf bdf, char *name, size_t size)
{
	struct port *ports;
	size_t count = function_ports(host, bdf, &ports);
	bool has = count && ports[0].kind == PORT_UPLINK;

	snprintf(name, size, "%s", has ? ports[0].name : "");
	free(ports);
	return has ? 0 : -ENOENT;
}

bool function_has_netdev_anywhere(const struct host *host, struct bdf bdf)
{
	char folder[40];

	return function_has(host, bdf, "net") ||
			find_virtio_folder(host, bdf, folder, sizeof(folder));
}
