"""Warehouses on the page: made, tested, changed and deleted."""

import re

import pytest
from harness.s3 import S3
from harness.server import Server
from test_browse import rows


@pytest.fixture(scope="module", name="lake")
def fixture_lake(tmp_path_factory):
    """A server that may have warehouses anywhere below its folder."""
    folder = tmp_path_factory.mktemp("warehouses")
    server = Server(folder, settings={"warehouse": {
        "allowed_roots": [f"file://{folder}/more"],
        "allowed_endpoints": ["127.0.0.1"]}})
    server.start()
    yield server
    server.kill()


@pytest.fixture(name="page")
def fixture_page(visits, lake):
    visit = visits.new(lake).open().sign_in()
    visit.page.get_by_role("navigation", name="Main").get_by_role(
        "link", name="Warehouses").click()
    visit.heading("Warehouses").wait_for()
    return visit


def press(where, name):
    where.get_by_role("button", name=name, exact=True).click()


def dialog(visit):
    return visit.page.get_by_role("dialog")


def field(box, label):
    """By the beginning of its label: a hint may follow."""
    return box.get_by_label(re.compile(f"^{label}"))


def begin(visit, name, **fields):
    press(visit.page, "New warehouse")
    box = dialog(visit)
    field(box, "Name").fill(name)
    for label, value in fields.items():
        field(box, label.replace("_", " ")).fill(value)
    return box


def save(visit, verb):
    press(dialog(visit), verb)
    visit.page.get_by_role("dialog").wait_for(state="detached")


def place_of(lake, name):
    found = lake.call("GET", f"/api/v1/warehouses/{name}")
    assert found.status == 200, found
    return found.json()


def test_a_directory_is_made_tested_and_deleted(page, lake):
    root = f"file://{lake.folder}/more/files"
    assert rows(page, "Warehouses")[0][:2] == ["default", "files"]
    press(page.page, "New warehouse")
    box = dialog(page)
    field(box, "Name").fill("files")
    field(box, "Kind").select_option("file")
    field(box, "Directory").fill("file:///nowhere")
    made = box.get_by_role("button", name="Make warehouse")
    assert made.is_disabled()
    press(box, "Test")
    box.get_by_role("alert").wait_for()
    assert "allowed_roots" in box.get_by_role("alert").inner_text()
    field(box, "Directory").fill(root)
    press(box, "Test")
    box.get_by_text("Write works").wait_for()
    save(page, "Make warehouse")
    page.page.get_by_role("button", name="Edit files").wait_for()
    assert place_of(lake, "files")["storage_config"]["root"] == root
    press(page.page, "Delete files")
    dialog(page).get_by_label("Type files to go on").fill("files")
    save(page, "Delete warehouse")
    page.page.get_by_role("button", name="Edit files").wait_for(
        state="detached")
    # a catalog uses it
    assert page.page.get_by_role("button", name="Delete default").count() == 0


def test_who_may_not_change_them_is_offered_nothing(visits, lake):
    made = lake.call("POST", "/api/v1/users", {
        "username": "reader", "email": "reader@example.com",
        "password": lake.first_password, "role": "tenant-user"})
    assert made.status == 201, made
    visit = visits.new(lake).open()
    visit.fill("reader", lake.first_password)
    visit.heading("Catalogs").wait_for()
    visit.open("#/warehouses")
    assert rows(visit, "Warehouses")[0][0] == "default"
    for name in ("New warehouse", "Edit default"):
        assert visit.page.get_by_role("button", name=name).count() == 0


def test_a_bucket_says_which_right_is_missing(page, lake):
    box = begin(page, "none", Bucket="bucket", Endpoint=lake.url,
                Access_key="key", Secret_key="secret")
    press(box, "Test")
    steps = box.get_by_role("list", name="Test")
    steps.wait_for()
    assert "Write works" not in steps.inner_text()
    assert box.get_by_role("button", name="Make warehouse").is_disabled()
    assert lake.call("GET", "/api/v1/warehouses/none").status == 404


@pytest.fixture(scope="module", name="s3")
def fixture_s3():
    s3 = S3()
    yield s3
    s3.end()


