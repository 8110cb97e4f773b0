/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/vf_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "sriov/vfs.h"

struct vf_state vf_state_of(const struct vf *vf)
{
	struct vf_state state = { .settings = vf->settings };

	memcpy(state.driver, vf->function.driver, sizeof(state.driver));
	return state;
}

void vf_state_to_record(const struct vf_state *state, struct record *object)
{
	record_put_str(object, "driver", state->driver);
	record_put(object, "policy", vf_settings_to_record(&state->settings));
}

struct vf_state vf_state_from_record(const struct record *object)
{
	struct vf_state state = { .settings = vf_settings_from_record(
						  record_get(object, "policy")) };

	snprintf(state.driver, sizeof(state.driver), "%s", record_str(object, "driver", ""));
	return state;
}

static void add(char **text, const char *words)
{
	char *longer = text_format("%s%s%s", *text, **text ? "; " : "", words);

	free(*text);
	*text = longer;
}

char *vf_state_differences(const struct vf_state *was, const struct vf_state *now)
{
	char *text = text_format("%s", "");
	unsigned differ = vf_settings_difference(&was->settings, &now->settings);

	if (strcmp(was->driver, now->driver) != 0) {
		CLEANUP(cleanup_free)
		char *words = text_format("driver %s, was %s", *now->driver ? now->driver : "none",
				*was->driver ? was->driver : "none");

		add(&text, words);
	}
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		CLEANUP(cleanup_free) char *words = NULL;
		char is[80], before[80];

		if (!(differ & setting->bit))
			continue;
		words = text_format("%s %s, was %s", setting->name,
				now->settings.given & setting->bit
						? vf_setting_text(setting, &now->settings, is,
								  sizeof(is))
						: "not reported",
				vf_setting_text(setting, &was->settings, before, sizeof(before)));
		add(&text, words);
	}
	return text;
}

/* A running driver does not notice a new address and would receive nothing, so it is bound again. */
int vf_state_restore(const struct host *host, struct bdf pf, const struct vf *now,
		const struct vf_state *state, struct err *err)
{
	struct vf_settings settings = state->settings;
	bool rebind;
	int rc = 0;

	settings.given = vf_settings_difference(&settings, &now->settings);
	rebind = settings.given & (VF_MAC | VF_GUIDS) ||
			strcmp(state->driver, now->function.driver) != 0;
	if (rebind)
		rc = function_unbind(host, now->function.bdf, err);
	if (!rc && settings.given)
		rc = vf_change_settings(host, pf, now->index, &settings, err);
	if (!rc && rebind && *state->driver)
		rc = function_bind(host, now->function.bdf, state->driver, err);
	return rc;
}
