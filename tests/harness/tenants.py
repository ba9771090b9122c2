"""Tenants for tests of who may do what."""

import itertools

_numbers = itertools.count(1)
PASSWORD = "a-long-password"
TABLE = {"name": "t", "schema": {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}}


class Tenant:
    """A tenant with an administrator, a warehouse, a catalog and a table."""

    def __init__(self, server):
        self.server = server
        self.name = f"tenant{next(_numbers)}"
        self.admin, self.catalog = f"{self.name}-admin", f"{self.name}-cat"
        self.id = server.as_root("POST", "/api/v1/tenants",
                                 {"name": self.name}).json()["id"]
        self.admin_id = self.add_user(self.admin, "tenant-admin")
        server.token(self.admin, PASSWORD)
        self.warehouse = f"{self.name}-wh"
        self.must(201, "POST", "/api/v1/warehouses", {
            "name": self.warehouse, "storage_config": {
                "location": f"file://{server.folder}/{self.name}"}})
        self.must(201, "POST", "/api/v1/catalogs", {
            "name": self.catalog, "warehouse_name": self.warehouse})
        base = f"/v1/{self.catalog}/namespaces"
        self.must(200, "POST", base, {"namespace": ["ns"]})
        self.must(200, "POST", f"{base}/ns/tables", {
            "name": "t", "schema": {"type": "struct", "fields": [
                {"id": 1, "name": "x", "type": "long", "required": False}]}})

    def add_user(self, name, role):
        reply = self.server.as_root("POST", "/api/v1/users", {
            "username": name, "email": f"{name}@example.com",
            "password": PASSWORD, "tenant_id": self.id, "role": role}, self.id)
        assert reply.status == 201, reply
        return reply.json()["id"]

    def call(self, method, path, body=None, headers=None):
        return self.server.call(method, path, body, self.admin, headers)

    def must(self, status, method, path, body=None):
        reply = self.call(method, path, body)
        assert reply.status == status, (method, path, reply)
        return reply


class Wide(Tenant):
    """A tenant with namespaces a, a.b, ab and tables t and u in each."""

    def __init__(self, server):
        super().__init__(server)
        self.catalog_id = self.must(
            200, "GET", f"/api/v1/catalogs/{self.catalog}").json()["id"]
        self.base = f"/v1/{self.catalog}/namespaces"
        self.uuid = {}
        for levels in (["a"], ["a", "b"], ["ab"]):
            self.must(200, "POST", self.base, {"namespace": levels})
            path = "%1F".join(levels)
            for name in "tu":
                made = self.must(200, "POST", f"{self.base}/{path}/tables",
                                 {**TABLE, "name": name}).json()
                self.uuid[".".join(levels + [name])] = \
                    made["metadata"]["table-uuid"]
        self.users = 0

    def user(self, *grants):
        """The name of a new user who has these grants."""
        self.users += 1
        name = f"{self.name}-user{self.users}"
        self.user_id = self.add_user(name, "tenant-user")
        self.server.token(name, PASSWORD)
        for grant in grants:
            self.grant(self.user_id, grant)
        return name

    def grant(self, user, grant):
        return self.must(201, "POST", "/api/v1/permissions",
                         {"user-id": user, **grant}).json()["id"]

    def on_catalog(self, *actions, **scope):
        return {"scope": {"type": "catalog", "catalog_id": self.catalog_id,
                          **scope}, "actions": list(actions)}

    def on_namespace(self, namespace, *actions):
        return {"scope": {"type": "namespace", "namespace": namespace,
                          "catalog_id": self.catalog_id},
                "actions": list(actions)}

    def on_table(self, table, *actions):
        return {"scope": {"type": "asset", "catalog_id": self.catalog_id,
                          "namespace": table.rpartition(".")[0],
                          "asset_id": self.uuid[table]},
                "actions": list(actions)}

    def ask(self, user, method, path, body=None):
        return self.server.call(method, path, body, user)

    def names(self, user, path):
        reply = self.ask(user, "GET", path)
        assert reply.status == 200, reply
        found = reply.json()
        if "namespaces" in found:
            return [".".join(one) for one in found["namespaces"]]
        return [one["name"] for one in found["identifiers"]]
