/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Passes one input to one parser and aborts if the parser violates its contract. libFuzzer calls
 * it, or fuzz_replay.c with the files of corpus/. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
