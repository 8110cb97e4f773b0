/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_DOMAIN_INTERNAL_H
#define DOMAIN_DOMAIN_INTERNAL_H

#include "data/xml.h"
#include "domain/domain.h"

/* What the parts of the parser share. */

struct reading {
	const char *file;
	struct err *err;
};

/* -EINVAL: "FILE:LINE:COLUMN: ..." with the place of ELEMENT. */
int reading_complain(const struct reading *reading, const struct xml *element, const char *format,
		...) __attribute__((format(printf, 3, 4)));

char *reading_copy(const char *text); /* NULL for NULL */

/* Reads the attribute as a number into *VALUE, which stays if there is none. As libvirt does: 0x
 * begins a hexadecimal number, and with C_NUMBERS 0 an octal one. */
enum number_form { DECIMAL, C_NUMBERS };
int reading_number(const struct reading *reading, const struct xml *element, const char *attribute,
		enum number_form form, uint64_t max, uint64_t *value);

/* The place of the attribute's value in WORDS, which ends with NULL; 0, the place of no value, if
 * there is none. */
int reading_word(const struct reading *reading, const struct xml *element, const char *attribute,
		const char *const words[], unsigned *index);

/* The address of <address>; *GIVEN is false if ELEMENT is NULL, of another type than PCI, or leaves
 * the choice to libvirt. */
int reading_address(const struct reading *reading, const struct xml *element, bool *given,
		struct bdf *bdf);

/* Reads an <interface> or <hostdev> into a zeroed struct; what was read stays on an error. */
int domain_nic_parse(
		const struct reading *reading, const struct xml *element, struct domain_nic *nic);
void domain_nic_free(struct domain_nic *nic);

/* The JSON key of the text at INDEX, and the text or NULL; NULL after the last. */
const char *domain_nic_text(const struct domain_nic *nic, size_t index, const char **text);

/* Looks at the controllers and the guest addresses of all <devices>. */
int domain_slots_parse(
		const struct reading *reading, const struct xml *root, struct domain *domain);

/* Whether the machine ("pc-q35-9.2", or NULL) is one of PCI Express, whose devices are plugged
 * into ports. */
bool domain_has_ports(const char *machine);

/* Looks at the PCI controllers and the devices without an address, after domain_slots_parse(). */
void domain_ports_parse(const struct xml *root, struct domain *domain);

#endif
