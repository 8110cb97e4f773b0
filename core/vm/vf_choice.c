/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/vf_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "catalog/network_path.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/shared_group.h"
#include "sriov/vfs.h"

/* What the caller's word selects. */
struct selection {
	const char *word; /* NULL: everything */
	struct bdf pf;
	bool one_vf;
	struct bdf vf;
};

/* "eth0/3" and "0000:01:10.6" are VFs, "eth0" and "0000:01:00.0" are cards. */
static int select_by(const struct host *host, const char *word, struct selection *selection,
		struct err *err)
{
	CLEANUP(cleanup_free) char *card = text_format("%s", word ? word : "");
	char *slash = strrchr(card, '/'), pf[BDF_TEXT];
	uint64_t index;
	int rc;

	*selection = (struct selection){ .word = word };
	if (!word)
		return 0;
	if (!slash && !bdf_parse(word, &selection->vf) &&
			!function_link(host, selection->vf, "physfn", pf, sizeof(pf)) &&
			!bdf_parse(pf, &selection->pf)) {
		selection->one_vf = true;
		return 0;
	}
	if (slash)
		*slash = '\0';
	rc = pf_find(host, card, &selection->pf, err);
	if (rc < 0 || !slash)
		return rc;
	if (number_parse(slash + 1, 0, UINT32_MAX, &index) < 0)
		return err_set(err, EINVAL, "'%s' names no VF: give the card and a number, eth0/3",
				word);
	selection->one_vf = true;
	return vf_find(host, selection->pf, (unsigned)index, &selection->vf, err);
}

/* Why no VF of the card can be given, or NULL; for the caller to free. */
static char *card_lacks(const struct network_path *path, const struct network *network)
{
	const struct pf *pf = path->pf;

	if (!path->allowed)
		return text_format("it may not carry %s (vfctl allow)", network->head.name);
	if (*pf->net.vfs_unread)
		return text_format("the settings of its VFs cannot be read");
	if (!pf->net.index)
		return text_format("it has no network interface here");
	if (!pf->net.up)
		return text_format("it is down: ip link set %s up", pf->function.netdev);
	if (!path->mtu_fits)
		return text_format("its MTU is %u, and %s needs %u", pf->net.mtu,
				network->head.name, network->mtu);
	if (!pf->vf_count)
		return text_format("it has no VFs: vfctl set %s --vfs N", pf->function.netdev);
	return NULL;
}

static bool is_shared(const struct shared_groups *groups, const struct vf *vf)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (groups->list[i].number == vf->function.iommu_group)
			return true;
	}
	return false;
}

struct choice {
	const struct host *host;
	const struct vf_wish *wish;
	struct vf_candidates *candidates;
};

static const char *promised_to(const struct choice *choice, struct bdf vf)
{
	for (size_t i = 0; i < choice->wish->promise_count; i++) {
		if (bdf_equal(choice->wish->promises[i].vf, vf))
			return choice->wish->promises[i].what;
	}
	return NULL;
}

static bool is_own(const struct choice *choice, struct bdf vf)
{
	return choice->wish->own && bdf_equal(*choice->wish->own, vf);
}

/* Why the VF cannot be given, or NULL; for the caller to free. */
static char *vf_lacks(const struct choice *choice, const struct shared_groups *groups,
		const struct vf *vf)
{
	const char *promise = promised_to(choice, vf->function.bdf);
	char text[240];

	if (is_own(choice, vf->function.bdf))
		return NULL;
	if (vf->holder.kind)
		return text_format("held: %s", holder_text(&vf->holder, text, sizeof(text)));
	if (promise)
		return text_format("%s", promise);
	if (vf->function.iommu_group < 0)
		return text_format("without an IOMMU group: vfctl check says what is missing");
	if (is_shared(groups, vf))
		return text_format("not alone in its IOMMU group: vfctl check says why");
	return NULL;
}

static void add_vf(struct vf_candidates *candidates, const struct pf *pf, const struct vf *vf)
{
	struct vf_candidate *fresh;
	char name[NAME_ROOM];

	candidates->list = realloc(
			candidates->list, (candidates->count + 1) * sizeof(*candidates->list));
	if (!candidates->list)
		abort();
	fresh = &candidates->list[candidates->count++];
	*fresh = (struct vf_candidate){ pf->function.bdf, vf->function.bdf, vf->index };
	snprintf(fresh->name, sizeof(fresh->name), "VF %u of %.48s", vf->index,
			pf_name(&pf->function, name, sizeof(name)));
}

static bool is_among(const struct choice *choice, struct bdf vf)
{
	const struct vf_wish *wish = choice->wish;

	for (size_t i = 0; i < wish->among_count; i++) {
		if (bdf_equal(wish->among[i], vf))
			return true;
	}
	return !wish->among;
}

/* Adds the reason for one VF, since a card may have hundreds; of a chosen few, for each. */
static void add_reason(
		const struct choice *choice, const struct vf *vf, const char *lacks, char **reason)
{
	char *before = *reason;

	if (before && !choice->wish->among)
		return;
	*reason = text_format("%s%sVF %u is %s", before ? before : "", before ? "; " : "",
			vf->index, lacks);
	free(before);
}

