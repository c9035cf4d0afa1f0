"""What is fetched, from whom, and above all what is not."""

import ast
import http.client
import socket
from pathlib import Path

import pytest

from functions import outbound
from functions.outbound import (
    AddressRefusedError,
    AnswerTooLargeError,
    HostUnreachableError,
    NotConnectedError,
    RedirectRefusedError,
)

HOSTS = frozenset({"media.example.org", "media.example.org:8443", "Files.example.org"})
HOSTILE = {
    "another host": "https://evil.example/",
    "the cloud's metadata": "http://169.254.169.254/latest/meta-data/",
    "the cloud's metadata over https": "https://169.254.169.254/latest/meta-data/",
    "a user before the host": "https://media.example.org@evil.example/",
    "a user with a password": "https://user:pass@media.example.org/",
    "an empty user": "https://@media.example.org/",
    "a user that looks like a port": "https://media.example.org:443@evil.example/",
    "a name that ends in ours": "https://evilmedia.example.org/",
    "a name under ours": "https://x.media.example.org/",
    "a name that begins with ours": "https://media.example.org.evil.example/",
    "a dot at the end": "https://media.example.org./",
    "a backslash for a slash": "https://media.example.org\\@evil.example/",
    "a backslash in the path": "https://media.example.org/\\evil.example",
    "backslashes for slashes": "https:\\\\media.example.org\\",
    "a tab in the scheme": "ht\ttps://media.example.org/",
    "a line in the host": "https://media.exa\nmple.org/",
    "a line and a header in the path": "https://media.example.org/\r\nHost: evil.example",
    "a space at the start": " https://media.example.org/",
    "a space in the path": "https://media.example.org/a b",
    "a control at the end": "https://media.example.org/\x00",
    "the same without TLS": "http://media.example.org/",
    "a local host without TLS": "http://localhost:8000/",
    "a file": "file:///etc/passwd",
    "a file on our host": "file://media.example.org/etc/passwd",
    "ftp": "ftp://media.example.org/",
    "gopher": "gopher://media.example.org:70/_x",
    "data": "data:text/plain,x",
    "a script": "javascript:alert(1)//media.example.org/",
    "no scheme": "//media.example.org/",
    "no host": "https:///media.example.org/",
    "a path alone": "/etc/passwd",
    "nothing": "",
    "a port not listed": "https://media.example.org:22/",
    "an empty port": "https://media.example.org:/",
    "a port written long": "https://media.example.org:0443/",
    "a port too large": "https://media.example.org:99999/",
    "a port that is no number": "https://media.example.org:https/",
    "loopback": "https://127.0.0.1/",
    "loopback in short": "https://127.1/",
    "loopback as one number": "https://2130706433/",
    "loopback in hexadecimal": "https://0x7f000001/",
    "loopback in octal": "https://0177.0.0.1/",
    "every address": "https://0.0.0.0/",
    "loopback in version 6": "https://[::1]/",
    "version 4 in version 6": "https://[::ffff:169.254.169.254]/",
    "version 6 with a zone": "https://[fe80::1%25eth0]/",
    "half a bracket": "https://[::1/",
    "an escaped host": "https://media%2eexample%2eorg/",
    "an escaped slash and host": "https://media.example.org%2f@evil.example/",
    "an escaped zero": "https://media.example.org%00.evil.example/",
    "a full-width letter": "https://\uff4dedia.example.org/",
    "a full-width dot": "https://media\u3002example.org/",
    "a Cyrillic letter": "https://m\u0435dia.example.org/",
    "its punycode": "https://xn--mdia-j9d.example.org/",
    "a sharp s": "https://media.example.org\u00df/",
    "a zero-width letter": "https://media.\u200bexample.org/",
    "a letter turned round": "https://media.example.org/\u202egnp.exe",
    "too long": "https://media.example.org/" + "a" * 2_048,
}


class Played:
    """A connection that says what it is told to; it remembers what it was asked."""

    made = ()
    says = b""

    def __init__(self, host, **how):
        self.host, self.how, self.sent, self.closed = host, how, None, False
        Played.made = [*Played.made, self]

    def connect(self):
        if isinstance(Played.says, ConnectionRefusedError):
            raise Played.says

    def request(self, *sent):
        self.sent = sent
        if isinstance(Played.says, Exception):
            raise Played.says

    def getresponse(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(Played.says)
            theirs.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(ours)
            answer.begin()
        return answer

    def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def host(monkeypatch):
    """Plays the host: set `says` to an answer, or to the error of asking it."""
    Played.made, Played.says = [], answer(b"{}")
    monkeypatch.setattr(http.client, "HTTPSConnection", Played)
    monkeypatch.setattr(http.client, "HTTPConnection", Played)
    return Played


def answer(body, *, status="200 OK", length=None, kind="application/json; charset=utf-8", more=""):
    said = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}"
    return f"{head}{f'Content-Length: {said}' if said >= 0 else 'X: y'}\r\n\r\n".encode() + body


