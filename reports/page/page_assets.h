/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_PAGE_PAGE_ASSETS_H
#define REPORTS_PAGE_PAGE_ASSETS_H

/* The files of the same names, built in by embed.sh, so that the page needs no other file. */
extern const char page_css[], page_css_digest[];
extern const char page_js[], page_js_digest[];

#endif
