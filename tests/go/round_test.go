// A round with iceberg-go: namespaces, tables, rows, views, branches,
// planned scans.
package round

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/rest"
	"github.com/apache/iceberg-go/table"
	"github.com/apache/iceberg-go/view"
)

var (
	ctx    = context.Background()
	space  = table.Identifier{"golang"}
	schema = iceberg.NewSchema(0,
		iceberg.NestedField{ID: 1, Name: "id",
			Type: iceberg.PrimitiveTypes.Int64, Required: true},
		iceberg.NestedField{ID: 2, Name: "kind",
			Type: iceberg.PrimitiveTypes.String})
)

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expect[T comparable](t *testing.T, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s: %v, not %v", what, got, wanted)
	}
}

func named(name string) table.Identifier {
	return append(slices.Clone(space), name)
}

func open(t *testing.T, warehouse string) *rest.Catalog {
	t.Helper()
	return must[*rest.Catalog](t)(rest.NewCatalog(ctx, "pangolin",
		os.Getenv("PANGOLIN_URL"),
		rest.WithCredential("admin:"+os.Getenv("PANGOLIN_PASSWORD")),
		rest.WithWarehouseLocation(warehouse)))
}

// connect signs in and makes an empty namespace, the test's own.
func connect(t *testing.T) *rest.Catalog {
	c := open(t, "default")
	space = table.Identifier{strings.ToLower(t.Name())}
	check(t, c.CreateNamespace(ctx, space, iceberg.Properties{"owner": "go"}))
	return c
}

func rows(ids []int64, kinds []string) arrow.Table {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(
		[]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64},
			{Name: "kind", Type: arrow.BinaryTypes.String, Nullable: true}},
		nil))
	b.Field(0).(*array.Int64Builder).AppendValues(ids, nil)
	b.Field(1).(*array.StringBuilder).AppendValues(kinds, nil)
	return array.NewTableFromRecords(b.Schema(),
		[]arrow.RecordBatch{b.NewRecordBatch()})
}

func write(t *testing.T, to *table.Table, ids []int64,
	kinds ...string) *table.Table {
	t.Helper()
	return must[*table.Table](t)(
		to.AppendTable(ctx, rows(ids, kinds), 1024, nil))
}

func count(t *testing.T, of *table.Table, options ...table.ScanOption) int64 {
	t.Helper()
	return must[arrow.Table](t)(
		of.Scan(options...).ToArrowTable(ctx)).NumRows()
}

func TestNamespaces(t *testing.T) {
	c := connect(t)
	must[catalog.PropertiesUpdateSummary](t)(c.UpdateNamespaceProperties(
		ctx, space, []string{"owner"}, iceberg.Properties{"team": "a"}))
	found := must[iceberg.Properties](t)(c.LoadNamespaceProperties(ctx, space))
	expect(t, "team", found["team"], "a")
	expect(t, "owner", found["owner"], "")
	child := append(slices.Clone(space), "child")
	check(t, c.CreateNamespace(ctx, child, nil))
	expect(t, "children", len(must[[]table.Identifier](t)(
		c.ListNamespaces(ctx, space))), 1)
	check(t, c.DropNamespace(ctx, child))
	check(t, c.DropNamespace(ctx, space))
	expect(t, "there", must[bool](t)(c.CheckNamespaceExists(ctx, space)), false)
}

func TestRows(t *testing.T) {
	c := connect(t)
	made := must[*table.Table](t)(c.CreateTable(ctx, named("rows"), schema))
	made = write(t, made, []int64{1, 2, 3}, "a", "b", "c")
	first := made.CurrentSnapshot().SnapshotID
	made = write(t, made, []int64{4}, "d")
	made = must[*table.Table](t)(made.Delete(ctx,
		iceberg.EqualTo(iceberg.Reference("id"), int64(2)), nil))
	expect(t, "rows", count(t, made), 3)
	expect(t, "rows then", count(t, made, table.WithSnapshotID(first)), 3)
	expect(t, "rows of d", count(t, made, table.WithRowFilter(
		iceberg.EqualTo(iceberg.Reference("kind"), "d"))), 1)
	again := must[*table.Table](t)(c.LoadTable(ctx, named("rows")))
	expect(t, "file", again.MetadataLocation(), made.MetadataLocation())
}