static void choose_on_card(
		const struct choice *choice, const struct pf *pf, const struct selection *selection)
{
	CLEANUP(cleanup_shared_groups) struct shared_groups groups = { 0 };
	CLEANUP(cleanup_free) char *reason = NULL;
	size_t before = choice->candidates->count, looked_at = 0;
	char name[NAME_ROOM];

	shared_groups_read(choice->host, pf, &groups);
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &pf->vfs[i];
		char *lacks;

		if (!is_among(choice, vf->function.bdf) ||
				(selection->one_vf && !bdf_equal(vf->function.bdf, selection->vf)))
			continue;
		looked_at++;
		lacks = vf_lacks(choice, &groups, vf);
		if (!lacks)
			add_vf(choice->candidates, pf, vf);
		else
			add_reason(choice, vf, lacks, &reason);
		free(lacks);
	}
	for (size_t i = before; i < choice->candidates->count; i++)
		choice->candidates->list[i].card_count = choice->candidates->count - before;
	if (choice->candidates->count > before || (choice->wish->among && !looked_at))
		return;
	diagnostic_add(&choice->candidates->reasons, "%s: %s%s",
			pf_name(&pf->function, name, sizeof(name)), reason ? reason : "no such VF",
			looked_at > 1 && !choice->wish->among ? " (and none of the others is free)"
							      : "");
}

static int compare(const void *a, const void *b)
{
	const struct vf_candidate *left = a, *right = b;

	if (left->card_count != right->card_count)
		return left->card_count > right->card_count ? -1 : 1;
	if (!bdf_equal(left->pf, right->pf))
		return bdf_compare(left->pf, right->pf);
	return (left->index > right->index) - (left->index < right->index);
}

static void put_first(struct vf_candidates *candidates, struct bdf vf)
{
	for (size_t i = 0; i < candidates->count; i++) {
		struct vf_candidate found = candidates->list[i];

		if (!bdf_equal(found.vf, vf))
			continue;
		memmove(&candidates->list[1], candidates->list, i * sizeof(found));
		candidates->list[0] = found;
	}
}

static void sort(struct vf_candidates *candidates, const struct vf_wish *wish)
{
	if (candidates->count)
		qsort(candidates->list, candidates->count, sizeof(*candidates->list), compare);
	if (wish->own)
		put_first(candidates, *wish->own);
}

int vf_candidates_find(const struct host *host, const struct catalog *catalog,
		const struct vf_wish *wish, struct vf_candidates *candidates, struct err *err)
{
	CLEANUP(cleanup_network_paths) struct network_paths paths = { 0 };
	struct choice choice = { host, wish, candidates };
	struct selection selection;
	int rc = select_by(host, wish->only, &selection, err);

	if (!rc)
		rc = network_paths_read(host, &catalog->allowlists, wish->network, &paths, err);
	for (size_t i = 0; !rc && i < paths.count; i++) {
		const struct pf *pf = paths.list[i].pf;
		CLEANUP(cleanup_free) char *lacks = NULL;
		char name[NAME_ROOM];

		if (wish->only && !bdf_equal(pf->function.bdf, selection.pf))
			continue;
		lacks = card_lacks(&paths.list[i], wish->network);
		if (lacks)
			diagnostic_add(&candidates->reasons, "%s: %s",
					pf_name(&pf->function, name, sizeof(name)), lacks);
		else
			choose_on_card(&choice, pf, &selection);
	}
	if (!rc && !paths.count)
		diagnostic_add(&candidates->reasons, "this host has no card with SR-IOV");
	if (!rc)
		sort(candidates, wish);
	return rc;
}

int vf_candidate_of(const struct host *host, struct bdf vf, struct vf_candidate *candidate,
		struct err *err)
{
	CLEANUP(cleanup_vf_candidates) struct vf_candidates found = { 0 };
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	char text[BDF_TEXT];
	int rc;

	if (function_link(host, vf, "physfn", text, sizeof(text)) < 0 ||
			bdf_parse(text, &pf.function.bdf) < 0)
		return err_set(err, ENODEV, "%s is no VF of this host", bdf_format(vf, text));
	rc = pf_fill_state(host, &pf, err);
	for (size_t i = 0; !rc && !found.count && i < pf.vf_count; i++) {
		if (bdf_equal(pf.vfs[i].function.bdf, vf))
			add_vf(&found, &pf, &pf.vfs[i]);
	}
	if (!rc && !found.count)
		return err_set(err, ENODEV, "%s is gone", bdf_format(vf, text));
	if (!rc)
		*candidate = found.list[0];
	return rc;
}

void cleanup_vf_candidates(struct vf_candidates *candidates)
{
	free(candidates->list);
	diagnostics_free(&candidates->reasons);
	*candidates = (struct vf_candidates){ 0 };
}
