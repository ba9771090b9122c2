"""One good request for each operation with a body, on things made for it."""

import itertools

SPACES = "/v1/default/namespaces"
API = "/api/v1"
_numbers = itertools.count(1)

FIELDS = [
    {"id": 1, "name": "id", "type": "long", "required": True, "doc": "key"},
    {"id": 2, "name": "day", "type": "date", "required": False},
    {"id": 3, "name": "tags", "required": False, "type": {
        "type": "list", "element-id": 5, "element": "string",
        "element-required": False}},
    {"id": 4, "name": "sizes", "required": False, "type": {
        "type": "map", "key-id": 6, "key": "string", "value-id": 7,
        "value": {"type": "struct", "fields": [
            {"id": 8, "name": "width", "type": "decimal(9, 2)",
             "required": False}]},
        "value-required": False}},
]
SCHEMA = {"type": "struct", "schema-id": 0, "identifier-field-ids": [1],
          "fields": FIELDS}
SPEC = {"spec-id": 0, "fields": [
    {"source-id": 2, "transform": "day", "name": "day_day",
     "field-id": 1000}]}
ORDER = {"order-id": 1, "fields": [
    {"source-id": 1, "transform": "identity", "direction": "asc",
     "null-order": "nulls-first"}]}
BLOB = {"type": "apache-datasketches-theta-v1", "snapshot-id": 11,
        "sequence-number": 1, "fields": [1], "properties": {"ndv": "3"}}
VERSION = {"version-id": 1, "timestamp-ms": 1760000000000, "schema-id": 0,
           "summary": {"engine-name": "spark"},
           "representations": [
               {"type": "sql", "sql": "select 1", "dialect": "spark"}],
           "default-catalog": "default", "default-namespace": ["db"]}


class Operation:
    """A request; `needed`: JSON pointers to members that must be there;
    `fine`: ways to spoil it (harness/spoiled.py) that do not."""

    def __init__(self, name, path, body, needed="", method="POST",
                 user="admin", fine=()):
        self.name, self.method, self.path = name, method, path
        self.body, self.user = body, user
        self.needed, self.fine = pointers(needed), fine

    def __repr__(self):
        return self.name

    @property
    def strict(self):
        """The management API refuses members it does not know."""
        return self.path.startswith(API)


def pointers(text):
    """"/a/0 /b" as tuples."""
    return [tuple(int(step) if step.isdigit() else step
                  for step in one[1:].split("/")) for one in text.split()]


def requirements(metadata):
    return [
        {"type": "assert-table-uuid", "uuid": metadata["table-uuid"]},
        {"type": "assert-ref-snapshot-id", "ref": "kept", "snapshot-id": None},
        {"type": "assert-last-assigned-field-id", "last-assigned-field-id": 8},
        {"type": "assert-current-schema-id", "current-schema-id": 0},
        {"type": "assert-last-assigned-partition-id",
         "last-assigned-partition-id": 1000},
        {"type": "assert-default-spec-id", "default-spec-id": 0},
        {"type": "assert-default-sort-order-id", "default-sort-order-id": 1},
    ]


