/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/page/page_internal.h"

#include <math.h>

#include "reports/page/html.h"

/* When each check ran: a lane for each suite, a bar for each check, and in it, darker, the time
 * that the kernel's own operations took. */

enum { LEFT = 112, WIDE = 880, LANE = 17, LANES_LIMIT = 60, FOOT = 26 };

/* In a run of so many checks, bars narrower than this share of the run are left out. */
#define MANY_CHECKS 1000
#define NARROWEST   0.0005

struct scale {
	double seconds;
	bool measured; /* start times are known; else the checks are laid end to end */
};

/* When the check at INDEX begins, if the one before it ended at LAST. */
static double begin_of(const struct results_reader *reader, size_t index, double last)
{
	struct check_times times = reader_times(reader, index);

	return times.at < 0 ? last : (double)times.at;
}

static struct scale scale_of(const struct results_reader *reader)
{
	struct scale scale = { .measured = reader_length(reader) > 0 };
	double last = 0;

	for (size_t i = 0; i < reader_length(reader); i++) {
		struct check_times times = reader_times(reader, i);

		last = begin_of(reader, i, last) + (double)times.duration;
		scale.measured = scale.measured && times.at >= 0;
		scale.seconds = last > scale.seconds ? last : scale.seconds;
	}
	return scale;
}

/* The distance of the marks: 0.1, 0.2, 0.5, 1, 2, ..., so that there are about ten at most. */
static double step_of(double seconds)
{
	static const double factors[] = { 2, 2.5, 2 };
	double step = 0.1;

	for (size_t i = 0; seconds / step > 10; i++)
		step *= factors[i % 3];
	return step;
}

static void print_axis(const struct scale *scale, int high, FILE *out)
{
	double step = step_of(scale->seconds);

	for (int i = 0; i * step <= scale->seconds; i++) {
		double x = LEFT + WIDE * (i * step / scale->seconds);

		html_print(out,
				"<path class=\"grid\" d=\"M%.1f 0V%d\"/><text class=\"small\" "
				"x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g s</text>\n",
				x, high, x, high + 15, i * step);
	}
}

static void print_bar(const struct results_reader *reader, size_t index, double begin,
		const struct scale *scale, FILE *out)
{
	struct check_times times = reader_times(reader, index);
	const char *verdict = verdict_words[reader_verdict(reader, index)];
	double kernel = (double)fminf(times.kernel, times.duration);
	double unit = WIDE / scale->seconds, wide = (double)times.duration * unit;
	int lane = (int)reader_suite(reader, index);

	html_print(out,
			"<g><title>%s: %s, %.2f s</title><rect class=\"%s\" x=\"%.1f\" y=\"%d\" "
			"width=\"%.1f\" height=\"%d\"/>",
			reader_id(reader, index), verdict, (double)times.duration, verdict,
			LEFT + begin * unit, lane * LANE + 2, wide < 1.2 ? 1.2 : wide, LANE - 4);
	if (kernel * unit >= 1)
		html_print(out,
				"<rect class=\"kernel\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" "
				"height=\"4\"/>",
				LEFT + begin * unit, lane * LANE + LANE - 6, kernel * unit);
	fputs("</g>\n", out);
}

static void print_bars(const struct results_reader *reader, const struct scale *scale, size_t lanes,
		FILE *out)
{
	bool many = reader_length(reader) > MANY_CHECKS;
	double last = 0;

	for (size_t i = 0; i < reader_length(reader); i++) {
		double duration = (double)reader_times(reader, i).duration;
		double begin = begin_of(reader, i, last);

		last = begin + duration;
		if (reader_suite(reader, i) < lanes &&
				(!many || duration >= NARROWEST * scale->seconds))
			print_bar(reader, i, begin, scale, out);
	}
}

void page_timeline(const struct results_reader *reader, FILE *out)
{
	struct scale scale = scale_of(reader);
	size_t lanes;
	const struct suite_totals *totals = reader_totals(reader, &lanes);
	int high;

	if (scale.seconds <= 0)
		return;
	lanes = lanes > LANES_LIMIT ? LANES_LIMIT : lanes;
	high = (int)lanes * LANE;
	html_print(out,
			"<figure class=\"wide\"><figcaption>Timeline, suite by suite%s</figcaption>"
			"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Timeline\">"
			"<svg class=\"timeline\" viewBox=\"0 0 %d %d\" role=\"img\"><title>Timeline of "
			"the run</title><desc>%zu checks of %zu suites in %.1f seconds. Dark: the "
			"kernel's own operations.</desc>\n",
			scale.measured ? "; dark: the kernel's own operations"
				       : "; checks laid end to end",
			LEFT + WIDE + 20, high + FOOT, reader_length(reader), lanes, scale.seconds);
	print_axis(&scale, high, out);
	for (size_t i = 0; i < lanes; i++)
		html_print(out,
				"<text class=\"small\" x=\"%d\" y=\"%d\" "
				"text-anchor=\"end\">%s</text>\n",
				LEFT - 8, (int)i * LANE + 12, totals[i].suite);
	print_bars(reader, &scale, lanes, out);
	fputs("</svg></div></figure>\n", out);
}
