"""Opens a page in Chromium: visit.py CHROMIUM ADDRESS < page.html. Prints its `outcomes` as JSON.

It runs in .venv-browser. The page is at ADDRESS for the browser, although nothing serves it there:
so it may have any origin. Its other requests are real. It sets
`isDone` at the end.
"""

import json
import sys
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    # what this proves is our own refusal, not the browser's
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
)
TIMEOUT_MS = 30_000


AUTHENTICATOR = {
    **{"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True},
    **{"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True},
}


def add_authenticator(page: Page) -> None:
    """A virtual one, whose user is always there, for pages that use passkeys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def main(chromium: str, address: str) -> None:
    page_html = sys.stdin.read()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(OPTIONS))
        page = browser.new_page()
        page.route(
            lambda url: urlsplit(url)._replace(fragment="").geturl() == address,
            lambda route: route.fulfill(content_type="text/html", body=page_html),
        )
        add_authenticator(page)
        page.goto(address)
        page.wait_for_function("window.isDone", timeout=TIMEOUT_MS)
        print(json.dumps(page.evaluate("window.outcomes")))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