def updates(metadata):
    """Every update there is, in an order in which each can be made."""
    now = metadata["last-updated-ms"]
    wider = {"id": 9, "name": "note", "type": "string", "required": False}
    return [
        {"action": "assign-uuid", "uuid": metadata["table-uuid"]},
        {"action": "upgrade-format-version", "format-version": 3},
        {"action": "add-schema", "schema": {
            **SCHEMA, "schema-id": 1, "fields": [*FIELDS, wider]},
         "last-column-id": 9},
        {"action": "set-current-schema", "schema-id": 1},
        {"action": "add-spec", "spec": {"spec-id": 1, "fields": [
            {"source-id": 1, "transform": "bucket[16]", "name": "id_bucket",
             "field-id": 1001}]}},
        {"action": "set-default-spec", "spec-id": 1},
        {"action": "add-sort-order", "sort-order": {
            "order-id": 2, "fields": [
            {"source-id": 2, "transform": "identity", "direction": "desc",
             "null-order": "nulls-last"}]}},
        {"action": "set-default-sort-order", "sort-order-id": 2},
        {"action": "add-snapshot", "snapshot": {
            "snapshot-id": 11, "sequence-number": 1, "timestamp-ms": now,
            "manifest-list": "file:/none.avro", "schema-id": 1,
            "summary": {"operation": "append", "added-records": "3"},
            "first-row-id": 0, "added-rows": 3}},
        {"action": "set-snapshot-ref", "ref-name": "main", "type": "branch",
         "snapshot-id": 11, "max-ref-age-ms": 86400000,
         "max-snapshot-age-ms": 86400000, "min-snapshots-to-keep": 2},
        {"action": "set-snapshot-ref", "ref-name": "old", "type": "tag",
         "snapshot-id": 11},
        {"action": "remove-snapshot-ref", "ref-name": "old"},
        {"action": "set-statistics", "statistics": {
            "snapshot-id": 11, "statistics-path": "file:/s.puffin",
            "file-size-in-bytes": 400, "file-footer-size-in-bytes": 40,
            "blob-metadata": [BLOB]}},
        {"action": "set-partition-statistics", "partition-statistics": {
            "snapshot-id": 11, "statistics-path": "file:/p.parquet",
            "file-size-in-bytes": 400}},
        {"action": "remove-partition-statistics", "snapshot-id": 11},
        {"action": "remove-statistics", "snapshot-id": 11},
        {"action": "remove-snapshots", "snapshot-ids": [12]},
        {"action": "set-location", "location": metadata["location"]},
        {"action": "set-properties", "updates": {"colour": "blue"}},
        {"action": "remove-properties", "removals": ["absent"]},
        {"action": "remove-partition-specs", "spec-ids": [0]},
        {"action": "remove-schemas", "schema-ids": [77]},
        {"action": "add-encryption-key", "encryption-key": {
            "key-id": "k1", "encrypted-key-metadata": "a2V5",
            "encrypted-by-id": "master", "properties": {"a": "b"}}},
        {"action": "remove-encryption-key", "key-id": "k1"},
    ]


def view_updates(metadata):
    return [
        {"action": "assign-uuid", "uuid": metadata["view-uuid"]},
        {"action": "upgrade-format-version", "format-version": 1},
        {"action": "add-schema", "schema": {
            "type": "struct", "fields": FIELDS[:2]}},
        {"action": "set-location", "location": metadata["location"]},
        {"action": "set-properties", "updates": {"colour": "blue"}},
        {"action": "remove-properties", "removals": ["absent"]},
        {"action": "add-view-version", "view-version": {
            **VERSION, "version-id": 2, "schema-id": 1}},
        {"action": "set-current-view-version", "view-version-id": 2},
    ]


