/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_CONFIG_H
#define HOST_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "host/host.h"

/*
 * PCI configuration space of a function on HOST, through libpci. Without privilege the kernel
 * returns only the first 64 bytes: config_length() returns how many bytes could be read.
 *
 * A VF's own vendor and device id read ffff by the specification (SR-IOV 1.1, 3.4.1.1).
 */
struct config;

int config_open(const struct host *host, struct bdf bdf, struct config **config, struct err *err);
void config_close(struct config *config);
void cleanup_config(struct config **config);

unsigned config_length(struct config *config); /* 0, 64, 256 or 4096 */

/* What helps where only LENGTH bytes could be read, in lower case; NULL: they are all. */
const char *config_remedy(unsigned length);

/* A file with the output of lspci -x, -xxx or -xxxx, which libpci reads. A function that is not
 * in it is -ENODEV. The dump must outlive the configuration spaces that are opened from it. */
struct dump;

int dump_open(const char *path, struct dump **dump, struct err *err);
void dump_close(struct dump *dump);
void cleanup_dump(struct dump **dump);
size_t dump_functions(const struct dump *dump, const struct bdf **functions);
int config_open_dump(struct dump *dump, struct bdf bdf, struct config **config, struct err *err);

/* Reads all that can be read into BYTES, which has 4,096 bytes. Returns the length. */
unsigned config_read(struct config *config, uint8_t *bytes);

/* A failed read returns all ones. */
uint8_t config_byte(struct config *config, unsigned offset);
uint16_t config_word(struct config *config, unsigned offset);
uint32_t config_long(struct config *config, unsigned offset);
int config_write_word(struct config *config, unsigned offset, uint16_t value, struct err *err);
int config_write_long(struct config *config, unsigned offset, uint32_t value, struct err *err);

/* Returns the offset of the first capability with this id, 0: none. The walk is bounded, even in
 * a loop. */
unsigned config_capability(struct config *config, uint8_t id);
unsigned config_extended(struct config *config, uint16_t id);

/* Returns "Intel Corporation 82576 Gigabit Network Connection", from pci.ids, or ids in hex if
 * they are unknown. */
const char *config_names(
		const struct host *host, uint16_t vendor, uint16_t device, char *text, size_t size);

#endif
