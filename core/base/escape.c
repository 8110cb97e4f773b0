/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/escape.h"

#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define BAD         UINT32_MAX

/* One character of UTF-8: its code and its bytes. Overlong and truncated sequences and
 * surrogates are BAD, one byte long. */
struct character {
	uint32_t code;
	size_t length;
};

static struct character character_at(const char *text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length = bytes[0] < 0x80 ? 1 : bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
	uint32_t code = length == 1 ? bytes[0] : bytes[0] & (0xffu >> (length + 1));

	if (bytes[0] >= 0xf8 || (bytes[0] & 0xc0) == 0x80)
		return (struct character){ BAD, 1 };
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return (struct character){ BAD, 1 };
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return (struct character){ BAD, 1 };
	return (struct character){ code, length };
}

static bool is_harmful(uint32_t code)
{
	return code == BAD || code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 ||
			code == 0x2029 || /* Unicode's line and paragraph separators */
			(code >= 0x202a && code <= 0x202e) || /* directional overrides */
			(code >= 0x2066 && code <= 0x2069) || /* directional isolates */
			code == 0x200e || code == 0x200f || code == 0xfffe || code == 0xffff;
}

static const char *markup_of(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\n':
		return "\n";
	case '\t':
		return "\t";
	default:
		return NULL;
	}
}

static const char *space_of(uint32_t code)
{
	return code == '\n' || code == '\t' ? " " : NULL;
}

/* Escapes '@' too: text from a card must not mention users by name. */
static const char *markdown_of(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '@':
		return "&#64;";
	case '\\':
		return "\\\\";
	case '|':
		return "\\|";
	case '`':
		return "\\`";
	case '*':
		return "\\*";
	case '_':
		return "\\_";
	case '[':
		return "\\[";
	case ']':
		return "\\]";
	case '#':
		return "\\#";
	case '~':
		return "\\~";
	default:
		return space_of(code);
	}
}

/* Bytes that no form escapes: most of the text. */
static bool is_plain(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == ' ' ||
			(byte >= '+' && byte <= ';');
}

static void escape(const char *text, const char *(*form)(uint32_t code), FILE *out)
{
	while (text && *text) {
		struct character character;
		const char *instead;
		size_t plain = 0;

		while (is_plain((unsigned char)text[plain]))
			plain++;
		fwrite(text, 1, plain, out);
		text += plain;
		if (!*text)
			break;
		character = character_at(text);
		instead = form(character.code);
		if (instead)
			fputs(instead, out);
		else if (is_harmful(character.code))
			fputs(REPLACEMENT, out);
		else
			fwrite(text, 1, character.length, out);
		text += character.length;
	}
}

bool escape_is_exact(const char *text)
{
	while (*text) {
		struct character character = character_at(text);

		if (is_harmful(character.code))
			return false;
		text += character.length;
	}
	return true;
}

void escape_markup(const char *text, FILE *out)
{
	escape(text, markup_of, out);
}

void escape_terminal(const char *text, FILE *out)
{
	escape(text, space_of, out);
}

void escape_markdown(const char *text, FILE *out)
{
	escape(text, markdown_of, out);
}
