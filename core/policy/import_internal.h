/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_IMPORT_INTERNAL_H
#define POLICY_IMPORT_INTERNAL_H

#include "data/ini.h"
#include "data/yaml.h"
#include "policy/desired_internal.h"
#include "policy/import.h"

/* To add a format, write a file with its struct, and add a line here and in import.c. */
extern const struct import_format import_node_policy;
extern const struct import_format import_node_state;
extern const struct import_format import_nmstate;
extern const struct import_format import_netplan;
extern const struct import_format import_networkmanager;
extern const struct import_format import_systemd_link;

/* Parses TEXT as YAML and passes its documents to READ, which fills import->set, ->wrong and
 * ->left. Refuses templates. */
int import_yaml(struct import *import, const char *text, size_t length,
		void (*read)(struct import *import, const struct node *documents), struct err *err);

/* Whether the section is one of the KNOWN kinds (ends with NULL); if not, reports it as left
 * out. */
bool import_takes_section(
		struct import *import, const struct ini_section *section, const char *const *known);

/* The same for an INI file; and an entry of one as a node. */
int import_ini(struct import *import, const char *text, size_t length,
		void (*read)(struct import *import, const struct ini *ini), struct err *err);
struct node import_node_of(const struct ini_entry *entry);

/* Returns the card that SELECTOR names; adds it if it is missing. Selectors that give the same
 * path or the same name belong to one card. The pointer is valid until the next call. */
struct desired *import_card(struct import *import, const struct pf_selector *selector);

/* Report why what NODE says is wrong, or left out. NODE may be NULL: the whole file. */
void import_wrong(struct import *import, const struct node *node, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
void import_left(struct import *import, const struct node *node, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* Sets KEY of [Match] or [PF] of DESIRED, or of its VF INDEX, to the text of a node. Reports an
 * invalid value as wrong, under the key of the node. No node, null and an empty text set nothing.
 * */
void import_set(struct import *import, struct desired *desired, const char *section,
		const char *key, const struct node *node);
void import_set_vf(struct import *import, struct desired *desired, unsigned index, const char *key,
		const struct node *node);

/* Reports every key of MAP that is not in KNOWN (ends with NULL) as left out. */
void import_check_keys(struct import *import, const struct node *map, const char *const known[]);

/* Reports every key of USUAL (ends with a NULL key) as left out if its value is not the usual
 * one. */
struct import_usual {
	const char *key, *usual; /* compared without case */
};
void import_check_usual(
		struct import *import, const struct node *map, const struct import_usual *usual);

/* A part of the file for certain nodes of a cluster. */
struct import_target {
	const struct node *object, *place; /* errors refer to PLACE */
	const char *kind;                  /* kind of the object */
	const struct node *labels;         /* labels that its nodes have; NULL: none required */
	const char *name;                  /* name of its only node, or NULL */
	bool chosen;
};

struct import_targets {
	size_t count;
	struct import_target *items;
};

/* Adds the objects of FORMAT's kinds, also those in lists. Reports others as left out. */
void import_collect(struct import *import, const struct node *documents,
		const struct import_format *format, struct import_targets *targets);
/* Whether a format other than EXCEPT reads OBJECT's kind; if so, reports that in import->left. */
bool import_leave_kind(struct import *import, const struct node *object,
		const struct import_format *except);
void import_target_add(struct import_targets *targets, struct import_target target);
void cleanup_import_targets(struct import_targets *targets);

/* Chooses the targets for the node of import->node. If they may be for different nodes, chooses
 * none and reports in import->wrong what they are for. */
void import_choose(struct import *import, struct import_targets *targets);

#endif
