# SPDX-License-Identifier: Apache-2.0
"""What one person at a browser finds at a port of the service, or of a proxy before it."""

import http.client
import json
import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Final

PATIENCE: Final = 2.0
_TOKEN: Final = re.compile(r'name="form_token" value="([^"]+)"')


def version_at(port: int) -> str:
    """The version a port answers; empty when it does not."""
    status, body = get(port, "/version")
    if status != http.client.OK:
        return ""
    try:
        found = json.loads(body)
    except ValueError:
        return body.strip()
    return str(found.get("version", "")) if isinstance(found, dict) else str(found)


def get(port: int, path: str) -> tuple[int, str]:
    """The status and body of a GET on loopback; status 0 when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


class Browser:
    """Keeps cookies and fills in forms, as a person's browser does."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def page(self, path: str) -> str:
        """The page there. Raises `OSError` when there is none."""
        return self._read(urllib.request.Request(self.address + path))  # noqa: S310 - loopback

    def send(self, form: str, **fields: str) -> str:
        """The page that follows when the form at that path is sent."""
        found = _TOKEN.search(self.page(form))
        body = urllib.parse.urlencode({**fields, "form_token": found[1] if found else ""})
        return self._read(urllib.request.Request(self.address + form, data=body.encode()))  # noqa: S310 - loopback

    def _read(self, request: urllib.request.Request) -> str:
        with self.opener.open(request, timeout=PATIENCE) as answer:
            return str(answer.read().decode("utf-8", "replace"))
