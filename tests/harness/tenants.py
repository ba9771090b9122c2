"""Tenants for tests of who may do what."""

import itertools

_numbers = itertools.count(1)
PASSWORD = "a-long-password"


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
