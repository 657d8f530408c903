# ruff: noqa: RUF001 - they are ambiguous on purpose
"""Strings written to break code that stores, searches, splits, renders or logs them."""

from __future__ import annotations

import json

from tests.proofs.malicious_html import SCRIPT

MEGABYTE = 1 << 20
DEEP = 10_000

SQL = (
    *("'", "''", '"', "`", "\\", "\\'", "';--", "' OR '1'='1", '" OR ""="', "1; DROP TABLE posts"),
    *("'); DELETE FROM users; --", "' UNION SELECT password_hash FROM users --", "$$", "$1", "$a$"),
    *("1' AND pg_sleep(10)--", "'||(SELECT version())||'", "%s", "%(id)s", "%%", "%n%n%n", "{0}"),
    *(
        "\\x00",
        "E'\\\\x41'",
        "U&'\\0061'",
        "/* */ --",
        "NULL",
        "DEFAULT",
        "CAST(1 AS int)",
        "::text",
    ),
    *("COPY users TO PROGRAM 'sh'", "'; NOTIFY a; --", "0x27", "infinity", "-infinity", "epoch"),
)
SEARCH = (
    *("a & b", "a |", "!", "!!", "<->", "a <-> b", "a:*", ":*", "'a':*", "a:ABCD", "(", ")", "(()"),
    *(
        "*",
        "**",
        "?",
        "a*b*c*",
        "_",
        "%",
        "a_b%",
        "/.*/",
        "field:value",
        "_exists_:a",
        "a AND",
        "OR",
    ),
    *("NOT", "a~2", "a^9", "[a TO b]", "{a TO *}", '"a', '"a b"~3', "+a -b", "\\&\\|", "a\\:*"),
    *("(a+)+$", "^(a|a)*$", "(.*)*x", "[[:alnum:]]", "[^", "(?=", "a{1000,}", "\\b\\B\\d"),
)
LINES = (
    *("\r", "\n", "\r\n", "a\r\nb", "a\nb", "\r\n\r\n", "a\r\nSet-Cookie: a=b", "%0d%0aX: y"),
    *(
        "a\u2028b",
        "a\u2029b",
        "a\x0bb",
        "a\x0cb",
        "a\x85b",
        "\n" * 1000,
        "a\r\n\r\n<html>",
        "\\r\\n",
    ),
    *(
        '{"level":"ERROR"}\n{"message":"forged"}',
        "\x1b[2J\x1b[31mred",
        "\x1b]0;title\x07",
        "\b\b\b",
    ),
)
CONTROL = tuple(f"a{chr(code)}b" for code in (*range(1, 32), 127, *range(0x80, 0xA0)))
NUL = ("\0", "a\0", "\0a", "a\0b", "\0" * 100, "a\\0b", "a%00b", "\ufeff\0")
BIDI = (
    *(
        f"user{mark}gpj.exe{end}"
        for mark in ("\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068")
        for end in ("", "\u202c", "\u2069")
    ),
    *("\u200e\u200f", "\u061c", "שלום <b>", "مرحبا'--", "\u202e" * 50),
)
ZERO_WIDTH = tuple(
    text.replace("_", mark)
    for mark in ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u3164")
    for text in ("_", "a_b", "_a", "a_", "<scr_ipt>", "java_script:alert(1)", "_" * 60)
)
ODD = (
    *("\ud800", "\udfff", "a\ud800b", "\udc00\ud800", "\ufffe", "\uffff", "\ufffd", "\U0010ffff"),
    *(
        "\U000e0001\U000e0061",
        "👩‍👩‍👧‍👦",
        "🏳️‍🌈",
        "👍🏽",
        "é",
        "e\u0301",
        "Å",
        "ﬃ",
        "ß",
        "ẞ",
        "İ",
        "ı",
        "ǅ",
        "Σ",
        "ς",
    ),
    *(
        "Z" + "\u0300\u0315\u0341" * 300,
        "\u0301",
        "\u0e33" * 50,
        "﷽" * 50,
        "𝕒𝕓𝕔",
        "Ⅷ",
        "½",
        "①",
        "٣",
    ),
    *(
        "ｓｃｒｉｐｔ",
        "＜script＞",
        "ʼ",
        "′",
        "＇",
        "‘",
        "admin\u0430",
        "раypal",
        "a" * 256,
        "a b" * 200,
    ),
)
UNSEEN = (
    *("\u115f", "\u1160", "\uffa0", "\u17b4", "\u034f", "\u2061", "\ufe0f", "\U000e0100"),
    *("\U0001d159", "\U0001d173", "\U00016fe4", "\ufff9\ufffb", "\ufffc", "\U000e0001\U000e007f"),
    *("\u2000\u200a\u205f", "\u1680", "\u200b" * 5000, "\u3164\u2800\u00a0"),
)
"""Nothing of them can be seen."""

