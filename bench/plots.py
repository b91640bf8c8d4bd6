"""Bars and curves as SVG, readable on a light and on a dark page."""
import math
from xml.sax.saxutils import escape

COLOURS = {"iris": "#c2410c", "ejabberd": "#2563eb", "ejabberd-sql": "#7ea6f4", "prosody": "#4b8b3b"}
STYLE = ("<style>text{font:12px sans-serif;fill:#444}.t{font-weight:bold;fill:#222}.g{stroke:#bbb;stroke-width:1}"
         "@media(prefers-color-scheme:dark){text{fill:#bbb}.t{fill:#eee}.g{stroke:#555}}</style>")


def short(value):
    if value >= 10000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def colour(name):
    return COLOURS.get(name, "#777")


def text(x, y, words, anchor="start", kind=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{escape(words)}</text>'


def document(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}">{STYLE}\n' + "\n".join(parts) + "\n</svg>\n")


def bars(panels):
    """panels: [(title, note, [(server, label, value)])]: one under the other."""
    width, left, bar, parts, y = 720, 210, 18, [], 10
    for title, note, rows in panels:
        y += 18
        parts.append(text(10, y, title, kind="t"))
        parts.append(text(width - 10, y, note, "end"))
        most = max(value for _, _, value in rows) or 1
        for server, label, value in rows:
            y += bar + 4
            length = (width - left - 110) * value / most
            parts.append(text(left - 8, y, label, "end"))
            parts.append(f'<rect x="{left}" y="{y - bar + 5}" width="{max(length, 1):.1f}" height="{bar - 4}" fill="{colour(server)}"/>')
            parts.append(text(left + length + 6, y, short(value)))
        y += 14
    return document(width, y + 6, parts)


def curves(title, x_title, y_title, lines):
    """lines: [(server, label, [(x, y)])]; x on a logarithmic scale, y from zero, and logarithmic if it spans a lot."""
    width, height, left, bottom, top, right = 720, 320, 60, 50, 40, 170
    points = [point for _, _, line in lines for point in line]
    low_x, high_x = math.log10(min(x for x, _ in points)), math.log10(max(x for x, _ in points))
    low_y, high_y = min(y for _, y in points), max(y for _, y in points)
    logarithmic = high_y > 20 * low_y > 0
    if logarithmic:
        low_y, high_y = math.floor(math.log10(low_y)), math.ceil(math.log10(high_y))
    else:
        low_y, high_y = 0, high_y * 1.1 or 1

    def place(x, y):
        y = math.log10(y) if logarithmic else y
        return (left + (width - left - right) * ((math.log10(x) - low_x) / ((high_x - low_x) or 1)),
                height - bottom - (height - bottom - top) * (y - low_y) / (high_y - low_y))

    parts = [text(10, 18, title, kind="t"), text((left + width - right) / 2, height - 8, x_title, "middle"),
             text(10, top - 10, y_title)]
    for power in range(math.floor(low_x), math.ceil(high_x) + 1):
        if low_x <= power <= high_x:
            x, _ = place(10 ** power, 10 ** low_y if logarithmic else low_y)
            parts.append(f'<line class="g" x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{height - bottom}"/>')
            parts.append(text(x, height - bottom + 16, f"{10 ** power:,}", "middle"))
    ticks = [10 ** p for p in range(low_y, high_y + 1)] if logarithmic else [high_y * i / 4 for i in range(5)]
    for tick in ticks:
        _, y = place(10 ** low_x, tick)
        parts.append(f'<line class="g" x1="{left}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}"/>')
        parts.append(text(left - 6, y + 4, short(tick), "end"))
    for i, (server, label, line) in enumerate(lines):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in sorted(line)))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour(server)}" stroke-width="2"/>')
        for point in line:
            x, y = place(*point)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour(server)}"/>')
        y = top + 20 * i + 10
        parts.append(f'<rect x="{width - right + 16}" y="{y - 10}" width="12" height="12" fill="{colour(server)}"/>')
        parts.append(text(width - right + 34, y, label))
    return document(width, height, parts)
