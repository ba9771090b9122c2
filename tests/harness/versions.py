"""A catalog with branches and tags, and short ways to change them."""

import itertools

from harness.changes import SCHEMA, VIEW_VERSION, set_property

API = "/api/v1"
_numbers = itertools.count(1)


def one_name():
    return f"versions{next(_numbers)}"


class Catalog:
    """A catalog of its own, on a warehouse of its own."""

    def __init__(self, server):
        self.server, self.name = server, one_name()
        self.ask("POST", f"{API}/warehouses", {
            "name": self.name, "storage_config": self.storage()}, want=201)
        self.ask("POST", f"{API}/catalogs", {
            "name": self.name, "warehouse_name": self.name}, want=201)

    def storage(self):
        return {"location": f"file://{self.server.folder}/{self.name}"}

    def ask(self, method, path, body=None, want=None, headers=None):
        reply = self.server.call(method, path, body, headers=headers)
        if want:
            assert reply.status == want, (method, path, reply)
        return reply

    # ---- branches

    def refs(self, kind="branches", name=None, **query):
        path = f"{API}/{kind}" + (f"/{name}" if name else "")
        query = {"catalog": self.name, **query}
        return path + "?" + "&".join(f"{k}={v}" for k, v in query.items())

    def fork(self, name, origin=None, want=201, headers=None, **more):
        body = {"name": name, "catalog": self.name, **more}
        if origin:
            body["from_branch"] = origin
        return self.ask("POST", f"{API}/branches", body, want,
                        headers).json()

    def branch(self, name="main"):
        return self.ask("GET", self.refs(name=name), want=200).json()

    def branches(self, **query):
        return self.ask("GET", self.refs(**query), want=200).json()

    def change(self, branch, want=200, headers=None, **change):
        return self.ask("PATCH", self.refs(name=branch), change, want,
                        headers).json()

    def delete(self, name, want=204, headers=None, **query):
        return self.ask("DELETE", self.refs(name=name, **query), want=want,
                        headers=headers)

    def head(self, name="main"):
        return self.branch(name)["head_commit_id"]

    # ---- tags

    def tag(self, name, commit=None, want=200, headers=None, **more):
        body = {"name": name, "catalog": self.name, **more}
        if commit:
            body["commit_id"] = commit
        return self.ask("POST", f"{API}/tags", body, want, headers).json()

    def tags(self):
        return self.ask("GET", self.refs("tags"), want=200).json()

    # ---- what is in it

    def path(self, branch=None, space=None):
        prefix = self.name + (f"@{branch}" if branch else "")
        return f"/v1/{prefix}/namespaces" + (f"/{space}" if space else "")

    def make_space(self, space="a", branch=None):
        self.ask("POST", self.path(branch),
                 {"namespace": space.split("%1F")}, want=200)

    def make_table(self, name, space="a", branch=None):
        return self.ask("POST", self.path(branch, space) + "/tables",
                        {"name": name, "schema": SCHEMA}, want=200).json()

    def set(self, name, value, space="a", branch=None, headers=None):
        return self.ask("POST", f"{self.path(branch, space)}/tables/{name}", {
            "requirements": [], "updates": set_property("value", value)},
            want=200, headers=headers).json()

    def drop(self, name, space="a", branch=None):
        self.ask("DELETE", f"{self.path(branch, space)}/tables/{name}",
                 want=204)

    def value(self, name, space="a", branch=None):
        """Of the property `value` of a table; None: there is no table."""
        reply = self.ask("GET", f"{self.path(branch, space)}/tables/{name}")
        if reply.status == 404:
            return None
        assert reply.status == 200, reply
        return reply.json()["metadata"]["properties"].get("value", "")

    def tables(self, space="a", branch=None):
        found = self.ask("GET", self.path(branch, space) + "/tables",
                         want=200).json()["identifiers"]
        return [one["name"] for one in found]

    # ---- merges

    def merge(self, source, target="main", want=200, headers=None, **more):
        body = {"source_branch": source, "target_branch": target,
                "catalog": self.name, **more}
        return self.ask("POST", f"{API}/branches/merge", body, want,
                        headers).json()

    def plan(self, source, target="main"):
        return self.merge(source, target, dry_run=True)

    def conflicts(self, operation):
        return self.ask("GET", f"{API}/merge-operations/{operation}/conflicts",
                        want=200).json()

    def operation(self, operation, want=200):
        return self.ask("GET", f"{API}/merge-operations/{operation}",
                        want=want).json()

    def resolve(self, conflict, strategy, want=200, value=None, **more):
        body = {"strategy": strategy, **more}
        if value is not None:
            body["resolved_value"] = value
        return self.ask("POST", f"{API}/conflicts/{conflict}/resolve", body,
                        want).json()

    def complete(self, operation, want=200, headers=None):
        return self.ask("POST", f"{API}/merge-operations/{operation}/complete",
                        None, want, headers).json()

    def abort(self, operation, want=200):
        return self.ask("POST", f"{API}/merge-operations/{operation}/abort",
                        None, want).json()

    def restore(self, how, branch, commit, want=200, headers=None, **more):
        return self.ask("POST", f"{API}/branches/{branch}/{how}",
                        {"catalog": self.name, "commit_id": commit, **more},
                        want, headers).json()

    def rename(self, name, to, space="a", branch=None):
        prefix = self.name + (f"@{branch}" if branch else "")
        self.ask("POST", f"/v1/{prefix}/tables/rename", {
            "source": {"namespace": [space], "name": name},
            "destination": {"namespace": [space], "name": to}}, want=204)


class Relations:
    """Tables or views of a catalog's namespace `a`."""

    def __init__(self, catalog, kind):
        self.catalog, self.kind = catalog, kind

    def path(self, branch, name=""):
        return f"{self.catalog.path(branch, 'a')}/{self.kind}{name}"

    def make(self, name, branch=None):
        body = {"name": name, "schema": SCHEMA}
        if self.kind == "views":
            body["view-version"] = VIEW_VERSION
        self.catalog.ask("POST", self.path(branch), body, want=200)

    def set(self, name, value, branch=None):
        self.catalog.ask("POST", self.path(branch, f"/{name}"), {
            "requirements": [], "updates": set_property("value", value)},
            want=200)

    def rename(self, name, to, branch="main"):
        self.catalog.ask(
            "POST", f"/v1/{self.catalog.name}@{branch}/{self.kind}/rename", {
                "source": {"namespace": ["a"], "name": name},
                "destination": {"namespace": ["a"], "name": to}}, want=204)

    def drop(self, name, branch="main"):
        self.catalog.ask("DELETE", self.path(branch, f"/{name}"), want=204)

    def names(self, branch="main"):
        found = self.catalog.ask("GET", self.path(branch), want=200).json()
        return sorted(one["name"] for one in found["identifiers"])
