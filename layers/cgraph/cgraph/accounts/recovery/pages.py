"""The page on which the reader of a mail chooses a new password."""

import json
from html import escape

from cgraph.mail.pages import page
from cgraph.mail.wording import word

_FORM = """\
<form><p><label>{question}<br>
<input type="password" name="password" autocomplete="new-password" minlength="8" required></label>
</p><button>{button}</button></form><p role="status"></p>
<script>
const form = document.querySelector("form"), status = document.querySelector("[role=status]");
form.addEventListener("submit", async (event) => {{
  event.preventDefault();
  const token = new URLSearchParams(location.search).get("token");
  const answer = await fetch(location.pathname, {{
    method: "POST",
    headers: {{"content-type": "application/json"}},
    body: JSON.stringify({{token, new_password: form.password.value}}),
  }});
  if (answer.ok) {{
    form.remove();
    status.textContent = {done};
  }} else {{
    const problem = await answer.json();
    const reasons = (problem.errors || []).map((error) => error.message);
    status.textContent = [problem.title, ...reasons].join(": ");
  }}
}});
</script>
"""


def form(username: str) -> str:
    """It sends JSON, as clients do; the token stays in the page's address."""
    return page(
        word("page.reset_password.title"),
        body=_FORM.format(
            question=escape(word("page.reset_password.question", username=username)),
            button=escape(word("page.reset_password.button")),
            done=_script_text(word("page.reset_password.done")),
        ),
    )


def _script_text(text: str) -> str:
    """As JavaScript in HTML writes it."""
    return json.dumps(text).replace("<", "\\u003c")
