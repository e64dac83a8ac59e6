"""Whether RE2 finds a pattern: lines of pattern, blank, text, both in hexadecimal; answers one 0 or 1 each."""

import sys

import re2


def plain(text):
    return bytes.fromhex(text).decode()


pairs = (line.rstrip("\n").split(" ") for line in sys.stdin)
print("".join("1" if re2.search(plain(pattern), plain(text)) else "0" for pattern, text in pairs))
