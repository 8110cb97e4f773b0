/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/holder.h"

#include <stdio.h>
#include <string.h>

/*
 * A VF is held by whatever would lose it. The reasons are tried from the strongest to the weakest,
 * and what cannot be seen counts as held: a VF with a network driver and no interface here has its
 * interface in another network namespace.
 */

/* Drivers that make a VF a network interface have a net folder in their own namespace only; what
 * other drivers (vfio-pci, a storage or crypto driver) do with it is not seen there. */
static bool is_network_class(const struct function *vf)
{
	return vf->class_code >> 16 == 0x02;
}

static bool is_vfio_driver(const char *driver)
{
	return strstr(driver, "vfio") || !strcmp(driver, "pci-stub") || !strncmp(driver, "uio_", 4);
}

bool holder_is_network(const struct function *vf)
{
	return *vf->driver && is_network_class(vf) && !is_vfio_driver(vf->driver);
}

static void find_use_of_netdev(
		const struct host *host, const struct function *vf, struct holder *holder)
{
	unsigned addresses = 0;
	struct netdev net;
	char upper[IFNAMSIZ];

	if (netdev_uses(host, vf->netdev, &addresses, upper, sizeof(upper), NULL) < 0)
		return; /* it went away meanwhile */
	if (*upper) {
		holder->kind = HOLDER_STACKED;
		snprintf(holder->what, sizeof(holder->what), "%s", upper);
		return;
	}
	if (netdev_read(host, vf->netdev, &net, NULL) < 0)
		return;
	if (net.up || addresses) {
		holder->kind = HOLDER_UP;
		snprintf(holder->what, sizeof(holder->what), "%s", vf->netdev);
	}
	netdev_free(&net);
}

void holder_find(const struct host *host, const struct vfio_users *users, const struct function *vf,
		struct holder *holder)
{
	const struct vfio_user *user = vfio_user_of(host, users, vf->bdf);

	*holder = (struct holder){ .kind = HOLDER_NONE };
	if (user) {
		holder->kind = HOLDER_VFIO;
		snprintf(holder->what, sizeof(holder->what), "%s (pid %d)", user->command,
				(int)user->pid);
	} else if (*vf->netdev) {
		find_use_of_netdev(host, vf, holder);
	} else if (holder_is_network(vf)) {
		holder->kind = HOLDER_NAMESPACE;
		snprintf(holder->what, sizeof(holder->what), "another network namespace");
	}
}

const char *holder_text(const struct holder *holder, char *text, size_t size)
{
	switch (holder->kind) {
	case HOLDER_NONE:
		*text = '\0';
		break;
	case HOLDER_NAMESPACE:
		snprintf(text, size,
				"its interface is in another network namespace: return it first");
		break;
	case HOLDER_UP:
		snprintf(text, size,
				"its interface %s is up or has an address: ip address flush dev "
				"%s; ip link set %s down",
				holder->what, holder->what, holder->what);
		break;
	case HOLDER_STACKED:
		snprintf(text, size, "its interface is used by %s: take it out of there",
				holder->what);
		break;
	case HOLDER_VFIO:
		snprintf(text, size, "%s has it open through VFIO: shut that down", holder->what);
		break;
	}
	return text;
}

int holder_check_vfio(const struct host *host, struct bdf bdf, struct err *err)
{
	struct vfio_users users;
	const struct vfio_user *user;
	char text[BDF_TEXT];
	int rc = 0;

	vfio_users_read(host, &users);
	user = vfio_user_of(host, &users, bdf);
	if (user)
		rc = err_set(err, EBUSY, "%s: %s (pid %d) has it open through VFIO: shut that down",
				bdf_format(bdf, text), user->command, (int)user->pid);
	vfio_users_free(&users);
	return rc;
}
