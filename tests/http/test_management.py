"""The management routes: wire forms, and errors that name the field."""

import itertools

import pytest

_numbers = itertools.count(1)


@pytest.fixture(name="name")
def fixture_name():
    return f"managed{next(_numbers)}"


def check_error(reply, status, word=""):
    assert reply.status == status, reply
    assert word in reply.json()["error"]


def test_tenants_are_made_listed_changed_and_deleted(server, name):
    made = server.as_root("POST", "/api/v1/tenants",
                          {"name": name, "properties": {"k": "v"}})
    assert made.status == 201
    tenant = made.json()
    assert set(tenant) >= {"id", "name", "properties"}
    path = f"/api/v1/tenants/{tenant['id']}"
    assert server.as_root("GET", path).json()["properties"] == {"k": "v"}
    assert name in [t["name"] for t in
                    server.as_root("GET", "/api/v1/tenants").json()]
    changed = server.as_root("PUT", path, {"name": name + "x"})
    assert changed.status == 200 and changed.json()["name"] == name + "x"
    assert server.as_root("DELETE", path).status == 204
    check_error(server.as_root("GET", path), 404)
    check_error(server.as_root("DELETE", path), 404)


def test_a_tenants_name_is_taken_once(server, name):
    for status in (201, 409):
        reply = server.as_root("POST", "/api/v1/tenants", {"name": name})
        assert reply.status == status


def test_a_tenant_that_owns_something_stays(server):
    tenants = server.as_root("GET", "/api/v1/tenants").json()
    first = next(t for t in tenants if t["name"] == "default")
    check_error(server.as_root("DELETE", f"/api/v1/tenants/{first['id']}"),
                409)


def test_a_warehouse_and_a_catalog_on_it(server, name):
    location = f"file://{server.folder}/{name}"
    made = server.call("POST", "/api/v1/warehouses", {
        "name": name, "storage_config": {"location": location}})
    assert made.status == 201, made
    assert made.json()["name"] == name
    made = server.call("POST", "/api/v1/catalogs", {
        "name": name, "catalog_type": "Local", "warehouse_name": name,
        "properties": {"k": "v"}})
    assert made.status == 201, made
    catalog = server.call("GET", f"/api/v1/catalogs/{name}").json()
    assert catalog["warehouse_name"] == name
    assert catalog["catalog_type"] == "Local"
    assert catalog["properties"] == {"k": "v"}
    assert server.call("GET", f"/v1/{name}/namespaces").status == 200
    table = server.call("POST", f"/v1/{name}/namespaces",
                        {"namespace": ["n"]})
    assert table.status == 200
    table = server.call("POST", f"/v1/{name}/namespaces/n/tables", {
        "name": "t", "schema": {"type": "struct", "fields": []}})
    assert table.json()["metadata"]["location"].startswith(location)
    changed = server.call("PUT", f"/api/v1/catalogs/{name}",
                          {"properties": {"k": "w"}})
    assert changed.status == 200 and changed.json()["properties"]["k"] == "w"
    assert server.call("DELETE", f"/api/v1/catalogs/{name}").status == 204
    check_error(server.call("GET", f"/api/v1/catalogs/{name}"), 404, name)
    assert server.call("GET", f"/v1/{name}/namespaces").status == 404
    assert server.call("DELETE", f"/api/v1/warehouses/{name}").status == 204


def test_a_warehouse_shows_known_settings_only(server, name):
    config = {"location": f"file://{server.folder}/{name}",
              "s3.region": "eu", "s3.sse.key": "hunter2"}
    path = f"/api/v1/warehouses/{name}"
    shown = config | {"s3.sse.key": "********"}
    for method, at, body in (
            ("POST", "/api/v1/warehouses",
             {"name": name, "storage_config": config}),
            ("GET", path, None),
            ("PUT", path, {"storage_config": shown})):
        reply = server.call(method, at, body)
        assert reply.status in (200, 201), reply
        assert reply.json()["storage_config"] == shown


def test_names_are_taken_once(server, name):
    for path in ("/api/v1/warehouses", "/api/v1/catalogs"):
        body = {"name": name}
        if "warehouses" in path:
            body["storage_config"] = {
                "location": f"file://{server.folder}/{name}"}
        else:
            body["warehouse_name"] = name
        assert server.call("POST", path, body).status == 201
        check_error(server.call("POST", path, body), 409, name)


def test_the_first_start_made_a_warehouse_and_a_catalog(server):
    for path in ("/api/v1/warehouses", "/api/v1/catalogs"):
        names = [x["name"] for x in server.call("GET", path).json()]
        assert "default" in names
        assert server.call("GET", f"{path}/default").status == 200


