/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "reports/tests/certifiable.h"

/* write_certifiable PROFILES FOLDER: writes the records of certifiable.h to files, for tests of
 * the programs. */

static int save(const char *folder, const char *name, const struct record *record)
{
	char *path = text_format("%s/%s", folder, name);
	int rc = record_save_canonical(AT_FDCWD, path, record, NULL);

	free(path);
	return rc;
}

int main(int argc, char **argv)
{
	struct certification_profile *profile = NULL;
	struct record *results, *proof;
	int rc;

	if (argc != 3 || cert_profile_load(argv[1], NULL, &profile, NULL) < 0 ||
			file_make_dirs(argv[2], 0777, NULL) < 0)
		return 1;
	results = certifiable_results(profile);
	proof = certifiable_proof();
	rc = save(argv[2], "results.json", results);
	if (!rc)
		rc = save(argv[2], "identity.json", record_get(results, "identity"));
	if (!rc)
		rc = save(argv[2], "proof.json", proof);
	record_free(results);
	record_free(proof);
	cert_profile_free(profile);
	return rc < 0;
}
