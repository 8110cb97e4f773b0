/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfcert/keys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "data/record.h"
#include "vfcert/call.h"
#include "vfcert/setup.h"

/* vfcert keygen, and the keys of the other verbs. */

#define PEM_LIMIT (64 << 10)

/* PASSPHRASE becomes NULL if no file is named. */
static int read_passphrase(const struct verb_call *call, char **passphrase, struct err *err)
{
	const char *path = call_value(call, "passphrase-file");
	int rc;

	*passphrase = NULL;
	if (!path)
		return 0;
	rc = file_read(AT_FDCWD, path, PEM_LIMIT, passphrase, NULL, err);
	if (rc < 0)
		return rc;
	(*passphrase)[strcspn(*passphrase, "\r\n")] = '\0';
	if (!**passphrase)
		return err_set(err, EINVAL, "%s: the first line, the passphrase, is empty", path);
	return 0;
}

static int check_private(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(err, "cannot read the key %s", path);
	if (st.st_mode & 077)
		return err_set(err, EACCES, "%s: others may read this private key: chmod 600 %s",
				path, path);
	return 0;
}

int keys_load_private(const struct verb_call *call, struct key **key, struct err *err)
{
	CLEANUP(cleanup_free) char *passphrase = NULL;
	CLEANUP(cleanup_free) char *pem = NULL;
	const char *path = call_value(call, "key");
	int rc;

	if (!path)
		return err_set(err, EINVAL,
				"name the private key: --key FILE (vfcert keygen makes one)");
	rc = check_private(path, err);
	if (!rc)
		rc = read_passphrase(call, &passphrase, err);
	if (!rc)
		rc = file_read(AT_FDCWD, path, PEM_LIMIT, &pem, NULL, err);
	return rc < 0 ? rc : key_parse_private(path, pem, passphrase, key, err);
}

int keys_load_public(const struct verb_call *call, struct keyring *ring, struct err *err)
{
	CLEANUP(cleanup_call_values) struct call_values paths = call_values(call, "key");
	int rc = 0;

	if (!paths.count)
		return err_set(err, EINVAL, "name the trusted public key: --key FILE");
	ring->keys = calloc(paths.count, sizeof(struct key *));
	if (!ring->keys)
		abort();
	for (size_t i = 0; !rc && i < paths.count; i++) {
		CLEANUP(cleanup_free) char *pem = NULL;

		rc = file_read(AT_FDCWD, paths.list[i], PEM_LIMIT, &pem, NULL, err);
		if (!rc)
			rc = key_parse_public(paths.list[i], pem, &ring->keys[ring->count], err);
		ring->count += rc == 0;
	}
	return rc;
}

void cleanup_keyring(struct keyring *ring)
{
	for (size_t i = 0; i < ring->count; i++)
		key_free(ring->keys[i]);
	free(ring->keys);
}

/* Never overwrites a file. */
static int write_new(const char *path, const char *text, mode_t mode, struct err *err)
{
	CLEANUP(cleanup_fd)
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	int rc;

	if (fd < 0 && errno == EEXIST)
		return err_set(err, EINVAL,
				"%s exists, and keygen overwrites no file: name another", path);
	if (fd < 0)
		return err_sys(err, "cannot create %s", path);
	rc = file_write_all(fd, text, strlen(text));
	if (!rc && fsync(fd) < 0)
		rc = -errno;
	if (rc < 0) {
		unlink(path);
		return err_set(err, -rc, "cannot write %s: %s", path, strerror(-rc));
	}
	return 0;
}

static int write_pair(const struct key *key, const char *path, const char *public_path,
		const char *passphrase, struct err *err)
{
	CLEANUP(cleanup_free) char *private_pem = key_print_private(key, passphrase);
	CLEANUP(cleanup_free) char *public_pem = key_print_public(key);
	int rc = write_new(path, private_pem, 0600, err);

	explicit_bzero(private_pem, strlen(private_pem));
	if (rc < 0)
		return rc;
	rc = write_new(public_path, public_pem, 0644, err);
	if (rc < 0)
		unlink(path);
	return rc;
}

static void print_pair(const struct verb_call *call, const struct key *key, const char *path,
		const char *public_path)
{
	const char *type = key_type(key) == KEY_P256 ? "p256" : "ed25519";
	char id[DIGEST_TEXT];

	key_id(key, id);
	if (call_has(call, "json")) {
		CLEANUP(cleanup_record) struct record *record = record_object();
		CLEANUP(cleanup_free) char *text = NULL;

		record_put_str(record, "type", type);
		record_put_str(record, "id", id);
		record_put_str(record, "private", path);
		record_put_str(record, "public", public_path);
		text = record_print_pretty(record);
		puts(text);
		return;
	}
	printf("private key  %s (%s): keep it off the machines under test\n", path, type);
	printf("public key   %s: give it to those who verify\n", public_path);
	printf("key id       %s\n", id);
}

static int keygen(struct verb_call *call)
{
	const char *path = call->args[0], *type = call_value(call, "type");
	CLEANUP(cleanup_free) char *public_path = text_format("%s.pub", path);
	CLEANUP(cleanup_free) char *passphrase = NULL;
	CLEANUP(cleanup_key) struct key *key = NULL;
	struct err err = { 0 };
	int rc;

	if (type && strcmp(type, "p256") && strcmp(type, "ed25519"))
		return call_misused(call, "no key type '%s': there are p256 and ed25519", type);
	rc = read_passphrase(call, &passphrase, &err);
	if (!rc)
		rc = key_generate(type && !strcmp(type, "ed25519") ? KEY_ED25519 : KEY_P256, &key,
				&err);
	if (!rc)
		rc = write_pair(key, path, public_path, passphrase, &err);
	if (rc < 0)
		return call_failed(call, &err);
	print_pair(call, key, path, public_path);
	return EXIT_GOOD;
}

static const struct flag keygen_flags[] = {
	{ "type", 0, "TYPE", "p256 (default), or ed25519, which sigstore does not support" },
	PASSPHRASE_FLAG,
	{ "json", 0, NULL, "Print JSON" },
	{ 0 },
};

const struct verb key_verbs[] = {
	{ .name = "keygen",
			.args = "FILE",
			.summary = "Make a key to sign certificates",
			.details = "Writes the private key to FILE, readable only for its owner, and "
				   "the public key to FILE.pub. Never overwrites a file.",
			.flags = keygen_flags,
			.run = keygen },
	{ 0 },
};
