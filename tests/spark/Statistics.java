import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.rest.RESTCatalog;

/** Prints the statistics of all columns of a table's files, one file a line, as
 * a scan tells them.  Arguments: the table, then properties of the catalog. */
public class Statistics {
    static String sorted(Map<Integer, Long> counts) {
        return counts == null ? "none" : new TreeMap<>(counts).toString();
    }

    static String hex(Map<Integer, ByteBuffer> bounds) {
        Map<Integer, String> texts = new TreeMap<>();

        if (bounds == null)
            return "none";
        bounds.forEach((id, value) -> {
            byte[] bytes = new byte[value.remaining()];

            value.duplicate().get(bytes);
            texts.put(id, HexFormat.of().formatHex(bytes));
        });
        return texts.toString();
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> properties = new TreeMap<>();

        for (int i = 1; i < arguments.length; i++) {
            String[] part = arguments[i].split("=", 2);

            properties.put(part[0], part[1]);
        }
        try (RESTCatalog catalog = new RESTCatalog()) {
            catalog.initialize("lake", properties);

            Table table = catalog.loadTable(
                TableIdentifier.parse(arguments[0]));
            Map<String, String> files = new TreeMap<>();

            System.out.println(table.newScan().getClass().getSimpleName());
            try (CloseableIterable<FileScanTask> tasks =
                    table.newScan().includeColumnStats(table.schema()
                        .columns().stream().map(c -> c.name())
                        .collect(Collectors.toList())).planFiles()) {
                for (FileScanTask task : tasks) {
                    DataFile f = task.file();

                    files.put(f.location(), String.join(" ",
                        sorted(f.columnSizes()), sorted(f.valueCounts()),
                        sorted(f.nullValueCounts()),
                        hex(f.lowerBounds()), hex(f.upperBounds())));
                }
            }
            files.forEach((file, all) -> System.out.println(file + " " + all));
        }
    }
}
