from cgraph.core.errors import Refusal


class InvalidSearchFilter(Refusal):
    """A filter in `q` has a value that it cannot have: `type:` and `has:` know some words,
    `before:` and `after:` need a date, such as `2026-01-31`. Only words, phrases, `from:` and
    `is:answered` can be excluded with `-`. To search for such a text, put it in quotation marks.
    """

    status, code, title = 422, "invalid_search_filter", "A filter of the search is not valid"


class SearchTooComplex(Refusal):
    """`q` has more words, phrases and filters than one search may have."""

    status, code, title = 422, "search_too_complex", "The search has too many words and filters"


class NothingToSearch(Refusal):
    """`q` has no word to search for, and there is no filter either."""

    status, code, title = 422, "nothing_to_search", "There is nothing to search for"
