"""What is in the server that the page is tested on: a small shop."""

import concurrent.futures
import contextlib
import datetime

import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.sorting import SortField, SortOrder
from pyiceberg.transforms import BucketTransform, DayTransform, \
    IdentityTransform
from pyiceberg.types import DecimalType, ListType, LongType, MapType, \
    NestedField, StringType, StructType, TimestamptzType

from harness.lease import Lease

ORDERS = Schema(
    NestedField(1, "order_id", LongType(), required=True,
                doc="Counts from 1 in every shop."),
    NestedField(2, "ordered_at", TimestamptzType(), required=True),
    NestedField(3, "customer", StructType(
        NestedField(4, "name", StringType(), required=True),
        NestedField(5, "address", StructType(
            NestedField(6, "street", StringType()),
            NestedField(7, "country", StringType())))),
        doc="As it was when they ordered."),
    NestedField(8, "lines", ListType(9, StructType(
        NestedField(10, "article", StringType(), required=True),
        NestedField(11, "price", DecimalType(10, 2))))),
    NestedField(12, "labels", MapType(13, StringType(), 14, StringType())),
    identifier_field_ids=[1])
BY_DAY = PartitionSpec(
    PartitionField(2, 1000, DayTransform(), "ordered_day"),
    PartitionField(1, 1001, BucketTransform(16), "order_bucket"))
BY_TIME = SortOrder(SortField(2, IdentityTransform()))


BY_COUNTRY = ("select customer.address.country, count(*) as orders\n"
              "from shop.orders group by 1")


def view_version(number, **queries):
    """A version of a view: its SQL by dialect."""
    return {"version-id": number, "schema-id": 0,
            "timestamp-ms": 1760000000000 + number * 60_000,
            "summary": {"engine-name": "spark"},
            "default-namespace": ["shop"],
            "representations": [
                {"type": "sql", "dialect": dialect, "sql": sql}
                for dialect, sql in queries.items()]}


def view(server, namespace, name):
    """A view that was replaced once: the second version has a dialect more."""
    views = f"/v1/default/namespaces/{namespace}/views"
    made = server.call("POST", views, {
        "name": name, "properties": {"comment": "For the yearly report."},
        "schema": {"type": "struct", "schema-id": 0, "fields": [
            {"id": 1, "name": "country", "type": "string", "required": False},
            {"id": 2, "name": "orders", "type": "long", "required": True,
             "doc": "Never 0."}]},
        "view-version": view_version(1, spark="select 'all', 1")})
    assert made.status == 200, made
    replaced = server.call("POST", f"{views}/{name}", {
        "requirements": [], "updates": [
            {"action": "add-view-version", "view-version": view_version(
                2, spark=BY_COUNTRY, trino=BY_COUNTRY.upper())},
            {"action": "set-current-view-version", "view-version-id": -1}]})
    assert replaced.status == 200, replaced


def connect(server):
    return load_catalog(
        "pangolin", type="rest", uri=server.url, warehouse="default",
        credential=f"admin:{server.first_password}")


def numbers(first, count):
    return pa.table({"day": [datetime.date(2026, 11, 1)] * count,
                     "visitors": pa.array(range(first, first + count))})


def fill(server):
    catalog = connect(server)
    catalog.create_namespace("shop", {"owner": "the sales team"})
    catalog.create_namespace("shop.reports")
    catalog.create_namespace("shop.reports.a b+c/d")
    catalog.create_namespace("weather")
    catalog.create_table("shop.orders", ORDERS, partition_spec=BY_DAY,
                         sort_order=BY_TIME,
                         properties={"write.parquet.compression-codec": "zstd",
                                     "comment": "One row for each order."})
    visitors = catalog.create_table("shop.reports.visitors",
                                    numbers(0, 1).schema)
    visitors.append(numbers(0, 1200))
    visitors.append(numbers(1200, 30))
    visitors.delete("visitors < 200")
    with visitors.manage_snapshots() as manage:
        manage.create_tag(visitors.current_snapshot().snapshot_id,
                          "end-of-year")
    catalog.create_table((*"shop reports".split(), "a b+c/d", "ünï 1+1/%"),
                         numbers(0, 1).schema)
    view(server, "shop", "orders_by_country")


def many(server, namespace, count):
    """`count` tables without columns."""
    call = server.call
    call("POST", "/v1/default/namespaces", {"namespace": [namespace]})

    def make(number):
        return call("POST", f"/v1/default/namespaces/{namespace}/tables", {
            "name": f"table{number:04}",
            "schema": {"type": "struct", "fields": []}})

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for made in pool.map(make, range(count)):
            assert made.status == 200, made


def metadata_file(server, table):
    found, = server.folder.rglob(f"{table}-*/metadata/*.metadata.json")
    return found


@contextlib.contextmanager
def obstacle(server, table):
    """Whoever reads a table's metadata file waits, until what this gives lets
    it pass."""
    lease = Lease(metadata_file(server, table))
    try:
        yield lease
    finally:
        lease.release()
