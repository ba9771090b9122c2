#include "statements.h"

#define VERSION_COLUMNS(t)                                                     \
	t "branch, " t "seq, " t "space, " t "ns, " t "name, " t               \
	  "origin_branch, " t "origin_seq, " t "kind, " t "deleted, " t        \
	  "object, " t "location, " t "body"

/* The newest version of a key at or below a position. */
#define NEWEST(branch_, space_, ns_, name_, seq_)                              \
	"(SELECT * FROM versions WHERE branch = " branch_                      \
	" AND space = " space_ " AND ns = " ns_ " AND name = " name_           \
	" AND seq <= " seq_ " ORDER BY seq DESC LIMIT 1)"

const char statement_lock[] = "SELECT pg_advisory_xact_lock($1)";

/* clang-format off */

/*
 * head   the end of the log; a new branch continues its fork commit
 * done   units whose answer was lost
 * bad    units with an expectation that fails, EMPTY behind the others
 * ok     the rest: positions behind the head, each the child of the one before
 */
const char statement_apply[] =
"WITH head AS MATERIALIZED ("
"  SELECT coalesce(t.seq, 0) AS seq, coalesce(t.id, b.fork_commit) AS id,"
"    coalesce(t.at_us, b.fork_us) AS at_us,"
"    (b.protected = 2) IS TRUE AS closed"
"  FROM refs b LEFT JOIN LATERAL (SELECT seq, id, at_us FROM commits"
"    WHERE branch = b.id ORDER BY branch DESC, seq DESC LIMIT 1) t ON true"
"  WHERE b.id = $1 AND b.state = 1),"
"u AS MATERIALIZED (SELECT * FROM unnest($2, $3, $4, $5, $6, $7, $8, $28)"
"  u(n, id, author, message, hash, merged_branch, merged_seq, is_merge)),"
"w AS MATERIALIZED (SELECT * FROM"
"  unnest($9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
"  w(n, space, ns, name, kind, object, location, body, deleted,"
"    origin_branch, origin_seq)),"
"done AS MATERIALIZED ("
"  SELECT u.n, c.seq, c.request_hash FROM u CROSS JOIN LATERAL ("
"    SELECT seq, request_hash FROM commits WHERE id = u.id OFFSET 0) c),"
"bad AS MATERIALIZED ("
"  SELECT r.n, min(r.k + CASE WHEN r.test = 2 THEN 1000000000 ELSE 0 END) AS k"
"  FROM unnest($20, $21, $22, $23, $24, $25, $26)"
"    r(n, k, test, space, ns, name, seq)"
"  LEFT JOIN LATERAL (SELECT seq, deleted FROM entries"
"    WHERE r.test <> 2 AND branch = $1 AND space = r.space"
"      AND ns = r.ns AND name = r.name OFFSET 0) e ON true"
"  LEFT JOIN LATERAL (SELECT true AS hit FROM entries c"
"    WHERE r.test = 2 AND c.branch = $1 AND c.space IN (0, 1)"
"      AND c.ns = r.ns AND c.deleted = 0 AND NOT EXISTS ("
"        SELECT FROM w WHERE w.n = r.n AND w.space = c.space"
"          AND w.ns = c.ns AND w.name = c.name) LIMIT 1) x ON true"
"  WHERE CASE r.test"
"    WHEN 0 THEN coalesce(e.seq, 0) <> r.seq"
"    WHEN 1 THEN coalesce(e.seq, 0) <> r.seq AND coalesce(e.deleted, 1) = 1"
"    ELSE x.hit IS NOT NULL OR EXISTS (SELECT FROM w"
"      WHERE w.n = r.n AND w.ns = r.ns AND w.deleted = 0) END"
"  GROUP BY r.n),"
"ok AS MATERIALIZED ("
"  SELECT u.*, head.seq + row_number() OVER (ORDER BY u.n) AS seq,"
"    lag(u.id, 1, head.id) OVER (ORDER BY u.n) AS parent_id,"
"    greatest($27, coalesce(head.at_us + 1, 0))"
"      + row_number() OVER (ORDER BY u.n) - 1 AS at_us"
"  FROM u, head WHERE (NOT head.closed OR u.is_merge = 1)"
"    AND NOT EXISTS (SELECT FROM bad WHERE bad.n = u.n)"
"    AND NOT EXISTS (SELECT FROM done WHERE done.n = u.n)),"
"c AS (INSERT INTO commits (branch, seq, id, parent_id, merged_branch,"
"    merged_seq, author, message, at_us, request_hash)"
"  SELECT $1, seq, id, parent_id, merged_branch, merged_seq, author, message,"
"    at_us, hash FROM ok),"
"p AS MATERIALIZED (SELECT w.*, ok.seq FROM w JOIN ok USING (n)),"
"v AS (INSERT INTO versions (branch, seq, space, ns, name, origin_branch,"
"    origin_seq, kind, deleted, object, location, body)"
"  SELECT $1, seq, space, ns, name, coalesce(origin_branch, $1),"
"    coalesce(origin_seq, seq), kind, deleted, object, location, body FROM p),"
"e AS (INSERT INTO entries (branch, space, ns, name, seq, deleted)"
"  SELECT $1, space, ns, name, seq, deleted FROM p"
"  ON CONFLICT (branch, space, ns, name) DO UPDATE"
"    SET seq = excluded.seq, deleted = excluded.deleted)"
"SELECT u.n, CASE WHEN done.n IS NOT NULL THEN 2::bigint"
"    WHEN NOT EXISTS (SELECT FROM head) THEN 4"
"    WHEN u.is_merge = 0 AND EXISTS (SELECT FROM head WHERE closed)"
"      THEN 5 WHEN bad.n IS NOT NULL THEN 3 ELSE 1 END,"
"  coalesce(ok.seq, done.seq, 0), coalesce(bad.k % 1000000000, 0),"
"  done.request_hash "
"FROM u LEFT JOIN ok USING (n) LEFT JOIN done USING (n)"
"  LEFT JOIN bad USING (n) ORDER BY u.n";

