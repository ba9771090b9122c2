"""Rights under renames, branches and merges, against the rules written down
anew: grants are on objects, which an administrator's loads tell."""

import random

from harness.tenants import Wide

NAMESPACES = ("a", "a.b", "ab", "ab.b")
BRANCHES = ("main", "dev")
NAMES = "tuvwxyz"


class Model:
    """Who was granted what, and where each object is on each branch."""

    def __init__(self, server, seed):
        self.wide = Wide(server)
        self.draw = random.Random(seed)
        self.wide.must(201, "POST", "/api/v1/branches", {
            "name": "dev", "catalog": self.wide.catalog,
            "from_branch": "main"})
        self.at = {b: dict(self.look(b)) for b in BRANCHES}
        self.been = {}
        self.note()
        self.users = [self.user() for _ in range(3)]

    def base(self, branch):
        return f"/v1/{self.wide.catalog}@{branch}/namespaces"

    def tables(self, branch, namespace):
        return f"{self.base(branch)}/{namespace.replace('.', '%1F')}/tables"

    def look(self, branch):
        for namespace in NAMESPACES:
            tables = self.tables(branch, namespace)
            if self.wide.call("GET", tables).status == 404:
                continue
            for name in self.wide.names(self.wide.admin, tables):
                yield (namespace, name), self.wide.must(
                    200, "GET", f"{tables}/{name}"
                ).json()["metadata"]["table-uuid"]

    def note(self):
        for tables in self.at.values():
            for (namespace, _), uuid in tables.items():
                self.been.setdefault(uuid, set()).add(namespace)

    # ---- what happens

    def user(self):
        return self.wide.user(), self.wide.user_id, []

    def grant(self):
        _, user_id, grants = self.draw.choice(self.users)
        branch = self.draw.choice(BRANCHES)
        (namespace, _), uuid = self.draw.choice(
            sorted(self.at[branch].items()))
        scope = self.draw.choice((
            {"type": "asset", "namespace": namespace, "asset_id": uuid},
            {"type": "asset", "namespace": namespace, "asset_id": uuid},
            {"type": "namespace", "namespace": namespace}))
        if self.draw.random() < 0.3:
            scope["refs"] = [self.draw.choice(("main", "d*"))]
        grant = {"scope": {"catalog_id": self.wide.catalog_id, **scope},
                 "actions": [self.draw.choice(("read", "list", "create"))]}
        if self.draw.random() < 0.5:
            grants.append((grant, self.wide.grant(user_id, grant)))
            return
        role = self.wide.must(201, "POST", "/api/v1/roles", {
            "name": f"role{self.draw.random()}", "permissions": [grant]})
        self.wide.must(201, "POST", f"/api/v1/users/{user_id}/roles",
                       {"role-id": role.json()["id"]})
        grants.append((grant, None))

    def revoke(self):
        grants = self.draw.choice(self.users)[2]
        for grant, number in grants:
            if number is not None:
                self.wide.must(204, "DELETE", f"/api/v1/permissions/{number}")
                grants.remove((grant, number))
                return

    def rename(self):
        branch = self.draw.choice(BRANCHES)
        tables = self.at[branch]
        source = self.draw.choice(sorted(tables))
        target = self.draw.choice(NAMESPACES), self.draw.choice(NAMES)
        if target in tables or self.wide.call(
                "GET", self.tables(branch, target[0])).status == 404:
            return
        self.wide.must(
            204, "POST", f"/v1/{self.wide.catalog}@{branch}/tables/rename",
            {key: {"namespace": namespace.split("."), "name": name}
             for key, (namespace, name) in (("source", source),
                                            ("destination", target))})
        tables[target] = tables.pop(source)
        self.note()

    def move(self):
        branch = self.draw.choice(BRANCHES)
        source, target = self.draw.sample(("a.b", "ab.b"), 2)
        reply = self.wide.call("POST", "/api/v1/namespaces/move", {
            "catalog": f"{self.wide.catalog}@{branch}",
            "source": source.split("."), "destination": target.split(".")})
        assert reply.status in (204, 404, 409), reply
        self.at[branch] = dict(self.look(branch))
        self.note()

    def merge(self):
        source, target = self.draw.sample(BRANCHES, 2)
        reply = self.wide.call("POST", "/api/v1/branches/merge", {
            "catalog": self.wide.catalog, "source_branch": source,
            "target_branch": target})
        assert reply.status in (200, 409), reply
        self.at[target] = dict(self.look(target))
        self.note()
        return reply.status == 200

    # ---- what is right

    @staticmethod
    def covers(grant, branch, namespace, uuid):
        scope = grant["scope"]
        if not any(branch == one or one == "d*" and branch == "dev"
                   for one in scope.get("refs", [branch])):
            return False
        if scope["type"] == "asset":
            return scope["asset_id"] == uuid
        return f"{namespace}.".startswith(f"{scope['namespace']}.")

    def allowed(self, grants, branch, namespace, uuid=None):
        words = {word for grant, _ in grants for word in grant["actions"]
                 if self.covers(grant, branch, namespace, uuid)}
        return words | ({"list"} if "read" in words else set())

    def holding(self, grants, branch):
        """Namespaces of what may be listed now, with those above them."""
        found = {namespace for namespace in NAMESPACES
                 if "list" in self.allowed(grants, branch, namespace)}
        found |= {namespace for (namespace, _), uuid
                  in self.at[branch].items() if "list" in self.allowed(
                      grants, branch, namespace, uuid)}
        return found | {one.split(".")[0] for one in found}

    def ever(self, grants, branch):
        """The same of all that such an object has ever been in."""
        found = self.holding(grants, branch)
        for grant, _ in grants:
            uuid = grant["scope"].get("asset_id")
            found |= self.been.get(uuid, set())
        return found | {one.split(".")[0] for one in found}

    # ---- what is said

    def joined(self, user, path, size):
        found, token = [], ""
        while token is not None:
            reply = self.wide.ask(
                user, "GET", f"{path}?pageSize={size}&pageToken={token}")
            if reply.status != 200:
                assert reply.status == 403 and not token, reply
                return None
            page = reply.json()
            names = [one["name"] for one in page["identifiers"]]
            token = page.get("next-page-token")
            assert token is None or len(names) == size
            found += names
        return found

    def check(self):
        branch = self.draw.choice(BRANCHES)
        for user, _, grants in self.users:
            for namespace in NAMESPACES:
                right = sorted(
                    name for (where, name), uuid in self.at[branch].items()
                    if where == namespace and "list" in self.allowed(
                        grants, branch, namespace, uuid))
                said = self.joined(user, self.tables(branch, namespace), 2)
                assert (said or []) == right, (user, branch, namespace)
            for (namespace, name), uuid in self.at[branch].items():
                status = self.wide.ask(
                    user, "GET", f"{self.tables(branch, namespace)}/{name}"
                ).status
                right = "read" in self.allowed(grants, branch, namespace, uuid)
                assert status == (200 if right else 403), (
                    user, branch, namespace, name, grants)
            self.check_namespaces(user, grants, branch)

    def check_namespaces(self, user, grants, branch):
        for parent in ("", "?parent=a"):
            reply = self.wide.ask(user, "GET", self.base(branch) + parent)
            assert reply.status in (200, 403), reply
            said = {".".join(one) for one in reply.json()["namespaces"]} \
                if reply.status == 200 else set()
            assert said <= self.ever(grants, branch), (user, branch, grants)


def test_rights_are_those_of_the_rules_whatever_moves(server):
    model = Model(server, seed=1)
    merged = 0
    for _ in range(25):
        merged += bool(model.draw.choices(
            (model.grant, model.rename, model.move, model.merge,
             model.revoke), (4, 4, 1, 2, 1))[0]())
        model.check()
    assert merged
