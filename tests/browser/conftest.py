"""A real browser on real pages, or a plain reason why not."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
CHOICES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
]
START_SECONDS = 60


def program() -> str | None:
    return next((found for name in CHOICES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser():
    executable = program()
    if executable is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(CHOICES)} is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the pages of this file of tests keep on the disk."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def base_url(request, folder):
    """The pages, started anew for each file of tests, in the manner that its `SITE` names."""
    from pytest_socket import enable_socket

    enable_socket()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "site.log").open("w") as log:
        manner = getattr(request.module, "SITE", ())
        command = [sys.executable, "-m", "tests.browser.site", str(port), str(folder), *manner]
        server = subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=log)
        try:
            wait_for(f"http://localhost:{port}/", server, folder / "site.log")
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait(10)


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the pages did not start:\n{log.read_text()[-2000:]}")


class Complaints(list):
    """What the browser's console said that it should not have: errors, and refusals by the security policy."""


@pytest.fixture
def complaints():
    return Complaints()


@pytest.fixture
def open_page(browser, base_url, complaints):
    """Opens a window; each test has its own, signed in as nobody. At its end the console must be empty."""
    contexts = []

    def open_one(**how):
        context = browser.new_context(base_url=base_url, **how)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in():
    def as_person(page, name="Product owner", following="/board"):
        page.goto(f"/sign-in?next={following}")
        page.get_by_role("button", name=name).first.click()
        page.wait_for_url(lambda url: "/local-issuer/" not in url)
        return page

    return as_person
