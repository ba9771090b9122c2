"""How the page's files are served, and that they are what ui/ builds."""

import gzip
import pathlib
import re
import subprocess

import pytest

from harness.server import ROOT

ASSETS = ROOT / "assets"
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'",
    "img-src 'self' data:", "connect-src 'self'", "base-uri 'none'",
    "form-action 'self'", "frame-ancestors 'none'"}
TYPES = {".html": "text/html; charset=utf-8",
         ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
HASHED = sorted(p for p in ASSETS.iterdir() if p.name != "index.html")
SCRIPT_BYTES_MAX = 40_000


def url_of(path):
    return "/" if path.name == "index.html" else f"/assets/{path.name}"


@pytest.fixture(name="path", params=[ASSETS / "index.html", *HASHED],
                ids=lambda p: p.suffix[1:])
def fixture_path(request):
    return request.param


def test_a_file_comes_with_its_type_and_the_policy(server, path):
    reply = server.get(url_of(path))
    assert reply.status == 200 and reply.body == path.read_bytes()
    headers = reply.headers
    assert headers["Content-Type"] == TYPES[path.suffix]
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted,compressed", (
    ("gzip, deflate, br", True), ("deflate, GZIP ; q=0.5", True),
    ("*", True), ("gzip;q=0.001", True), ("br", False), ("", False),
    ("gzip;q=0, *", False), ("identity, gzip; q=0.000", False),
    ("xgzip", False)))
def test_gzip_is_sent_to_those_who_take_it(server, path, accepted, compressed):
    reply = server.get(url_of(path), {"Accept-Encoding": accepted})
    assert reply.status == 200
    assert (reply.headers.get("Content-Encoding") == "gzip") is compressed
    body = gzip.decompress(reply.body) if compressed else reply.body
    assert body == path.read_bytes()


@pytest.mark.parametrize("before,after,status", (
    ("", "", 304), ('"other", ', "", 304), ("", ', "other"', 304),
    ("x", "", 200)))
def test_what_a_browser_has_is_not_sent_again(
        server, path, before, after, status):
    etag = server.get(url_of(path)).headers["ETag"]
    reply = server.get(url_of(path), {"If-None-Match": before + etag + after})
    assert reply.status == status
    assert (reply.body == b"") is (status == 304)
    assert reply.headers["ETag"] == etag


def test_hashed_files_are_kept_for_ever_and_the_page_is_not(server):
    assert server.get("/").headers["Cache-Control"] == "no-cache"
    for path in HASHED:
        assert "immutable" in server.get(url_of(path)).headers["Cache-Control"]


@pytest.mark.parametrize("path", (
    "/index.html", "/assets/", "/assets/index", "/assets/app.js",
    "/assets/..%2Findex.html", "/catalogs", "/favicon.ico"))
def test_other_paths_stay_404(server, path):
    reply = server.get(path)
    assert reply.status == 404
    assert reply.headers["Content-Type"] == "application/json"


def test_the_page_names_exactly_the_files_there_are():
    page = (ASSETS / "index.html").read_text()
    assert sorted(re.findall(r'"assets/([^"]+)"', page)) == [
        p.name for p in HASHED]


def test_the_script_is_small():
    script, = ASSETS.glob("app-*.js")
    assert len(gzip.compress(script.read_bytes(), 9)) < SCRIPT_BYTES_MAX


def test_the_files_are_what_ui_builds(tmp_path):
    subprocess.run([ROOT / "ui/build", tmp_path], check=True)
    assert contents(tmp_path) == contents(ASSETS)


def contents(folder):
    return {p.name: p.read_bytes() for p in pathlib.Path(folder).iterdir()}