@pytest.mark.parametrize("address", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_other_address_is_ever_connected_to(host, address):
    with pytest.raises(AddressRefusedError) as refused:
        outbound.get(address, HOSTS)
    with pytest.raises(AddressRefusedError):
        outbound.post(address, b"", HOSTS, headers={})

    assert host.made == []
    assert address == "" or address not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "reached", "target"),
    [
        ("https://media.example.org", "media.example.org", "/"),
        ("https://media.example.org:443/a", "media.example.org", "/a"),
        ("HTTPS://Media.Example.ORG/a/b.png?size=2&x=%20#part", "media.example.org", "/a/b.png?size=2&x=%20"),
        ("https://media.example.org:8443/@evil.example", "media.example.org:8443", "/@evil.example"),
        (
            "https://files.example.org/?u=https://evil.example",
            "files.example.org",
            "/?u=https://evil.example",
        ),
    ],
)
def test_a_listed_host_is_reached_at_its_own_name(host, address, reached, target):
    fetched = outbound.get(address, HOSTS)
    (made,) = host.made

    assert (made.host, made.sent[0], made.sent[1]) == (reached, "GET", target)
    assert made.how["context"].check_hostname
    assert (fetched.status, fetched.media_type, fetched.content) == (200, "application/json", b"{}")
    assert made.closed


def test_the_usual_port_may_be_listed_too(host):
    outbound.get("https://media.example.org/", frozenset({"media.example.org:443"}))

    assert host.made[0].host == "media.example.org"


def test_a_form_is_posted_with_its_headers(host):
    outbound.post("https://media.example.org/t", b"a=1", HOSTS, headers={"Content-Type": "x/y"})
    method, target, body, headers = host.made[0].sent

    assert (method, target, body) == ("POST", "/t", b"a=1")
    assert headers == {"Accept-Encoding": "identity", "Content-Type": "x/y"}


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 Moved", "304 Same"]
)
def test_nobody_is_followed_to_another_address(host, status):
    host.says = answer(b"", status=status, more="Location: http://169.254.169.254/latest/meta-data/\r\n")
    with pytest.raises(RedirectRefusedError):
        outbound.get("https://media.example.org/", HOSTS)

    assert len(host.made) == 1


def test_a_refusal_of_the_host_is_its_answer(host):
    host.says = answer(b"no", status="403 Forbidden", kind="text/plain")

    assert outbound.get("https://media.example.org/", HOSTS) == outbound.Fetched(403, "text/plain", b"no")


@pytest.mark.parametrize("length", [None, -1], ids=["as it says", "without saying"])
def test_an_answer_larger_than_taken_is_left(host, length):
    host.says = answer(b"x" * 11, length=length)
    with pytest.raises(AnswerTooLargeError):
        outbound.get("https://media.example.org/", HOSTS, most_bytes=10)


def test_an_answer_of_no_stated_length_is_taken_to_its_end(host):
    host.says = answer(b"x" * 10, length=-1)

    assert outbound.get("https://media.example.org/", HOSTS, most_bytes=10).content == b"x" * 10


@pytest.mark.parametrize(
    "says",
    [TimeoutError(), ConnectionRefusedError(), b"nonsense\r\n\r\n", b"", answer(b"ab", length=3)],
    ids=["too late", "refused", "no HTTP", "nothing", "cut short"],
)
def test_a_host_that_does_not_answer_is_unreachable(host, says):
    host.says = says
    with pytest.raises(HostUnreachableError):
        outbound.get("https://media.example.org/", HOSTS)

    assert host.made[0].closed


def test_an_answer_that_drips_is_not_waited_for(host):
    with pytest.raises(HostUnreachableError, match="too slow"):
        outbound.get("https://media.example.org/", HOSTS, seconds=-1.0)


def test_no_proxy_of_the_environment_is_used(host, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://evil.example:3128")
    outbound.get("https://media.example.org/", HOSTS)

    assert host.made[0].host == "media.example.org"


LOCAL = frozenset({"localhost:8000", "127.0.0.1:8000", "[::1]:8000", "media.example.org"})


@pytest.mark.parametrize("name", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_the_local_issuer_of_a_dev_stage_needs_no_tls(host, monkeypatch, name):
    monkeypatch.setenv("KHIDMAT_STAGE", "dev")
    outbound.get(f"http://{name}/local-issuer/token", LOCAL)

    assert (host.made[0].host, host.made[0].how.get("context")) == (name, None)


@pytest.mark.parametrize(
    ("stage", "address"),
    [
        ("prod", "http://localhost:8000/"),
        ("dev", "http://localhost:8001/"),
        ("dev", "http://localhost/"),
        ("dev", "http://media.example.org/"),
        ("dev", "ftp://localhost:8000/"),
    ],
)
def test_nothing_else_goes_without(host, monkeypatch, stage, address):
    monkeypatch.setenv("KHIDMAT_STAGE", stage)
    with pytest.raises(AddressRefusedError):
        outbound.get(address, LOCAL)

    assert host.made == []


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield str(node.module)


def test_nothing_else_of_the_functions_fetches_anything():
    fetching = {"urllib.request", "http.client", "socket", "ssl", "urllib3", "requests", "httpx"}
    folder = Path(outbound.__file__).parent
    sources = [path for path in folder.rglob("*.py") if path.name != "outbound.py"]

    assert [(path.name, name) for path in sources for name in imported(path) if name in fetching] == []


def test_a_host_that_was_never_reached_is_told_from_one_that_did_not_answer(host):
    host.says = ConnectionRefusedError()
    with pytest.raises(NotConnectedError):
        outbound.get("https://media.example.org/", HOSTS)
    host.says = TimeoutError()
    with pytest.raises(HostUnreachableError) as late:
        outbound.get("https://media.example.org/", HOSTS)

    assert not isinstance(late.value, NotConnectedError)
    assert all(made.closed for made in host.made)
