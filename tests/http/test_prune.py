"""One deleter (A7): prune forgets what nobody needs, sweep deletes files that
no version points to, and nothing else ever deletes."""

import pytest
from harness.changes import set_property
from harness.upkeep import Kept, changes


SETTINGS = {"history": {"retention": "0s", "grace": "1s"}}
KINDS = [("sqlite", 2, SETTINGS), ("memory", 1, SETTINGS),
         ("postgres", 2, SETTINGS)]


@pytest.fixture(name="server", scope="module", params=KINDS,
                ids=lambda kind: kind[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Kept(server)
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def test_what_is_old_is_forgotten_and_its_files_deleted(catalog):
    files = changes(catalog, 5)
    first = catalog.ask("GET", catalog.refs(name="main/commits"),
                        want=200).json()[-2]["id"]
    assert catalog.run("prune") == 5
    catalog.sweep_until_gone(files[:-1])
    assert files[-1].exists() and catalog.value("t") == "4"
    # forgotten: neither read nor forked any more
    reply = catalog.ask("GET", f"/v1/{catalog.name}@main~{first}/namespaces")
    assert reply.status == 404, reply
    assert "old" in reply.json()["error"]["message"]
    catalog.fork("late", f"main~{first}", want=404)
    assert catalog.run("prune") == catalog.run("sweep") == 0


def test_pins_keep_what_they_show(catalog):
    """Forks, tags, branches of branches, and forks of tags behind that."""
    first = changes(catalog, 1)[1]
    catalog.tag("v1", catalog.head())
    second = changes(catalog, 2)[-1]
    catalog.fork("dev")
    unseen = changes(catalog, 3)[1:-1]
    own = changes(catalog, 2, "dev")[1:]
    catalog.fork("exp", "dev")
    unseen += changes(catalog, 2, "dev")[1:-1]
    catalog.run("prune")
    catalog.sweep_until_gone(unseen + own[:1])
    for ref, file in (("v1", first), ("dev", None), ("exp", own[-1])):
        found = catalog.file(branch=ref)
        assert found.exists() and found == (file or found), ref
    assert second.exists()
    # what a tag names can still be forked, and is still kept
    catalog.fork("old", "v1")
    catalog.delete("exp")
    catalog.ask("DELETE", catalog.refs("tags", "v1"), want=204)
    catalog.run("prune")
    catalog.sweep_until_gone([own[-1]])
    assert catalog.file(branch="old") == first and first.exists()
    assert catalog.value("t", branch="old") == "0"


def test_a_deleted_branch_goes_when_nobody_needs_it(catalog):
    catalog.fork("dev")
    parent = changes(catalog, 2, "dev")
    catalog.fork("child", "dev")
    catalog.delete("dev")
    catalog.run("prune")
    catalog.sweep_until_gone(parent[1:-1])
    assert catalog.file(branch="child") == parent[-1]
    assert parent[-1].exists()
    catalog.delete("child")
    catalog.run("prune")
    catalog.sweep_until_gone(parent[-1:])
    assert catalog.file() == parent[0] and parent[0].exists()


def test_files_of_a_drop_and_a_rename_stay(catalog):
    """The version before a rename goes, the file is the new name's; a drop
    can be undone: the tombstone keeps the last file."""
    file = catalog.file()
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["a"], "name": "u"}}, 204)
    catalog.tidy()
    assert catalog.file("u") == file and file.exists()
    catalog.drop("u")
    catalog.tidy()
    assert file.exists()


def test_what_was_merged_outlives_its_branch(catalog):
    """The file of the merged version was made on a branch that is gone."""
    catalog.fork("dev")
    catalog.set("t", "merged", branch="dev")
    file = catalog.file(branch="dev")
    catalog.ask("POST", "/api/v1/branches/merge", {
        "catalog": catalog.name, "source_branch": "dev",
        "target_branch": "main"}, 200)
    assert catalog.file() == file
    catalog.delete("dev")
    catalog.tidy()
    assert catalog.value("t") == "merged" and file.exists()


@pytest.mark.left_out_of_quick
def test_a_year_of_days_leaves_one_file(catalog):
    """B15: what a table weighs does not grow with its history."""
    folder = catalog.file().parent
    for day in range(6):
        files = changes(catalog, 10)
        catalog.run("prune")
        catalog.sweep_until_gone(files[:-1])
        assert list(folder.iterdir()) == files[-1:], day


