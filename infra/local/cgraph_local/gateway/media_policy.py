"""The headers that CloudFront adds to each answer of media, read where they are written: in
infra/media.yaml.
"""

from pathlib import Path
from typing import Any

from cgraph_local.gateway.asgi import Headers
from cgraph_local.template.yaml_loader import load_template


def response_headers(template: Path) -> Headers:
    """In lower case. Raises KeyError where the policy has another form."""
    resource = load_template(template)["Resources"]["Headers"]
    policy = resource["Properties"]["ResponseHeadersPolicyConfig"]
    headers = _security_headers(policy["SecurityHeadersConfig"])
    for item in policy["CustomHeadersConfig"]["Items"]:
        headers[item["Header"]] = item["Value"]
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _security_headers(policy: dict[str, Any]) -> dict[str, str]:
    transport = policy["StrictTransportSecurity"]
    subdomains = "; includeSubDomains" if transport["IncludeSubdomains"] else ""
    return {
        "X-Content-Type-Options": "nosniff" if policy["ContentTypeOptions"] else "",
        "Content-Security-Policy": policy["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "X-Frame-Options": policy["FrameOptions"]["FrameOption"],
        "Referrer-Policy": policy["ReferrerPolicy"]["ReferrerPolicy"],
        "Strict-Transport-Security": f"max-age={transport['AccessControlMaxAgeSec']}{subdomains}",
    }