class Things:
    """A namespace with tables and views that the requests are about."""

    def __init__(self, server):
        self.server = server
        self.space = f"good{next(_numbers)}"
        self.path = f"{SPACES}/{self.space}"
        self.make(SPACES, {"namespace": [self.space],
                           "properties": {"owner": "ann"}})
        self.tables = {name: self.make(f"{self.path}/tables", {
            "name": name, "schema": SCHEMA, "partition-spec": SPEC,
            "write-order": ORDER}) for name in ("t", "moved", "left")}
        self.views = {name: self.make(f"{self.path}/views", {
            "name": name, "schema": SCHEMA, "view-version": VERSION,
            "properties": {}}) for name in ("v", "moved_view", "left_view")}
        for kind, name in (("tables", "left"), ("views", "left_view")):
            gone = server.call("DELETE", f"{self.path}/{kind}/{name}")
            assert gone.status == 204, gone

    def make(self, path, body):
        reply = self.server.call("POST", path, body)
        assert reply.status == 200, reply
        return reply.json()

    def made(self, path, body):
        reply = self.server.call("POST", path, body)
        assert reply.status in (200, 201), reply

    def rename(self, source):
        return {"source": {"namespace": [self.space], "name": source},
                "destination": {"namespace": [self.space],
                                "name": source + "2"}}

    def iceberg(self):
        metadata = self.tables["t"]["metadata"]
        commit = {"identifier": {"namespace": [self.space], "name": "t"},
                  "requirements": requirements(metadata),
                  "updates": updates(metadata)}
        view = self.views["v"]["metadata"]
        new = f"{self.space}_new"
        renames = ("/source /source/namespace /source/name /destination "
                   "/destination/namespace /destination/name")
        return [
            Operation("createNamespace", SPACES, {
                "namespace": [new], "properties": {"owner": "ann"}},
                "/namespace"),
            Operation("updateProperties", f"{self.path}/properties", {
                "removals": ["absent"], "updates": {"size": "3"}}),
            Operation("createTable", f"{self.path}/tables", {
                "name": "made", "schema": SCHEMA, "partition-spec": SPEC,
                "write-order": ORDER, "stage-create": False,
                "properties": {"colour": "blue", "format-version": "2"}},
                "/name /schema /schema/type /schema/fields "
                "/schema/fields/0/id /schema/fields/0/name "
                "/schema/fields/0/type /schema/fields/0/required "
                "/schema/fields/2/type/element-id "
                "/schema/fields/2/type/element "
                "/schema/fields/3/type/key-id /schema/fields/3/type/key "
                "/schema/fields/3/type/value-id /schema/fields/3/type/value "
                "/partition-spec/fields/0/source-id "
                "/partition-spec/fields/0/transform "
                "/partition-spec/fields/0/name "
                "/write-order/fields/0/source-id "
                "/write-order/fields/0/transform "
                "/write-order/fields/0/direction "
                "/write-order/fields/0/null-order"),
            Operation("registerTable", f"{self.path}/register", {
                "name": "registered", "overwrite": False,
                "metadata-location": self.tables["left"][
                    "metadata-location"]}, "/name /metadata-location"),
            Operation("planTableScan", f"{self.path}/tables/moved/plan", {
                "select": ["id"], "stats-fields": ["id"],
                "case-sensitive": True, "use-snapshot-schema": False,
                "min-rows-requested": 3, "filter": {
                    "type": "and",
                    "left": {"type": "not-null", "term": "id"},
                    "right": {"type": "is-null", "term": "day"}}},
                "/filter/type /filter/left /filter/left/type", fine=[  # predicates, too
                    f"'True' at /filter{side}"
                    for side in ("", "/left", "/right")]),
            Operation("renameTable", "/v1/default/tables/rename",
                      self.rename("moved"), renames),
            Operation("updateTable", f"{self.path}/tables/t", commit,
                      " ".join(f"/requirements/{n}/type" for n in range(7)) +
                      "".join(f" /updates/{n}/action" for n in range(24)) +
                      " /requirements/0/uuid /updates/8/snapshot/snapshot-id"
                      " /updates/8/snapshot/timestamp-ms"
                      " /updates/8/snapshot/manifest-list"
                      " /updates/8/snapshot/summary"
                      " /updates/12/statistics/statistics-path"
                      " /updates/22/encryption-key/key-id"),
            Operation("commitTransaction", "/v1/default/transactions/commit", {
                "table-changes": [
                    {"identifier": {"namespace": [self.space], "name": "t"},
                     "requirements": requirements(metadata)[1:2],
                     "updates": [{"action": "set-properties",
                                  "updates": {"both": "1"}}]},
                    {"identifier": {"namespace": [self.space],
                                    "name": "moved2"},
                     "requirements": [], "updates": [
                         {"action": "set-properties",
                          "updates": {"both": "1"}}]}]},
                "/table-changes /table-changes/0/identifier "
                "/table-changes/0/identifier/name "
                "/table-changes/1/updates/0/action"),
            Operation("reportMetrics", f"{self.path}/tables/t/metrics", {
                "report-type": "scan-report"}),
            Operation("createView", f"{self.path}/views", {
                "name": "made_view", "schema": SCHEMA,
                "view-version": VERSION, "properties": {"a": "b"}},
                "/name /schema /view-version /view-version/timestamp-ms "
                "/view-version/summary /view-version/representations "
                "/view-version/representations/0/sql "
                "/view-version/representations/0/type "
                "/view-version/representations/0/dialect "
                "/view-version/default-namespace"),
            Operation("replaceView", f"{self.path}/views/v", {
                "identifier": {"namespace": [self.space], "name": "v"},
                "requirements": [{"type": "assert-view-uuid",
                                  "uuid": view["view-uuid"]}],
                "updates": view_updates(view)},
                "/requirements/0/type /requirements/0/uuid " +
                " ".join(f"/updates/{n}/action" for n in range(8))),
            Operation("renameView", "/v1/default/views/rename",
                      self.rename("moved_view"), renames),
            Operation("registerView", f"{self.path}/register-view", {
                "name": "registered_view", "metadata-location":
                    self.views["left_view"]["metadata-location"]},
                "/name /metadata-location"),
        ]

    def management(self):
        name = self.space
        made = self.server.as_root("POST", f"{API}/tenants",
                                   {"name": f"{name}-there"}).json()
        robot = self.server.call("POST", f"{API}/service-users", {
            "name": f"{name}-there", "role": "tenant-user"}).json()
        place = {"location": f"file://{self.server.folder}/{name}"}
        self.made("/v1/default/namespaces", {"namespace": [f"{name}-there"]})
        self.made(f"{API}/branches", {"name": f"{name}-there",
                                      "catalog": "default"})
        head = self.server.call(
            "GET", f"{API}/branches/main?catalog=default").json()
        commit = head["head_commit_id"]
        uuid = self.server.call("GET", f"{self.path}/tables/t").json()[
            "metadata"]["table-uuid"]
        self.made(f"{API}/tags", {
            "name": f"{name}-tag", "catalog": "default",
            "commit_id": commit})
        return [
            Operation("tenant", f"{API}/tenants", {
                "name": name, "properties": {"a": "b"}}, "/name",
                user="root"),
            Operation("tenant again", f"{API}/tenants/{made['id']}", {
                "name": f"{name}-two", "properties": {"a": "b"}},
                method="PUT", user="root"),
            Operation("user", f"{API}/users", {
                "username": name, "email": f"{name}@example.org",
                "password": "correct horse", "role": "tenant-user"},
                "/username /email /role"),
            Operation("service user", f"{API}/service-users", {
                "name": name, "description": "robot", "role": "tenant-user",
                "expires_in_days": 30}, "/name /role"),
            Operation("service user again",
                      f"{API}/service-users/{robot['id']}", {
                          "name": f"{name}-two", "description": "robot",
                          "active": True}, method="PUT"),
            Operation("warehouse", f"{API}/warehouses", {
                "name": name, "use_sts": False, "storage_config": place},
                "/name"),
            Operation("warehouse probe", f"{API}/warehouses/{name}/probe", {
                "use_sts": False, "storage_config": place}),
            Operation("catalog", f"{API}/catalogs", {
                "name": name, "catalog_type": "Local",
                "warehouse_name": name, "properties": {"a": "b"}}, "/name"),
            Operation("catalog again", f"{API}/catalogs/{name}", {
                "properties": {"a": "c"}}, method="PUT"),
            Operation("metadata", f"{API}/assets/{uuid}/metadata"
                      f"?catalog=default&namespace={name}&asset=t", {
                          "description": "d", "tags": ["pii", "eu"],
                          "properties": {},
                          "discoverable": True}),
            Operation("namespace move", f"{API}/namespaces/move", {
                "catalog": "default", "branch": "main",
                "source": [f"{name}-there"],
                "destination": [f"{name}-two"]}, "/catalog"),
            Operation("branch", f"{API}/branches", {
                "name": name, "catalog": "default", "branch_type": "ingest",
                "from_branch": "main", "assets": [f"{name}.t"],
                "protected": False, "if_absent": False}, "/name /catalog"),
            Operation("branch again",
                      f"{API}/branches/{name}-there?catalog=default", {
                          "name": f"{name}-two", "protected": True},
                      method="PATCH"),
            Operation("tag", f"{API}/tags", {
                "name": f"{name}-new", "catalog": "default",
                "commit_id": commit}, "/name /commit_id"),
            Operation("tag again", f"{API}/tags/{name}-tag?catalog=default", {
                "commit_id": commit, "expected_commit_id": commit},
                "/commit_id /expected_commit_id", method="PUT"),
            Operation("merge", f"{API}/branches/merge", {
                "source_branch": f"{name}-tag", "target_branch": "main",
                "catalog": "default", "dry_run": False, "squash": False,
                "async": False,
                "message": "what for", "expected_source_head": commit},
                "/source_branch /target_branch /catalog"),
            Operation("rebase", f"{API}/branches/main/rebase", {
                "name": "main", "catalog": "default",
                "from_branch": f"{name}-tag", "branch_type": "ingest",
                "assets": [], "message": "what for"}, "/catalog"),
            *(Operation(how, f"{API}/branches/main/{how}", {
                "catalog": "default", "commit_id": commit,
                "message": "what for"}, "/catalog /commit_id")
              for how in ("cherry-pick", "reset")),
            Operation("login", f"{API}/users/login", {
                "username": "admin",
                "password": self.server.first_password},
                "/username /password"),
            Operation("mint", f"{API}/tokens", {
                "username": "admin", "roles": ["tenant-admin"],
                "expires_in_hours": 1}),
            # the last: it goes on while others are looked at
            Operation("task", f"{API}/tasks", {
                "kind": "verify_catalog", "catalog": "default"},
                "/kind /catalog"),
        ]