def test_a_file_that_is_registered_again_is_no_garbage(catalog):
    old = changes(catalog, 2)[0]
    catalog.run("prune")  # names it
    catalog.drop("t")
    catalog.ask("POST", catalog.path(space="a") + "/register", {
        "name": "again", "metadata-location": f"file://{old}"}, 200)
    catalog.make_table("probe")
    probe = changes(catalog, 1, table="probe")[0]
    catalog.run("prune")
    catalog.sweep_until_gone([probe])
    assert catalog.file("again") == old and old.exists()


def test_neither_links_nor_other_places_are_touched(catalog, server):
    """Somebody has put a link where a file was."""
    files = changes(catalog, 2)
    other = server.folder / f"{catalog.name}-other"
    other.mkdir()
    target = other / "precious"
    target.write_text("precious")
    files[0].unlink()
    files[0].symlink_to(target)
    catalog.run("prune")
    catalog.sweep_until_gone([files[1]])
    assert target.read_text() == "precious"


def test_a_catalog_says_how_long_history_is_kept(catalog):
    def want(retention, status=200):
        return catalog.ask("PUT", f"/api/v1/catalogs/{catalog.name}", {
            "properties": {"history.retention": retention}}, status)
    want("30 moons", 400)
    want("30d")
    files = changes(catalog, 3)
    assert catalog.run("prune") == 0
    catalog.run("sweep")
    assert all(file.exists() for file in files)
    want("0s")
    assert catalog.run("prune") == 3


def test_a_tag_is_made_of_a_tag_whose_commit_is_old(catalog):
    catalog.set("t", "tagged")
    catalog.tag("v1", catalog.head())
    changes(catalog, 2)
    catalog.run("prune")
    catalog.tag("v2", **{"from": "v1"})
    catalog.ask("DELETE", catalog.refs("tags", "v1"), want=204)
    catalog.run("prune")
    assert catalog.value("t", branch="v2") == "tagged"


def test_the_old_name_of_a_renamed_table_is_not_dropped(catalog):
    """What the rename made of its new name is forgotten."""
    catalog.rename("t", "u")
    changes(catalog, 3, table="u")
    catalog.run("prune")
    where = catalog.refs("dropped")
    assert catalog.ask("GET", where, want=200).json() == []
    catalog.drop("u")
    found, = catalog.ask("GET", where, want=200).json()
    assert found["name"] == "u"


def test_a_second_merge_finds_its_base_behind_a_prune(catalog):
    """A4: the base of the next merge is not where the branch was made."""
    catalog.make_table("u")
    catalog.fork("dev")
    for number in range(3):
        catalog.set("t", f"dev{number}", branch="dev")
        catalog.ask("POST", "/api/v1/branches/merge", {
            "catalog": catalog.name, "source_branch": "dev",
            "target_branch": "main"}, 200)
        catalog.set("u", f"main{number}")
        catalog.run("prune")
        catalog.run("sweep")
    assert catalog.value("t") == "dev2" and catalog.value("u") == "main2"


def test_a_branch_of_an_old_tag_finds_its_base(catalog):
    """Main has taken back what it had when the tag was made."""
    catalog.make_table("u")
    catalog.fork("dev")
    catalog.set("t", "tagged")
    catalog.merge("main", "dev")
    catalog.set("u", "dev", branch="dev")
    catalog.tag("v1", catalog.head("dev"))
    catalog.set("t", "0")
    catalog.merge("main", "dev")
    catalog.merge("dev", "main")
    catalog.run("prune")
    catalog.run("sweep")
    catalog.fork("late", "v1")
    catalog.set("u", "late", branch="late")
    catalog.ask("POST", f"{catalog.path('late', 'a')}/tables/t", {
        "requirements": [], "updates": set_property("more", "1")}, 200)
    catalog.set("u", "dev")
    catalog.merge("late", "main")
    assert catalog.value("t") == "0" and catalog.value("u") == "late"


def test_long_chains_are_folded(catalog):
    branch = "main"
    for number in range(12):
        catalog.set("t", str(number), branch=branch)
        catalog.fork(f"b{number}", branch)
        branch = f"b{number}"
    catalog.run("fold")
    catalog.run("prune")
    catalog.run("sweep")
    assert catalog.value("t", branch=branch) == "11"
    assert catalog.value("t", branch="b4") == "5"
