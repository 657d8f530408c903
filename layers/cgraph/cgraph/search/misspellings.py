"""Which words may be misspelt, and how far from another one they are, for both engines."""

MAX_WORDS = 8
"""Of a search with more words, none is corrected."""

CORRECTED_LETTERS = 4
LONG_WORD = 8
"""From so many letters on, two of them may be wrong."""


def is_correctable(word: str) -> bool:
    """Not short words, in which any letter makes another word, numbers and names like E1234."""
    return len(word) >= CORRECTED_LETTERS and word.isalpha()


def distance(one: str, other: str) -> int:
    """How many letters are inserted, deleted, replaced or swapped with their neighbour."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, second in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != second))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == second:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
