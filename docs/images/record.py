#!/usr/bin/env python3
"""Makes a picture of what a command shows on a terminal: record.py COLUMNS OUTPUT.svg COMMAND [ARG...]

The whole output, as text in an SVG of its own background, so that it reads the same on light and dark pages.
Needs python3-pyte.
"""

import fcntl
import os
import pty
import struct
import sys
import termios
from xml.sax.saxutils import escape

import pyte

LINES = 200  # more than any picture should have
WIDTH, HEIGHT, MARGIN = 8.4, 18, 16  # of a character at 14 px, and around all
GROUND, TEXT = "#1b1f24", "#d8dee4"
COLOURS = {"green": "#6bc46d", "red": "#f47067", "brown": "#daaa3f", "blue": "#6cb6ff"}


def shown(columns, command):
    """The terminal after the command has ended; its status must be 0."""
    screen = pyte.Screen(columns, LINES)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("4H", LINES, columns, 0, 0))
        os.execvp(command[0], command)
    try:
        while data := os.read(terminal, 65536):
            stream.feed(data)
    except OSError:  # the other end is closed
        pass
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"{command[0]} failed:\n" + "\n".join(screen.display).rstrip())
    return screen


def runs(row, columns):
    """Neighbours that look alike: column, text, colour, bold."""
    found = []
    for column in range(columns):
        cell = row[column]
        look = (COLOURS.get(cell.fg, TEXT), cell.bold)
        if found and found[-1][2:] == look:
            found[-1] = (found[-1][0], found[-1][1] + cell.data, *look)
        else:
            found.append((column, cell.data, *look))
    return [run for run in found if run[1].strip()]


def picture(screen):
    """The SVG."""
    last = max(line for line, text in enumerate(screen.display) if text.strip())
    first = min(line for line, text in enumerate(screen.display) if text.strip())
    width = round(screen.columns * WIDTH + 2 * MARGIN)
    height = (last - first + 1) * HEIGHT + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" '
        'font-size="14">',
        f'<rect width="{width}" height="{height}" rx="8" fill="{GROUND}"/>',
    ]
    for line in range(first, last + 1):
        y = MARGIN + (line - first) * HEIGHT + 13
        for column, text, colour, bold in runs(screen.buffer[line], screen.columns):
            text = text.rstrip()
            x = MARGIN + column * WIDTH
            weight = ' font-weight="bold"' if bold else ""
            lines.append(
                f'<text x="{x:.1f}" y="{y}" fill="{colour}"{weight} xml:space="preserve" '
                f'textLength="{len(text) * WIDTH:.1f}">{escape(text)}</text>'
            )
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(picture(shown(int(sys.argv[1]), sys.argv[3:])))