const char statement_heads[] =
"SELECT coalesce(t.seq, 0) FROM unnest($1) WITH ORDINALITY b(branch, n)"
"  LEFT JOIN LATERAL (SELECT seq FROM commits WHERE branch = b.branch"
"    ORDER BY branch DESC, seq DESC LIMIT 1) t ON true ORDER BY b.n";

const char statement_read[] =
"SELECT " VERSION_COLUMNS("v.") ", k.n "
"FROM unnest($1, $2, $3) WITH ORDINALITY k(space, ns, name, n)"
"  CROSS JOIN LATERAL (SELECT v.* FROM"
"    unnest($4, $5) WITH ORDINALITY c(branch, seq, d) CROSS JOIN LATERAL "
       NEWEST("c.branch", "k.space", "k.ns", "k.name", "c.seq") " v"
"    ORDER BY c.d LIMIT 1) v";

const char statement_list[] =
"SELECT " VERSION_COLUMNS("v.") ", c.d "
"FROM unnest($1, $2) WITH ORDINALITY c(branch, seq, d)"
"  CROSS JOIN LATERAL (SELECT v.* FROM entries e CROSS JOIN LATERAL "
       NEWEST("c.branch", "$3", "$4", "e.name", "c.seq") " v"
"    WHERE e.branch = c.branch AND e.space = $3 AND e.ns = $4"
"      AND e.name > $5 ORDER BY e.name LIMIT $6) v "
"ORDER BY c.d, v.name";

/* Up to the end of a commit: `limit` versions or, if it is more, all of the
 * first. */
#define REACHED(upto_) \
"reached AS MATERIALIZED (SELECT CASE WHEN cut.seq IS NULL THEN " upto_ \
"    ELSE greatest(cut.seq - 1, one.seq) END AS seq," \
"  cut.seq IS NOT NULL AS more " \
"FROM (SELECT min(seq) AS seq FROM (SELECT seq FROM versions" \
"    WHERE branch = $1 AND seq > $2 AND seq <= " upto_ \
"    ORDER BY branch, seq, space, ns, name OFFSET $4 LIMIT 1) x) cut," \
"  (SELECT min(seq) AS seq FROM (SELECT seq FROM versions" \
"    WHERE branch = $1 AND seq > $2 AND seq <= " upto_ \
"    ORDER BY branch, seq, space, ns, name LIMIT 1) x) one)"

const char statement_changes[] =
"WITH " REACHED("$3")
"SELECT " VERSION_COLUMNS("v.") ","
"  CASE WHEN r.more AND r.seq < $3 THEN 1::bigint ELSE 0 END "
"FROM reached r CROSS JOIN LATERAL (SELECT * FROM versions"
"  WHERE branch = $1 AND seq > $2 AND seq <= r.seq OFFSET 0) v "
"ORDER BY v.seq, v.space, v.ns, v.name";

const char statement_fold[] =
"WITH k AS MATERIALIZED ("
"  SELECT DISTINCT e.space, e.ns, e.name FROM unnest($1) c(branch)"
"  CROSS JOIN LATERAL (SELECT space, ns, name FROM entries"
"    WHERE branch = c.branch AND (space, ns, name) > ($4, $5, $6)"
"    ORDER BY branch, space, ns, name LIMIT $7) e"
"  ORDER BY 1, 2, 3 LIMIT $7),"
"p AS MATERIALIZED (SELECT v.* FROM k CROSS JOIN LATERAL (SELECT v.* FROM"
"    unnest($1, $2) WITH ORDINALITY c(branch, seq, d) CROSS JOIN LATERAL "
       NEWEST("c.branch", "k.space", "k.ns", "k.name", "c.seq") " v"