func TestEvolution(t *testing.T) {
	c := connect(t)
	made := must[*table.Table](t)(c.CreateTable(ctx, named("shape"), schema))
	tx := made.NewTransaction()
	check(t, tx.UpdateSchema(true, false).AddColumn([]string{"note"},
		iceberg.PrimitiveTypes.String, "", false, nil).Commit())
	check(t, tx.UpdateSpec(true).AddField(
		"id", iceberg.BucketTransform{NumBuckets: 4}, "").Commit())
	check(t, tx.SetProperties(iceberg.Properties{"owner": "go"}))
	made = must[*table.Table](t)(tx.Commit(ctx))
	expect(t, "columns", len(made.Schema().Fields()), 3)
	expect(t, "owner", made.Properties()["owner"], "go")
	must[*table.Table](t)(c.RenameTable(ctx, named("shape"), named("form")))
	expect(t, "old name", must[bool](t)(
		c.CheckTableExists(ctx, named("shape"))), false)
	check(t, c.DropTable(ctx, named("form")))
	must[*table.Table](t)(
		c.RegisterTable(ctx, named("form"), made.MetadataLocation()))
}

func TestTransactions(t *testing.T) {
	c := connect(t)
	var commits []table.TableCommit
	for _, name := range []string{"debit", "credit"} {
		made := must[*table.Table](t)(c.CreateTable(ctx, named(name), schema))
		tx := made.NewTransaction()
		check(t, tx.AppendTable(ctx, rows([]int64{7}, []string{"x"}), 16, nil))
		commits = append(commits, must[table.TableCommit](t)(tx.TableCommit()))
	}
	check(t, c.CommitTransaction(ctx, commits))
	for _, name := range []string{"debit", "credit"} {
		made := must[*table.Table](t)(c.LoadTable(ctx, named(name)))
		expect(t, name, count(t, made), 1)
	}
}

func TestViews(t *testing.T) {
	c := connect(t)
	version := must[*view.Version](t)(view.NewVersionFromSQL(
		1, 0, "SELECT 1 AS id", space))
	must[*view.View](t)(c.CreateView(ctx, named("one"), version, schema))
	found := must[*view.View](t)(c.LoadView(ctx, named("one")))
	expect(t, "columns", len(found.CurrentSchema().Fields()), 2)
	must[*view.View](t)(c.RenameView(ctx, named("one"), named("two")))
	check(t, c.DropView(ctx, named("two")))
	expect(t, "there", must[bool](t)(
		c.CheckViewExists(ctx, named("two"))), false)
}

// manage makes what Iceberg's API has no words for: branches and tags.
func manage(t *testing.T, path string, body map[string]string) (made struct {
	Commit string `json:"head_commit_id"`
}) {
	t.Helper()
	asked := must[*http.Request](t)(http.NewRequest("POST",
		os.Getenv("PANGOLIN_URL")+"/api/v1/"+path,
		bytes.NewReader(must[[]byte](t)(json.Marshal(body)))))
	asked.Header.Set("Authorization", "Bearer "+os.Getenv("PANGOLIN_TOKEN"))
	asked.Header.Set("Content-Type", "application/json")
	reply := must[*http.Response](t)(http.DefaultClient.Do(asked))
	defer reply.Body.Close()
	if reply.StatusCode >= 300 {
		t.Fatalf("%s: %s", path, must[[]byte](t)(io.ReadAll(reply.Body)))
	}
	check(t, json.NewDecoder(reply.Body).Decode(&made))
	return made
}

func refused(t *testing.T, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "historic view") {
		t.Fatalf("the past was written: %v", err)
	}
}

