"""Call a WSGI application without a server."""

import io
from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True)
class Answered:
    status: int
    pairs: list
    body: bytes

    @property
    def headers(self):
        return {name.lower(): value for name, value in self.pairs}


def call(application, method, target, body=b"", **headers):
    environ = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": target,
        "PATH_INFO": unquote(target.partition("?")[0]),
        "QUERY_STRING": target.partition("?")[2],
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost:8000",
        "wsgi.input": io.BytesIO(body),
    }
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    for name, value in headers.items():
        environ["CONTENT_TYPE" if name == "content_type" else f"HTTP_{name.upper()}"] = value
    told = []
    chunks = application(environ, lambda status, pairs: told.append((status, pairs)))
    status, pairs = told[0]
    return Answered(int(status.split()[0]), pairs, b"".join(chunks))
