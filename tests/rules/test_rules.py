"""Alert rules and dashboards, on a Prometheus that watches a real server."""

import contextlib
import json
import pathlib
import re
import subprocess
import urllib.parse
import urllib.request

import pytest
from harness.server import ROOT, Server, free_port
from harness.wait import until

ALERTS = ROOT / "packaging/alerts.yml"
TESTS = pathlib.Path(__file__).with_name("alerts.yml")
DASHBOARDS = sorted((ROOT / "packaging/dashboards").glob("*.json"))
METRIC = re.compile(r"\bpangolin_[a-z_]+\b")
SCRAPE = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{alerts}"]
scrape_configs:
  - job_name: pangolin
    scheme: https
    tls_config: {{ca_file: "{authority}"}}
    static_configs: [{{targets: ["{host}"]}}]
"""


class Prometheus:
    """Debian's, in a folder of its own."""

    def __init__(self, folder, server):
        self.port = free_port()
        config = folder / "prometheus.yml"
        config.write_text(SCRAPE.format(
            alerts=ALERTS, authority=server.authority, host=server.host))
        with open(folder / "prometheus.log", "wb") as out:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={config}",
                 f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}",
                 "--log.level=warn"], stdout=out, stderr=out)

    def get(self, path, **query):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?" \
            + urllib.parse.urlencode(query)
        with urllib.request.urlopen(url, timeout=10) as reply:
            answer = json.load(reply)
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        return self.get("query", query=expression)["result"]

    def is_watching(self):
        with contextlib.suppress(OSError):
            found = self.query("count_over_time(pangolin_build_info[1m])")
            return found and float(found[0]["value"][1]) >= 3
        return False

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def use(server):
    """Something of everything that is counted."""
    space = "/v1/default/namespaces"
    assert server.call("POST", space, {"namespace": ["n"]}).status == 200
    assert server.call("POST", f"{space}/n/tables", {
        "name": "t", "schema": {"type": "struct", "fields": []}}).status == 200
    for number in range(5):
        assert server.call("POST", f"{space}/n/tables/t", {
            "requirements": [], "updates": [
                {"action": "set-properties",
                 "updates": {"k": str(number)}}]}).status == 200
        assert server.call("GET", f"{space}/n/tables/t").status == 200
    assert server.call("GET", f"{space}/none").status == 404


@pytest.fixture(name="watched", scope="module")
def fixture_watched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    server = Server(folder, workers=2,
                    settings={"tls": {"mode": "self-signed"}}).start()
    prometheus = Prometheus(folder, server)
    try:
        until(prometheus.is_watching, "some scrapes", 60)
        yield server, prometheus
    finally:
        prometheus.stop()
        server.kill()


def expressions():
    """Of all panels of all dashboards, as Grafana would send them."""
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text("utf-8"))["panels"]:
            for target in panel["targets"]:
                yield target["expr"].replace("$instance", ".+").replace(
                    "$__rate_interval", "30s")


def promtool(*arguments):
    made = subprocess.run(["promtool", *arguments], capture_output=True,
                          text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr


def test_the_rules_are_valid():
    promtool("check", "rules", ALERTS)


def test_each_alert_fires_where_it_should_and_nowhere_else():
    promtool("test", "rules", TESTS)
    names = set(re.findall(r"alert: (\w+)", ALERTS.read_text("utf-8")))
    tested = set(re.findall(r"alertname: (\w+)", TESTS.read_text("utf-8")))
    assert names == tested


def test_every_name_is_a_metric_of_the_server(watched):
    _, prometheus = watched
    there = set(prometheus.get("label/__name__/values"))
    used = set(METRIC.findall(ALERTS.read_text("utf-8")))
    for expression in expressions():
        used |= set(METRIC.findall(expression))
    assert len(used) > 30
    assert used <= there, used - there


def test_every_panel_has_something_to_show(watched):
    server, prometheus = watched
    use(server)
    for expression in expressions():
        until(lambda e=expression: prometheus.query(e), expression, 30)


def test_the_rules_run_and_a_healthy_server_alarms_nobody(watched):
    _, prometheus = watched

    def rules():
        found = [rule for group in prometheus.get("rules")["groups"]
                 for rule in group["rules"]]
        return all(rule["health"] == "ok" for rule in found) and found

    found = until(rules, "every rule was evaluated", 30)
    assert len(found) >= 12
    assert [r["name"] for r in found if r["state"] == "firing"] == []


def test_dashboards_are_distinct_and_have_no_panel_over_another():
    made = [json.loads(file.read_text("utf-8")) for file in DASHBOARDS]
    assert len({d["uid"] for d in made}) == len(made) == 3
    for dashboard in made:
        taken = set()
        for panel in dashboard["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                     for y in range(at["y"], at["y"] + at["h"])}
            assert at["x"] + at["w"] <= 24 and not cells & taken
            taken |= cells


def test_a_server_that_is_gone_is_noticed(watched):
    server, prometheus = watched
    server.kill()

    def noticed():
        return any(a["labels"]["alertname"] == "PangolinDown"
                   for a in prometheus.get("alerts")["alerts"])

    until(noticed, "PangolinDown", 30)
