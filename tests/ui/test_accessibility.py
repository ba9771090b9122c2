"""The pages of versions, as axe-core judges them."""

from test_branches import (  # noqa: F401
    change_both, dialog, fixture_catalog, fixture_open, press)


def violations(visit, axe):
    """What axe finds serious, and where: light, and the colours of dark."""
    if not visit.page.evaluate("'axe' in window"):
        visit.page.evaluate(axe)
    found = []
    for scheme, options in (("light", "{}"),
                            ("dark", "{runOnly: ['color-contrast']}")):
        visit.page.emulate_media(color_scheme=scheme)
        found += visit.page.evaluate(f"axe.run({options})")["violations"]
    return [(one["id"], node["target"]) for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]]


def test_axe_finds_nothing_serious(open_, catalog, axe):
    catalog.make_table("gone")
    catalog.drop("gone")
    catalog.tag("v1", catalog.head())
    catalog.merge("dev", "main")
    change_both(catalog, "t")
    operation = catalog.merge("dev", "main", want=409)["operation_id"]
    visit = open_(catalog)
    found = {}
    for tab, text in (("branches", "1 ahead"), ("tags", "v1"),
                      ("history", "What was merged"), ("diff", "a.t"),
                      ("merge&source=dev", "MetadataConflict"),
                      (f"merge&operation={operation}", "Take main"),
                      ("dropped", "a.gone")):
        visit.open(f"#/catalogs/{catalog.name}?tab={tab}&from=dev")
        visit.page.locator("main").get_by_text(text).locator(
            "visible=true").first.wait_for()
        if tab == "history":
            press(visit.page, "What was merged")
            visit.page.get_by_text("dev 1").wait_for()
        found[tab] = violations(visit, axe)
    press(visit.page, "Bring back a.gone")
    dialog(visit)
    found["dialog"] = violations(visit, axe)
    visit.open("#/warehouses")
    visit.page.get_by_role("dialog").wait_for(state="detached")
    visit.page.get_by_role("button", name="Edit default").wait_for()
    found["warehouses"] = violations(visit, axe)
    press(visit.page, "New warehouse")
    dialog(visit)
    found["form"] = violations(visit, axe)
    assert {tab: each for tab, each in found.items() if each} == {}