"    ORDER BY c.d LIMIT 1) v),"
"v AS (INSERT INTO versions (branch, seq, space, ns, name, origin_branch,"
"    origin_seq, kind, deleted, object, location, body)"
"  SELECT $3, 0, space, ns, name, origin_branch, origin_seq, kind, deleted,"
"    object, location, body FROM p ON CONFLICT DO NOTHING),"
"e AS (INSERT INTO entries (branch, space, ns, name, seq, deleted)"
"  SELECT $3, space, ns, name, 0, deleted FROM p ON CONFLICT DO NOTHING)"
"SELECT space, ns, name, (SELECT count(*) FROM k) FROM k "
"ORDER BY space DESC, ns DESC, name DESC LIMIT 1";

/* `gone_`: which of a page of versions go; `also_`: what goes with them. */
#define PRUNE(gone_, also_) \
"WITH " REACHED("$3") "," \
"page AS MATERIALIZED (SELECT v.* FROM reached r CROSS JOIN LATERAL (" \
"  SELECT * FROM versions WHERE branch = $1 AND seq > $2 AND seq <= r.seq" \
"  OFFSET 0) v)," \
"gone AS MATERIALIZED (SELECT page.* FROM page " gone_ ")," \
"d AS (DELETE FROM versions v USING gone g WHERE v.branch = g.branch" \
"  AND v.seq = g.seq AND v.space = g.space AND v.ns = g.ns" \
"  AND v.name = g.name)" also_ \
"SELECT " VERSION_COLUMNS("g.") ", r.seq," \
"  CASE WHEN r.more AND r.seq < $3 THEN 1::bigint ELSE 0 END " \
"FROM reached r LEFT JOIN gone g ON true " \
"ORDER BY g.seq, g.space, g.ns, g.name"

/* A version goes when its key has a newer one and no pin lies between. */
const char statement_prune[] = PRUNE(
"CROSS JOIN LATERAL ("
"    SELECT seq FROM versions n WHERE n.branch = page.branch"
"      AND n.space = page.space AND n.ns = page.ns AND n.name = page.name"
"      AND n.seq > page.seq ORDER BY seq LIMIT 1) n"
"  WHERE NOT EXISTS (SELECT FROM unnest($5) p(seq)"
"    WHERE p.seq >= page.seq AND p.seq < n.seq)", "");

/* All of them go, with the entries that name the newest. */
const char statement_prune_all[] = PRUNE("",
",e AS (DELETE FROM entries e USING gone g WHERE e.branch = g.branch"
"  AND e.space = g.space AND e.ns = g.ns AND e.name = g.name"
"  AND e.seq = g.seq)");

/* $5: the object, $6: whether those go too that are shown. */
const char statement_erase[] =
"WITH " REACHED("$3") ","
"page AS MATERIALIZED (SELECT v.* FROM reached r CROSS JOIN LATERAL ("
"  SELECT * FROM versions WHERE branch = $1 AND seq > $2 AND seq <= r.seq"
"  OFFSET 0) v WHERE v.object = $5),"
"gone AS MATERIALIZED (SELECT page.*, e.seq IS NOT NULL AS newest FROM page"
"  LEFT JOIN entries e ON e.branch = page.branch AND e.space = page.space"
"    AND e.ns = page.ns AND e.name = page.name AND e.seq = page.seq"
"  WHERE e.seq IS NULL OR page.deleted = 1 OR $6 = 1),"
"v AS (UPDATE versions v SET deleted = 1, location = '', body = '',"
"    object = '00000000-0000-0000-0000-000000000000' FROM gone g"
"  WHERE v.branch = g.branch AND v.seq = g.seq AND v.space = g.space"
"    AND v.ns = g.ns AND v.name = g.name),"
"e AS (UPDATE entries e SET deleted = 1 FROM gone g"
"  WHERE g.newest AND g.deleted = 0 AND e.branch = g.branch"
"    AND e.space = g.space AND e.ns = g.ns AND e.name = g.name) "
"SELECT " VERSION_COLUMNS("g.") ", r.seq,"
"  CASE WHEN r.more AND r.seq < $3 THEN 1::bigint ELSE 0 END "
"FROM reached r LEFT JOIN gone g ON true "
"ORDER BY g.seq, g.space, g.ns, g.name";