@pytest.mark.left_out_of_quick
def test_a_bucket_is_made_and_changed(page, lake, s3):
    box = begin(page, "lake", Bucket=s3.bucket, Prefix="page",
                Endpoint=f"http://127.0.0.1:{s3.port}",
                Access_key=s3.access_key, Secret_key=s3.secret_key)
    press(box, "Test")
    box.get_by_text("Delete works").wait_for()
    save(page, "Make warehouse")
    press(page.page, "Edit lake")
    box = dialog(page)
    assert field(box, "Secret key").input_value() == ""
    field(box, "Engines get").select_option("AwsSts")
    field(box, "Role").fill(s3.role)
    box.get_by_label("Also who does not ask for credentials").check()
    press(box, "Test")
    box.get_by_text("Delete works").wait_for()
    save(page, "Save")
    page.page.get_by_text("a session each table").wait_for()
    found = place_of(lake, "lake")
    assert found["vending_strategy"]["AwsSts"]["role_arn"] == s3.role
    assert found["storage_config"]["credentials-by-default"] == "true"
    assert found["storage_config"]["s3.prefix"] == "page"
    # a catalog there writes its table's first metadata file
    for path, body in (("/api/v1/catalogs", {"name": "deep",
                                             "warehouse_name": "lake"}),
                       ("/v1/deep/namespaces", {"namespace": ["n"]}),
                       ("/v1/deep/namespaces/n/tables", {
                           "name": "t", "schema": {
                               "type": "struct", "fields": []}})):
        assert lake.call("POST", path, body).status in (200, 201)
    page.page.reload()
    page.heading("Warehouses").wait_for()
    row = next(row for row in rows(page, "Warehouses") if row[0] == "lake")
    assert re.fullmatch(r"\d+ B", row[4]) and row[4] != "0 B", row


@pytest.mark.left_out_of_quick
def test_engines_get_keys_that_stay(page, lake, s3):
    box = begin(page, "static", Bucket=s3.bucket, Prefix="static",
                Endpoint=f"http://127.0.0.1:{s3.port}",
                Access_key=s3.access_key, Secret_key=s3.secret_key)
    field(box, "Engines get").select_option("AwsStatic")
    field(box, "Key of engines").fill("engines")
    field(box, "Secret of engines").fill("what-engines-get")
    press(box, "Test")
    box.get_by_text("Delete works").wait_for()
    save(page, "Make warehouse")
    page.page.get_by_role("button", name="Edit static").wait_for()
    given = place_of(lake, "static")["vending_strategy"]["AwsStatic"]
    assert given["access_key_id"] == "engines"
    assert "what-engines-get" not in str(given)
    # nothing that is typed nowhere is lost
    press(page.page, "Edit static")
    box = dialog(page)
    assert field(box, "Secret of engines").input_value() == ""
    press(box, "Test")
    box.get_by_text("Delete works").wait_for()
    save(page, "Save")
    assert place_of(lake, "static")["vending_strategy"]["AwsStatic"] == given


@pytest.mark.left_out_of_quick
def test_new_keys_are_tested_before_they_are_saved(page, lake, s3):
    one = ("--uid=testbed", "--access-key=another")
    s3.admin("key", "create", *one, "--secret=another+secret")
    box = begin(page, "keys", Bucket=s3.bucket, Prefix="keys",
                Endpoint=f"http://127.0.0.1:{s3.port}",
                Access_key="another", Secret_key="another+secret")
    press(box, "Test")
    box.get_by_text("Delete works").wait_for()
    save(page, "Make warehouse")
    s3.admin("key", "rm", *one)
    press(page.page, "Edit keys")
    box = dialog(page)
    steps = box.get_by_role("list", name="Test")
    press(box, "Test")
    steps.wait_for()
    assert "Write works" not in steps.inner_text()
    assert box.get_by_role("button", name="Save").is_disabled()
    field(box, "Access key").fill(s3.access_key)
    field(box, "Secret key").fill(s3.secret_key)
    press(box, "Test")
    box.get_by_text("Delete works").wait_for()
    save(page, "Save")
    stored = place_of(lake, "keys")["storage_config"]
    assert stored["s3.access-key-id"] == s3.access_key
    assert s3.secret_key not in str(stored)


@pytest.mark.left_out_of_quick
def test_encryption_that_the_bucket_cannot_do_is_told(page, lake, s3):
    """The S3 server of the tests has no keys to encrypt with."""
    box = begin(page, "sealed", Bucket=s3.bucket, Prefix="sealed",
                Endpoint=f"http://127.0.0.1:{s3.port}",
                Access_key=s3.access_key, Secret_key=s3.secret_key)
    field(box, "Encryption").select_option("kms")
    field(box, "KMS key").fill("key-1")
    press(box, "Test")
    steps = box.get_by_role("list", name="Test")
    steps.wait_for()
    assert "Write works" not in steps.inner_text()
    assert box.get_by_role("button", name="Make warehouse").is_disabled()
    field(box, "Encryption").select_option("none")
    assert field(box, "KMS key").count() == 0
    press(box, "Test")
    box.get_by_text("Delete works").wait_for()
    save(page, "Make warehouse")
    stored = place_of(lake, "sealed")["storage_config"]
    assert stored["s3.sse.type"] == "none" and "s3.sse.key" not in stored
