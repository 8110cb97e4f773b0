#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints C source with a file as the string NAME, and as NAME_digest the digest that a Content
# Security Policy names: the SHA-256 in base64.
# Usage: embed.sh NAME FILE
set -eu

digest=$(sha256sum "$2" | cut -c 1-64 | tr a-f A-F | basenc --base16 --decode | base64)

printf '/* SPDX-License-Identifier: GPL-2.0-or-later */\n'
printf '#include "reports/page/page_assets.h"\n\n'
printf 'const char %s_digest[] = "%s";\n' "$1" "$digest"
printf 'const char %s[] = {\n' "$1"
od -A n -v -t x1 "$2" | sed 's/ \(..\)/0x\1, /g'
printf '0x00};\n'
