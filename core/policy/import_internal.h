/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_IMPORT_INTERNAL_H
#define POLICY_IMPORT_INTERNAL_H

#include "data/ini.h"
#include "data/yaml.h"
#include "policy/desired_internal.h"
#include "policy/import.h"

/* A new format is a file with its struct, and a line here and in import.c. */
extern const struct import_format import_node_policy;
extern const struct import_format import_node_state;
extern const struct import_format import_nmstate;
extern const struct import_format import_netplan;
extern const struct import_format import_networkmanager;
extern const struct import_format import_systemd_link;

/* Parses TEXT as YAML and passes its documents to READ, which fills import->set, ->wrong and ->left.
 * A template is refused. */
int import_yaml(struct import *import, const char *text, size_t length,
		void (*read)(struct import *import, const struct node *documents), struct err *err);

/* Whether the section is of one of the KNOWN kinds, which NULL ends; else it is left out. */
bool import_takes_section(
		struct import *import, const struct ini_section *section, const char *const *known);

/* The same with an INI file, and an entry of one as a node. */
int import_ini(struct import *import, const char *text, size_t length,
		void (*read)(struct import *import, const struct ini *ini), struct err *err);
struct node import_node_of(const struct ini_entry *entry);

/* The card that SELECTOR names, added if it is missing. Selectors that give the same path, or the same
 * name, are of one card. The pointer is good until the next call. */
struct desired *import_card(struct import *import, const struct pf_selector *selector);

/* What is said at a place, and why it is wrong or left out. NODE may be NULL: the whole file. */
void import_wrong(struct import *import, const struct node *node, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
void import_left(struct import *import, const struct node *node, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* The text of a node, for KEY of [Match] or [PF] of DESIRED, or of its VF INDEX. What does not fit
 * is wrong, and named by the node's key. No node, null and an empty text set nothing. */
void import_set(struct import *import, struct desired *desired, const char *section,
		const char *key, const struct node *node);
void import_set_vf(struct import *import, struct desired *desired, unsigned index, const char *key,
		const struct node *node);

/* Every key of MAP that is not in KNOWN (which ends with NULL) is left out. */
void import_check_keys(struct import *import, const struct node *map, const char *const known[]);

/* Every key of USUAL, which ends with one that is NULL, is left out if its value is another one. */
struct import_usual {
	const char *key, *usual; /* in any case */
};
void import_check_usual(
		struct import *import, const struct node *map, const struct import_usual *usual);

/* A part of the file that is for certain nodes of a cluster. */
struct import_target {
	const struct node *object, *place; /* errors refer to PLACE */
	const char *kind;                  /* of the object */
	const struct node *labels; /* a map of what its nodes have; NULL: nothing is asked */
	const char *name;          /* of its only node, or NULL */
	bool chosen;
};

struct import_targets {
	size_t count;
	struct import_target *items;
};

/* Adds the objects of FORMAT's kinds, also those in lists. Others are left out. */
void import_collect(struct import *import, const struct node *documents,
		const struct import_format *format, struct import_targets *targets);
/* Whether another format than EXCEPT reads OBJECT's kind, of which import->left then speaks. */
bool import_leave_kind(struct import *import, const struct node *object,
		const struct import_format *except);
void import_target_add(struct import_targets *targets, struct import_target target);
void cleanup_import_targets(struct import_targets *targets);

/* Chooses those that are for the node of import->node. If these may be for different nodes, it
 * chooses none, and import->wrong says what they are for. */
void import_choose(struct import *import, struct import_targets *targets);

#endif