@pytest.mark.parametrize("path,body,word", (
    ("/api/v1/catalogs", {}, "name"),
    ("/api/v1/catalogs", {"name": 7}, "name"),
    ("/api/v1/catalogs", {"name": "a/b"}, "name"),
    ("/api/v1/catalogs", {"name": "a@b"}, "name"),
    ("/api/v1/catalogs", {"name": ""}, "name"),
    ("/api/v1/catalogs", {"name": "x", "colour": "red"}, "colour"),
    ("/api/v1/catalogs", {"name": "x", "catalog_type": "Odd"},
     "catalog_type"),
    ("/api/v1/catalogs", {"name": "x", "warehouse_name": "absent"}, "absent"),
    ("/api/v1/warehouses", {}, "name"),
    ("/api/v1/warehouses", {"name": "x", "storage_config": []},
     "storage_config"),
    ("/api/v1/users", {"username": "x"}, "email"),
    ("/api/v1/users", {"username": "x", "email": "x", "role": "king",
                       "password": "a-long-password"}, "role"),
))
def test_a_bad_body_names_its_field(server, path, body, word):
    reply = server.call("POST", path, body)
    assert reply.status in (400, 422), reply
    assert word in reply.json()["error"]


def test_lists_take_limit_and_offset(server, name):
    for i in range(5):
        made = server.as_root("POST", "/api/v1/tenants",
                              {"name": f"{name}-{i}"})
        assert made.status == 201
    every = server.as_root("GET", "/api/v1/tenants").json()
    some = server.as_root("GET", "/api/v1/tenants?limit=2&offset=1").json()
    assert some == every[1:3]
    for query in ("limit=x", "limit=-1", "offset=-1", "limit=1e9"):
        check_error(server.as_root("GET", f"/api/v1/tenants?{query}"), 400)


def test_a_user_is_made_and_changes_itself(server, name):
    me = server.call("GET", "/api/v1/users/me").json()
    made = server.call("POST", "/api/v1/users", {
        "username": name, "email": f"{name}@example.com", "role": "tenant-user",
        "password": "a-long-password", "tenant_id": me["tenant-id"]})
    assert made.status == 201, made
    user = made.json()
    assert user["tenant-id"] == me["tenant-id"]
    assert "password" not in str(user)
    server.token(name, "a-long-password")
    reply = server.call("PUT", f"/api/v1/users/{user['id']}",
                        {"password": "another-password",
                         "current-password": "a-long-password"}, user=name)
    assert reply.status == 200, reply
    assert server.sign_in(name, "a-long-password").status == 401
    assert server.sign_in(name, "another-password").status == 200


def test_a_username_is_unique_over_all_tenants(server, name):
    first = server.call("GET", "/api/v1/users/me").json()["tenant-id"]
    other = server.as_root("POST", "/api/v1/tenants", {"name": name}).json()
    for tenant, status in ((first, 201), (other["id"], 409)):
        reply = server.as_root("POST", "/api/v1/users", {
            "username": name, "email": f"{name}-{status}@example.com",
            "password": "a-long-password", "tenant_id": tenant,
            "role": "tenant-user"}, tenant)
        assert reply.status == status, reply


def test_a_short_password_is_refused(server, name):
    me = server.call("GET", "/api/v1/users/me").json()
    reply = server.call("POST", "/api/v1/users", {
        "username": name, "email": "x@example.com", "role": "tenant-user",
        "password": "short", "tenant_id": me["tenant-id"]})
    assert reply.status in (400, 422)
    assert "password" in reply.json()["error"]


def test_no_warehouse_lies_in_the_servers_own_folder(server, name):
    for place in (server.state_dir, server.state_dir / name):
        check_error(server.call("POST", "/api/v1/warehouses", {
            "name": name, "storage_config": {"location": f"file://{place}"}}),
            400)


def test_warehouses_are_made_where_the_first_one_is(servers, tmp_path):
    server = servers.start(settings={"warehouse": {"allowed_roots": []}})
    own = f"file://{server.state_dir}/warehouse"
    for place, status in ((f"{own}/mine", 201), (f"file://{tmp_path}/x", 400),
                          (f"{own}/%2e%2e/x", 400), (f"{own}\\x", 400),
                          (f"{own}/x /y", 400), (f"{own}/y ", 400)):
        made = server.call("POST", "/api/v1/warehouses", {
            "name": f"n{status}", "storage_config": {"root": place}})
        assert made.status == status, (place, made)
    made = server.call("POST", "/api/v1/warehouses", {
        "name": "elsewhere", "storage_config": {
            "root": f"file://{tmp_path}/x"}})
    assert "warehouse.allowed_roots" in made.json()["error"]
    assert not (tmp_path / "x").exists()


def test_two_names_of_one_directory_are_one_place(servers, tmp_path):
    real, alias = tmp_path / "real", tmp_path / "alias"
    real.mkdir()
    alias.symlink_to("real")
    server = servers.start(settings={"warehouse": {"allowed_roots": [
        f"file://{real}", f"file://{alias}"]}})
    tenant = server.as_root("POST", "/api/v1/tenants",
                            {"name": "second"}).json()["id"]

    def make(place):
        body = {"name": "w", "storage_config": {"root": f"file://{place}"}}
        return server.as_root("POST", "/api/v1/warehouses", body,
                              tenant=tenant)

    first = server.call("POST", "/api/v1/warehouses", {
        "name": "w", "storage_config": {"root": f"file://{real}/a/b"}})
    assert first.status == 201, first
    for place in (alias / "a/b", alias / "a/b/c", alias / "a", alias):
        refused = make(place)
        assert refused.status == 400, refused
        assert "the place is taken" in refused.json()["error"]
    assert make(alias / "a/c").status == 201