func TestBranches(t *testing.T) {
	c := connect(t)
	load := func(where *rest.Catalog, name string) *table.Table {
		t.Helper()
		return must[*table.Table](t)(where.LoadTable(ctx, named(name)))
	}
	write(t, must[*table.Table](t)(
		c.CreateTable(ctx, named("forked"), schema)), []int64{1}, "a")
	commit := manage(t, "branches", map[string]string{
		"name": "go", "catalog": "default"}).Commit
	manage(t, "tags", map[string]string{
		"name": "go-tag", "catalog": "default", "commit_id": commit})

	dev := open(t, "default@go")
	write(t, load(dev, "forked"), []int64{2, 3}, "b", "c")
	write(t, load(c, "forked"), []int64{4}, "d")
	write(t, must[*table.Table](t)(
		dev.CreateTable(ctx, named("more"), schema)), []int64{5}, "e")
	must[*table.Table](t)(
		dev.RenameTable(ctx, named("forked"), named("renamed")))
	expect(t, "rows of the branch", count(t, load(dev, "renamed")), 3)
	expect(t, "rows of main", count(t, load(c, "forked")), 2)
	for _, name := range []string{"more", "renamed"} {
		check(t, dev.DropTable(ctx, named(name)))
		expect(t, name, must[bool](t)(
			c.CheckTableExists(ctx, named(name))), false)
	}
	expect(t, "dropped", must[bool](t)(
		dev.CheckTableExists(ctx, named("renamed"))), false)

	for _, address := range []string{"go-tag", "go~" + commit} {
		past := open(t, "default@"+address)
		expect(t, address, count(t, load(past, "forked")), 1)
		_, err := load(past, "forked").AppendTable(
			ctx, rows([]int64{9}, []string{"z"}), 16, nil)
		refused(t, err)
		refused(t, past.DropTable(ctx, named("forked")))
	}
	expect(t, "rows of main", count(t, load(c, "forked")), 2)
}

func request(c *rest.Catalog, of *table.Table) table.ScanPlanningRequest {
	id := of.CurrentSnapshot().SnapshotID
	return table.ScanPlanningRequest{Identifier: of.Identifier(),
		Metadata: of.Metadata(), MetadataLocation: of.MetadataLocation(),
		Schema: of.Schema(), SnapshotID: &id,
		RowFilter:   iceberg.AlwaysTrue{},
		StatsFields: []string{"id", "kind"}}
}

// The server plans the files, and the bounds are those of the manifests, also
// of a string whose characters are hex digits.
func TestPlannedScans(t *testing.T) {
	c := connect(t)
	made := must[*table.Table](t)(c.CreateTable(ctx, named("plans"), schema))
	made = write(t, made, []int64{1, 2}, "4142", "4142")
	made = write(t, made, []int64{30}, "z")
	planned := must[table.ScanPlanningResult](t)(
		c.PlanFiles(ctx, request(c, made)))
	own := must[[]table.FileScanTask](t)(made.Scan(
		table.WithScanPlanningMode(table.ScanPlanningLocal)).PlanFiles(ctx))
	expect(t, "files", len(planned.Tasks), len(own))
	for _, task := range planned.Tasks {
		at := slices.IndexFunc(own, func(o table.FileScanTask) bool {
			return o.File.FilePath() == task.File.FilePath()
		})
		for id := 1; id <= 2; id++ {
			for _, bounds := range [][2]map[int][]byte{
				{task.File.LowerBoundValues(), own[at].File.LowerBoundValues()},
				{task.File.UpperBoundValues(), own[at].File.UpperBoundValues()},
			} {
				if len(bounds[1][id]) == 0 ||
					!bytes.Equal(bounds[0][id], bounds[1][id]) {
					t.Fatalf("bounds of %d: %x, not %x", id,
						bounds[0][id], bounds[1][id])
				}
			}
		}
	}
	expect(t, "rows", count(t, made, table.WithRowFilter(
		iceberg.GreaterThan(iceberg.Reference("id"), int64(1))),
		table.WithScanPlanningMode(table.ScanPlanningRemote)), 2)
}