PILED = (
    *("Z" + "\u0301" * 40, "e" + "\u0e47" * 40, "\u0fb7" * 40, "a" + "\u20dd\u0489" * 20),
    *("Z" + "\u0301\u0316" * 20_000, "\u0344" * 13_000, "\u1161\u11a8" * 5_000),
    *("\U0001f441" + "\u200d\U0001f441" * 3_000, "\U0001f1e6" * 4_000, "\ufdfa" * 4_000),
)
"""Marks on one character, characters in one cluster, and what grows in another normal form."""

NESTED_BIDI = (
    *("\u2066" * 2_000, "\u202e\u2069" * 1_000, "a\u2067b\n\u2069c", "\u2069\u202c" * 500),
    *("[a\u202e](https://a.example/)b", "`\u202e`a", "**\u2067a**b", "> \u202ea\nb"),
)

NUMBERS = (
    *("NaN", "Infinity", "-Infinity", "-0", "1e309", "1e-400", "0x7fffffffffffffff", "0b1", "0o7"),
    *(
        str(2**31),
        str(2**63),
        str(2**64),
        str(-(2**63) - 1),
        "9" * 400,
        "1_000",
        "1,000",
        "٣",
        "١٢٣",
    ),
    *("true", "false", "null", "undefined", "None", "[]", "{}", "()", "0", "-1", "1.0", ".5", "1."),
)
PATHS = (
    *("../../../etc/passwd", "..\\..\\windows", "%2e%2e%2f", "....//", "/dev/null", "C:\\con", "~"),
    *(
        "a/b",
        "/",
        "//",
        ".",
        "..",
        "a?b=c",
        "a#b",
        "a&b=c",
        "a;b",
        "a%",
        "%",
        "%zz",
        "%ff",
        "%c0%af",
    ),
    *("$(id)", "`id`", "| id", "; id", "&& id", "\\\\host\\share", "file|id", "*", "-rf", "--help"),
)
LARGE = (
    *("a" * MEGABYTE, "\0" * MEGABYTE, "😀" * (MEGABYTE // 4), "[" * DEEP, "]" * DEEP, "![" * DEEP),
    *("[a](" * DEEP, "*" * DEEP, "**a" * DEEP, "_a*" * DEEP, "`" * DEEP, "`a " * DEEP, "> " * DEEP),
    *(">" * DEEP, "- " * DEEP, "1. " * DEEP, "<" * DEEP, "<a " * DEEP, "&" * DEEP, "&#" * DEEP),
    *(
        "\\" * DEEP,
        "a\n" * DEEP,
        "|a" * DEEP,
        "[a]: b\n" * DEEP,
        "#" * DEEP,
        "~" * DEEP,
        " " * DEEP,
    ),
    *("<div>" * DEEP, "https://a.example/" + "a" * DEEP, "@" * DEEP, "a@b " * DEEP, "(" * DEEP),
)
TEXTS = (
    *(*SQL, *SEARCH, *SCRIPT, *LINES, *CONTROL, *NUL, *BIDI, *ZERO_WIDTH, *ODD, *NUMBERS, *PATHS),
    *(*UNSEEN, *PILED, *NESTED_BIDI),
    *("", " ", "\t", "\u00a0", "\u3000", "\u2800"),
    *LARGE,
)
NOT_STRINGS = (
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "-1e400",
        str(2**63),
        str(2**64),
        "9" * 5000,
        "-0.0",
    ),
    *(
        f"{'[' * DEEP}{']' * DEEP}",
        '{"a":' * DEEP + "1" + "}" * DEEP,
        "[[]]",
        "{}",
        "true",
        "null",
        "1.5",
    ),
    *('{"$gt":""}', '["a","b"]', '[{"a":[{"b":null}]}]', "01", "'a'", "undefined", '"\\ud800"'),
    *(
        '"\\u0000"',
        '"\\x41"',
        '"a',
        '"\t"',
        "// a",
        "1 2",
        '{"a":1,"a":2}',
        '{"a":NaN}',
        "[Infinity]",
        '"\\udc00\\ud800"',
    ),
)
"""JSON values that are no string, and what is no JSON."""

MALICIOUS: tuple[str, ...] = tuple(
    dict.fromkeys((*(json.dumps(text) for text in TEXTS), *NOT_STRINGS))
)
"""As they are written in a JSON body."""

SHORT = tuple(text for text in TEXTS if len(text) < 2000)
"""For addresses."""
