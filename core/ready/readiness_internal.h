/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef READY_READINESS_INTERNAL_H
#define READY_READINESS_INTERNAL_H

#include "pci/space.h"
#include "ready/readiness.h"
#include "sriov/inventory.h"

/* The two parts of readiness_read(). */
void readiness_of_host(const struct host *host, struct readiness *readiness);
int readiness_of_card(const struct host *host, struct bdf bdf, struct readiness *readiness,
		struct err *err);

struct checked_card {
	const struct host *host;
	struct pf pf;
	char subject[24];
	bool network;       /* a network card */
	struct space space; /* of the PF; length 0: not readable */
	struct space port;  /* of the port above; length 0: none, or not readable */
	unsigned sriov;     /* offset of the capability, or 0 */
	struct readiness *readiness;
};

/* As requirement_add(), about the card. */
void requirement_of_card(struct checked_card *card, const char *id, enum requirement_state state,
		const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Records that the requirement is unknown, as only LENGTH bytes of configuration space could be
 * read. */
void requirement_unread(struct checked_card *card, const char *id, unsigned length);

/* What to do where only LENGTH bytes of configuration space can be read. */
const char *unread_remedy(unsigned length);

/* Each adds what it finds, or nothing where the requirement is not about the card. */
void check_ari(struct checked_card *card);
void check_buses(struct checked_card *card);
void check_bars(struct checked_card *card);
void check_acs(struct checked_card *card);
void check_groups(struct checked_card *card);
void check_iommu_mode(struct checked_card *card);
void check_migration(struct checked_card *card);

#endif
